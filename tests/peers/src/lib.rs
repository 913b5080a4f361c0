//! `sugar-oauth` against other people's programs; the tests live in `tests/`.
//!
//! A program that is not there is a failure with the name of the package that brings it, never a skipped test.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod browser;
pub mod http;
pub mod process;
pub mod programs;
pub mod recording_proxy;
