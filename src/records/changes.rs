//! What was created, changed or deleted since a moment.

use std::fmt;
use std::time::Duration;

use md5::{Digest, Md5};

use super::page::RefusedRecord;
use super::plan::{Plan, Resolved};
use super::pool::{Pace, PageSize};
use super::unreadable::may_be_a_record;
use super::watermark::Watermark;
use super::{GetEntryList, Session};
use crate::error::Result;
use crate::rest::invalid_answer;
use crate::utc::UtcTime;
use crate::v4_1::Entry;

/// How far a pass reaches back behind the beginning of the one before.
const OVERLAP: Duration = Duration::from_secs(300);

/// A record that was created, changed or deleted.
///
/// ```no_run
/// # fn take(page: sugar_oauth::records::ChangesPage) {
/// for change in page.changes {
///     match change.deleted {
///         true => println!("forget {}", change.entry.id()),
///         false => println!("store {}", change.entry.id()),
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// The record as it is now.
    pub entry: Entry,
    /// Whether it is deleted.
    pub deleted: bool,
}

/// Changes that follow each other by their time.
///
/// ```no_run
/// # async fn follow(mut changes: sugar_oauth::records::Changes) -> sugar_oauth::Result<()> {
/// while let Some(page) = changes.next_page().await? {
///     println!("{} changes, {} that the server cannot give", page.changes.len(), page.refused.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChangesPage {
    /// The changes. There may be none, where all of a page were given out before.
    pub changes: Vec<Change>,
    /// Records that were changed and that the server could not give.
    pub refused: Vec<RefusedRecord>,
}

/// One pass through what was changed, made by [`Records::changed_since`](super::Records::changed_since).
///
/// A pass reads up to the server's time at its beginning. The next one, from its [`watermark`](Self::watermark) on,
/// begins an [`overlap`](Self::overlap) earlier, and leaves out what was given out before and is the same. Where the
/// server's clock has been put back since, it begins as much earlier, and what came within that time may come again.
///
/// ```no_run
/// # async fn follow(session: sugar_oauth::Session) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use sugar_oauth::records::Watermark;
///
/// let from: Watermark = serde_json::from_slice(&std::fs::read("watermark.json")?)?;
/// let mut changes = session.records("Contacts").changes(from).overlap(Duration::from_secs(600));
/// while let Some(page) = changes.next_page().await? {
///     // Store the page's changes, and only then how far they have been read.
///     std::fs::write("watermark.json", serde_json::to_vec(changes.watermark())?)?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is read before a page is asked for"]
pub struct Changes {
    session: Session,
    plan: Plan,
    resolved: Option<Resolved>,
    watermark: Watermark,
    overlap: Duration,
    size: PageSize,
    pace: Pace,
    done: bool,
}

impl Changes {
    pub(super) fn new(session: Session, mut plan: Plan, watermark: Watermark) -> Self {
        plan.deleted = true;
        Self {
            size: PageSize::new(plan.page_size),
            pace: Pace::new(plan.rate_limit),
            session,
            plan,
            resolved: None,
            watermark,
            overlap: OVERLAP,
            done: false,
        }
    }

    /// How far the next pass reaches back behind the beginning of this one. Default: 5 minutes.
    ///
    /// It must be longer than what the clocks of an instance's web servers differ by, and longer than the server takes
    /// to store a record once it has set its time.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = overlap;
        self
    }

    /// Leaves deleted records out: for Emails, whose deleted records the server cannot list (`docs/server.md`).
    ///
    /// ```no_run
    /// # fn follow(session: sugar_oauth::Session, since: sugar_oauth::UtcTime) {
    /// let changes = session.records("Emails").changed_since(since).live_only();
    /// # }
    /// ```
    pub fn live_only(mut self) -> Self {
        self.plan.deleted = false;
        self
    }

    /// The next changes; `None` at the end of the pass.
    ///
    /// # Errors
    /// As [`Session::call`]; the pass goes on with the next call, or from the [`watermark`](Self::watermark).
    pub async fn next_page(&mut self) -> Result<Option<ChangesPage>> {
        if self.done {
            return Ok(None);
        }
        if self.resolved.is_none() {
            self.resolved = Some(self.plan.resolve(&self.session).await?);
        }
        if self.watermark.pass.is_none() {
            self.pace.wait().await;
            let server = self.session.client().server_info().await?.gmt_time;
            self.watermark.begin(server, UtcTime::now(), seconds(self.overlap));
        }
        let Some((resolved, pass)) = self.resolved.as_ref().zip(self.watermark.pass.as_ref()) else {
            return Ok(None);
        };
        let (since, pass) = (self.watermark.since, pass.clone());
        loop {
            let size = self.size.get();
            let list = resolved.changes(since, &pass, size);
            self.pace.wait().await;
            let began = std::time::Instant::now();
            let failure = match self.session.call(&list).await {
                Ok(list) => {
                    self.size.answered(began.elapsed());
                    let short = list.entries.len() < size as usize;
                    let rest = list
                        .total_count
                        .map(|total| total.saturating_sub(list.entries.len() as u64));
                    let end = list.entries.is_empty() || short && rest.is_none_or(|rest| rest == 0);
                    return self.take(list.entries, end).await.map(Some);
                }
                Err(error) if !may_be_a_record(&error) => return Err(error),
                Err(error) => error,
            };
            // Is it the server, or one of the records?
            let first = first_keys(&self.session, &self.pace, resolved.changes(since, &pass, 1), resolved).await;
            let Ok(first) = first else {
                return Err(failure);
            };
            if size > 1 {
                self.size.failed();
                continue;
            }
            let Some((time, key)) = first else {
                // Nothing is left, and pages fail all the same.
                return self.take(Vec::new(), true).await.map(Some);
            };
            let stored = resolved.stored_key(&self.session, &self.pace, &key).await?;
            self.advance(time, stored.unwrap_or_else(|| key.clone()));
            return Ok(Some(ChangesPage {
                changes: Vec::new(),
                refused: vec![RefusedRecord {
                    key: Some(key),
                    after: None,
                    before: None,
                    error: failure,
                }],
            }));
        }
    }

    /// How far changes have been read: behind all that were given out.
    pub fn watermark(&self) -> &Watermark {
        &self.watermark
    }

    fn advance(&mut self, time: String, key: String) {
        if let Some(pass) = &mut self.watermark.pass {
            pass.after = Some((time, key));
        }
    }

    async fn take(&mut self, entries: Vec<Entry>, end: bool) -> Result<ChangesPage> {
        if let (Some(last), Some(resolved)) = (entries.last(), &self.resolved) {
            let (time, key) = position(last, resolved)?;
            let key = resolved
                .stored_key(&self.session, &self.pace, &key)
                .await?
                .unwrap_or(key);
            let stands_still = self
                .watermark
                .pass
                .as_ref()
                .is_some_and(|pass| pass.after.as_ref() == Some(&(time.clone(), key.clone())));
            if stands_still {
                return Err(invalid_answer("the server gives the same record again behind itself")
                    .hint("the key's values must differ from record to record: see Records::key"));
            }
            self.advance(time, key);
        }
        let key_field = self
            .resolved
            .as_ref()
            .map_or("id", |resolved| resolved.key.as_str())
            .to_owned();
        let links: Vec<String> = self.plan.links.iter().map(|(link, _)| link.clone()).collect();
        let overlap = seconds(self.overlap);
        let mut changes = Vec::new();
        for entry in entries {
            let changed = entry.get("date_modified").and_then(|time| UtcTime::parse(&time));
            let key = entry.get(&key_field).unwrap_or_default().into_owned();
            if self.watermark.note(&key, changed, digest(&entry, &links), overlap) {
                let deleted = entry.get("deleted").is_some_and(|deleted| deleted == "1");
                changes.push(Change { entry, deleted });
            }
        }
        if end {
            self.done = true;
            self.watermark.finish(overlap);
        }
        Ok(ChangesPage {
            changes,
            refused: Vec::new(),
        })
    }
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

/// Time and key of the first record of a list, where the server can give them.
async fn first_keys(
    session: &Session,
    pace: &Pace,
    list: GetEntryList,
    resolved: &Resolved,
) -> Result<Option<(String, String)>> {
    pace.wait().await;
    let list = session
        .call(&list.select([resolved.key.as_str(), "date_modified"]))
        .await?;
    list.entries.first().map(|entry| position(entry, resolved)).transpose()
}

/// Where a record stands in the order of changes.
fn position(entry: &Entry, resolved: &Resolved) -> Result<(String, String)> {
    let text = |field: &str| entry.get(field).filter(|text| !text.is_empty()).map(String::from);
    text("date_modified").zip(text(&resolved.key)).ok_or_else(|| {
        invalid_answer("the records come without the time of their change or without their key")
            .hint("a module without date_modified cannot be followed: read all of it")
    })
}

/// Short for the record's fields, those at its links included.
fn digest(entry: &Entry, links: &[String]) -> String {
    let mut md5 = Md5::new();
    let mut add = |name: &str, value: Option<&serde_json::Value>| {
        md5.update(name);
        md5.update(value.map_or_else(String::new, serde_json::Value::to_string));
        md5.update([0]);
    };
    entry.fields().for_each(|name| add(name, entry.raw(name)));
    for link in links {
        for record in entry.link(link) {
            add(link, None);
            record.names().for_each(|name| add(name, record.raw(name)));
        }
    }
    md5.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Changes")
            .field("since", &self.watermark.time())
            .finish_non_exhaustive()
    }
}
