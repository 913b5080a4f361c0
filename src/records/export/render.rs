//! Records as lines.

use std::collections::HashMap;

use serde_json::Value;

use super::settings::Format;
use crate::error::{Error, Result};
use crate::v4_1::Sent;

/// How the lines of one file look.
#[derive(Debug)]
pub(super) struct Renderer {
    format: Format,
    csv_safe: bool,
    columns: Vec<Column>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct Column {
    name: String,
    /// The name as a JSON object has it, colon included.
    in_json: Vec<u8>,
}

/// Values that take the place of a record's own.
pub(super) type Instead = Vec<(String, String)>;

impl Renderer {
    /// Lines with these columns.
    pub(super) fn new(format: Format, csv_safe: bool, fields: &[String]) -> Self {
        let in_json = |name: &String| format!("{}:", Value::from(name.as_str())).into_bytes();
        let columns = fields.iter().map(|name| Column {
            name: name.clone(),
            in_json: in_json(name),
        });
        Self {
            format,
            csv_safe,
            columns: columns.collect(),
            by_name: fields.iter().cloned().zip(0..).collect(),
        }
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The column of a field, which mostly is the expected one.
    pub(super) fn column(&self, name: &str, expected: usize) -> Option<usize> {
        match self.columns.get(expected) {
            Some(column) if column.name == name => Some(expected),
            _ => self.by_name.get(name).copied(),
        }
    }

    /// What stands before the first record.
    pub(super) fn head(&self) -> Result<Vec<u8>> {
        let mut lines = self.lines(0);
        if let Lines::Csv(_) = lines {
            lines.write(self.columns.iter().map(|column| column.name.as_bytes()))?;
        }
        lines.finish()
    }

    /// Writes a value as a line has it, but for the quotes of CSV.
    pub(super) fn write_cell(&self, out: &mut Vec<u8>, value: &Sent<'_>) -> Result<()> {
        match self.format {
            Format::Ndjson => value
                .write_json(out)
                .map_err(|_| Error::invalid_input("a value cannot be written as JSON"))?,
            Format::Csv => {
                let text = value.text().unwrap_or_default();
                self.write_text(out, &text);
            }
        }
        Ok(())
    }

    fn write_text(&self, out: &mut Vec<u8>, text: &str) {
        if self.csv_safe && is_run_by_spreadsheets(text) {
            out.push(b'\'');
        }
        out.extend_from_slice(text.as_bytes());
    }

    /// A cell of each column for which there is a value. The values are plain text.
    pub(super) fn cells_of(&self, values: &Instead, cells: &mut Vec<Option<Vec<u8>>>) -> Result<()> {
        cells.clear();
        cells.resize(self.columns.len(), None);
        // Where a name comes twice, its first value counts.
        for (name, text) in values.iter().rev() {
            let Some(&column) = self.by_name.get(name) else {
                continue;
            };
            let mut cell = Vec::new();
            match self.format {
                Format::Ndjson => serde_json::to_writer(&mut cell, text)
                    .map_err(|_| Error::invalid_input("a value cannot be written as JSON"))?,
                Format::Csv => self.write_text(&mut cell, text),
            }
            cells[column] = Some(cell);
        }
        Ok(())
    }

    /// Lines to be written.
    pub(super) fn lines(&self, bytes: usize) -> Lines<'_> {
        let out = Vec::with_capacity(bytes);
        match self.format {
            Format::Ndjson => Lines::Ndjson {
                columns: &self.columns,
                out,
            },
            Format::Csv => Lines::Csv(Box::new(csv::Writer::from_writer(out))),
        }
    }

    /// The ids of the records in a file that was written so, from its beginning.
    pub(super) fn ids(&self, key: &str, from: std::fs::File) -> Result<std::collections::HashSet<String>> {
        use std::io::BufRead;
        let unreadable =
            || Error::invalid_input("a file of the export cannot be read back").hint("begin again in an empty folder");
        let mut ids = std::collections::HashSet::new();
        match self.format {
            Format::Ndjson => {
                for line in std::io::BufReader::new(from).lines() {
                    let line = line.map_err(|_| unreadable())?;
                    let record: Value = serde_json::from_str(&line).map_err(|_| unreadable())?;
                    ids.extend(record.get(key).and_then(Value::as_str).map(str::to_owned));
                }
            }
            Format::Csv => {
                // The key is the first column.
                for record in csv::Reader::from_reader(from).records() {
                    let record = record.map_err(|_| unreadable())?;
                    ids.extend(record.get(0).map(|cell| self.without_apostrophe(cell).to_owned()));
                }
            }
        }
        Ok(ids)
    }

    /// A cell without what was put in front of it.
    fn without_apostrophe<'a>(&self, cell: &'a str) -> &'a str {
        match cell.strip_prefix('\'') {
            Some(text) if self.csv_safe && is_run_by_spreadsheets(text) => text,
            _ => cell,
        }
    }
}

/// Lines of records.
pub(super) enum Lines<'r> {
    Ndjson { columns: &'r [Column], out: Vec<u8> },
    Csv(Box<csv::Writer<Vec<u8>>>),
}

impl Lines<'_> {
    /// A record's line, from a cell a column. An empty cell is left out in NDJSON, where every value has a text.
    pub(super) fn write<'a>(&mut self, cells: impl Iterator<Item = &'a [u8]>) -> Result<()> {
        match self {
            Lines::Ndjson { columns, out } => {
                out.push(b'{');
                let before = out.len();
                for (column, cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                    if out.len() > before {
                        out.push(b',');
                    }
                    out.extend_from_slice(&column.in_json);
                    out.extend_from_slice(cell);
                }
                out.extend_from_slice(b"}\n");
                Ok(())
            }
            Lines::Csv(writer) => writer.write_record(cells).map_err(|_| not_csv()),
        }
    }

    pub(super) fn finish(self) -> Result<Vec<u8>> {
        match self {
            Lines::Ndjson { out, .. } => Ok(out),
            Lines::Csv(writer) => writer.into_inner().map_err(|_| not_csv()),
        }
    }
}

fn not_csv() -> Error {
    Error::invalid_input("a record cannot be written as CSV")
}

/// Whether a spreadsheet would take a cell for a formula. A plain number with its sign is none.
fn is_run_by_spreadsheets(text: &str) -> bool {
    let begins = |character: char| "=+-@\t\r\n＝＋－＠".contains(character);
    let is_number = || {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    // Spreadsheets pass over spaces and quotes at the beginning.
    let first = text.trim_start_matches([' ', '"', '\'', '\u{a0}']);
    first.starts_with(begins) && !is_number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_numbers_and_text() {
        for formula in [
            "=1+1", "+1 555", "-x", "@SUM(A1)", "\t=1", " =1", "\"=1", "'=1", "＝1", "-1+cmd",
        ] {
            assert!(is_run_by_spreadsheets(formula), "{formula:?}");
        }
        for text in ["", "a=b", "-5", "-5.25", "+7", "O'Neil", " x", "1-2"] {
            assert!(!is_run_by_spreadsheets(text), "{text:?}");
        }
    }

    #[test]
    fn an_apostrophe_that_was_added_is_taken_away_again() {
        let renderer = Renderer::new(Format::Csv, true, &[]);
        for text in ["=x", "'=x", "-x", "'", "'x", "x", "-5", "''+1 5", ""] {
            let mut cell = Vec::new();
            renderer.write_text(&mut cell, text);
            assert_eq!(renderer.without_apostrophe(std::str::from_utf8(&cell).unwrap()), text);
        }
    }

    #[test]
    fn a_head_names_the_columns() {
        let renderer = Renderer::new(Format::Csv, false, &["id".into(), "a,b".into()]);
        assert_eq!(renderer.head().unwrap(), b"id,\"a,b\"\n");
    }
}
