//! The options of all commands.

use std::path::PathBuf;

use clap::{ArgAction, Args};

/// What all commands understand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Global {
    /// Which login to use; see `login --help`
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SUGAR_PROFILE",
        hide_env_values = true
    )]
    pub profile: Option<String>,
    /// Prints JSON, and errors as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Tells on standard error what is done; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Plain http:// to another machine: all of it can be read, tokens and password included [SUGAR_ALLOW_HTTP=1]
    #[arg(long, global = true)]
    pub allow_http: bool,
    /// Trusts the certificate authorities in this file, too (PEM)
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_certificate: Option<PathBuf>,
}

impl Global {
    /// Whether plain http was said yes to, here or in the environment.
    pub fn allows_http(&self) -> bool {
        self.allow_http || std::env::var_os("SUGAR_ALLOW_HTTP").is_some_and(|value| value == "1")
    }
}
