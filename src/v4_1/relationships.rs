//! Reading along links.

use serde_json::Value;

use super::links::LinkFields;
use super::{Entry, Method, Sql, count, explain_query, read_entries, sealed};
use crate::error::{Error, Result};
use crate::rest::{Arguments, invalid_answer};
use crate::utc::UtcTime;

/// `get_relationships`: the records at a link of one record.
///
/// The columns of the relationship itself, such as `contact_role`, cannot be read through it (`docs/server.md`). A link that
/// the module does not have is an empty list; [`Session::get_relationships`](crate::Session::get_relationships) tells the two
/// apart.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetRelationships;
///
/// // The second hundred of an account's contacts, each with its cases.
/// let contacts = GetRelationships::new("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae", "contacts")
///     .query("contacts.last_name LIKE 'A%'")
///     .select(["id", "last_name"])
///     .with_link("cases", ["id", "name"])
///     .order_by("last_name")
///     .offset(100)
///     .limit(100);
/// for contact in session.call(&contacts).await? {
///     println!("{} {}", contact.id(), contact.link("cases").len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetRelationships {
    module_name: String,
    module_id: String,
    link_field_name: String,
    query: Sql,
    select_fields: Vec<String>,
    links: LinkFields,
    order_by: Option<String>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl GetRelationships {
    /// All records at a link field, with the fields `id` and `name`.
    pub fn new(module_name: impl Into<String>, id: impl Into<String>, link_field_name: impl Into<String>) -> Self {
        Self {
            module_name: module_name.into(),
            module_id: id.into(),
            link_field_name: link_field_name.into(),
            query: Sql::default(),
            select_fields: vec![String::from("id"), String::from("name")],
            links: LinkFields::default(),
            order_by: None,
            offset: None,
            limit: None,
        }
    }

    /// Only those that match this SQL condition, columns qualified by the related module's table.
    pub fn query(mut self, sql: impl Into<String>) -> Self {
        self.query = Sql(sql.into());
        self
    }

    /// These fields of the related records.
    pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
        self.select_fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Brings these fields of the records at a link of the related records, too.
    pub fn with_link<I: IntoIterator<Item = S>, S: Into<String>>(mut self, link: impl Into<String>, fields: I) -> Self {
        self.links.push(link, fields);
        self
    }

    /// In the order of this column, unqualified: the server ignores a qualified one here.
    pub fn order_by(mut self, column: impl Into<String>) -> Self {
        self.order_by = Some(column.into());
        self
    }

    /// Passes over this many records.
    pub fn offset(mut self, records: u64) -> Self {
        self.offset = Some(records);
        self
    }

    /// At most this many records. Default: all.
    pub fn limit(mut self, records: u64) -> Self {
        self.limit = Some(records);
        self
    }

    pub(crate) fn module_name(&self) -> &str {
        &self.module_name
    }

    pub(crate) fn link_field_name(&self) -> &str {
        &self.link_field_name
    }
}

impl sealed::Sealed for GetRelationships {}

impl Method for GetRelationships {
    const NAME: &'static str = "get_relationships";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Vec<Entry>;

    fn arguments(&self) -> Arguments {
        let trailing = self.order_by.is_some() || self.offset.is_some() || self.limit.is_some();
        let arguments = Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with("module_id", self.module_id.as_str())
            .with("link_field_name", self.link_field_name.as_str())
            .with("related_module_query", self.query.0.as_str())
            .with("related_fields", self.select_fields.clone())
            .with("related_module_link_name_to_fields_array", self.links.to_argument())
            // The server ignores it and never gives deleted links.
            .with("deleted", 0);
        if !trailing {
            return arguments;
        }
        // PHP before 8 counts positions: a later one needs those before it.
        let arguments = arguments
            .with("order_by", self.order_by.as_deref().unwrap_or_default())
            .with("offset", self.offset.unwrap_or(0));
        arguments.with_some("limit", self.limit)
    }

    fn explain(&self, error: Error) -> Error {
        explain_query(&self.query.0, error)
    }

    fn read(&self, result: Value) -> Result<Vec<Entry>> {
        let mut entries = read_entries(&result)?;
        self.links.distribute(result.get("relationship_list"), &mut entries)?;
        Ok(entries)
    }
}

/// `get_modified_relationships`: records that are linked to the session's user and changed within a span of time.
///
/// Made for a mail client's synchronisation: it answers an empty success unless the related module's rows belong to the
/// user (`docs/server.md`). For anything else list the module by its `date_modified`.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::UtcTime;
/// use sugar_oauth::v4_1::GetModifiedRelationships;
///
/// let (from, to) = ("2026-11-20 00:00:00".parse()?, UtcTime::now());
/// let meetings = GetModifiedRelationships::new("Users", "Meetings", from, to)
///     .select(["id", "name", "date_start"])
///     .relationship("meetings_users")
///     .user("seed_sarah_id")
///     .deleted(true)
///     .offset(0)
///     .max_results(50);
/// println!("{} changed", session.call(&meetings).await?.entries.len());
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetModifiedRelationships {
    module_name: String,
    related_module: String,
    from: UtcTime,
    to: UtcTime,
    offset: u64,
    max_results: u64,
    deleted: Option<bool>,
    module_user_id: Option<String>,
    select_fields: Option<Vec<String>>,
    relationship_name: Option<String>,
}

impl GetModifiedRelationships {
    /// Up to a hundred records of `related_module`, linked to the session's user in `module_name` (`Users`).
    pub fn new(module_name: impl Into<String>, related_module: impl Into<String>, from: UtcTime, to: UtcTime) -> Self {
        Self {
            module_name: module_name.into(),
            related_module: related_module.into(),
            from,
            to,
            offset: 0,
            max_results: 100,
            deleted: None,
            module_user_id: None,
            select_fields: None,
            relationship_name: None,
        }
    }

    /// Passes over this many records.
    pub fn offset(mut self, records: u64) -> Self {
        self.offset = records;
        self
    }

    /// At most this many records.
    pub fn max_results(mut self, records: u64) -> Self {
        self.max_results = records;
        self
    }

    /// Deleted records too.
    pub fn deleted(mut self, too: bool) -> Self {
        self.deleted = Some(too);
        self
    }

    /// For this user instead of the session's.
    pub fn user(mut self, id: impl Into<String>) -> Self {
        self.module_user_id = Some(id.into());
        self
    }

    /// These fields; without any, all.
    pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
        self.select_fields = Some(fields.into_iter().map(Into::into).collect());
        self
    }

    /// Along this relationship, where there is more than one.
    pub fn relationship(mut self, name: impl Into<String>) -> Self {
        self.relationship_name = Some(name.into());
        self
    }
}

/// A page of records that changed.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::UtcTime;
/// use sugar_oauth::v4_1::{GetModifiedRelationships, ModifiedRelationships};
///
/// let (from, to) = ("2026-11-20 00:00:00".parse()?, UtcTime::now());
/// let mut calls = Vec::new();
/// loop {
///     let page = GetModifiedRelationships::new("Users", "Calls", from, to).offset(calls.len() as u64);
///     let page: ModifiedRelationships = session.call(&page).await?;
///     if page.entries.is_empty() {
///         break;
///     }
///     calls.extend(page.entries);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModifiedRelationships {
    /// The records. Their `module_name` comes in lower case here.
    pub entries: Vec<Entry>,
    /// Offset plus records.
    pub next_offset: u64,
}

impl sealed::Sealed for GetModifiedRelationships {}

impl Method for GetModifiedRelationships {
    const NAME: &'static str = "get_modified_relationships";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = ModifiedRelationships;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with("related_module", self.related_module.as_str())
            .with("from_date", self.from.to_string())
            .with("to_date", self.to.to_string())
            .with("offset", self.offset)
            .with("max_results", self.max_results)
            .with_optional([
                ("deleted", self.deleted.map(|too| u8::from(too).into()), Value::from(0)),
                (
                    "module_user_id",
                    self.module_user_id.clone().map(Value::from),
                    Value::from(""),
                ),
                (
                    "select_fields",
                    self.select_fields.clone().map(Value::from),
                    Value::Array(Vec::new()),
                ),
                (
                    "relationship_name",
                    self.relationship_name.clone().map(Value::from),
                    Value::from(""),
                ),
            ])
    }

    fn read(&self, result: Value) -> Result<ModifiedRelationships> {
        let malformed = || invalid_answer("the list of changed records is not of the documented shape");
        // A success carries an error, too: number 0.
        if let Some(error) = result.get("error") {
            let number = error.get("number").and_then(count).ok_or_else(malformed)?;
            if number != 0 {
                let name = super::text_of(error, "name");
                return Err(Error::from_api(crate::error::ApiError {
                    number,
                    name: name.to_owned(),
                    description: super::text_of(error, "description").to_owned(),
                }));
            }
        }
        let next_offset = result
            .get("next_offset")
            .and_then(count)
            .and_then(|next| u64::try_from(next).ok());
        Ok(ModifiedRelationships {
            entries: read_entries(&result)?,
            next_offset: next_offset.ok_or_else(malformed)?,
        })
    }
}
