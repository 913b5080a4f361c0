//! Records as lines.

use serde_json::Value;

use super::settings::Format;
use crate::error::{Error, Result};
use crate::v4_1::{Entry, decode_entities};

/// How the lines of one file look.
#[derive(Debug, Clone)]
pub(super) struct Renderer {
    pub(super) format: Format,
    pub(super) csv_safe: bool,
    /// Names of the columns.
    pub(super) fields: Vec<String>,
}

/// Values that take the place of a record's own.
pub(super) type Instead = Vec<(String, String)>;

impl Renderer {
    /// What stands before the first record.
    pub(super) fn head(&self) -> Result<Vec<u8>> {
        match self.format {
            Format::Ndjson => Ok(Vec::new()),
            Format::Csv => csv_line(self.fields.iter().map(String::as_str)),
        }
    }

    /// A record's line, fields in the order of the columns. A field that did not come is left out in NDJSON.
    pub(super) fn line(&self, out: &mut Vec<u8>, entry: &Entry, instead: &Instead) -> Result<()> {
        let value = |field: &String| {
            let other = instead.iter().find(|(name, _)| name == field);
            match other {
                Some((_, text)) => Some(Value::from(text.as_str())),
                None => entry.raw(field).map(decoded),
            }
        };
        match self.format {
            Format::Ndjson => {
                let values = self.fields.iter().filter_map(|field| Some((field, value(field)?)));
                ndjson_line(out, values)
            }
            Format::Csv => {
                let cells = self.fields.iter().map(|field| self.cell(value(field)));
                out.extend(csv_line(cells)?);
                Ok(())
            }
        }
    }

    fn cell(&self, value: Option<Value>) -> String {
        let text = match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(Value::Bool(flag)) => String::from(if flag { "1" } else { "0" }),
            Some(other) => other.to_string(),
        };
        if self.csv_safe && is_run_by_spreadsheets(&text) {
            format!("'{text}")
        } else {
            text
        }
    }
}

fn decoded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(decode_entities(text).into_owned()),
        other => other.clone(),
    }
}

/// An object on a line of its own.
pub(super) fn ndjson_line<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = (&'a String, Value)>) -> Result<()> {
    let failed = |_| Error::invalid_input("a value cannot be written as JSON");
    out.push(b'{');
    for (number, (name, value)) in values.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, name).map_err(failed)?;
        out.push(b':');
        serde_json::to_writer(&mut *out, &value).map_err(failed)?;
    }
    out.extend(b"}\n");
    Ok(())
}

fn csv_line<T: AsRef<[u8]>>(cells: impl Iterator<Item = T>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let written = writer.write_record(cells);
    written
        .ok()
        .and_then(|()| writer.into_inner().ok())
        .ok_or_else(|| Error::invalid_input("a record cannot be written as CSV"))
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

/// The ids of the records in a file, from its beginning.
pub(super) fn ids(format: Format, key: &str, from: std::fs::File) -> Result<std::collections::HashSet<String>> {
    use std::io::BufRead;
    let unreadable =
        || Error::invalid_input("a file of the export cannot be read back").hint("begin again in an empty folder");
    let mut ids = std::collections::HashSet::new();
    match format {
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
                ids.extend(record.get(0).map(str::to_owned));
            }
        }
    }
    Ok(ids)
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
    fn a_head_names_the_columns() {
        let renderer = Renderer {
            format: Format::Csv,
            csv_safe: false,
            fields: vec!["id".into(), "a,b".into()],
        };
        assert_eq!(renderer.head().unwrap(), b"id,\"a,b\"\n");
    }
}
