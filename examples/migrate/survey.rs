//! What the migration would do, without a single write: every record is read and converted, and what has no counterpart
//! is counted.

use std::sync::Mutex;
use std::sync::PoisonError;

use futures_util::TryStreamExt;

use crate::files::{self, FILES};
use crate::ledger::Ids;
use crate::links::ties;
use crate::report::Report;
use crate::routes::Route;
use crate::source::text;
use crate::{Failure, World};

/// The report of a migration in which the target takes everything.
pub async fn survey(world: &World) -> Result<Report, Failure> {
    let seen = Mutex::new(Ids::default());
    let mut report = Report::new(&world.routes);
    for route in &world.routes {
        records(world, route, &seen, &mut report).await?;
    }
    for route in &world.routes {
        links(world, route, &seen, &mut report).await?;
    }
    let mut pages = Box::pin(world.source.pages("Notes", &files::wanted()));
    while let Some(page) = pages.try_next().await? {
        let files = page.entries.iter().filter(|note| !text(note, "filename").is_empty());
        report.of(FILES).read += files.count() as u64;
    }
    Ok(report)
}

fn contains(seen: &Mutex<Ids>, parts: &[&str]) -> bool {
    seen.lock().unwrap_or_else(PoisonError::into_inner).contains(parts)
}

async fn records(world: &World, route: &Route, seen: &Mutex<Ids>, report: &mut Report) -> Result<(), Failure> {
    let name = format!("survey of {}", route.module);
    world.progress.begin(&name, world.source.count(route.module).await?);
    let is_carried = |module: &str, id: &str| contains(seen, &[module, id]);
    let lookup = world.lookup(&is_carried);
    let mut pages = Box::pin(world.source.pages(route.module, &route.wanted()));
    while let Some(page) = pages.try_next().await? {
        for refused in &page.refused {
            let why = format!("the source cannot give it: {}", refused.error.message());
            let tally = report.of(route.module);
            tally.read += 1;
            tally.skip(refused.key.as_deref().unwrap_or_default(), &why);
        }
        for entry in &page.entries {
            let record = lookup.convert(route, entry);
            let tally = report.of(route.module);
            tally.read += 1;
            for lost in &record.lost {
                tally.leave_out(&record.id, &lost.field, &lost.why);
            }
            if record.id != record.target_id {
                report.new_id();
            }
            let parts = [route.module, &record.id];
            seen.lock().unwrap_or_else(PoisonError::into_inner).insert(&parts);
        }
        world.progress.add(page.entries.len());
    }
    Ok(())
}

async fn links(world: &World, route: &Route, seen: &Mutex<Ids>, report: &mut Report) -> Result<(), Failure> {
    let name = format!("survey of the links of {}", route.module);
    world.progress.begin(&name, world.source.count(route.module).await?);
    let is_carried = |module: &str, id: &str| contains(seen, &[module, id]);
    let lookup = world.lookup(&is_carried);
    let mut pages = Box::pin(world.source.pages(route.module, &route.wanted_for_links()));
    while let Some(page) = pages.try_next().await? {
        for entry in &page.entries {
            let (made, loose) = ties(&lookup, route, entry, &|_, _| false)?;
            for tie in made {
                report.of(&tie.of).read += 1;
            }
            for loose in loose {
                let tally = report.of(&loose.of);
                tally.read += 1;
                tally.leave_out(&loose.id, "the other end", &loose.why);
            }
        }
        world.progress.add(page.entries.len());
    }
    Ok(())
}
