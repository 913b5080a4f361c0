//! The whole idea on a practice instance: three passes, between which something changes.

use std::time::Duration;

use sugar_oauth::Session;
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::v4_1::{GetEntryList, SetEntry};

use crate::arguments::Options;
use crate::failure::Failure;
use crate::follow::Follower;
use crate::said;

/// The time between two passes, unless told otherwise. The practice instance's clock is moved instead of waiting.
const PAUSE: Duration = Duration::from_secs(60);

/// Shows it.
pub async fn show(
    sandbox: &Sandbox,
    session: &Session,
    follower: &Follower<'_>,
    options: &Options,
) -> Result<(), Failure> {
    match options.since {
        None => eprintln!("\nFirst pass: nothing has changed yet."),
        Some(_) => eprintln!("\nFirst pass."),
    }
    said(&follower.pass().await?);
    if options.once {
        return Ok(());
    }
    let pause = options.every.unwrap_or(PAUSE);

    let module = &options.module;
    let list = GetEntryList::new(module).select(["id"]).max_results(100);
    let list = session.call(&list).await?;
    // Some ids of the practice instance are odd, as on real ones, and a few of them cannot be written to.
    let ids = list.entries.iter().map(|entry| entry.id().to_owned());
    let ids: Vec<String> = ids.filter(|id| id.len() == 36).take(2).collect();
    let [changed, deleted] = ids.as_slice() else {
        return Err(Failure::own(format!("{module} has fewer than two records to change")));
    };
    sandbox.clock().advance(pause);
    let created = SetEntry::create(module)
        .set("last_name", "Created")
        .set("name", "Created");
    session.call(&created).await?;
    let written = |text: &str| SetEntry::update(module, changed.as_str()).set("description", text);
    session.call(&written("Changed between two passes.")).await?;
    session.call(&SetEntry::delete(module, deleted.as_str())).await?;
    eprintln!("\nSecond pass: one record was created, one was changed, one was deleted.");
    said(&follower.pass().await?);

    sandbox.clock().advance(pause);
    session.call(&written("Changed once more.")).await?;
    eprintln!("\nThird pass: the changed one was changed once more. The others are read again, since a pass begins");
    eprintln!("before the end of the one before, but do not come again.");
    said(&follower.pass().await?);
    Ok(())
}
