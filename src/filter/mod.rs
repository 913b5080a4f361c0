//! The condition that [`GetEntryList`](crate::GetEntryList), [`GetEntriesCount`](crate::GetEntriesCount) and
//! `get_relationships` take as `query`: SQL, which the server puts into its `WHERE` as it is.
//!
//! ```
//! use sugar_oauth::GetEntryList;
//! use sugar_oauth::filter::Filter;
//!
//! let contacts = Filter::on("contacts")?;
//! let filter = contacts.column("last_name")?.starts_with("O'")
//!     .and(contacts.column("phone_mobile")?.is_not_null())
//!     .and(contacts.column("lead_source")?.eq("Web Site").or(contacts.column("vip_c")?.eq(true)));
//! let list = GetEntryList::new("Contacts").query(filter).order_by(contacts.column("id")?);
//! # Ok::<(), sugar_oauth::Error>(())
//! ```
//!
//! What it takes care of:
//! - Each column has its table in front. A bare `id` or `deleted` is ambiguous as soon as the server joins a table, and that
//!   is a `500 Database failure`. Fields added in Studio (`…_c`) stand in the table with `_cstm` behind its name.
//! - `OR` stands in brackets. The server puts `AND deleted = 0` behind the text, which would bind to its last part only.
//! - The CRM stores text with HTML entities (`O&#039;Neil`) or without (`O'Neil`), by the way it came in; equality, lists
//!   and patterns look for both. Comparisons of order take the text as it is stored.
//! - Values are literals that the server's check of SQL, the cleaning of signed requests and MySQL in any `sql_mode` read
//!   alike: in single quotes when they are harmless, else in hexadecimal (`0x4F5C`). On MariaDB that holds for patterns too;
//!   MySQL with `NO_BACKSLASH_ESCAPES` may not know the backslash in front of `%`, `_` and `\`. Microsoft SQL Server and
//!   Oracle, which few instances run on, do not read hexadecimal as text.
//!
//! As in all of SQL a comparison with a missing value is neither true nor false: `not()` does not find those records.
//!
//! # Other tables
//! [`Filter::email`] looks into the tables of e-mail addresses by a sub-select. The server refuses nearly all other ones with
//! error 40 (Access Denied): only those on `email_addr_bean_rel`, `email_addresses`, `emails`, `emails_beans`,
//! `emails_text`, `teams` and `team_sets_teams` pass, inside of [`Filter::raw`] too. For other relationships use
//! `get_relationships` or link fields.

mod column;
mod email;
mod literal;
mod raw;
#[cfg(test)]
mod tests;

use std::fmt;

pub use column::{Column, Table};
pub use literal::Value;
pub(crate) use literal::stored;

use crate::error::Result;

/// A condition in SQL. `Display` and `String::from` give its text.
///
/// ```
/// use sugar_oauth::filter::Filter;
///
/// let contacts = Filter::on("contacts")?;
/// // A form with three fields, of which the person filled in some.
/// let (name, city, mobile_only) = (Some("Smith"), None::<&str>, true);
/// let mut wanted = vec![Filter::everything()];
/// if let Some(name) = name {
///     wanted.push(contacts.column("last_name")?.eq(name));
/// }
/// if let Some(city) = city {
///     wanted.push(contacts.column("primary_address_city")?.eq(city));
/// }
/// if mobile_only {
///     let mobile = contacts.column("phone_mobile")?;
///     wanted.push(Filter::any([mobile.is_null(), mobile.eq("")]).not());
/// }
/// assert_eq!(
///     Filter::all(wanted).to_string(),
///     "1 = 1 AND contacts.last_name = 'Smith' AND NOT (contacts.phone_mobile IS NULL OR contacts.phone_mobile = '')"
/// );
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[must_use = "a condition does nothing until a query has it"]
#[derive(Clone, PartialEq, Eq)]
pub struct Filter {
    sql: String,
    joined: Joined,
}

/// What the outermost parts of the text are joined by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// A single condition, or one in brackets.
    Nothing,
    And,
    /// Brackets are put around when the text is taken.
    Or,
}

impl Filter {
    /// Begins a filter with the table of a module: `contacts` for Contacts. `get_module_fields` tells it as `table_name`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it cannot be a table's name.
    pub fn on(table: &str) -> Result<Table> {
        Table::new(table)
    }

    /// The records of a module that have this e-mail address, be it the main one or another.
    ///
    /// `table` is the module's table, `module_name` its name: `Filter::email("contacts", "Contacts", "a@b.example")`. Case
    /// does not count. An `email1` in a condition is an SQL error: that field is no column.
    ///
    /// ```
    /// use sugar_oauth::GetEntryList;
    /// use sugar_oauth::filter::Filter;
    ///
    /// let by_address = Filter::email("contacts", "Contacts", "smith@example.com")?;
    /// let list = GetEntryList::new("Contacts").query(by_address);
    /// # let _ = list;
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for what cannot be a table, a module or an address.
    pub fn email(table: &str, module_name: &str, address: &str) -> Result<Self> {
        email::by_address(&Table::new(table)?, module_name, address)
    }

    /// Your own SQL, in brackets. Quoting its values is up to you: never put text from elsewhere into it.
    ///
    /// It is looked through before anything is sent, for what the server would answer without saying where: quotes and
    /// brackets that do not close, a bare column, AND and OR without a condition on both sides, comments and semicolons. This
    /// is no SQL parser: what passes may still be refused. Bare names inside of a sub-select are not looked at.
    ///
    /// ```
    /// # use sugar_oauth::filter::Filter;
    /// let filter = Filter::raw("DATE_SUB(NOW(), INTERVAL 7 DAY) < contacts.date_modified")?;
    /// let error = Filter::raw("last_name = 'Smith'").unwrap_err();
    /// assert!(error.to_string().contains("`last_name`"));
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), saying what and at which character.
    pub fn raw(sql: &str) -> Result<Self> {
        raw::check(sql)?;
        Ok(Self::atom(format!("({sql})")))
    }

    /// Matches no record.
    ///
    /// ```
    /// use sugar_oauth::filter::Filter;
    ///
    /// // Of no names at all nobody has one.
    /// let names: [&str; 0] = [];
    /// assert_eq!(Filter::on("contacts")?.column("last_name")?.in_list(names), Filter::nothing());
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn nothing() -> Self {
        Self::atom("1 = 0".to_owned())
    }

    /// Matches every record.
    pub fn everything() -> Self {
        Self::atom("1 = 1".to_owned())
    }

    /// Where all of these hold; without any, every record.
    pub fn all<I: IntoIterator<Item = Self>>(filters: I) -> Self {
        filters.into_iter().reduce(Self::and).unwrap_or_else(Self::everything)
    }

    /// Where at least one of these holds; without any, no record.
    pub fn any<I: IntoIterator<Item = Self>>(filters: I) -> Self {
        filters.into_iter().reduce(Self::or).unwrap_or_else(Self::nothing)
    }

    /// Where both hold.
    pub fn and(self, other: Self) -> Self {
        self.join(Joined::And, " AND ", &other)
    }

    /// Where at least one of both holds.
    pub fn or(self, other: Self) -> Self {
        self.join(Joined::Or, " OR ", &other)
    }

    /// Where it is false. Where it is neither true nor false, because a value is missing, neither is this.
    #[allow(clippy::should_implement_trait, reason = "a step in a chain, as and() and or() are")]
    pub fn not(self) -> Self {
        Self::atom(format!("NOT ({})", self.sql))
    }

    fn atom(sql: String) -> Self {
        Self {
            sql,
            joined: Joined::Nothing,
        }
    }

    /// Appends `other`; a part that is joined in the other way gets brackets.
    fn join(mut self, by: Joined, word: &str, other: &Self) -> Self {
        if ![by, Joined::Nothing].contains(&self.joined) {
            self.sql = format!("({})", self.sql);
        }
        self.sql.push_str(word);
        if [by, Joined::Nothing].contains(&other.joined) {
            self.sql.push_str(&other.sql);
        } else {
            self.sql.push('(');
            self.sql.push_str(&other.sql);
            self.sql.push(')');
        }
        self.joined = by;
        self
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.joined {
            Joined::Or => write!(formatter, "({})", self.sql),
            _ => formatter.write_str(&self.sql),
        }
    }
}

/// Shows no values.
impl fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Filter({} bytes of SQL)", self.sql.len())
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        match filter.joined {
            Joined::Or => format!("({})", filter.sql),
            _ => filter.sql,
        }
    }
}
