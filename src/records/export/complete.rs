//! Whether all is there, and what is read again where it is not.

use super::checkpoint::JobState;
use super::folder::{Folder, Part};
use super::manifest::{Completeness, Content};
use super::render;
use super::run::Source;
use super::table::{Ids, Rows};
use super::targets::Job;
use crate::error::Result;
use crate::filter::Filter;
use crate::records::ScanState;
use crate::utc::UtcTime;

/// Seconds before the beginning from which changes are looked for: a write that was under way has an earlier date.
const OVERLAP: i64 = 300;

/// Counts on both sides, once all windows have been read.
pub(super) async fn compare(
    source: &Source<'_>,
    folder: &Folder,
    job: &Job,
    state: &mut JobState,
    part: &mut Part,
) -> Result<(Option<u64>, Completeness)> {
    let Some(after) = source.total_count(job).await? else {
        return Ok((None, Completeness::ServerDoesNotCount));
    };
    let read = state.scan.records() + state.scan.refused();
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

/// Reads what changed since the beginning, and adds what is not in the file.
async fn read_again(
    source: &Source<'_>,
    folder: &Folder,
    job: &Job,
    state: &mut JobState,
    part: &mut Part,
) -> Result<(Option<String>, u64, u64)> {
    let began = state.server_time.as_deref().and_then(UtcTime::parse);
    let (Some(began), true, Content::Records) = (began, job.has_date_modified, &job.content) else {
        return Ok((None, 0, 0));
    };
    let since = UtcTime::from_unix_seconds(began.unix_seconds() - OVERLAP);
    let changed = Filter::on(&job.table)?.own_column("date_modified")?.ge(since);
    let mut scan = source.scan(job, ScanState::default(), Some(changed))?;
    let mut known = None;
    let (mut read_again, mut added) = (0, 0);
    while let Some(page) = scan.next_page().await? {
        let Some(Rows::Table(table)) = &page.rows else { continue };
        read_again += table.len() as u64;
        if known.is_none() && table.len() > 0 {
            part.sync()?;
            let from = folder.reader(&job.part())?;
            known = from
                .map(|file| render::ids(source.format(job), &job.key, file))
                .transpose()?;
        }
        let is_new = |record: &Ids| {
            let key = record.key.as_ref();
            key.is_some_and(|key| !known.as_ref().is_some_and(|known| known.contains(key)))
        };
        let before = state.lines;
        let lines = source.records_of(job, state, table, is_new).await?;
        added += state.lines - before;
        part.append(&lines)?;
    }
    Ok((Some(since.to_string()), read_again, added))
}
