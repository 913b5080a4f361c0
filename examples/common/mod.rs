//! What several examples need.
#![allow(dead_code, reason = "each example uses a part of this")]

pub mod access;
pub mod failure;
pub mod interrupt;
pub mod options;
pub mod private_file;
pub mod temporary;
#[allow(unused_imports, reason = "each example uses a part of this")]
#[path = "../../src/bin/sugar-oauth/terminal/mod.rs"]
pub mod terminal;
