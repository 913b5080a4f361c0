//! The program `sugar-oauth` as people and scripts run it.
#![cfg(unix)]

#[path = "../process/mod.rs"]
mod process;

mod doctor;
mod help;
mod login;
mod person;
mod rest;
mod secrets;
mod several;
mod status;
#[cfg(target_os = "linux")]
mod terminal;
