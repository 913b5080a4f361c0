//! The export itself: file after file, page after page, checkpoint after checkpoint.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::asking::{self, NotGiven};
use super::checkpoint::{Checkpoint, JobState};
use super::folder::{Folder, Part};
use super::manifest::{Content, FileReport, Refused};
use super::progress::Progress;
use super::render::Renderer;
use super::settings::Format;
use super::table::{Ids, Pages, Rows, Table};
use super::targets::Job;
use super::{Export, attachments, blocking, complete, emails};
use crate::error::Result;
use crate::filter::Filter;
use crate::records::scan::RawScan;
use crate::records::{Records, ScanState};
use crate::utc::UtcTime;
use crate::v4_1::{Entry, GetEntriesCount, GetServerInfo};

/// Where pages come from, and how they are written.
pub(super) struct Source<'a> {
    pub(super) export: &'a Export,
}

/// How a file ended.
enum Outcome {
    Done,
    /// The server does not give this module or link.
    LeftOut(NotGiven),
}

impl Source<'_> {
    fn records(&self, job: &Job, more: Option<Filter>) -> Result<Records> {
        let export = self.export;
        let own = export.settings.condition(&job.table, &job.key, job.has_date_modified)?;
        let condition = match (own.as_str(), more) {
            (_, None) => own,
            ("", Some(more)) => more.to_string(),
            (_, Some(more)) => format!("{own} AND {more}"),
        };
        let mut records = export
            .session
            .records(&job.module)
            .table(&job.table)
            .key(&job.key)
            .select(job.select.iter())
            .filter(condition)
            .sessions(export.sessions);
        if let Some(size) = export.page_size {
            records = records.page_size(size);
        }
        if let Some(limit) = export.rate_limit {
            records = records.rate_limit(limit);
        }
        if let Content::Links { link, .. } = &job.content {
            records = records.with_link(link, ["id"]);
        }
        Ok(records)
    }

    pub(super) fn scan(&self, job: &Job, state: ScanState, more: Option<Filter>) -> Result<RawScan<Pages>> {
        let with_ids = more.is_some();
        Ok(self.records(job, more)?.raw_scan(state, self.pages(job, with_ids)))
    }

    /// The records of some place, one after another.
    pub(super) fn scan_one_by_one(&self, job: &Job, place: Option<Filter>) -> Result<RawScan<Pages>> {
        let records = self.records(job, place)?.page_size(1).sessions(1);
        Ok(records.raw_scan(ScanState::default(), self.pages(job, false)))
    }

    fn pages(&self, job: &Job, with_ids: bool) -> Pages {
        match job.content {
            Content::Records => Pages::Tables {
                renderer: Arc::new(self.renderer(job)),
                with_ids: with_ids || !job.body_fields.is_empty(),
            },
            _ => Pages::Entries,
        }
    }

    pub(super) async fn total_count(&self, job: &Job) -> Result<Option<u64>> {
        self.records(job, None)?.total_count().await
    }

    /// How many there are whoever may see them; `None` where the server does not tell.
    async fn entries_count(&self, job: &Job) -> Option<u64> {
        let condition = self
            .export
            .settings
            .condition(&job.table, &job.key, job.has_date_modified)
            .ok()?;
        let count = GetEntriesCount::new(&job.module).query(condition);
        self.export.session.call(&count).await.ok()
    }

    pub(super) fn format(&self, job: &Job) -> Format {
        job.format(&self.export.settings)
    }

    pub(super) fn renderer(&self, job: &Job) -> Renderer {
        Renderer::new(self.format(job), self.export.settings.csv_safe, &job.fields)
    }

    /// The lines of a page.
    pub(super) async fn lines(&self, folder: &Folder, job: &Job, state: &mut JobState, rows: &Rows) -> Result<Vec<u8>> {
        match (rows, &job.content) {
            (Rows::Table(table), _) => self.records_of(job, state, table, |_| true).await,
            (Rows::Entries(entries), Content::Links { link, .. }) => self.links_of(job, state, entries, link),
            (Rows::Entries(entries), _) => self.files_of(folder, job, state, entries).await,
        }
    }

    /// The lines of those records that are wanted, e-mails with their bodies.
    pub(super) async fn records_of(
        &self,
        job: &Job,
        state: &mut JobState,
        table: &Table,
        wanted: impl Fn(&Ids) -> bool,
    ) -> Result<Vec<u8>> {
        let wants = |record: &&Ids| wanted(record);
        state.lines += table.ids().iter().filter(wants).count() as u64;
        if job.body_fields.is_empty() {
            return table.lines(wanted, |_| None);
        }
        let ids: Vec<&str> = table.ids().iter().filter(wants).map(|record| &*record.id).collect();
        let (bodies, refused) = emails::bodies(&self.export.session, &job.body_fields, &ids).await?;
        let is_refused = |id: &str| refused.iter().any(|record| record.id.as_deref() == Some(id));
        let missing = ids.iter().filter(|id| !bodies.contains_key(**id) && !is_refused(id));
        state.missing.extend(missing.map(|id| (*id).to_owned()));
        state.refused.extend(refused);
        table.lines(wanted, |record| bodies.get(&record.id))
    }

    fn links_of(&self, job: &Job, state: &mut JobState, entries: &[Entry], link: &str) -> Result<Vec<u8>> {
        let renderer = self.renderer(job);
        let (mut lines, mut cells) = (renderer.lines(0), Vec::new());
        for entry in entries {
            for to in entry.link(link).iter().filter_map(|linked| linked.get("id")) {
                let ends = vec![
                    (String::from("from"), entry.id().to_owned()),
                    (String::from("to"), to.into_owned()),
                ];
                renderer.cells_of(&ends, &mut cells)?;
                lines.write(cells.iter().map(|cell| cell.as_deref().unwrap_or_default()))?;
                state.lines += 1;
            }
        }
        lines.finish()
    }

    async fn files_of(&self, folder: &Folder, job: &Job, state: &mut JobState, entries: &[Entry]) -> Result<Vec<u8>> {
        let mut lines = Vec::new();
        for entry in entries {
            let received = attachments::receive(&self.export.session, folder, &job.module, entry).await?;
            let Some(received) = received else { continue };
            lines.extend(received.line);
            state.lines += 1;
            match received.outcome {
                attachments::Outcome::There => {}
                attachments::Outcome::Missing => state.missing.push(entry.id().to_owned()),
                attachments::Outcome::Refused(why) => {
                    state.refused.push(Refused::in_part(entry.id(), why.reason));
                }
            }
        }
        Ok(lines)
    }
}

/// Writes all files that are not finished.
pub(super) async fn all(export: &Export, folder: &Folder, checkpoint: &mut Checkpoint) -> Result<Vec<FileReport>> {
    let source = Source { export };
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
        state.server_time = server_time(source).await?;
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

async fn server_time(source: &Source<'_>) -> Result<Option<String>> {
    let info = source.export.session.call(&GetServerInfo).await?;
    Ok(info.gmt_time.map(|time| time.to_string()))
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
