//! Property tests of `sugar-oauth`; they live in `tests/`.
