//! Whether all is there, and what is read again where it is not.

use super::asking;
use super::checkpoint::JobState;
use super::folder::{Folder, Part};
use super::manifest::{Completeness, Content, Refused};
use super::source::Source;
use super::table::{Ids, Rows};
use super::targets::Job;
use crate::error::Result;
use crate::filter::Filter;
use crate::records::ScanState;
use crate::rest::invalid_answer;
use crate::utc::UtcTime;

/// Seconds before the beginning from which changes are looked for: a write that was under way has an earlier date.
const OVERLAP: i64 = 300;
/// How many records are asked for once more in vain before the others are not.
const HOPE: u32 = 20;

/// Counts on both sides, once all windows have been read.
pub(super) async fn compare(
    source: &Source<'_>,
    folder: &Folder,
    job: &Job,
    state: &mut JobState,
    part: &mut Part,
) -> Result<(Option<u64>, Completeness)> {
    ask_again(source, folder, job, state, part).await?;
    let count = asking::ask(&source.export.session, || source.total_count(job));
    let Some(after) = count.await?.map_err(|why| invalid_answer(why.reason))? else {
        return Ok((None, Completeness::ServerDoesNotCount));
    };
    let read = state.scan.records().saturating_add(state.scan.refused());
    if read == after && state.total_before.is_none_or(|before| before == after) {
        return Ok((Some(after), Completeness::EqualToTotalCount));
    }
    let (since, read_again, added) = read_again(source, folder, job, state, part).await?;
    // Where the count is as it was and nothing was written since the beginning, the two simply differ.
    let quiet = state.total_before == Some(after) && read_again == 0;
    let verdict = if quiet {
        Completeness::Unequal { total_count: after }
    } else {
        Completeness::ChangedMeanwhile {
            before: state.total_before,
            after,
            read_again_since: since,
            read_again,
            added,
        }
    };
    Ok((Some(after), verdict))
}

/// Asks once more for the records that the server could not give: it may have been a bad moment.
async fn ask_again(
    source: &Source<'_>,
    folder: &Folder,
    job: &Job,
    state: &mut JobState,
    part: &mut Part,
) -> Result<()> {
    let key = Filter::on(&job.table)?.column(&job.key)?;
    let mut hope = HOPE;
    for record in std::mem::take(&mut state.unread) {
        let place = match (&record.id, &record.after, &record.before) {
            (Some(id), ..) => Some(key.eq(id)),
            (None, Some(after), Some(before)) => Some(key.gt(after).and(key.lt(before))),
            (None, Some(after), None) => Some(key.gt(after)),
            (None, None, Some(before)) => Some(key.lt(before)),
            (None, None, None) => None,
        };
        if hope == 0 {
            state.unread.push(record);
            continue;
        }
        let mut scan = source.scan_one_by_one(job, place)?;
        loop {
            match scan.next_page().await {
                Ok(Some(page)) => {
                    if let Some(rows) = &page.rows {
                        let lines = source.lines(folder, job, state, rows).await?;
                        part.append(&lines)?;
                    }
                    if !page.refused.is_empty() {
                        hope = hope.saturating_sub(1);
                    }
                    for again in page.refused.into_iter().map(Refused::from) {
                        // Where not even a key came, it was placed better the first time.
                        let again = if again.id.is_some() { again } else { record.clone() };
                        state.unread.push(again);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    // It is the only one there.
                    asking::not_given(&source.export.session, error).await?;
                    hope = hope.saturating_sub(1);
                    state.unread.push(record);
                    break;
                }
            }
        }
    }
    Ok(())
}

/// When the file was begun, by the server's clock. Where that has been put back since, changes have dates before the time
/// that was noted then.
async fn beginning(source: &Source<'_>, state: &JobState) -> Result<Option<UtcTime>> {
    let Some(noted) = state.server_time.as_deref().and_then(UtcTime::parse) else {
        return Ok(None);
    };
    let (now, started) = (source.server_time().await?, UtcTime::parse(&state.started));
    let by_the_clock_of_now = now.zip(started).map(|(now, started)| {
        let took = UtcTime::now().unix_seconds() - started.unix_seconds();
        UtcTime::from_unix_seconds(now.unix_seconds() - took.max(0))
    });
    Ok(Some(by_the_clock_of_now.map_or(noted, |began| began.min(noted))))
}

/// Reads what changed since the beginning, and adds what is not in the file.
async fn read_again(
    source: &Source<'_>,
    folder: &Folder,
    job: &Job,
    state: &mut JobState,
    part: &mut Part,
) -> Result<(Option<String>, u64, u64)> {
    let (true, Content::Records) = (job.has_date_modified, &job.content) else {
        return Ok((None, 0, 0));
    };
    let Some(began) = beginning(source, state).await? else {
        return Ok((None, 0, 0));
    };
    let since = UtcTime::from_unix_seconds(began.unix_seconds() - OVERLAP);
    let changed = Filter::on(&job.table)?.own_column("date_modified")?.ge(since);
    let mut scan = source.scan(job, ScanState::default(), Some(changed))?;
    let mut known = None;
    let (mut read_again, mut added) = (0, 0);
    while let Some(page) = scan.next_page().await? {
        if known.is_none() {
            part.sync()?;
            let from = folder.reader(&job.part())?;
            known = from.map(|file| source.renderer(job).ids(&job.key, file)).transpose()?;
        }
        if let Some(Rows::Table(table)) = &page.rows {
            read_again += table.len() as u64;
            let is_new = |record: &Ids| {
                let key = record.key.as_ref();
                key.is_some_and(|key| !known.as_ref().is_some_and(|known| known.contains(key)))
            };
            let before = state.lines;
            let lines = source.records_of(job, state, table, is_new).await?;
            added += state.lines - before;
            part.append(&lines)?;
        }
        for record in page.refused.into_iter().map(Refused::from) {
            let same = |other: &Refused| other.id == record.id && other.after == record.after;
            let is_there = |id: &String| known.as_ref().is_some_and(|known| known.contains(id));
            if !state.unread.iter().any(same) && !record.id.as_ref().is_some_and(is_there) {
                state.unread.push(record);
            }
        }
    }
    Ok((Some(since.to_string()), read_again, added))
}
