//! `export`: records to files in a folder.

mod told;
mod words;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use sugar_oauth::records::export::{Export as Work, Format, Manifest};
use sugar_oauth::{Session, UtcTime, printable};

use crate::arguments::Takes;
use crate::commands::count::condition;
use crate::context::Context;
use crate::failure::{Failure, Status};
use crate::terminal::Bar;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth export --all --plan
  sugar-oauth export Accounts Contacts --out crm-export --sessions 2 --links
  sugar-oauth export --all --out crm-export --links --files
  sugar-oauth export Contacts --out a-contacts --filter \"contacts.last_name LIKE 'A%'\" --format csv
  sugar-oauth export Contacts --out part1 --shard 1/4

Interrupted, it goes on when the same command is started again. The folder holds a file a module,
links/, files/ and manifest.json, which tells what is there, whether it is complete, and what was
left out and why. Exit status 5: it is finished and not complete.";

/// How records are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Written {
    /// A JSON object a line
    Ndjson,
    /// Comma-separated values with a line of names
    Csv,
}

/// Exports records to files in a folder, with a manifest; goes on where it was interrupted
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    /// The modules
    #[arg(value_name = "MODULE", required_unless_present = "all")]
    modules: Vec<String>,
    /// All modules that can be exported, those that the server's list hides included
    #[arg(long, conflicts_with = "modules")]
    all: bool,
    /// The folder: a new or empty one, or one to go on with
    #[arg(long, value_name = "DIR", required_unless_present = "plan")]
    out: Option<PathBuf>,
    /// Only tells what there is and how long it may take
    #[arg(long)]
    plan: bool,
    /// Only these fields, of the modules that have them
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    fields: Vec<String>,
    /// Only records that match this SQL condition, of one module
    #[arg(long, value_name = "SQL")]
    filter: Option<String>,
    /// Only records changed since: `2026-01-31` or `2026-01-31 12:00:00`, UTC, by the server's clock
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<UtcTime>,
    /// A file for each relationship, too
    #[arg(long)]
    links: bool,
    /// Attachments and documents, too
    #[arg(long)]
    files: bool,
    /// Reads on so many sessions
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    sessions: u32,
    /// Only part I of N, counted from 1, such as `1/4`
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(u32, u32)>,
    /// How records are written [default: ndjson]
    #[arg(long, value_enum)]
    format: Option<Written>,
    /// CSV whose cells no spreadsheet runs as a formula
    #[arg(long)]
    csv_safe: bool,
    /// Credentials that are named as MODULE or in --fields, too
    #[arg(long)]
    include_credentials: bool,
    /// At most so many records a page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    page_size: Option<u32>,
    /// At most so many requests a second
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
}

impl Export {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        condition(self.filter.as_deref())?;
        let bar = (!context.output.is_json()).then(Bar::new);
        let ended = context
            .with_session(async |session: Session| {
                let export = self.settings(&session, bar.clone())?;
                if self.plan {
                    return told::plan(context.output, &export.plan().await?);
                }
                let folder = self.out.as_deref().unwrap_or(Path::new("."));
                let began = Instant::now();
                let manifest = export.run(folder).await?;
                if let Some(bar) = &bar {
                    bar.end();
                }
                let told = told::end(context.output, folder, &manifest, began.elapsed());
                self.verdict(context, &manifest)?;
                told
            })
            .await;
        if let (Err(_), Some(bar)) = (&ended, &bar) {
            bar.end();
        }
        ended.map_err(|failure| self.how_to_go_on(failure))
    }

    fn settings(&self, session: &Session, bar: Option<Bar>) -> Result<Work, Failure> {
        let format = match self.format {
            Some(Written::Ndjson) => Format::Ndjson,
            None if !self.csv_safe => Format::Ndjson,
            Some(Written::Csv) | None => Format::Csv,
        };
        let mut export = session
            .export()
            .modules(&self.modules)
            .fields(&self.fields)
            .format(format)
            .csv_safe(self.csv_safe)
            .include_credentials(self.include_credentials)
            .links(self.links)
            .files(self.files)
            .sessions(self.sessions as usize);
        if let Some(sql) = &self.filter {
            export = export.filter(sql);
        }
        if let Some(time) = self.since {
            export = export.changed_since(time);
        }
        if let Some((number, of)) = self.shard {
            let part = export.shard(number, of);
            export = part.map_err(|error| Failure::input("--shard", &error))?;
        }
        if let Some(size) = self.page_size {
            export = export.page_size(size);
        }
        if let Some(limit) = self.rate {
            export = export.rate_limit(limit);
        }
        Ok(match bar {
            Some(bar) => export.on_progress(move |progress| bar.tell(progress)),
            None => export,
        })
    }

    fn verdict(&self, context: &Context, manifest: &Manifest) -> Result<(), Failure> {
        // A name that is written wrongly would otherwise be noticed by nobody.
        for field in &self.fields {
            if !manifest.files.iter().any(|file| file.fields.contains(field)) {
                let shown = printable(field);
                context
                    .output
                    .warn(format!("no module that was exported has a field {shown}"));
            }
        }
        match manifest.is_complete() {
            true => Ok(()),
            false => Err(
                Failure::new(Status::PartlyDone, "the export is finished and not complete")
                    .hint("look into its manifest.json, which names the files and records"),
            ),
        }
    }

    /// What was begun and not finished goes on; what was not begun does not.
    fn how_to_go_on(&self, failure: Failure) -> Failure {
        let Some(folder) = self
            .out
            .as_deref()
            .filter(|folder| !self.plan && folder.join("checkpoint.json").is_file())
        else {
            return failure;
        };
        let shown = printable(&folder.display().to_string());
        failure.hint(format!(
            "to go on, start the same command again: what has come is kept in {shown}"
        ))
    }
}

fn moment(text: &str) -> Result<UtcTime, Takes> {
    let whole = match text.len() {
        10 => format!("{text} 00:00:00"),
        _ => text.trim_end_matches('Z').replacen('T', " ", 1),
    };
    UtcTime::parse(&whole).ok_or(Takes("a time in UTC, such as 2024-01-01 or 2024-01-01T12:00:00Z"))
}

fn shard(text: &str) -> Result<(u32, u32), Takes> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    numbers.ok_or(Takes("I/N, such as 1/4"))
}

fn rate(text: &str) -> Result<f64, Takes> {
    let rate: Option<f64> = text.parse().ok();
    let rate = rate.filter(|rate| *rate > 0.0 && rate.is_finite());
    rate.ok_or(Takes("requests a second, such as 5 or 0.5"))
}
