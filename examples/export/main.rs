//! Moves records off an instance: of some modules or of all, to files in a folder, with a manifest.
//!
//!     cargo run --release --example export -- [MODULE…] [--out DIR] [--sessions N] [--fields a,b] [--links]
//!
//! With the variables that `walkthrough --save FILE` keeps (`. FILE`) and SUGAR_CONSUMER_SECRET it exports that instance;
//! without any of them a practice instance inside this process. Interrupted, it goes on when it is started again with the
//! same folder and options.

mod arguments;
mod door;

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use arguments::Options;
use sugar_oauth::records::export::{Completeness, Export, Manifest, Plan, Progress};
use sugar_oauth::{Session, printable};

fn export(session: &Session, options: &Options) -> sugar_oauth::Result<Export> {
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
        .on_progress(bar());
    if let Some((number, of)) = options.shard {
        export = export.shard(number, of)?;
    }
    if let Some(size) = options.page_size {
        export = export.page_size(size);
    }
    if let Some(limit) = options.rate {
        export = export.rate_limit(limit);
    }
    if let Some(seconds) = options.checkpoint {
        export = export.checkpoint_every(Duration::from_secs_f64(seconds));
    }
    Ok(export)
}

/// On a terminal a line that is written over; elsewhere nothing.
fn bar() -> impl Fn(&Progress) + Send + Sync + 'static {
    let is_terminal = std::io::stderr().is_terminal();
    move |progress| {
        if !is_terminal {
            return;
        }
        let expected = progress
            .expected
            .map_or_else(String::new, |total| format!(" of {total}"));
        let filled = progress.expected.filter(|total| *total > 0).map_or(0, |total| {
            usize::try_from(20 * progress.records.min(total) / total).unwrap_or(20)
        });
        let line = format!(
            "\r\x1b[K[{:20}] file {} of {}  {}  {}{expected}",
            "#".repeat(filled),
            progress.files_done + 1,
            progress.files,
            printable(&progress.file),
            progress.records,
        );
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

fn show_plan(plan: &Plan) {
    for module in &plan.modules {
        let count = |count: Option<u64>| count.map_or_else(|| String::from("?"), |count| count.to_string());
        let hidden = match module.hidden() {
            Some(hidden) if hidden > 0 => format!(", {hidden} more that this user may not see"),
            _ => String::new(),
        };
        println!(
            "  {:24} {:>8} records, {} fields{hidden}",
            printable(&module.module),
            count(module.total_count),
            module.fields
        );
        if !module.credential_fields.is_empty() {
            println!(
                "    without {}, which hold credentials",
                printable(&module.credential_fields.join(", "))
            );
        }
    }
    println!(
        "{} modules, {} link files, {} rows, about {} s; {} modules are left out.",
        plan.modules.len(),
        plan.links,
        plan.rows,
        plan.estimated.as_secs() + 1,
        plan.left_out.len()
    );
}

fn show_end(manifest: &Manifest, took: Duration) {
    let mut lines = 0;
    for file in &manifest.files {
        lines += file.lines;
        let name = printable(&file.file);
        match &file.completeness {
            Completeness::EqualToTotalCount => {}
            Completeness::ServerDoesNotCount => println!("  {name}: the server does not count its records"),
            Completeness::Unequal { total_count } => {
                println!(
                    "  {name}: the server counts {total_count} records, and {} lines came",
                    file.lines
                );
            }
            Completeness::ChangedMeanwhile { read_again, added, .. } => {
                println!("  {name}: records changed meanwhile; {read_again} were read again, {added} added")
            }
            _ => println!("  {name}: see the manifest"),
        }
        if let Some(hidden) = file.hidden().filter(|hidden| *hidden > 0) {
            println!("  {name}: {hidden} records may not be seen by this user");
        }
        if !file.refused.is_empty() {
            println!("  {name}: the server could not give {} records", file.refused.len());
        }
        if !file.missing.is_empty() {
            println!(
                "  {name}: {} bodies or files are missing on the server",
                file.missing.len()
            );
        }
    }
    println!(
        "{lines} lines in {} files, {:.1} s; {} modules or links were left out. The manifest tells the rest.",
        manifest.files.len(),
        took.as_secs_f64(),
        manifest.left_out.len()
    );
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let (session, _practice) = door::open().await?;
    let export = export(&session, &options)?;
    if options.plan {
        show_plan(&export.plan().await?);
        session.logout().await?;
        return Ok(());
    }
    let folder = match options.out {
        Some(folder) => folder,
        None => temporary()?,
    };
    println!("Exporting to {}", printable(&folder.display().to_string()));
    let began = Instant::now();
    let result = export.run(&folder).await;
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    // An export that failed keeps what it has; its session ends by itself.
    let manifest = result?;
    session.logout().await?;
    show_end(&manifest, began.elapsed());
    Ok(())
}

/// A new folder, which stays.
fn temporary() -> std::io::Result<PathBuf> {
    Ok(tempfile::Builder::new().prefix("crm-export-").tempdir()?.keep())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match arguments::read() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
