//! Pages as NDJSON lines, fields in the server's order.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::page::{Decoded, Decoder, Entries};
use crate::error::{Error, Result};
use crate::v4_1::{GetEntryList, Keys, RecordSink, Sent};

/// Names of one record beyond which it is read the other way: looking each up among so many takes too long.
const NAMES: usize = 1_000;

/// Pages of lines.
pub(crate) struct Lines;

impl Decoder for Lines {
    type Rows = Vec<u8>;

    fn quick(&self, body: &[u8], key: &str) -> Option<Decoded<Vec<u8>>> {
        let sink = LineSink {
            lines: Vec::with_capacity(body.len() / 2),
            ..LineSink::default()
        };
        Decoded::read(body, key, sink).map(|page| page.map(|sink| sink.lines))
    }

    fn whole(&self, list: &GetEntryList, key: &str, value: Value) -> Result<Decoded<Vec<u8>>> {
        let page = Entries.whole(list, key, value)?;
        let mut sink = LineSink::default();
        for entry in &page.rows {
            let fields = entry.fields().filter_map(|name| Some((name, entry.raw(name)?)));
            sink.line(fields)
                .ok_or_else(|| Error::invalid_input("a value cannot be written as JSON"))?;
        }
        Ok(page.map(|_| sink.lines))
    }
}

/// Writes a line of each record.
#[derive(Default)]
struct LineSink {
    lines: Vec<u8>,
    /// The names of the record before, and how many of them this record has had so far: mostly they are the same.
    names: Vec<String>,
    had: usize,
}

impl LineSink {
    fn line<'a>(&mut self, fields: impl Iterator<Item = (&'a str, &'a Value)>) -> Option<()> {
        self.begin();
        for (name, value) in fields {
            self.write_name(name)?;
            self.value(Sent::of(value))?;
        }
        self.close();
        Some(())
    }

    fn write_name(&mut self, name: &str) -> Option<()> {
        serde_json::to_writer(&mut self.lines, name).ok()?;
        self.lines.push(b':');
        Some(())
    }

    fn close(&mut self) {
        if self.lines.last() == Some(&b',') {
            self.lines.pop();
        }
        self.lines.extend_from_slice(b"}\n");
    }
}

impl RecordSink for LineSink {
    fn begin(&mut self) {
        self.had = 0;
        self.lines.push(b'{');
    }

    fn name(&mut self, name: &str) -> Option<()> {
        if self.names.get(self.had).is_none_or(|before| before != name) {
            self.names.truncate(self.had);
            // Of a field that comes twice only the last value counts.
            if self.had == NAMES || self.names.iter().any(|before| before == name) {
                return None;
            }
            self.names.push(name.to_owned());
        }
        self.had += 1;
        self.write_name(name)
    }

    fn value(&mut self, value: Sent<'_>) -> Option<()> {
        value.write_json(&mut self.lines).ok()?;
        self.lines.push(b',');
        Some(())
    }

    fn end(&mut self, _: &Keys) -> Option<()> {
        self.close();
        Some(())
    }
}
