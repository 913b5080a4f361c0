//! Moves an old instance's accounts, contacts, calls, meetings and notes to a new one: from v4_1 with OAuth 1.0a to v11
//! with OAuth 2.
//!
//!     cargo run --release --example migrate -- [--dry-run] [--map FILE] [--ledger FILE]
//!
//! The way of the data: `source` reads it page by page, `routes` says what of it goes where, `convert` makes JSON of its
//! texts, `carry` writes the records, `links` ties them, `files` brings the attachments; `ledger` keeps what has been
//! done. Without variables it runs between two practice instances inside this process.

mod arguments;
mod carry;
#[path = "../common/mod.rs"]
mod common;
mod convert;
mod door;
mod files;
mod ledger;
mod links;
mod map;
mod people;
mod practice;
mod progress;
mod report;
mod routes;
mod source;
mod survey;
mod target;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use arguments::{Options, Unmapped};
use common::failure::Failure;
use common::interrupt::Interrupt;
use common::private_file::PrivateFile;
use common::temporary;
use convert::Lookup;
use door::Sides;
use ledger::Ledger;
use map::FieldMap;
use md5::{Digest, Md5};
use people::Counterparts;
use progress::Progress;
use report::Report;
use routes::Route;
use source::Source;
use sugar_oauth::printable;
use target::Target;

/// The exit status when it ran to its end and something was left behind.
const PARTLY: u8 = 5;

/// What everything is done with.
pub struct World {
    source: Source,
    target: Target,
    routes: Vec<Route>,
    users: Counterparts,
    currencies: Counterparts,
    ledger: Ledger,
    report: Mutex<Report>,
    progress: Progress,
    workers: usize,
    batch: usize,
}

impl World {
    fn lookup<'a>(&'a self, is_carried: &'a dyn Fn(&str, &str) -> bool) -> Lookup<'a> {
        Lookup {
            users: &self.users,
            currencies: &self.currencies,
            is_carried,
        }
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What does not change from run to run: a map that was looked through need not be again.
fn digest(map: &FieldMap) -> String {
    Md5::digest(&map.text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn run() -> Result<u8, Failure> {
    let Some(options) = arguments::read()? else {
        print!("{}", arguments::HELP);
        return Ok(0);
    };
    if options.print_map {
        print!("{}", map::BUILT_IN);
        return Ok(0);
    }
    let interrupt = Interrupt::listen().await;
    let map = FieldMap::read(options.map.as_deref())?;
    let sides = door::open(options.workers, &interrupt).await?;
    let (source, target) = (sides.source.clone(), sides.target.clone());
    let ended = interrupt.or(migrate(&options, &map, &sides)).await;
    source.close().await;
    target.close().await;
    ended.map_err(|_| {
        Failure::Interrupted(String::from(
            ": the ledger knows how far it is; started again, it goes on",
        ))
    })?
}

async fn migrate(options: &Options, map: &FieldMap, sides: &Sides) -> Result<u8, Failure> {
    let is_practice = sides.practice.is_some();
    let files = match options.dry_run {
        // What is named is looked at all the same: the run that follows is to have it.
        true if options.ledger.is_some() || options.report.is_some() => {
            Files::of(options, is_practice).map(|_| None)?
        }
        true => None,
        false => Some(Files::of(options, is_practice)?),
    };
    let leaves = options
        .unmapped
        .unwrap_or(if is_practice { Unmapped::Leave } else { Unmapped::Stop });
    let (source, target) = (sides.source.clone(), sides.target.clone());
    let routes = routes::find(map, &source, &target).await?;
    let world = World {
        users: people::users(map, &source, &target).await?,
        currencies: people::currencies(map, &source, &target).await?,
        ledger: match &files {
            Some(files) => Ledger::open(&files.ledger, &sides.source_url, &sides.target_url)?,
            None => Ledger::none(),
        },
        report: Mutex::new(Report::new(&routes)),
        progress: Progress::new(),
        workers: options.workers,
        batch: options.batch,
        source,
        target,
        routes,
    };
    if !world.ledger.is_surveyed(&digest(map)) {
        let found = survey::survey(&world).await?;
        world.progress.end();
        println!("Survey of {}; nothing has been written:", printable(&sides.source_url));
        found.print(true);
        if options.dry_run || found.has_left_out() && leaves == Unmapped::Stop {
            return Ok(end_of_survey(&found, options.dry_run));
        }
        world.ledger.surveyed(&digest(map))?;
    }
    match &files {
        Some(files) => carry_all(&world, files).await,
        None => Ok(0),
    }
}

fn end_of_survey(found: &Report, dry_run: bool) -> u8 {
    if !found.has_left_out() {
        return 0;
    }
    let advice = "Give it a counterpart in the field map or on the target, or leave it out: --unmapped leave.";
    if dry_run {
        println!("Not everything has a counterpart. {advice}");
    } else {
        eprintln!("error: not everything has a counterpart, so nothing was written. {advice}");
    }
    PARTLY
}

/// In the order that the target needs: a record before what leads to it.
async fn carry_all(world: &World, files: &Files) -> Result<u8, Failure> {
    let began = Instant::now();
    let carried = async {
        for route in &world.routes {
            carry::records(world, route).await?;
        }
        for route in &world.routes {
            links::links(world, route).await?;
        }
        if world.routes.iter().any(|route| route.module == "Notes") {
            files::files(world).await?;
        }
        Ok(())
    };
    let outcome: Result<(), Failure> = carried.await;
    world.progress.end();
    let mut report = world.report();
    report.complete = outcome.is_ok() && !report.has_skipped();
    let written = files.report.write(&report.to_json());
    outcome.map_err(|failure| {
        Failure::own(format!(
            "{failure}\nWhat has been carried stands in the ledger: start it again to go on."
        ))
    })?;
    written?;
    report.print(false);
    let seconds = began.elapsed().as_secs_f64();
    let (ledger, json) = (printable(&files.ledger.display().to_string()), files.report.shown());
    if report.complete {
        println!("Done in {seconds:.1} s. Ledger: {ledger}. Report: {json}");
    } else {
        println!(
            "Done in part, in {seconds:.1} s: started again, it tries what was skipped again. Ledger: {ledger}. Report: {json}"
        );
    }
    Ok(if report.complete { 0 } else { PARTLY })
}

/// Where ledger and report are.
struct Files {
    ledger: PathBuf,
    report: PrivateFile,
}

impl Files {
    fn of(options: &Options, is_practice: bool) -> Result<Self, Failure> {
        let ledger = match &options.ledger {
            Some(path) => path.clone(),
            // A practice instance does not outlive the run, so neither does its ledger have to be found again.
            None if is_practice => temporary::folder("crm-migration-")?.keep().join("migration.ledger"),
            None => Path::new("migration.ledger").to_owned(),
        };
        let beside = || {
            let mut name = ledger.clone().into_os_string();
            name.push(".report.json");
            name.into()
        };
        let report = options.report.clone().unwrap_or_else(beside);
        let named_by = if options.report.is_some() {
            "--report"
        } else {
            "--ledger"
        };
        let report = PrivateFile::new(named_by, &report)?;
        Ok(Self { ledger, report })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.status())
        }
    }
}
