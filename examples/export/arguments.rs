//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;
use sugar_oauth::records::export::Format;

pub const HELP: &str = "\
Exports records to files in a folder, with a manifest. Interrupted, it goes on when started again.

Usage: cargo run --release --example export -- [MODULE…] [options]

  MODULE…               these modules (all that can be exported)
  --out DIR             the folder (a new temporary one, which stays)
  --sessions N          read on so many sessions (1)
  --fields a,b          only these fields
  --links               a file for each relationship, too
  --files               attachments and documents, too
  --csv                 CSV instead of NDJSON
  --csv-safe            CSV whose cells no spreadsheet runs
  --include-credentials credentials that are named as MODULE or in --fields, too
  --shard I/N           only part I of N
  --plan                only tell what there is
  --page-size N         at most so many records a page
  --rate N              at most so many requests a second
  --checkpoint SECONDS  how often to write down how far it is (1)
  --help                this text

The instance comes from the environment: SUGAR_URL, SUGAR_CONSUMER_KEY, SUGAR_CONSUMER_SECRET, SUGAR_ACCESS_TOKEN and
SUGAR_ACCESS_TOKEN_SECRET; without them it is a practice instance inside this process.
";

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
    pub checkpoint: Option<f64>,
}

/// The options; `None` for `--help`.
pub fn read() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options {
        sessions: 1,
        ..Options::default()
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(module) => options.modules.push(module.string()?),
            Long("out") => options.out = Some(arguments.value()?.into()),
            Long("sessions") => options.sessions = arguments.value()?.parse()?,
            Long("fields") => {
                let list = arguments.value()?.string()?;
                options.fields = list.split(',').map(str::to_owned).collect();
            }
            Long("links") => options.links = true,
            Long("files") => options.files = true,
            Long("csv") => options.format = Format::Csv,
            Long("csv-safe") => (options.format, options.csv_safe) = (Format::Csv, true),
            Long("include-credentials") => options.include_credentials = true,
            Long("shard") => options.shard = Some(shard(&arguments.value()?.string()?)?),
            Long("plan") => options.plan = true,
            Long("page-size") => options.page_size = Some(arguments.value()?.parse()?),
            Long("rate") => options.rate = Some(arguments.value()?.parse()?),
            Long("checkpoint") => options.checkpoint = Some(seconds(&arguments.value()?.string()?)?),
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

fn seconds(text: &str) -> Result<f64, lexopt::Error> {
    let seconds: Option<f64> = text.parse().ok();
    let sensible = seconds.filter(|seconds| (0.0..86_400.0).contains(seconds));
    sensible.ok_or_else(|| "--checkpoint takes seconds".into())
}
