//! For `tests/fuzz`.

use std::sync::Arc;

use serde_json::Value;

use super::checkpoint::{Checkpoint, digest};
use super::render::Renderer;
use super::settings::Format;
use super::table::{Pages, Rows};
use crate::error::Result;
use crate::records::fuzzing::{Twice, twice};

/// A checkpoint: the names of its files, and what it is written as.
///
/// # Errors
/// When it is damaged.
pub fn checkpoint(bytes: &[u8]) -> Result<(Vec<String>, String)> {
    let checkpoint = Checkpoint::from_bytes(bytes.to_vec())?;
    let files = checkpoint.jobs.iter().map(|job| job.file.clone()).collect();
    Ok((files, checkpoint.to_text()?))
}

/// The same behind the check of its digest: the first line alone.
///
/// # Errors
/// As [`checkpoint`].
pub fn checkpoint_with_digest(json: &str) -> Result<(Vec<String>, String)> {
    checkpoint(format!("{json}\n{}\n", digest(json)).as_bytes())
}

/// A page as lines of an export with these columns.
pub fn exported(body: &[u8], fields: &[String], csv: bool, safe: bool, tree: Option<Value>) -> Twice<Vec<u8>> {
    let format = if csv { Format::Csv } else { Format::Ndjson };
    let pages = Pages::Tables {
        renderer: Arc::new(Renderer::new(format, safe, fields)),
        with_ids: true,
    };
    let (quick, whole) = twice(&pages, body, "id", tree);
    let lines = |rows: Rows| match rows {
        Rows::Table(table) => {
            let ids = table.ids().iter().map(|ids| format!("{} {:?}\n", ids.id, ids.key));
            let mut told: Vec<u8> = ids.collect::<String>().into_bytes();
            told.extend(table.lines(|_| true, |_| None).unwrap_or_default());
            told
        }
        Rows::Entries(_) => Vec::new(),
    };
    (
        quick.map(|(rows, len, key, count)| (lines(rows), len, key, count)),
        whole.map(|page| page.map(|(rows, len, key, count)| (lines(rows), len, key, count))),
    )
}
