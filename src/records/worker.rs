//! What reads windows, one page after another, on a session of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::bound::midpoint;
use super::page::{Decoded, Decoder, Entries, RefusedRecord};
use super::plan::Resolved;
use super::pool::{Job, Pace, PageSize, Pool};
use super::unreadable::may_be_a_record;
use super::window::Window;
use super::{GetEntryList, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::rest::invalid_answer;
use crate::session::Read;

/// A window with more records than this is cut, because the server counts them for every page.
const FULL: u64 = 5_000;
/// A window with fewer records than this is not worth a cut.
const SMALL: u64 = 40;
/// How often a place to cut is looked for.
const CUTS: usize = 6;
/// How many records are added to a page for a better end.
const MORE: u32 = 8;
/// How many records may be refused before the first one comes.
const HOPE: u32 = 50;
/// How often a session may be gone in a row, and how long to wait then.
const RENEWALS: u32 = 4;
const RENEWAL_PAUSE: Duration = Duration::from_millis(100);
/// How long the end of a session may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a worker tells.
pub(super) enum Event<R> {
    /// A window has been cut in two; the left one has the number of the whole.
    Cut { left: Window, right: Window },
    /// Records have been read, and the window is now this.
    Read {
        now: Window,
        rows: Option<R>,
        records: usize,
        refused: Vec<RefusedRecord>,
    },
}

pub(super) type Sender<R> = mpsc::Sender<Result<Event<R>>>;

/// What the workers of a scan share.
pub(super) struct Shared<D> {
    pub(super) resolved: Resolved,
    pub(super) decoder: Arc<D>,
    pub(super) pool: Pool,
    pub(super) pace: Pace,
    /// Whether any list has come.
    pub(super) has_answered: AtomicBool,
    /// Whether any record has come, in this run or before it.
    pub(super) has_given: AtomicBool,
    /// How many records were refused while none had come.
    pub(super) refused: AtomicU32,
}

impl<D> Shared<D> {
    /// Notes that a record is refused. Whether that is so many that there is no hope of any.
    pub(super) fn gives_nothing(&self) -> bool {
        !self.has_given.load(Ordering::Relaxed) && self.refused.fetch_add(1, Ordering::Relaxed) >= HOPE
    }
}

pub(super) struct Worker<D: Decoder> {
    pub(super) shared: Arc<Shared<D>>,
    pub(super) session: Session,
    pub(super) size: PageSize,
    sender: Sender<D::Rows>,
}

/// Whether the scan goes on.
pub(super) type Flow = std::ops::ControlFlow<()>;

/// A session that was opened for a worker, logged out at its end.
struct OwnSession(Option<Session>);

impl OwnSession {
    async fn close(mut self) {
        if let Some(session) = self.0.take() {
            let _ = tokio::time::timeout(FAREWELL, session.logout()).await;
        }
    }
}

impl Drop for OwnSession {
    fn drop(&mut self) {
        if let (Some(session), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { tokio::time::timeout(FAREWELL, session.logout()).await });
        }
    }
}

/// Ends the other workers when this one panics: they would wait for its window for ever.
struct Alarm<D>(Arc<Shared<D>>);

impl<D> Drop for Alarm<D> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.pool.close();
        }
    }
}

/// Works until no window is left. All but the first worker open a session when there is something to do for it.
pub(super) async fn work<D: Decoder>(shared: Arc<Shared<D>>, session: Session, first: bool, sender: Sender<D::Rows>) {
    let _alarm = Alarm(Arc::clone(&shared));
    let mut own = OwnSession(None);
    let mut worker = Worker {
        size: PageSize::new(shared.resolved.plan.page_size),
        shared,
        session,
        sender,
    };
    let mut ready = first;
    while let Some(job) = worker.shared.pool.take().await {
        if !ready {
            worker.shared.pace.wait().await;
            match worker.session.sibling().await {
                Ok(Some(sibling)) => {
                    own.0 = Some(sibling.clone());
                    worker.session = sibling;
                    ready = true;
                }
                outcome => {
                    if let Err(error) = outcome {
                        tracing::debug!(kind = ?error.kind(), "no further session could be opened");
                    }
                    return worker.shared.pool.resign(job);
                }
            }
        }
        match worker.read(job).await {
            Ok(Flow::Continue(())) => worker.shared.pool.finish(),
            Ok(Flow::Break(())) => break,
            Err(error) => {
                let _ = worker.sender.send(Err(error)).await;
                break;
            }
        }
    }
    own.close().await;
}

impl<D: Decoder> Worker<D> {
    /// Reads a window to its end.
    async fn read(&mut self, mut job: Job) -> Result<Flow> {
        while !job.window.done {
            if self.wants_cut(&job) {
                let Flow::Continue(()) = self.cut(&mut job).await? else {
                    return Ok(Flow::Break(()));
                };
            }
            let Flow::Continue(()) = self.read_page(&mut job).await? else {
                return Ok(Flow::Break(()));
            };
        }
        Ok(Flow::Continue(()))
    }

    fn wants_cut(&self, job: &Job) -> bool {
        let worth_it = job.remaining.is_none_or(|remaining| remaining >= SMALL);
        let full = job.remaining.is_some_and(|remaining| remaining > FULL);
        job.pages_to_wait == 0 && worth_it && (full || self.shared.pool.someone_is_idle())
    }

    /// Cuts what has not been read of a window about in half, in front of an id that the server gives. Where that does
    /// not succeed, the window stays whole.
    async fn cut(&mut self, job: &mut Job) -> Result<Flow> {
        let Some((id, behind)) = self.find_cut(job).await? else {
            job.pages_to_wait = job.patience;
            job.patience = job.patience.saturating_mul(2);
            return Ok(Flow::Continue(()));
        };
        let (left, right) = job.window.cut(id, self.shared.pool.number());
        let event = Event::Cut {
            left: left.clone(),
            right: right.clone(),
        };
        if self.sender.send(Ok(event)).await.is_err() {
            return Ok(Flow::Break(()));
        }
        job.remaining = match (job.remaining, behind) {
            (Some(remaining), Some(behind)) => Some(remaining.saturating_sub(behind)),
            // Before the first page: as much as on the right, as far as a guess goes.
            (None, behind) => behind,
            (Some(remaining), None) => Some(remaining / 2),
        };
        job.window = left;
        self.shared.pool.add(Job::new(right, behind));
        Ok(Flow::Continue(()))
    }

    /// An id near the middle of what has not been read, and how many records lie from it on.
    async fn find_cut(&mut self, job: &Job) -> Result<Option<(String, Option<u64>)>> {
        let window = &job.window;
        let (mut low, mut high) = (window.begin().map(str::to_owned), window.upper.clone());
        let enough = (SMALL / 2).max(job.remaining.unwrap_or(0) / 8);
        for _ in 0..CUTS {
            let Some(bound) = midpoint(low.as_deref(), high.as_deref()) else {
                return Ok(None);
            };
            let resolved = &self.shared.resolved;
            let found = self.look(&resolved.first_from(window, &bound)).await?;
            let behind = found.as_ref().and_then(|(_, behind)| *behind);
            let left = job
                .remaining
                .zip(behind)
                .map(|(all, behind)| all.saturating_sub(behind));
            match found {
                Some((id, _)) if low.as_ref() == Some(&id) => return Ok(None),
                Some((id, _)) if left.is_some_and(|left| left < enough) => low = Some(id),
                Some(found) if behind.is_none_or(|behind| behind >= enough) => return Ok(Some(found)),
                _ => match self.look(&resolved.last_before(window, &bound)).await? {
                    Some((id, _)) => high = Some(id),
                    None => return Ok(None),
                },
            }
        }
        Ok(None)
    }

    /// The key of the one record in a list, and how many there are from it on; `None` when there is none, or when the
    /// server fails on it, which reading the window will look into.
    async fn look(&self, list: &GetEntryList) -> Result<Option<(String, Option<u64>)>> {
        match self.keys(list).await {
            Ok(found) => Ok(found.last_key.map(|key| (key, found.total_count))),
            Err(error) if may_be_a_record(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the next page of a window. What the server cannot give is halved down to the one record.
    async fn read_page(&mut self, job: &mut Job) -> Result<Flow> {
        // A page is only asked for when there is room for it.
        let sender = self.sender.clone();
        let Ok(permit) = sender.reserve().await else {
            return Ok(Flow::Break(()));
        };
        // Added to the page's size until it ends with a key that can be gone on from.
        let mut more = 0;
        loop {
            let size = self.size.get().saturating_add(more);
            let list = self.shared.resolved.list(&job.window, size);
            let began = Instant::now();
            let failure = match self.ask(&list, self.shared.decoder.as_ref()).await {
                Ok(mut page) => {
                    self.size.answered(began.elapsed());
                    if let Some(key) = page.last_key.as_deref().filter(|_| !is_last(&page, size)) {
                        match self.stored_key(key).await? {
                            None if more < MORE => {
                                more += 1;
                                continue;
                            }
                            None => {}
                            known => page.last_key = known,
                        }
                    }
                    permit.send(Ok(self.take(job, page, size)?));
                    return Ok(Flow::Continue(()));
                }
                Err(error) if !may_be_a_record(&error) => return Err(error),
                Err(error) => error,
            };
            tracing::debug!(kind = ?failure.kind(), size, "a page could not be read");
            if size > 1 && self.is_readable_at(&job.window).await? {
                self.size.failed();
                more = 0;
                continue;
            }
            drop(permit);
            return self.pass_over(job, failure).await;
        }
    }

    /// Moves a window behind a page.
    pub(super) fn take(&self, job: &mut Job, page: Decoded<D::Rows>, asked: u32) -> Result<Event<D::Rows>> {
        job.window.done = is_last(&page, asked);
        if page.len > 0 {
            let last = page.last_key.filter(|key| !key.is_empty()).ok_or_else(no_key)?;
            if job.window.after.as_ref() == Some(&last) {
                return Err(stands_still());
            }
            job.window.after = Some(last);
            self.shared.has_given.store(true, Ordering::Relaxed);
        }
        job.remaining = page.total_count.map(|total| total.saturating_sub(page.len as u64));
        job.pages_to_wait = job.pages_to_wait.saturating_sub(1);
        Ok(Event::Read {
            now: job.window.clone(),
            rows: Some(page.rows),
            records: page.len,
            refused: Vec::new(),
        })
    }

    pub(super) async fn stored_key(&self, key: &str) -> Result<Option<String>> {
        let Shared { resolved, pace, .. } = &*self.shared;
        resolved.stored_key(&self.session, pace, key).await
    }

    pub(super) async fn keys(&self, list: &GetEntryList) -> Result<Decoded<Vec<crate::v4_1::Entry>>> {
        self.ask(list, &Entries).await
    }

    pub(super) async fn ask<E: Decoder>(&self, list: &GetEntryList, decoder: &E) -> Result<Decoded<E::Rows>> {
        let key = self.shared.resolved.key.as_str();
        let mut attempt = 1;
        let read = loop {
            self.shared.pace.wait().await;
            match self.session.read_quickly(list, |body| decoder.quick(body, key)).await {
                // Renewed, and gone again: sessions may die faster than a page comes, for a while.
                Err(error) if error.kind() == ErrorKind::SessionGone && attempt < RENEWALS => {
                    tokio::time::sleep(RENEWAL_PAUSE * attempt).await;
                    attempt += 1;
                }
                read => break read?,
            }
        };
        let decoded = match read {
            Read::Quickly(decoded) => decoded,
            Read::Whole(value) => decoder.whole(list, key, value)?,
        };
        self.shared.has_answered.store(true, Ordering::Relaxed);
        Ok(decoded)
    }

    pub(super) async fn tell(&self, event: Event<D::Rows>) -> Flow {
        match self.sender.send(Ok(event)).await {
            Ok(()) => Flow::Continue(()),
            Err(_) => Flow::Break(()),
        }
    }
}

/// Whether a page is the last one of its window: a short page is, unless the server counts more.
fn is_last<R>(page: &Decoded<R>, asked: u32) -> bool {
    let short = page.len < asked as usize;
    page.len == 0 || short && page.total_count.is_none_or(|total| total <= page.len as u64)
}

fn no_key() -> Error {
    invalid_answer("the records come without the key to read them by").hint("name a field that has one: Records::key")
}

fn stands_still() -> Error {
    invalid_answer("the server gives the same record again behind its own key")
        .hint("the key's values must differ from record to record: see Records::key")
}
