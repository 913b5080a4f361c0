//! The scan: pages of windows, and how far it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Session;
use super::page::{Decoder, Entries, Page, RefusedRecord};
use super::plan::Plan;
use super::pool::{Pace, Pool};
use super::window::ScanState;
use super::worker::{Event, Shared, work};
use crate::error::Result;
use crate::rest::invalid_answer;

/// Reads all records page by page, and can be stopped and resumed at any page.
///
/// ```
/// # use sugar_oauth::sandbox::Sandbox;
/// # use sugar_oauth::{Client, Instance, Password};
/// use sugar_oauth::records::ScanState;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let client = Client::builder(Instance::parse(sandbox.url())?).build();
/// # let session = client.login(sandbox.user_name(), Password::new(sandbox.password())).await?;
/// let contacts = session.records("Contacts").select(["last_name"]).page_size(100);
/// let mut scan = contacts.scan(ScanState::default());
/// scan.next_page().await?;
/// let kept = serde_json::to_string(scan.state())?;
/// drop(scan); // the program ends here
///
/// let mut scan = contacts.scan(serde_json::from_str(&kept)?);
/// while let Some(page) = scan.next_page().await? {
///     assert!(page.entries.len() <= 100);
/// }
/// assert!(scan.state().is_done());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is read before `next_page`"]
pub struct Scan {
    raw: RawScan<Entries>,
}

impl Scan {
    pub(super) fn new(raw: RawScan<Entries>) -> Self {
        Self { raw }
    }

    /// The next page, of any window; `None` when all windows have been read to their ends.
    ///
    /// Cancellation-safe: a page that was on its way comes with the next call.
    ///
    /// # Errors
    /// As [`Session::call`]; the scan is at its end then, and can be resumed from [`state`](Self::state).
    pub async fn next_page(&mut self) -> Result<Option<Page>> {
        let page = self.raw.next_page().await?;
        Ok(page.map(|page| Page {
            entries: page.rows.unwrap_or_default(),
            refused: page.refused,
        }))
    }

    /// How far the scan is: behind all pages that were given out.
    pub fn state(&self) -> &ScanState {
        self.raw.state()
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Scan")
            .field("windows", &self.raw.state.windows().len())
            .field("records", &self.raw.state.records())
            .finish_non_exhaustive()
    }
}

/// A page as a decoder made it. Without rows where the server could give none.
pub(crate) struct RawPage<R> {
    pub(crate) rows: Option<R>,
    pub(crate) refused: Vec<RefusedRecord>,
}

/// A scan whose pages are made by a decoder.
pub(crate) struct RawScan<D: Decoder> {
    session: Session,
    plan: Plan,
    state: ScanState,
    decoder: Arc<D>,
    stage: Stage<D::Rows>,
}

enum Stage<R> {
    NotBegun,
    Running {
        events: mpsc::Receiver<Result<Event<R>>>,
        /// Dropping them ends the workers.
        _workers: JoinSet<()>,
    },
    Ended,
}

impl<D: Decoder> RawScan<D> {
    pub(super) fn new(session: Session, plan: Plan, state: ScanState, decoder: D) -> Self {
        Self {
            session,
            plan,
            state,
            decoder: Arc::new(decoder),
            stage: Stage::NotBegun,
        }
    }

    pub(crate) fn state(&self) -> &ScanState {
        &self.state
    }

    /// As [`Scan::next_page`].
    pub(crate) async fn next_page(&mut self) -> Result<Option<RawPage<D::Rows>>> {
        loop {
            let event = match &mut self.stage {
                Stage::NotBegun => {
                    self.begin().await?;
                    continue;
                }
                Stage::Ended => return Ok(None),
                Stage::Running { events, .. } => events.recv().await,
            };
            match event {
                Some(Ok(Event::Cut { left, right })) => self.state.split(left, right),
                Some(Ok(Event::Read {
                    now,
                    rows,
                    records,
                    refused,
                })) => {
                    self.state.advance(&now, records, refused.len());
                    return Ok(Some(RawPage { rows, refused }));
                }
                Some(Err(error)) => {
                    self.stage = Stage::Ended;
                    return Err(error);
                }
                None => {
                    self.stage = Stage::Ended;
                    if !self.state.is_done() {
                        return Err(invalid_answer("the reading of the records broke off").hint("go on from its state"));
                    }
                }
            }
        }
    }

    /// Starts the workers. Nothing has happened when this is cancelled.
    async fn begin(&mut self) -> Result<()> {
        self.state.check()?;
        if self.state.is_done() {
            self.stage = Stage::Ended;
            return Ok(());
        }
        let resolved = self.plan.resolve(&self.session).await?;
        let sessions = self.plan.sessions;
        let open = self.state.number();
        let shared = Arc::new(Shared {
            resolved,
            decoder: Arc::clone(&self.decoder),
            pool: Pool::new(open, self.state.free_number(), sessions),
            pace: Pace::new(self.plan.rate_limit),
            has_answered: AtomicBool::new(false),
            has_given: AtomicBool::new(self.state.records() > 0),
            refused: AtomicU32::new(0),
        });
        // One page that each session reads, and one that waits to be taken.
        let (sender, events) = mpsc::channel(sessions.saturating_mul(2));
        let mut workers = JoinSet::new();
        for number in 0..sessions {
            let first = number == 0;
            workers.spawn(work(Arc::clone(&shared), self.session.clone(), first, sender.clone()));
        }
        self.stage = Stage::Running {
            events,
            _workers: workers,
        };
        Ok(())
    }
}
