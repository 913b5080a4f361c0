//! Search over modules.

use serde_json::Value;

use super::{Fields, Method, sealed, text_of};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};

/// `search_by_module`: records whose names, e-mail addresses or phone numbers begin with a text, in several modules.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::SearchByModule;
///
/// let search = SearchByModule::new("Smith", ["Accounts", "Contacts"])
///     .select(["id", "name"])
///     .assigned_to("seed_sarah_id")
///     .favorites(false)
///     .beyond_unified_search()
///     .offset(0)
///     .max_results(5);
/// for found in session.call(&search).await? {
///     println!("{}: {}", found.module_name, found.records.len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct SearchByModule {
    search_string: String,
    modules: Vec<String>,
    offset: u64,
    max_results: u64,
    assigned_user_id: Option<String>,
    select_fields: Option<Vec<String>>,
    unified_search_only: Option<bool>,
    favorites: Option<bool>,
}

impl SearchByModule {
    /// The first twenty matches of each module.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(search_string: impl Into<String>, modules: I) -> Self {
        Self {
            search_string: search_string.into(),
            modules: modules.into_iter().map(Into::into).collect(),
            offset: 0,
            max_results: 20,
            assigned_user_id: None,
            select_fields: None,
            unified_search_only: None,
            favorites: None,
        }
    }

    /// Passes over this many records of each module.
    pub fn offset(mut self, records: u64) -> Self {
        self.offset = records;
        self
    }

    /// At most this many records of each module.
    pub fn max_results(mut self, records: u64) -> Self {
        self.max_results = records;
        self
    }

    /// Only records assigned to this user.
    pub fn assigned_to(mut self, user_id: impl Into<String>) -> Self {
        self.assigned_user_id = Some(user_id.into());
        self
    }

    /// These fields; without any, those that the server chooses.
    pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
        self.select_fields = Some(fields.into_iter().map(Into::into).collect());
        self
    }

    /// Also in modules that the instance's global search leaves out.
    pub fn beyond_unified_search(mut self) -> Self {
        self.unified_search_only = Some(false);
        self
    }

    /// Only the user's favorites.
    pub fn favorites(mut self, only: bool) -> Self {
        self.favorites = Some(only);
        self
    }
}

/// What was found in one module.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{ModuleMatches, SearchByModule};
///
/// let found: Vec<ModuleMatches> = session.call(&SearchByModule::new("Smith", ["Contacts"]).select(["id"])).await?;
/// let ids = found.iter().flat_map(|matches| &matches.records).filter_map(|record| record.get("id"));
/// println!("{}", ids.count());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModuleMatches {
    /// The module. The server orders them as it likes.
    pub module_name: String,
    /// The records' fields; their ids are among them if they were selected.
    pub records: Vec<Fields>,
}

impl sealed::Sealed for SearchByModule {}

impl Method for SearchByModule {
    const NAME: &'static str = "search_by_module";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Vec<ModuleMatches>;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("search_string", self.search_string.as_str())
            .with("modules", self.modules.clone())
            .with("offset", self.offset)
            .with("max_results", self.max_results)
            .with_optional([
                (
                    "assigned_user_id",
                    self.assigned_user_id.clone().map(Value::from),
                    Value::from(""),
                ),
                (
                    "select_fields",
                    self.select_fields.clone().map(Value::from),
                    Value::Array(Vec::new()),
                ),
                (
                    "unified_search_only",
                    self.unified_search_only.map(Value::from),
                    Value::from(true),
                ),
                ("favorites", self.favorites.map(Value::from), Value::from(false)),
            ])
    }

    fn read(&self, result: Value) -> Result<Vec<ModuleMatches>> {
        let malformed = || invalid_answer("the matches are not of the documented shape");
        let modules = result
            .get("entry_list")
            .and_then(Value::as_array)
            .ok_or_else(malformed)?;
        let read = |module: &Value| {
            let records = module.get("records")?.as_array()?;
            Some(ModuleMatches {
                module_name: text_of(module, "name").to_owned(),
                records: records
                    .iter()
                    .map(|record| Fields::read(Some(record)))
                    .collect::<Option<_>>()?,
            })
        };
        modules.iter().map(read).collect::<Option<_>>().ok_or_else(malformed)
    }
}
