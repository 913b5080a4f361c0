//! `sugar-oauth` against other programs; the tests live in `tests/`.
