//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::Failure;
use crate::common::options::{count, usage};

pub const HELP: &str = "\
Carries Accounts, Contacts, Calls, Meetings and Notes, with links, parents and attachments, from an instance that speaks
v4_1 (OAuth 1.0a) to one that speaks v11 (OAuth 2). Interrupted, it goes on when started again.

Usage: cargo run --release --example migrate -- [options]

  --map FILE        the field map (the one that --print-map prints)
  --print-map       print the built-in field map
  --dry-run         write nothing: tell what has no counterpart on the target
  --unmapped WHAT   what has no counterpart: stop before anything is written (default), or leave it out
  --ledger FILE     what has been carried; with the same file a later run goes on (migration.ledger)
  --report FILE     the report as JSON (the ledger's name with .report.json)
  --workers N       so many sessions and bulk writes at a time (2)
  --batch N         records a bulk write (50)
  --help            this text

Source, as with the other examples: SUGAR_URL, SUGAR_CONSUMER_KEY, SUGAR_CONSUMER_SECRET, SUGAR_ACCESS_TOKEN,
SUGAR_ACCESS_TOKEN_SECRET. Target: SUGAR_TARGET_URL, SUGAR_TARGET_USER, SUGAR_TARGET_PASSWORD, SUGAR_TARGET_PLATFORM, and
SUGAR_TARGET_CLIENT_ID with SUGAR_TARGET_CLIENT_SECRET for an OAuth key of your own. Over plain http to another machine:
SUGAR_ALLOW_HTTP=1, and SUGAR_ALLOW_PASSWORD_OVER_HTTP=1 for the password. Without any of them it runs between two practice
instances inside this process.

Exit status: 0 when all was carried; 1 when it broke off: start it again; 2 when the options, the environment or the field
map cannot be used; 5 when some were skipped, or have no counterpart and nothing was written; 130 for Ctrl-C.
";

/// What happens to values, users and parents that have no counterpart.
#[derive(Clone, Copy, PartialEq)]
pub enum Unmapped {
    Stop,
    Leave,
}

pub struct Options {
    pub map: Option<PathBuf>,
    pub print_map: bool,
    pub dry_run: bool,
    pub unmapped: Option<Unmapped>,
    pub ledger: Option<PathBuf>,
    pub report: Option<PathBuf>,
    pub workers: usize,
    pub batch: usize,
}

/// The options; `None` for `--help`.
pub fn read() -> Result<Option<Options>, Failure> {
    parse(lexopt::Parser::from_env()).map_err(usage)
}

fn parse(mut arguments: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options {
        map: None,
        print_map: false,
        dry_run: false,
        unmapped: None,
        ledger: None,
        report: None,
        workers: 2,
        batch: 50,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("map") => options.map = Some(arguments.value()?.into()),
            Long("print-map") => options.print_map = true,
            Long("dry-run") => options.dry_run = true,
            Long("unmapped") => {
                options.unmapped = match arguments.value()?.string()?.as_str() {
                    "stop" => Some(Unmapped::Stop),
                    "leave" => Some(Unmapped::Leave),
                    _ => return Err("--unmapped takes stop or leave".into()),
                }
            }
            Long("ledger") => options.ledger = Some(arguments.value()?.into()),
            Long("report") => options.report = Some(arguments.value()?.into()),
            Long("workers") => options.workers = size(count("--workers", &arguments.value()?.string()?, 100)?),
            Long("batch") => options.batch = size(count("--batch", &arguments.value()?.string()?, 1_000)?),
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
