//! Pages of records as cells, straight from the answer's bytes, in the order of the columns.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::render::{Instead, Renderer};
use super::settings::Format;
use crate::error::{Error, Result};
use crate::records::page::{Decoded, Decoder, Entries};
use crate::rest::invalid_answer;
use crate::v4_1::{Entry, GetEntryList, Keys, RecordSink, Sent};

/// Pages of a file that is being exported.
pub(super) enum Pages {
    /// Records, and whether their ids are asked for.
    Tables { renderer: Arc<Renderer>, with_ids: bool },
    /// Records with what hangs on them: links, files.
    Entries,
}

/// What a page holds.
pub(super) enum Rows {
    Table(Table),
    Entries(Vec<Entry>),
}

/// The cells of a page's records.
pub(super) struct Table {
    renderer: Arc<Renderer>,
    bytes: Vec<u8>,
    /// A cell a column and record. One that did not come is empty.
    cells: Vec<Range<usize>>,
    records: Vec<Ids>,
    with_ids: bool,
    /// The column of the field that was named last, and the one that is expected next.
    column: Option<usize>,
    next: usize,
}

/// What tells records apart, where it was asked for.
pub(super) struct Ids {
    pub(super) id: String,
    pub(super) key: Option<String>,
}

impl Decoder for Pages {
    type Rows = Rows;

    fn quick(&self, body: &[u8], key: &str) -> Option<Decoded<Rows>> {
        match self {
            Pages::Tables { renderer, with_ids } => {
                let table = Table::new(Arc::clone(renderer), *with_ids, body.len() / 2);
                Decoded::read(body, key, table).map(|page| page.map(Rows::Table))
            }
            Pages::Entries => Entries.quick(body, key).map(|page| page.map(Rows::Entries)),
        }
    }

    fn whole(&self, list: &GetEntryList, key: &str, value: Value) -> Result<Decoded<Rows>> {
        let page = Entries.whole(list, key, value)?;
        let Pages::Tables { renderer, with_ids } = self else {
            return Ok(page.map(Rows::Entries));
        };
        let mut table = Table::new(Arc::clone(renderer), *with_ids, 0);
        for entry in &page.rows {
            table
                .push(entry, key)
                .ok_or_else(|| Error::invalid_input("a value cannot be written as JSON"))?;
        }
        Ok(page.map(|_| Rows::Table(table)))
    }
}

/// The lines that an export in NDJSON writes of a page: of the body of an answer to `get_entry_list`, as it came from the
/// server or was kept, without links. `fields` are the columns, in their order; one that a record lacks is `null` there.
///
/// ```
/// use sugar_oauth::records::export::ndjson_of_page;
///
/// let page = br#"{"result_count":1,"total_count":"1","next_offset":1,"entry_list":[{"id":"7f1c","module_name":"Contacts",
///     "name_value_list":{"id":{"name":"id","value":"7f1c"},"last_name":{"name":"last_name","value":"O&#039;Hara"}}}],
///     "relationship_list":[]}"#;
/// let lines = ndjson_of_page(page, &["id".into(), "last_name".into()])?;
/// assert_eq!(lines, b"{\"id\":\"7f1c\",\"last_name\":\"O'Hara\"}\n");
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidAnswer`](crate::ErrorKind::InvalidAnswer) for what is no page of records.
pub fn ndjson_of_page(page: &[u8], fields: &[String]) -> Result<Vec<u8>> {
    let renderer = Arc::new(Renderer::new(Format::Ndjson, false, fields));
    let pages = Pages::Tables {
        renderer,
        with_ids: false,
    };
    let read = match pages.quick(page, "id") {
        Some(read) => read,
        None => {
            let value =
                serde_json::from_slice(page).map_err(|_| invalid_answer("that is no page of records: no JSON"))?;
            pages.whole(&GetEntryList::new(""), "id", value)?
        }
    };
    match read.rows {
        Rows::Table(table) => table.lines(|_| true, |_| None),
        Rows::Entries(_) => Ok(Vec::new()),
    }
}

impl Table {
    fn new(renderer: Arc<Renderer>, with_ids: bool, bytes: usize) -> Self {
        Self {
            renderer,
            bytes: Vec::with_capacity(bytes),
            cells: Vec::new(),
            records: Vec::new(),
            with_ids,
            column: None,
            next: 0,
        }
    }

    fn push(&mut self, entry: &Entry, key: &str) -> Option<()> {
        self.begin();
        for name in entry.fields() {
            self.name(name)?;
            self.value(Sent::of(entry.raw(name)?))?;
        }
        self.close(|| (entry.id().to_owned(), entry.get(key).map(Cow::into_owned)));
        Some(())
    }

    fn close(&mut self, ids: impl FnOnce() -> (String, Option<String>)) {
        let (id, key) = if self.with_ids { ids() } else { <_>::default() };
        self.records.push(Ids { id, key });
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn ids(&self) -> &[Ids] {
        &self.records
    }

    /// The lines of those records that are `wanted`, with other values for some.
    pub(super) fn lines<'a>(
        &self,
        wanted: impl Fn(&Ids) -> bool,
        instead: impl Fn(&Ids) -> Option<&'a Instead>,
    ) -> Result<Vec<u8>> {
        let columns = self.renderer.columns();
        let mut lines = self.renderer.lines(self.bytes.len() + self.bytes.len() / 2);
        let mut others = Vec::new();
        for (record, cells) in self.records.iter().zip(self.cells.chunks(columns.max(1))) {
            if !wanted(record) {
                continue;
            }
            let own = cells.iter().map(|cell| &self.bytes[cell.clone()]);
            match instead(record) {
                None => lines.write(own)?,
                Some(values) => {
                    self.renderer.cells_of(values, &mut others)?;
                    lines.write(own.zip(&others).map(|(own, other)| other.as_deref().unwrap_or(own)))?;
                }
            }
        }
        lines.finish()
    }
}

impl RecordSink for Table {
    fn begin(&mut self) {
        let cells = self.cells.len() + self.renderer.columns();
        self.cells.resize(cells, 0..0);
        self.next = 0;
    }

    fn name(&mut self, name: &str) -> Option<()> {
        self.column = self.renderer.column(name, self.next);
        self.next = self.column.map_or(self.next, |column| column + 1);
        Some(())
    }

    fn value(&mut self, value: Sent<'_>) -> Option<()> {
        let Some(column) = self.column else {
            return Some(());
        };
        let from = self.bytes.len();
        self.renderer.write_cell(&mut self.bytes, &value).ok()?;
        let first = self.cells.len() - self.renderer.columns();
        *self.cells.get_mut(first + column)? = from..self.bytes.len();
        Some(())
    }

    fn end(&mut self, keys: &Keys) -> Option<()> {
        self.close(|| (keys.id().into_owned(), keys.key().map(Cow::into_owned)));
        Some(())
    }
}
