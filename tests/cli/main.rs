//! The program `sugar-oauth` as people and scripts run it.
#![cfg(unix)]

#[path = "../process/mod.rs"]
mod process;

mod login;
