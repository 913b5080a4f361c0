//! The export itself: file after file, page after page, checkpoint after checkpoint.

use std::time::{Duration, Instant};

use super::asking::{self, NotGiven};
use super::checkpoint::{Checkpoint, JobState};
use super::folder::{Folder, Part};
use super::manifest::{Content, FileReport, Refused};
use super::progress::Progress;
use super::source::Source;
use super::targets::Job;
use super::{Export, blocking, complete};
use crate::error::Result;
use crate::utc::UtcTime;

/// How a file ended.
enum Outcome {
    Done,
    /// The server does not give this module or link.
    LeftOut(NotGiven),
}

/// Writes all files that are not finished.
pub(super) async fn all(export: &Export, folder: &Folder, checkpoint: &mut Checkpoint) -> Result<Vec<FileReport>> {
    let source = Source::new(export);
    let jobs = checkpoint.jobs.clone();
    let mut reports = Vec::new();
    for (done, job) in jobs.iter().enumerate() {
        let outcome = one(&source, folder, checkpoint, job, (done, jobs.len())).await?;
        match outcome {
            Outcome::Done => reports.extend(checkpoint.states.get(&job.file).and_then(|state| state.report.clone())),
            Outcome::LeftOut(mut why) => {
                if let Content::Links { link, .. } = &job.content {
                    why.reason = format!("its link {link} cannot be read: {}", why.reason);
                }
                let is_asked_for = match &job.content {
                    Content::Links { .. } => !why.is_refusal,
                    _ => !export.settings.modules.is_empty(),
                };
                checkpoint.left_out.push(why.left_out(&job.module, is_asked_for));
                checkpoint.jobs.retain(|other| other.file != job.file);
                checkpoint.states.remove(&job.file);
                save(folder, checkpoint).await?;
                folder.remove(&job.part())?;
            }
        }
    }
    Ok(reports)
}

async fn one(
    source: &Source<'_>,
    folder: &Folder,
    checkpoint: &mut Checkpoint,
    job: &Job,
    (files_done, files): (usize, usize),
) -> Result<Outcome> {
    let mut state = checkpoint.states.get(&job.file).cloned().unwrap_or_default();
    if state.report.is_some() {
        return name(folder, job, state.bytes).map(|()| Outcome::Done);
    }
    if state.started.is_empty() {
        state.started = UtcTime::now().to_string();
        state.server_time = source.server_time().await?.map(|time| time.to_string());
        let count = asking::ask(&source.export.session, || source.total_count(job));
        state.total_before = match count.await? {
            Ok(total) => total,
            Err(why) => return Ok(Outcome::LeftOut(why)),
        };
    }
    let mut part = folder.part(&job.part(), state.bytes)?;
    if state.bytes == 0 {
        part.append(&source.renderer(job).head()?)?;
    }
    let mut scan = source.scan(job, state.scan.clone(), None)?;
    let mut saved = Instant::now();
    let mut failures = 0;
    loop {
        let page = match scan.next_page().await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            // Only where nothing has come yet: what fails later is a failure.
            Err(error) if state.scan.records() == 0 => {
                let why = asking::not_given(&source.export.session, error).await?;
                failures += 1;
                if failures == asking::ATTEMPTS {
                    return Ok(Outcome::LeftOut(why));
                }
                tokio::time::sleep(asking::PAUSE * failures).await;
                scan = source.scan(job, state.scan.clone(), None)?;
                continue;
            }
            Err(error) => {
                // What came before the failure is kept.
                keep(folder, checkpoint, job, &mut state, part).await?;
                return Err(error);
            }
        };
        if let Some(rows) = &page.rows {
            let lines = source.lines(folder, job, &mut state, rows).await?;
            part.append(&lines)?;
        }
        state.unread.extend(page.refused.into_iter().map(Refused::from));
        state.scan = scan.state().clone();
        if saved.elapsed() >= source.export.checkpoint_every {
            part = keep(folder, checkpoint, job, &mut state, part).await?;
            saved = Instant::now();
        }
        source.export.listener.tell(&Progress {
            file: job.file.clone(),
            module: job.module.clone(),
            lines: state.lines,
            records: state.scan.records(),
            expected: state.total_before,
            files_done,
            files,
        });
    }
    state.scan = scan.state().clone();
    part = keep(folder, checkpoint, job, &mut state, part).await?;
    let (total_count, completeness) = complete::compare(source, folder, job, &mut state, &mut part).await?;
    let entries_count = source.entries_count(job).await;
    let (part, bytes) = synced(part).await?;
    drop(part);
    state.bytes = bytes;
    state.report = Some(FileReport {
        file: job.file.clone(),
        content: job.content.clone(),
        format: source.format(job),
        module: job.module.clone(),
        fields: job.fields.clone(),
        credential_fields: job.credential_fields.clone(),
        lines: state.lines,
        bytes,
        total_count,
        entries_count,
        completeness,
        refused: state.unread.iter().chain(&state.refused).cloned().collect(),
        missing: state.missing.clone(),
        started: state.started.clone(),
        finished: UtcTime::now().to_string(),
    });
    checkpoint.states.insert(job.file.clone(), state);
    save(folder, checkpoint).await?;
    name(folder, job, bytes).map(|()| Outcome::Done)
}

/// Brings what has been written onto the disk, then the checkpoint that tells of it.
async fn keep(
    folder: &Folder,
    checkpoint: &mut Checkpoint,
    job: &Job,
    state: &mut JobState,
    part: Part,
) -> Result<Part> {
    let (part, bytes) = synced(part).await?;
    state.bytes = bytes;
    checkpoint.states.insert(job.file.clone(), state.clone());
    save(folder, checkpoint).await?;
    Ok(part)
}

async fn synced(mut part: Part) -> Result<(Part, u64)> {
    blocking(move || {
        let bytes = part.sync()?;
        Ok((part, bytes))
    })
    .await
}

pub(super) async fn save(folder: &Folder, checkpoint: &Checkpoint) -> Result<()> {
    let (folder, text) = (folder.clone(), checkpoint.to_text()?);
    blocking(move || Checkpoint::put(&folder, &text)).await
}

/// Gives a finished file its name, unless it has it already.
fn name(folder: &Folder, job: &Job, bytes: u64) -> Result<()> {
    if folder.length(&job.part())?.is_none() && folder.length(&job.file)? == Some(bytes) {
        return Ok(());
    }
    drop(folder.part(&job.part(), bytes)?);
    folder.rename(&job.part(), &job.file)
}

/// How long a file may grow without a checkpoint.
pub(super) const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
