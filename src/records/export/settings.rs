//! What is asked of an export. A folder is gone on with only under the same settings.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::filter::{Filter, Table};
use crate::utc::UtcTime;

/// How records are written.
///
/// ```no_run
/// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::records::export::Format;
///
/// session.export().modules(["Contacts"]).format(Format::Csv).csv_safe(true).run("for-a-spreadsheet").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// SQL of the caller's; of one module only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<String>,
    /// In UTC, as the API writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) changed_since: Option<String>,
}

impl Settings {
    /// The condition on a module's records; empty for all.
    pub(super) fn condition(&self, table: &str, key: &str, has_date_modified: bool) -> Result<String> {
        if self.shard.is_none() && self.filter.is_none() && self.changed_since.is_none() {
            return Ok(String::new());
        }
        let columns = Filter::on(table)?;
        let shard = match self.shard {
            Some(shard) => shard.condition(&columns, key)?,
            None => None,
        };
        let own = self.filter.as_deref().map(Filter::raw).transpose()?;
        let since = match self.changed_since.as_deref().and_then(UtcTime::parse) {
            Some(time) if has_date_modified => Some(columns.own_column("date_modified")?.ge(time)),
            _ => None,
        };
        let conditions = [shard, own, since].into_iter().flatten();
        Ok(conditions.reduce(Filter::and).map_or_else(String::new, String::from))
    }

    /// Whether these settings make sense together.
    pub(super) fn check(&self) -> Result<()> {
        if self.csv_safe && self.format != Format::Csv {
            return Err(Error::invalid_input("csv_safe is for CSV only"));
        }
        let Some(sql) = &self.filter else { return Ok(()) };
        if self.modules.len() != 1 {
            return Err(Error::invalid_input(
                "a filter names the columns of one module: export that module alone",
            ));
        }
        Filter::raw(sql).map(drop)
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
        settings.condition("accounts", "id", true).unwrap()
    }

    #[test]
    fn conditions_are_joined_and_a_module_without_the_date_is_whole() {
        let settings = Settings {
            shard: Some(Shard::new(2, 2).unwrap()),
            filter: Some(String::from("accounts.name = 'A' OR accounts.name = 'B'")),
            changed_since: Some(String::from("2026-01-31 12:00:00")),
            ..Settings::default()
        };
        assert_eq!(
            settings.condition("accounts", "id", true).unwrap(),
            "accounts.id >= '8000' AND (accounts.name = 'A' OR accounts.name = 'B') \
             AND accounts.date_modified >= '2026-01-31 12:00:00'"
        );
        let undated = settings.condition("accounts", "id", false).unwrap();
        assert!(!undated.contains("date_modified"), "{undated}");
    }

    #[test]
    fn a_filter_is_of_one_module_and_looked_through() {
        let of = |modules: &[&str], sql: &str| {
            let settings = Settings {
                modules: modules.iter().map(|&module| module.to_owned()).collect(),
                filter: Some(sql.to_owned()),
                ..Settings::default()
            };
            settings.check()
        };
        assert!(of(&["Accounts"], "accounts.name = 'A'").is_ok());
        assert!(of(&["Accounts"], "name = 'A'").is_err());
        assert!(of(&[], "accounts.name = 'A'").is_err());
        assert!(of(&["Accounts", "Contacts"], "accounts.name = 'A'").is_err());
    }

    #[test]
    fn a_manifest_from_before_these_settings_is_read() {
        let settings = Settings::default();
        let written = serde_json::to_string(&settings).unwrap();
        assert!(
            !written.contains("filter") && !written.contains("changed_since"),
            "{written}"
        );
        assert_eq!(serde_json::from_str::<Settings>(&written).unwrap(), settings);
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
