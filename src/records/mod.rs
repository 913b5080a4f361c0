//! All the records of a module, however many there are: streams, scans that can be resumed, and changes.
//!
//! Records are read by keyset inside windows of the id space: each page begins behind the last key of the one before, so
//! that what others write meanwhile shifts nothing, and a page costs the same at the end as at the start. Each record that
//! exists throughout comes exactly once.

mod bound;
mod changes;
pub mod export;
mod form;
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
///
/// ```
/// # use sugar_oauth::sandbox::Sandbox;
/// # use sugar_oauth::{Client, Instance, Password};
/// use std::pin::pin;
///
/// use futures_util::StreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let client = Client::builder(Instance::parse(sandbox.url())?).build();
/// # let session = client.login(sandbox.user_name(), Password::new(sandbox.password())).await?;
/// #[derive(serde::Deserialize)]
/// struct Contact {
///     id: String,
///     last_name: Option<String>,
/// }
///
/// let contacts = session.records("Contacts").select(["id", "last_name"]).sessions(2);
/// let expected = contacts.total_count().await?;
/// let mut read = 0;
/// let mut stream = contacts.stream::<Contact>();
/// while let Some(contact) = stream.next().await {
///     let Contact { id, last_name } = contact?;
///     read += 1;
/// }
/// assert_eq!(Some(read), expected);
/// # Ok(())
/// # }
/// ```
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
    ///
    /// ```no_run
    /// # fn narrow(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::filter::Filter;
    ///
    /// let open = Filter::on("opportunities")?.column("sales_stage")?.eq("Prospecting");
    /// let opportunities = session.records("Opportunities").filter(open).page_size(100).rate_limit(5.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter(mut self, condition: impl Into<String>) -> Self {
        self.plan.filter = condition.into();
        self
    }

    /// The module's table. Default: the server is asked (`get_module_fields`).
    ///
    /// ```no_run
    /// # fn custom(session: sugar_oauth::Session) {
    /// // A module whose description this user may not read.
    /// let records = session.records("ext_Invoices").table("ext_invoices").key("number");
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn read(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut contacts = session.records("Contacts").select(["last_name"]).with_link("accounts", ["name"]).entries();
    /// while let Some(contact) = contacts.try_next().await? {
    ///     let account = contact.link("accounts").first().and_then(|account| account.get("name"));
    ///     println!("{:?} at {account:?}", contact.get("last_name"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn count(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// let all = session.records("Contacts").deleted(true).total_count().await?;
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn read(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use futures_util::StreamExt;
    /// use sugar_oauth::ErrorKind;
    ///
    /// let mut accounts = session.records("Accounts").entries();
    /// while let Some(account) = accounts.next().await {
    ///     match account {
    ///         Ok(account) => println!("{}", account.get("name").unwrap_or_default()),
    ///         Err(error) if error.kind() == ErrorKind::RecordRefused => eprintln!("{error}"),
    ///         Err(error) => return Err(error),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn write(session: sugar_oauth::Session) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::io::Write;
    ///
    /// use futures_util::TryStreamExt;
    ///
    /// let mut file = std::fs::File::create("contacts.ndjson")?;
    /// let mut pages = session.records("Contacts").lines();
    /// while let Some(lines) = pages.try_next().await? {
    ///     file.write_all(&lines)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn read(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::records::{Records, ScanState};
    ///
    /// let contacts: Records = session.records("Contacts");
    /// let mut scan = contacts.scan(ScanState::default());
    /// while let Some(page) = scan.next_page().await? {
    ///     println!("{} records so far", scan.state().records());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn scan(&self, state: ScanState) -> Scan {
        Scan::new(self.raw_scan(state, page::Entries))
    }

    /// What was created, changed or deleted from a moment on, by the server's clock
    /// ([`ServerInfo::gmt_time`](crate::ServerInfo::gmt_time)). One session is used, and deletions are included, whatever
    /// [`sessions`](Self::sessions) and [`deleted`](Self::deleted) say.
    ///
    /// It does not see what leaves `date_modified` of the record as it is: links that are made or removed, records
    /// erased in the database, and writes that keep the old time.
    ///
    /// ```no_run
    /// # async fn follow(session: sugar_oauth::Session, since: sugar_oauth::UtcTime) -> sugar_oauth::Result<()> {
    /// let mut changes = session.records("Contacts").changed_since(since);
    /// while let Some(page) = changes.next_page().await? {
    ///     println!("{} changes", page.changes.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn changed_since(&self, time: UtcTime) -> Changes {
        self.changes(Watermark::since(time))
    }

    /// As [`changed_since`](Self::changed_since), from where an earlier pass has come to.
    ///
    /// ```no_run
    /// # async fn follow(session: sugar_oauth::Session, kept: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// use sugar_oauth::records::Records;
    ///
    /// let contacts: Records = session.records("Contacts");
    /// let mut changes = contacts.changes(serde_json::from_str(kept)?);
    /// while let Some(page) = changes.next_page().await? {
    ///     println!("{} changes", page.changes.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
