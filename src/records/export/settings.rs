//! What is asked of an export. A folder is gone on with only under the same settings.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::filter::{Filter, Table};

/// How records are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// A JSON object a line, in UTF-8: `Contacts.ndjson`.
    #[default]
    Ndjson,
    /// Comma-separated values with a line of names, in UTF-8: `Contacts.csv`. A field without a value is an empty cell.
    Csv,
}

impl Format {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }
}

/// A part of the ids: `number` of `of`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    pub(super) fn new(number: u32, of: u32) -> Result<Self> {
        if number == 0 || number > of || of > 256 {
            return Err(Error::invalid_input(format!("there is no shard {number} of {of}"))
                .hint("shards are counted from 1, and there are at most 256"));
        }
        Ok(Self { number, of })
    }

    /// Its condition on the key: hexadecimal prefixes, the first part open below and the last one open above, so that ids
    /// that are no GUIDs are in exactly one of them, too, however the database orders them.
    fn condition(self, table: &Table, key: &str) -> Result<Option<Filter>> {
        let column = table.own_column(key)?;
        let bound = |number: u32| format!("{:04x}", u64::from(number) * 65_536 / u64::from(self.of));
        let from = (self.number > 1).then(|| column.ge(bound(self.number - 1)));
        let to = (self.number < self.of).then(|| column.lt(bound(self.number)));
        Ok(match (from, to) {
            (Some(from), Some(to)) => Some(from.and(to)),
            (one, other) => one.or(other),
        })
    }
}

/// All of it, as the manifest keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    /// Empty for all that can be exported.
    pub(super) modules: Vec<String>,
    /// Empty for all.
    pub(super) fields: Vec<String>,
    pub(super) format: Format,
    pub(super) csv_safe: bool,
    pub(super) include_credentials: bool,
    pub(super) links: bool,
    pub(super) files: bool,
    pub(super) shard: Option<Shard>,
}

impl Settings {
    /// The condition on a module's records; empty for all.
    pub(super) fn condition(&self, table: &str, key: &str) -> Result<String> {
        let Some(shard) = self.shard else {
            return Ok(String::new());
        };
        let condition = shard.condition(&Filter::on(table)?, key)?;
        Ok(condition.map_or_else(String::new, String::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(number: u32, of: u32) -> String {
        let settings = Settings {
            shard: Some(Shard::new(number, of).unwrap()),
            ..Settings::default()
        };
        settings.condition("accounts", "id").unwrap()
    }

    #[test]
    fn shards_touch_and_are_open_at_both_ends() {
        assert_eq!(condition(1, 1), "");
        assert_eq!(condition(1, 3), "accounts.id < '5555'");
        assert_eq!(condition(2, 3), "accounts.id >= '5555' AND accounts.id < 'aaaa'");
        assert_eq!(condition(3, 3), "accounts.id >= 'aaaa'");
        for (number, of) in [(0, 1), (2, 1), (1, 257), (0, 0)] {
            assert!(Shard::new(number, of).is_err(), "{number} of {of}");
        }
    }
}
