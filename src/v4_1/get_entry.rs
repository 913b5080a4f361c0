//! Records by their ids.

use serde_json::Value;

use super::links::LinkFields;
use super::{Entry, Method, read_entries, sealed};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};

/// What to bring of the records.
#[derive(Debug, Clone, Default)]
struct Wanted {
    select_fields: Vec<String>,
    links: LinkFields,
    track_view: Option<bool>,
}

impl Wanted {
    fn add_to(&self, arguments: Arguments) -> Arguments {
        arguments
            .with("select_fields", self.select_fields.clone())
            .with("link_name_to_fields_array", self.links.to_argument())
            .with_some("track_view", self.track_view)
    }

    fn read(&self, result: &Value) -> Result<Vec<Entry>> {
        let mut entries = read_entries(result)?;
        self.links.distribute(result.get("relationship_list"), &mut entries)?;
        Ok(entries)
    }
}

macro_rules! settings {
    () => {
        /// Only these fields; without any, all.
        pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
            self.wanted.select_fields = fields.into_iter().map(Into::into).collect();
            self
        }

        /// Brings these fields of the records at a link, too: read them with [`Entry::link`].
        pub fn with_link<I: IntoIterator<Item = S>, S: Into<String>>(
            mut self,
            link: impl Into<String>,
            fields: I,
        ) -> Self {
            self.wanted.links.push(link, fields);
            self
        }

        /// Puts the record on the user's list of the last viewed.
        pub fn track_view(mut self, track: bool) -> Self {
            self.wanted.track_view = Some(track);
            self
        }
    };
}

/// `get_entry`: one record by its id.
///
/// A record that does not exist, is deleted or may not be seen is `None`: the server does not tell which. The database
/// compares ids without case, so the answer's own id may differ in case from the one asked for.
///
/// ```
/// use sugar_oauth::v4_1::GetEntry;
/// let account = GetEntry::new("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae")
///     .select(["id", "name"])
///     .with_link("contacts", ["id", "last_name"]);
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetEntry {
    module_name: String,
    id: String,
    wanted: Wanted,
}

impl GetEntry {
    /// A record, with all its fields.
    pub fn new(module_name: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            module_name: module_name.into(),
            id: id.into(),
            wanted: Wanted::default(),
        }
    }

    settings!();
}

impl sealed::Sealed for GetEntry {}

impl Method for GetEntry {
    const NAME: &'static str = "get_entry";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Option<Entry>;

    fn arguments(&self) -> Arguments {
        let arguments = Arguments::new().with("module_name", self.module_name.as_str());
        self.wanted.add_to(arguments.with("id", self.id.as_str()))
    }

    fn read(&self, result: Value) -> Result<Option<Entry>> {
        let mut entries = self.wanted.read(&result)?;
        match entries.len() {
            0 | 1 => Ok(entries.pop().filter(|entry| !entry.is_missing())),
            _ => Err(invalid_answer("more than one record came for one id")),
        }
    }
}

/// `get_entries`: several records by their ids.
///
/// The records come in the order of the ids; [`Entry::is_missing`] tells those that do not exist, are deleted or may not
/// be seen.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetEntries;
///
/// let ids = ["1c4d9a1a-c716-ba65-159f-6b015bb081ae", "2f0c7f10-7e5f-4f6b-9d0e-6b015b4c1d2e"];
/// let accounts = GetEntries::new("Accounts", ids).select(["id", "name"]);
/// for account in session.call(&accounts).await? {
///     println!("{} {}", account.id(), account.get("name").unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetEntries {
    module_name: String,
    ids: Vec<String>,
    wanted: Wanted,
}

impl GetEntries {
    /// Records, with all their fields.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(module_name: impl Into<String>, ids: I) -> Self {
        Self {
            module_name: module_name.into(),
            ids: ids.into_iter().map(Into::into).collect(),
            wanted: Wanted::default(),
        }
    }

    settings!();
}

impl sealed::Sealed for GetEntries {}

impl Method for GetEntries {
    const NAME: &'static str = "get_entries";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Vec<Entry>;

    fn arguments(&self) -> Arguments {
        let arguments = Arguments::new().with("module_name", self.module_name.as_str());
        self.wanted.add_to(arguments.with("ids", self.ids.clone()))
    }

    fn read(&self, result: Value) -> Result<Vec<Entry>> {
        self.wanted.read(&result)
    }
}
