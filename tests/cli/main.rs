//! The program `sugar-oauth` as people and scripts run it.
#![cfg(unix)]

#[path = "../process/mod.rs"]
mod process;

#[path = "../support/modes.rs"]
mod modes;
#[path = "../support/pages.rs"]
mod pages;

mod around;
mod calling;
mod docs;
mod doctor;
mod export;
mod help;
#[cfg(all(target_os = "linux", feature = "keyring"))]
mod keyring;
mod login;
mod person;
mod reading;
mod rest;
mod secrets;
mod several;
mod signing;
mod status;
#[cfg(target_os = "linux")]
mod terminal;
mod umask;
