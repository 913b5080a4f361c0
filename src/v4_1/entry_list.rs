//! Lists of records and their count.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::links::LinkFields;
use super::{Entry, Method, Sql, count, explain_query, read_entries, sealed};
use crate::error::{Error, Result};
use crate::rest::{Arguments, invalid_answer};

/// `get_entry_list`: the records of a module that match a query, a page at a time.
///
/// ```
/// use sugar_oauth::v4_1::GetEntryList;
/// let contacts = GetEntryList::new("Contacts")
///     .query("contacts.last_name LIKE 'A%'")
///     .order_by("contacts.id")
///     .select(["id", "first_name", "last_name"])
///     .max_results(50);
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetEntryList {
    module_name: String,
    query: Sql,
    order_by: String,
    offset: u64,
    select_fields: Vec<String>,
    links: LinkFields,
    max_results: Option<u64>,
    deleted: bool,
    favorites: Option<bool>,
}

impl GetEntryList {
    /// All records of a module, in pages of the server's own size (20), all fields.
    pub fn new(module_name: impl Into<String>) -> Self {
        Self {
            module_name: module_name.into(),
            query: Sql::default(),
            order_by: String::new(),
            offset: 0,
            select_fields: Vec::new(),
            links: LinkFields::default(),
            max_results: None,
            deleted: false,
            favorites: None,
        }
    }

    /// Only those that match this SQL condition. Qualify each column with the module's table, bracket an `OR`, and
    /// quote values: the text goes into the server's `WHERE` as it is.
    pub fn query(mut self, sql: impl Into<String>) -> Self {
        self.query = Sql(sql.into());
        self
    }

    /// In this order: SQL again, such as `contacts.id`.
    pub fn order_by(mut self, sql: impl Into<String>) -> Self {
        self.order_by = sql.into();
        self
    }

    /// Passes over this many records. The server walks them one by one: a condition on the id scales better.
    ///
    /// ```
    /// use sugar_oauth::v4_1::GetEntryList;
    ///
    /// let second_page = GetEntryList::new("Contacts").order_by("contacts.id").max_results(100).offset(100);
    /// # let _ = second_page;
    /// ```
    pub fn offset(mut self, records: u64) -> Self {
        self.offset = records;
        self
    }

    /// Only these fields; without any, all.
    pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
        self.select_fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Brings these fields of the records at a link, too: read them with [`Entry::link`]. Each linked record costs the
    /// server about as much as a record.
    ///
    /// ```
    /// use sugar_oauth::v4_1::GetEntryList;
    ///
    /// let with_accounts = GetEntryList::new("Contacts").with_link("accounts", ["id", "name"]);
    /// # let _ = with_accounts;
    /// ```
    pub fn with_link<I: IntoIterator<Item = S>, S: Into<String>>(mut self, link: impl Into<String>, fields: I) -> Self {
        self.links.push(link, fields);
        self
    }

    /// At most this many records; 0 means the server's 20.
    pub fn max_results(mut self, records: u64) -> Self {
        self.max_results = Some(records);
        self
    }

    /// Deleted records too, beside the live ones.
    ///
    /// ```
    /// use sugar_oauth::v4_1::GetEntryList;
    ///
    /// // What became of those that are not in a copy any more.
    /// let gone = GetEntryList::new("Contacts").query("contacts.deleted = 1").deleted(true);
    /// # let _ = gone;
    /// ```
    pub fn deleted(mut self, too: bool) -> Self {
        self.deleted = too;
        self
    }

    /// Only the user's favorites. Instances before 6.5 do not know this argument.
    ///
    /// ```
    /// use sugar_oauth::v4_1::GetEntryList;
    ///
    /// let favorites = GetEntryList::new("Accounts").favorites(true).select(["id", "name"]);
    /// # let _ = favorites;
    /// ```
    pub fn favorites(mut self, only: bool) -> Self {
        self.favorites = Some(only);
        self
    }
}

/// A page of records.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use serde::Deserialize;
/// use sugar_oauth::values;
/// use sugar_oauth::v4_1::{EntryList, GetEntryList};
///
/// #[derive(Deserialize)]
/// struct Account {
///     name: String,
///     #[serde(with = "values::optional_integer", default)]
///     employees: Option<u32>,
/// }
///
/// let page: EntryList = session.call(&GetEntryList::new("Accounts").max_results(100)).await?;
/// let accounts: Vec<Account> = page.to()?;
/// println!("{} of {:?}", accounts.len(), page.total_count);
/// # let _ = accounts.iter().map(|account| (&account.name, account.employees)).count();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EntryList {
    /// The records, in the order asked for.
    pub entries: Vec<Entry>,
    /// How many records match in all, as far as this user may see them; `None` where the instance does not count.
    pub total_count: Option<u64>,
    /// Offset plus records: never says that the list is at its end.
    pub next_offset: u64,
}

impl EntryList {
    /// The records as a type of your own; see [`Entry::to`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidAnswer`](crate::ErrorKind::InvalidAnswer) naming the field that does not fit.
    pub fn to<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        self.entries.iter().map(Entry::to).collect()
    }
}

impl sealed::Sealed for GetEntryList {}

impl Method for GetEntryList {
    const NAME: &'static str = "get_entry_list";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = EntryList;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with("query", self.query.0.as_str())
            .with("order_by", self.order_by.as_str())
            .with("offset", self.offset)
            .with("select_fields", self.select_fields.clone())
            .with("link_name_to_fields_array", self.links.to_argument())
            .with("max_results", self.max_results.unwrap_or(0))
            .with("deleted", u8::from(self.deleted))
            .with_some("favorites", self.favorites)
    }

    fn explain(&self, error: Error) -> Error {
        explain_query(&self.query.0, error)
    }

    fn read(&self, result: Value) -> Result<EntryList> {
        let malformed = || invalid_answer("the list of records is not of the documented shape");
        let number = |name: &str| result.get(name).and_then(count);
        let mut entries = read_entries(&result)?;
        self.links.distribute(result.get("relationship_list"), &mut entries)?;
        Ok(EntryList {
            entries,
            total_count: number("total_count").and_then(|total| u64::try_from(total).ok()),
            next_offset: number("next_offset")
                .and_then(|next| u64::try_from(next).ok())
                .ok_or_else(malformed)?,
        })
    }
}

/// `get_entries_count`: how many records of a module match a query.
///
/// The count ignores row access: it may be higher than what this user can list (`docs/server.md`).
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetEntriesCount;
///
/// let live = session.call(&GetEntriesCount::new("Contacts")).await?;
/// let all = session.call(&GetEntriesCount::new("Contacts").deleted(true)).await?;
/// let named = GetEntriesCount::new("Contacts").query("contacts.last_name = 'Smith'");
/// println!("{live} of {all} are not deleted, {} are named Smith", session.call(&named).await?);
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetEntriesCount {
    module_name: String,
    query: Sql,
    deleted: bool,
}

impl GetEntriesCount {
    /// All live records of a module.
    pub fn new(module_name: impl Into<String>) -> Self {
        Self {
            module_name: module_name.into(),
            query: Sql::default(),
            deleted: false,
        }
    }

    /// Only those that match this SQL condition; see [`GetEntryList::query`].
    pub fn query(mut self, sql: impl Into<String>) -> Self {
        self.query = Sql(sql.into());
        self
    }

    /// Deleted records too, beside the live ones.
    pub fn deleted(mut self, too: bool) -> Self {
        self.deleted = too;
        self
    }
}

impl sealed::Sealed for GetEntriesCount {}

impl Method for GetEntriesCount {
    const NAME: &'static str = "get_entries_count";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = u64;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with("query", self.query.0.as_str())
            .with("deleted", u8::from(self.deleted))
    }

    fn explain(&self, error: Error) -> Error {
        explain_query(&self.query.0, error)
    }

    fn read(&self, result: Value) -> Result<u64> {
        result
            .get("result_count")
            .and_then(count)
            .and_then(|total| u64::try_from(total).ok())
            .ok_or_else(|| invalid_answer("the count is not of the documented shape"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_stand_in_the_documented_order_and_unset_trailing_ones_are_left_out() {
        let arguments = GetEntryList::new("Accounts").select(["id"]).max_results(2).arguments();
        assert_eq!(
            arguments.to_rest_data(Some("s")),
            r#"{"session":"s","module_name":"Accounts","query":"","order_by":"","offset":0,"select_fields":["id"],"link_name_to_fields_array":[],"max_results":2,"deleted":0}"#
        );
    }

    #[test]
    fn counts_come_as_strings_or_numbers_or_not_at_all() {
        let read = |text: &str| GetEntryList::new("Accounts").read(serde_json::from_str(text).unwrap());
        let list = read(r#"{"result_count":0,"total_count":"50","next_offset":1000000,"entry_list":[]}"#).unwrap();
        assert_eq!((list.total_count, list.next_offset), (Some(50), 1_000_000));
        let list = read(r#"{"result_count":0,"total_count":-1,"next_offset":0,"entry_list":[]}"#).unwrap();
        assert_eq!(list.total_count, None);
        assert!(read(r#"{"entry_list":{}}"#).is_err());
        assert_eq!(
            GetEntriesCount::new("A").read(json!({"result_count": "50"})).unwrap(),
            50
        );
    }
}
