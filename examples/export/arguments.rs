//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use sugar_oauth::records::export::Format;

use crate::common::failure::Failure;
use crate::common::options::{count, names, seconds, usage};

pub const HELP: &str = "\
Exports records to files in a folder, with a manifest. Interrupted, it goes on when started again.

Usage: cargo run --release --example export -- [MODULE…] [options]

  MODULE…               these modules (all that can be exported)
  --out DIR             the folder (a new temporary one, which stays)
  --sessions N          read on so many sessions (1)
  --fields a,b          only these fields, of the modules that have them
  --links               a file for each relationship, too
  --files               attachments and documents, too
  --csv                 CSV instead of NDJSON
  --csv-safe            CSV whose cells no spreadsheet runs
  --include-credentials credentials that are named as MODULE or in --fields, too
  --shard I/N           only part I of N, counted from 1
  --plan                only tell what there is
  --page-size N         at most so many records a page (250)
  --rate N              at most so many requests a second (no limit)
  --checkpoint SECONDS  how often to write down how far it is (1)
  --help                this text

The instance comes from the environment: SUGAR_URL, SUGAR_CONSUMER_KEY, SUGAR_CONSUMER_SECRET, SUGAR_ACCESS_TOKEN and
SUGAR_ACCESS_TOKEN_SECRET; without them it is a practice instance inside this process.

Exit status: 0; 1 when it failed, to go on when it is started again; 2 when the options or the environment cannot be
used; 5 when it is finished and not complete: records were refused, or are fewer or more than the server counts, or a
module that was named could not be read; 130 for
Ctrl-C.
";

/// As many sessions as a server can have use for.
const MOST_SESSIONS: u32 = 64;

#[derive(Default)]
pub struct Options {
    pub modules: Vec<String>,
    pub out: Option<PathBuf>,
    pub sessions: usize,
    pub fields: Vec<String>,
    pub links: bool,
    pub files: bool,
    pub format: Format,
    pub csv_safe: bool,
    pub include_credentials: bool,
    pub shard: Option<(u32, u32)>,
    pub plan: bool,
    pub page_size: Option<u32>,
    pub rate: Option<f64>,
    pub checkpoint: Option<Duration>,
}

/// The options; `None` for `--help`.
pub fn read() -> Result<Option<Options>, Failure> {
    parse(lexopt::Parser::from_env()).map_err(usage)
}

fn parse(mut arguments: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options {
        sessions: 1,
        ..Options::default()
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(module) => options.modules.push(module.string()?),
            Long("out") => options.out = Some(arguments.value()?.into()),
            Long("sessions") => {
                options.sessions = count("--sessions", &arguments.value()?.string()?, MOST_SESSIONS)? as usize;
            }
            Long("fields") => options.fields = names(&arguments.value()?.string()?)?,
            Long("links") => options.links = true,
            Long("files") => options.files = true,
            Long("csv") => options.format = Format::Csv,
            Long("csv-safe") => (options.format, options.csv_safe) = (Format::Csv, true),
            Long("include-credentials") => options.include_credentials = true,
            Long("shard") => options.shard = Some(shard(&arguments.value()?.string()?)?),
            Long("plan") => options.plan = true,
            Long("page-size") => {
                options.page_size = Some(count("--page-size", &arguments.value()?.string()?, 10_000)?);
            }
            Long("rate") => options.rate = Some(rate(&arguments.value()?.string()?)?),
            Long("checkpoint") => {
                options.checkpoint = Some(seconds("--checkpoint", &arguments.value()?.string()?)?);
            }
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn shard(text: &str) -> Result<(u32, u32), lexopt::Error> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    numbers.ok_or_else(|| "--shard takes I/N, such as 1/4".into())
}

fn rate(text: &str) -> Result<f64, lexopt::Error> {
    let rate: Option<f64> = text.parse().ok();
    rate.filter(|rate| *rate > 0.0 && rate.is_finite())
        .ok_or_else(|| "--rate takes requests a second, such as 5 or 0.5".into())
}
