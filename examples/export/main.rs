//! Moves records off an instance: of some modules or of all, to files in a folder, with a manifest.
//!
//!     cargo run --release --example export -- [MODULE…] [--out DIR] [--sessions N] [--fields a,b] [--links]
//!
//! With the variables that `walkthrough --save FILE` keeps (`. FILE`) and SUGAR_CONSUMER_SECRET it exports that instance;
//! without any of them a practice instance inside this process. Interrupted, it goes on when it is started again with the
//! same folder and options.

mod arguments;
#[path = "../common/mod.rs"]
mod common;
mod told;
#[path = "../../src/bin/sugar-oauth/commands/export/words.rs"]
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use arguments::Options;
use common::access::{self, Access};
use common::failure::Failure;
use common::interrupt::Interrupt;
use common::temporary;
use common::terminal::Bar;
use sugar_oauth::records::export::{Export, Manifest};
use sugar_oauth::{Session, printable};

/// How a run ends that is finished and not complete.
const INCOMPLETE: u8 = 5;

fn export(session: &Session, options: &Options, bar: &Bar) -> Result<Export, Failure> {
    let bar = bar.clone();
    let mut export = session
        .export()
        .modules(&options.modules)
        .fields(&options.fields)
        .format(options.format)
        .csv_safe(options.csv_safe)
        .include_credentials(options.include_credentials)
        .links(options.links)
        .files(options.files)
        .sessions(options.sessions)
        .on_progress(move |progress| bar.tell(progress));
    if let Some((number, of)) = options.shard {
        export = export
            .shard(number, of)
            .map_err(|error| Failure::input("--shard", &error))?;
    }
    if let Some(size) = options.page_size {
        export = export.page_size(size);
    }
    if let Some(limit) = options.rate {
        export = export.rate_limit(limit);
    }
    if let Some(time) = options.checkpoint {
        export = export.checkpoint_every(time);
    }
    Ok(export)
}

async fn run() -> Result<ExitCode, Failure> {
    let Some(options) = arguments::read()? else {
        print!("{}", arguments::HELP);
        return Ok(ExitCode::SUCCESS);
    };
    let interrupt = Interrupt::listen().await;
    let access = interrupt.or(Access::find()).await??;
    if access.practice.is_some() {
        println!("No SUGAR_* variables, so this exports a practice instance inside this process.");
    }
    let session = access::open(&access, &interrupt).await?;
    let ended = work(&access, &session, &options, &interrupt).await;
    access::close(&session).await;
    ended
}

async fn work(
    access: &Access,
    session: &Session,
    options: &Options,
    interrupt: &Interrupt,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new();
    let export = export(session, options, &bar)?;
    if options.plan {
        told::plan(&interrupt.or(export.plan()).await??);
        return Ok(ExitCode::SUCCESS);
    }
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => temporary()?,
    };
    println!("Exporting to {}", shown(&folder));
    let began = Instant::now();
    let ended = interrupt.or(export.run(&folder)).await;
    bar.end();
    let manifest = ended.map_err(|_| Failure::Interrupted(how_to_go_on(access, &folder)))??;
    told::end(&manifest, began.elapsed());
    tell_of_fields_that_nothing_has(options, &manifest);
    Ok(match manifest.is_complete() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(INCOMPLETE),
    })
}

fn how_to_go_on(access: &Access, folder: &Path) -> String {
    match access.practice {
        Some(_) => String::from("; the practice instance has ended with it, so that there is nothing to go on with"),
        None => format!(
            "; to go on, start it again with the same modules and options and --out {}",
            shown(folder)
        ),
    }
}

/// A name that is written wrongly would otherwise be noticed by nobody.
fn tell_of_fields_that_nothing_has(options: &Options, manifest: &Manifest) {
    for field in &options.fields {
        if !manifest.files.iter().any(|file| file.fields.contains(field)) {
            eprintln!("No module that was exported has a field {}.", printable(field));
        }
    }
}

/// A new folder, which stays.
fn temporary() -> Result<PathBuf, Failure> {
    Ok(temporary::folder("crm-export-")?.keep())
}

fn shown(folder: &Path) -> String {
    printable(&folder.display().to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(status) => status,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.status())
        }
    }
}
