//! What several examples need.
#![allow(dead_code, reason = "each example uses a part of this")]

pub mod access;
pub mod failure;
pub mod interrupt;
pub mod options;
pub mod private_file;
