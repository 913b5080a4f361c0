//! The scan: pages of windows, and how far it is.

use std::fmt;

use super::page::{Decoder, Entries, Page, RefusedRecord};
use super::plan::{Plan, Resolved};
use super::window::{ScanState, Window};
use super::{Result, Session};
use crate::session::Read;

/// Reads all records page by page, and can be stopped and resumed at any page.
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
    /// How many records the rows are.
    pub(crate) records: usize,
    pub(crate) refused: Vec<RefusedRecord>,
}

/// A scan whose pages are made by a decoder.
pub(crate) struct RawScan<D> {
    session: Session,
    plan: Plan,
    state: ScanState,
    decoder: D,
    resolved: Option<Resolved>,
    open: Vec<Window>,
}

impl<D: Decoder> RawScan<D> {
    pub(super) fn new(session: Session, plan: Plan, state: ScanState, decoder: D) -> Self {
        Self {
            session,
            plan,
            state,
            decoder,
            resolved: None,
            open: Vec::new(),
        }
    }

    pub(crate) fn state(&self) -> &ScanState {
        &self.state
    }

    /// As [`Scan::next_page`].
    pub(crate) async fn next_page(&mut self) -> Result<Option<RawPage<D::Rows>>> {
        let resolved = match &self.resolved {
            Some(resolved) => resolved.clone(),
            None => {
                self.state.check()?;
                let resolved = self.plan.resolve(&self.session).await?;
                self.open = self.state.number();
                self.open.reverse();
                self.resolved.insert(resolved).clone()
            }
        };
        let Some(window) = self.open.last().cloned() else {
            return Ok(None);
        };
        let list = resolved.list(&window, self.plan.page_size);
        let key = resolved.key.as_str();
        let decoded = match self
            .session
            .read_quickly(&list, |body| self.decoder.quick(body, key))
            .await?
        {
            Read::Quickly(decoded) => decoded,
            Read::Whole(value) => self.decoder.whole(&list, key, value)?,
        };
        let mut now = window;
        let full = decoded.len >= self.plan.page_size as usize;
        now.after = decoded.last_key.or(now.after);
        now.done = decoded.len == 0 || (!full && decoded.total_count.is_none_or(|total| total <= decoded.len as u64));
        self.state.advance(&now, decoded.len, 0);
        self.open.pop();
        if !now.done {
            self.open.push(now);
        }
        Ok(Some(RawPage {
            rows: Some(decoded.rows),
            records: decoded.len,
            refused: Vec::new(),
        }))
    }
}
