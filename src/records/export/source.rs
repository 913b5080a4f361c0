//! Where an export's pages come from, and the lines that they become.

use std::sync::Arc;

use super::checkpoint::JobState;
use super::folder::Folder;
use super::manifest::{Content, Refused};
use super::render::Renderer;
use super::settings::Format;
use super::table::{Ids, Pages, Rows, Table};
use super::targets::Job;
use super::{Export, attachments, emails};
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

impl<'a> Source<'a> {
    pub(super) fn new(export: &'a Export) -> Self {
        Self { export }
    }

    /// The server's own time, where it tells it.
    pub(super) async fn server_time(&self) -> Result<Option<UtcTime>> {
        Ok(self.export.session.call(&GetServerInfo).await?.gmt_time)
    }

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
    pub(super) async fn entries_count(&self, job: &Job) -> Option<u64> {
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
        let count = table.ids().iter().filter(wants).count() as u64;
        state.lines = state.lines.saturating_add(count);
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
                state.lines = state.lines.saturating_add(1);
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
            state.lines = state.lines.saturating_add(1);
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
