//! The attachments of notes.

use std::path::Path;

use futures_util::stream::{self, TryStreamExt};
use sugar_oauth::files::safe_file_name;
use sugar_oauth::oauth2::Upload;
use sugar_oauth::printable;
use sugar_oauth::records::Page;
use sugar_oauth::v4_1::Entry;

use crate::carry::Tries;
use crate::common::temporary;
use crate::convert::target_id;
use crate::ledger::Done;
use crate::source::{Wanted, text};
use crate::target::{Answer, may_pass};
use crate::{Failure, World};

/// What the ledger and the report call them.
pub const FILES: &str = "files";
const NOTES: &str = "Notes";

/// What is read to find them.
pub fn wanted() -> Wanted {
    Wanted {
        fields: vec!["filename".to_owned()],
        ..Wanted::default()
    }
}

/// Carries all attachments, by way of a folder for this user's eyes only. One that may have been carried is carried
/// again: it takes its own place.
pub async fn files(world: &World) -> Result<(), Failure> {
    world.progress.begin(FILES, world.source.count(NOTES).await?);
    let folder = temporary::folder("crm-files-")?;
    let pages = world.source.pages(NOTES, &wanted());
    pages.try_for_each(|page| carry_page(world, page, folder.path())).await
}

async fn carry_page(world: &World, page: Page, folder: &Path) -> Result<(), Failure> {
    for refused in &page.refused {
        let why = format!("the source cannot give its note: {}", refused.error.message());
        world
            .report()
            .of(FILES)
            .skip(refused.key.as_deref().unwrap_or_default(), &why);
    }
    let notes = page.entries.iter().filter(|note| !text(note, "filename").is_empty());
    stream::iter(notes.map(Ok))
        .try_for_each_concurrent(world.workers, |note| carry(world, note, folder))
        .await?;
    world.progress.add(page.entries.len());
    Ok(())
}

async fn carry(world: &World, note: &Entry, folder: &Path) -> Result<(), Failure> {
    let id = note.id();
    world.report().of(FILES).read += 1;
    if world.ledger.is_carried(&[FILES, id]) {
        world.report().of(FILES).carried_by_earlier_runs += 1;
        return Ok(());
    }
    if !world.ledger.is_carried(&[NOTES, id]) {
        world.report().of(FILES).skip(id, "its note has not been carried");
        return Ok(());
    }
    let Some(path) = world.source.attachment(id, folder).await? else {
        world
            .report()
            .of(FILES)
            .leave_out(id, "content", "the source has lost it");
        return Ok(());
    };
    let name = safe_file_name(&text(note, "filename"));
    let file = Upload::file(&path).named(&name);
    let target = target_id(NOTES, id);
    let mut tries = Tries::default();
    let answer = loop {
        match world.target.upload(&target, &file).await {
            Err(error) if may_pass(&error) && tries.are_left() => tries.wait().await,
            // There is no answer, so the next file would fare no better.
            Err(error) if may_pass(&error) && error.rest().is_none() => return Err(error.into()),
            result => break Answer::from(result),
        }
    };
    // The folder goes at the end; what is in it need not wait.
    let _ = std::fs::remove_file(&path);
    note_down(world, id, name, answer)
}

fn note_down(world: &World, id: &str, name: String, answer: Answer) -> Result<(), Failure> {
    let mut done = Done {
        of: FILES.to_owned(),
        ..Done::default()
    };
    match answer {
        Answer::Done(_) => {
            done.carried.push((id.to_owned(), name));
            world.ledger.done(done)?;
            world.report().of(FILES).carried += 1;
        }
        Answer::Refused(why) | Answer::Unclear(why) => {
            done.skipped.push((id.to_owned(), why.clone()));
            world.ledger.done(done)?;
            world
                .report()
                .of(FILES)
                .skip(id, &format!("the target refused it: {}", printable(&why)));
        }
    }
    Ok(())
}
