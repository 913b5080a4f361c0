//! For `tests/fuzz`.

use serde_json::Value;

use super::Watermark;
use super::lines::Lines;
use super::page::{Decoded, Decoder, Entries};
use super::window::{ScanState, Window};
use crate::error::Result;
use crate::utc::UtcTime;
use crate::v4_1::{Entry, GetEntryList};

/// A page: what it holds, how many records, the key of the last one and the count of all.
pub type ReadPage<R> = (R, usize, Option<String>, Option<u64>);

/// A page as the reader of bytes reads it, and as the reader by a tree does.
pub type Twice<R> = (Option<ReadPage<R>>, Option<Result<ReadPage<R>>>);

/// A page read twice, `tree` being the result in its envelope.
pub(crate) fn twice<D: Decoder>(decoder: &D, body: &[u8], key: &str, tree: Option<Value>) -> Twice<D::Rows> {
    let told = |page: Decoded<D::Rows>| (page.rows, page.len, page.last_key, page.total_count);
    let list = GetEntryList::new("Contacts");
    let whole = tree.map(|tree| decoder.whole(&list, key, tree).map(told));
    (decoder.quick(body, key).map(told), whole)
}

/// A page as records.
pub fn entries(body: &[u8], key: &str, tree: Option<Value>) -> Twice<Vec<Entry>> {
    twice(&Entries, body, key, tree)
}

/// A page as NDJSON lines.
pub fn lines(body: &[u8], key: &str, tree: Option<Value>) -> Twice<Vec<u8>> {
    twice(&Lines, body, key, tree)
}

/// Goes through a scan from a state that was stored: each window is cut once, and then read to its end.
///
/// # Errors
/// When the state is damaged.
pub fn scan_from(state: &mut ScanState, id: &str) -> Result<()> {
    state.check()?;
    for window in state.number() {
        let (left, right) = window.cut(id.to_owned(), state.free_number());
        state.split(left.clone(), right.clone());
        for part in [left, right] {
            state.advance(&Window { done: true, ..part }, usize::MAX, usize::MAX);
            state.check()?;
        }
    }
    Ok(())
}

/// Goes through a pass from a watermark that was stored. Whether a record came that had been given out.
pub fn pass_from(watermark: &mut Watermark, server: Option<UtcTime>, here: UtcTime, overlap_seconds: i64) -> bool {
    if !watermark.is_within_a_pass() {
        watermark.begin(server, here, overlap_seconds);
    }
    watermark.note("1", server, "digest".to_owned(), overlap_seconds);
    let is_new = watermark.note("1", server, "digest".to_owned(), overlap_seconds);
    watermark.finish(overlap_seconds);
    is_new
}
