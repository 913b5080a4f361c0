//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use sugar_oauth::UtcTime;

use crate::common::options::{count, names, seconds, usage};
use crate::failure::Failure;

pub const HELP: &str = "\
Follows what is created, changed and deleted in a module: a line of JSON a change on standard output.

Usage: cargo run --example changes -- [MODULE] [options]

  MODULE           which module (Contacts)
  --state FILE     where to keep how far it is; needed on an instance of yours
  --every SECONDS  how long to wait between passes (300)
  --once           one pass, then end: for a scheduler
  --fields a,b     only these fields
  --since TIME     where to begin when FILE is not there yet, by the server's clock, as
                   '2026-01-31 12:00:00' in UTC (the server's time now)
  --page-size N    at most so many records a page
  --help           this text

A line is {\"id\":…,\"deleted\":…,\"record\":{…}}, or {\"id\":…,\"refused\":…} for a record that changed and that the
server cannot give. FILE is written behind each page of lines: when the program is killed, one page may come twice, and
nothing is lost. Two programs at a time need a FILE each.

The instance comes from the environment: SUGAR_URL, SUGAR_CONSUMER_KEY, SUGAR_CONSUMER_SECRET, SUGAR_ACCESS_TOKEN and
SUGAR_ACCESS_TOKEN_SECRET; without them it is a practice instance inside this process, in which something changes between
three passes.

Exit status: 0, also for Ctrl-C between two passes; 1 when something failed; 2 when the options, the environment or FILE
cannot be used; 130 for Ctrl-C within a pass.
";

pub struct Options {
    pub module: String,
    pub state: Option<PathBuf>,
    pub every: Option<Duration>,
    pub once: bool,
    pub fields: Vec<String>,
    pub since: Option<UtcTime>,
    pub page_size: Option<u32>,
}

/// The options; `None` for `--help`.
pub fn read() -> Result<Option<Options>, Failure> {
    parse(lexopt::Parser::from_env()).map_err(usage)
}

fn parse(mut arguments: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let mut module = None;
    let mut options = Options {
        module: String::from("Contacts"),
        state: None,
        every: None,
        once: false,
        fields: Vec::new(),
        since: None,
        page_size: None,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(name) if module.is_none() => module = Some(name.string()?),
            Long("state") => options.state = Some(arguments.value()?.into()),
            Long("every") => options.every = Some(seconds("--every", &arguments.value()?.string()?)?),
            Long("once") => options.once = true,
            Long("fields") => options.fields = names(&arguments.value()?.string()?)?,
            Long("since") => options.since = Some(time(&arguments.value()?.string()?)?),
            Long("page-size") => {
                options.page_size = Some(count("--page-size", &arguments.value()?.string()?, 10_000)?);
            }
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    if options.once && options.every.is_some() {
        return Err("--once and --every exclude each other".into());
    }
    options.module = module.unwrap_or(options.module);
    Ok(Some(options))
}

fn time(text: &str) -> Result<UtcTime, lexopt::Error> {
    UtcTime::parse(text).ok_or_else(|| "--since takes a time in UTC, such as '2026-01-31 12:00:00'".into())
}
