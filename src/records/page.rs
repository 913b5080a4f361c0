//! A page of a scan, and how its bytes are read.

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::printable::printable;
use crate::v4_1::{Entry, EntrySink, GetEntryList, Method, RecordSink, read_page};

/// Records that follow each other in one window of a scan.
///
/// ```no_run
/// # async fn read(mut scan: sugar_oauth::records::Scan) -> sugar_oauth::Result<()> {
/// while let Some(page) = scan.next_page().await? {
///     page.entries.iter().for_each(|entry| println!("{}", entry.id()));
///     page.refused.iter().for_each(|refused| eprintln!("{:?}: {}", refused.key, refused.error));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page {
    /// The records, in the server's order of their keys.
    pub entries: Vec<Entry>,
    /// Records in the same stretch that the server could not give.
    pub refused: Vec<RefusedRecord>,
}

/// A record that the server could not give, not even alone.
///
/// ```no_run
/// # fn tell(page: sugar_oauth::records::Page) {
/// use sugar_oauth::Error;
///
/// for refused in page.refused {
///     // Says which record it is, or between which it stands.
///     eprintln!("{}", Error::from(refused));
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefusedRecord {
    /// Its key, decoded; `None` where the server could not give even that.
    pub key: Option<String>,
    /// The key of a record somewhere in front of it, where there is one and the key itself is not known.
    pub after: Option<String>,
    /// The key of the next record behind it, where there is one and the key itself is not known.
    pub before: Option<String>,
    /// What the server did when it was asked for this record alone.
    pub error: Error,
}

impl RefusedRecord {
    /// The record in words.
    fn place(&self) -> String {
        let [key, after, before] = [&self.key, &self.after, &self.before].map(|key| key.as_deref().map(printable));
        match (key, after, before) {
            (Some(key), ..) => format!("the record with the key {key}"),
            (None, Some(after), Some(before)) => format!("a record between {after} and {before}"),
            (None, Some(after), None) => format!("a record behind {after}"),
            (None, None, Some(before)) => format!("a record in front of {before}"),
            (None, None, None) => String::from("the only record there"),
        }
    }
}

impl From<RefusedRecord> for Error {
    /// An error of kind [`ErrorKind::RecordRefused`].
    fn from(record: RefusedRecord) -> Self {
        let hint = format!("{} cannot be read; the others can", record.place());
        record.error.kind_is(ErrorKind::RecordRefused).first_hint(hint)
    }
}

/// A page as a decoder made it.
pub(crate) struct Decoded<R> {
    /// What is handed on.
    pub(crate) rows: R,
    /// How many records these are.
    pub(crate) len: usize,
    /// The key of the last record, decoded.
    pub(crate) last_key: Option<String>,
    /// How many records matched the page's condition in all.
    pub(crate) total_count: Option<u64>,
}

impl<R> Decoded<R> {
    /// Reads a page from its bytes; `None` where they are not what servers are known to write.
    pub(crate) fn read(body: &[u8], key: &str, mut rows: R) -> Option<Self>
    where
        R: RecordSink,
    {
        let page = read_page(body, key, &mut rows)?;
        Some(Self {
            rows,
            len: page.records,
            last_key: page.last_key,
            total_count: page.total_count,
        })
    }

    pub(crate) fn map<Q>(self, other: impl FnOnce(R) -> Q) -> Decoded<Q> {
        Decoded {
            rows: other(self.rows),
            len: self.len,
            last_key: self.last_key,
            total_count: self.total_count,
        }
    }
}

/// Reads pages. An answer is given to `quick` first; where that does not understand it (an error of the API, a PHP
/// notice before the JSON) it is freed of what does not belong and comes to `whole`.
pub(crate) trait Decoder: Send + Sync + 'static {
    type Rows: Send + 'static;

    fn quick(&self, _body: &[u8], _key: &str) -> Option<Decoded<Self::Rows>> {
        None
    }

    fn whole(&self, list: &GetEntryList, key: &str, value: Value) -> Result<Decoded<Self::Rows>>;
}

/// Pages of [`Entry`].
pub(crate) struct Entries;

impl Decoder for Entries {
    type Rows = Vec<Entry>;

    fn quick(&self, body: &[u8], key: &str) -> Option<Decoded<Vec<Entry>>> {
        Decoded::read(body, key, EntrySink::default()).map(|page| page.map(|sink| sink.entries))
    }

    fn whole(&self, list: &GetEntryList, key: &str, value: Value) -> Result<Decoded<Vec<Entry>>> {
        let page = list.read(value)?;
        let last_key = page.entries.last().map(|entry| match entry.get(key) {
            Some(key) => key.into_owned(),
            None => entry.id().to_owned(),
        });
        Ok(Decoded {
            len: page.entries.len(),
            last_key,
            total_count: page.total_count,
            rows: page.entries,
        })
    }
}
