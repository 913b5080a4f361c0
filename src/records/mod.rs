//! All the records of a module, however many there are: streams, scans that can be resumed, and changes.
//!
//! Records are read by keyset inside windows of the id space: each page begins behind the last key of the one before, so
//! that what others write meanwhile shifts nothing, and a page costs the same at the end as at the start. Each record that
//! exists throughout comes exactly once.

mod bound;
mod changes;
pub mod export;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod lines;
mod page;
mod past;
mod plan;
mod pool;
mod scan;
mod unreadable;
mod watermark;
mod window;
mod worker;

use std::fmt;

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;

pub use changes::{Change, Changes, ChangesPage};
use page::Decoder;
pub use page::{Page, RefusedRecord};
use plan::Plan;
use scan::RawScan;
pub use scan::Scan;
pub use watermark::Watermark;
pub use window::{ScanState, Window};

use crate::error::Result;
use crate::session::Session;
use crate::utc::UtcTime;
use crate::v4_1::{Entry, GetEntryList};

/// What to read of a module, and how. Nothing is sent before the stream or scan is asked for its first record.
///
/// `Debug` shows the module and no condition.
#[derive(Clone)]
#[must_use = "nothing is read before the stream or scan is asked"]
pub struct Records {
    session: Session,
    plan: Plan,
}

impl fmt::Debug for Records {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Records")
            .field("module", &self.plan.module_name)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The records of a module, as streams and scans that scale.
    pub fn records(&self, module_name: impl Into<String>) -> Records {
        Records {
            session: self.clone(),
            plan: Plan::new(module_name.into()),
        }
    }
}

impl Records {
    /// Only these fields, and the key; without any, all fields.
    pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
        self.plan.select = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Only records that match this condition: a [`Filter`](crate::filter::Filter), or SQL, which is looked through as
    /// by [`Filter::raw`](crate::filter::Filter::raw) when reading begins.
    pub fn filter(mut self, condition: impl Into<String>) -> Self {
        self.plan.filter = condition.into();
        self
    }

    /// The module's table. Default: the server is asked (`get_module_fields`).
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.plan.table = Some(name.into());
        self
    }

    /// The field whose values tell records apart. Default: `id`, and `email_id` for EmailText, which has none.
    pub fn key(mut self, field: impl Into<String>) -> Self {
        self.plan.key = Some(field.into());
        self
    }

    /// Brings these fields of the records at a link, too; see [`GetEntryList::with_link`].
    pub fn with_link<I: IntoIterator<Item = S>, S: Into<String>>(mut self, link: impl Into<String>, fields: I) -> Self {
        let fields = fields.into_iter().map(Into::into).collect();
        self.plan.links.push((link.into(), fields));
        self
    }

    /// At most this many records a page. Default: 250; larger pages gain nothing (`docs/server.md`).
    ///
    /// Pages get smaller by themselves where the server is slow.
    pub fn page_size(mut self, records: u32) -> Self {
        self.plan.page_size = records.max(1);
        self
    }

    /// Reads windows in parallel on this many sessions. Default: 1.
    ///
    /// The server serves a session one request at a time. The others are opened as the first was, by its access token or
    /// its password, when there is work for them, and are logged out at the end; a session whose id was given stays alone.
    pub fn sessions(mut self, count: usize) -> Self {
        self.plan.sessions = count.max(1);
        self
    }

    /// At most this many requests a second, over all sessions. Default: no limit.
    pub fn rate_limit(mut self, requests_per_second: f64) -> Self {
        self.plan.rate_limit = Some(requests_per_second);
        self
    }

    /// Deleted records too, beside the live ones.
    pub fn deleted(mut self, too: bool) -> Self {
        self.plan.deleted = too;
        self
    }

    /// How many records match in all, as far as this user may see them; `None` where the instance does not count.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub async fn total_count(&self) -> Result<Option<u64>> {
        let resolved = self.plan.resolve(&self.session).await?;
        let list = resolved.keys_only(&Window::default(), 1);
        Ok(self.session.call(&list).await?.total_count)
    }

    /// The records as a type of your own; see [`Entry::to`].
    ///
    /// A record that the server cannot give ([`RecordRefused`](crate::ErrorKind::RecordRefused)) or that does not fit the
    /// type is an error in its place, and the stream goes on; after an error that concerns all records it ends.
    pub fn stream<T: DeserializeOwned + Send + 'static>(
        &self,
    ) -> impl Stream<Item = Result<T>> + Send + Unpin + 'static {
        self.entries().map(|entry| entry.and_then(|entry| entry.to()))
    }

    /// The records as [`Entry`].
    ///
    /// An item that is an error of kind [`RecordRefused`](crate::ErrorKind::RecordRefused) stands for one record, and the stream goes on;
    /// after any other error it ends. Dropping the stream ends its requests.
    pub fn entries(&self) -> impl Stream<Item = Result<Entry>> + Send + Unpin + 'static {
        let scan = self.scan(ScanState::default());
        let pages = stream::unfold(Some(scan), |scan| async {
            let mut scan = scan?;
            match scan.next_page().await {
                Ok(Some(page)) => Some((items(page), Some(scan))),
                Ok(None) => None,
                Err(error) => Some((vec![Err(error)], None)),
            }
        });
        Box::pin(pages.flat_map(stream::iter))
    }

    /// The records as NDJSON lines, a page at a time: an object a record, its fields in the server's order, texts decoded
    /// once, numbers, flags and nulls as the server sent them. Links are not among them.
    ///
    /// This is the cheapest way to all records: a page goes from the answer's bytes to lines without anything in between.
    /// Errors are as with [`entries`](Self::entries).
    pub fn lines(&self) -> impl Stream<Item = Result<Vec<u8>>> + Send + Unpin + 'static {
        let scan = self.raw_scan(ScanState::default(), lines::Lines);
        let pages = stream::unfold(Some(scan), |scan| async {
            let mut scan = scan?;
            match scan.next_page().await {
                Ok(Some(page)) => {
                    let refused = page.refused.into_iter().map(|record| Err(record.into()));
                    let items: Vec<Result<Vec<u8>>> = page.rows.into_iter().map(Ok).chain(refused).collect();
                    Some((items, Some(scan)))
                }
                Ok(None) => None,
                Err(error) => Some((vec![Err(error)], None)),
            }
        });
        Box::pin(pages.flat_map(stream::iter))
    }

    /// Reads page by page from a state on; [`ScanState::default`] begins.
    pub fn scan(&self, state: ScanState) -> Scan {
        Scan::new(self.raw_scan(state, page::Entries))
    }

    /// What was created, changed or deleted from a moment on, by the server's clock
    /// ([`ServerInfo::gmt_time`](crate::ServerInfo::gmt_time)). One session is used, and deletions are included, whatever
    /// [`sessions`](Self::sessions) and [`deleted`](Self::deleted) say.
    ///
    /// It does not see what leaves `date_modified` of the record as it is: links that are made or removed, records
    /// erased in the database, and writes that keep the old time.
    pub fn changed_since(&self, time: UtcTime) -> Changes {
        self.changes(Watermark::since(time))
    }

    /// As [`changed_since`](Self::changed_since), from where an earlier pass has come to.
    pub fn changes(&self, from: Watermark) -> Changes {
        Changes::new(self.session.clone(), self.plan.clone(), from)
    }

    /// As [`scan`](Self::scan), with pages as a decoder makes them.
    pub(crate) fn raw_scan<D: Decoder>(&self, state: ScanState, decoder: D) -> RawScan<D> {
        RawScan::new(self.session.clone(), self.plan.clone(), state, decoder)
    }
}

fn items(page: Page) -> Vec<Result<Entry>> {
    let refused = page.refused.into_iter().map(|record| Err(record.into()));
    page.entries.into_iter().map(Ok).chain(refused).collect()
}
