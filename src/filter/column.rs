//! Columns, and the conditions on one of them.

use super::Filter;
use super::literal::{Value, literal, stored};
use crate::error::{Error, Result};
use crate::values::MultiSelect;

/// Where MySQL cuts names.
const LONGEST_NAME: usize = 64;

/// The table of a module: `contacts` for Contacts. `get_module_fields` tells it as `table_name`.
///
/// ```
/// use sugar_oauth::filter::{Filter, Table};
///
/// let contacts: Table = Filter::on("contacts")?;
/// assert_eq!(contacts.column("last_name")?.to_string(), "contacts.last_name");
/// assert_eq!(contacts.column("vip_c")?.to_string(), "contacts_cstm.vip_c");
/// assert_eq!(contacts.own_column("origin_c")?.to_string(), "contacts.origin_c");
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    name: String,
}

/// A column with its table in front: what a bare name is not, once the server joins other tables.
///
/// ```
/// use sugar_oauth::filter::{Column, Filter};
/// use sugar_oauth::values::{Date, MultiSelect};
///
/// let deals = Filter::on("opportunities")?;
/// let column = |name: &str| -> sugar_oauth::Result<Column> { deals.column(name) };
/// let amount = column("amount")?;
/// assert_eq!(amount.ge(1000).and(amount.lt(5000)).to_string(), "opportunities.amount >= '1000' AND opportunities.amount < '5000'");
/// assert_eq!(amount.is_null().to_string(), "opportunities.amount IS NULL");
///
/// let stage = column("sales_stage")?;
/// let open = stage.ne("Closed Won").and(stage.ne("Closed Lost")).and(stage.is_not_null());
/// let soon = column("date_closed")?.between(Date::new(2026, 11, 1)?, Date::new(2026, 11, 30)?);
/// let chosen = stage.in_list(["Prospecting", "Qualification"]).or(stage.eq("Needs Analysis"));
/// let named = column("name")?.starts_with("Smith").or(column("name")?.ends_with("& Co")).or(column("name")?.contains("100 %"));
/// let pattern = column("name")?.like("_mith%");
/// let interests = column("interests_c")?.includes(&MultiSelect::new(["Golf", "Sailing"])?);
/// let probability = column("probability")?.gt(50).and(column("probability")?.le(90));
/// let all = Filter::all([open, soon, chosen, named, pattern, interests, probability]);
/// # let _ = all;
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    sql: String,
}

impl Table {
    pub(super) fn new(name: &str) -> Result<Self> {
        checked("table", name)?;
        Ok(Self { name: name.to_owned() })
    }

    /// A column of the module. One whose name ends in `_c` is taken for a field that an administrator added, which stands
    /// in a table of its own: `contacts_cstm.x_c`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming the column, when it has other characters than
    /// `A-Z a-z 0-9 _`, or is `user_hash`, which the server refuses to look at.
    pub fn column(&self, name: &str) -> Result<Column> {
        let custom = name.len() > 2 && name.ends_with("_c") && !self.name.ends_with("_cstm");
        self.qualified(if custom { "_cstm" } else { "" }, name)
    }

    /// A column of the module's own table whatever its name, for one that ends in `_c` and was not added in Studio.
    ///
    /// # Errors
    /// As [`column`](Self::column).
    pub fn own_column(&self, name: &str) -> Result<Column> {
        self.qualified("", name)
    }

    fn qualified(&self, suffix: &str, name: &str) -> Result<Column> {
        checked("column", name)?;
        if name.eq_ignore_ascii_case("user_hash") {
            return Err(Error::invalid_input(
                "the column user_hash cannot be asked for: the server refuses it",
            ));
        }
        Ok(Column {
            sql: format!("{}{suffix}.{name}", self.name),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// Names are never quoted, so that only those pass that need no quotes.
fn checked(what: &str, name: &str) -> Result<()> {
    let in_words = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let a_number = name.bytes().all(|byte| byte.is_ascii_digit());
    if in_words && !a_number && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let shown = crate::printable::printable(name);
    let error = Error::invalid_input(format!("`{shown}` cannot be the name of a {what}"));
    Err(if name.contains('.') {
        error.hint("give the name without a table: Filter::on names it once")
    } else {
        error.hint(format!("a {what}'s name has the characters A-Z a-z 0-9 _ only"))
    })
}

impl Column {
    /// Equal to this value, whichever way it is stored: raw (`O'Neil`) or with entities (`O&#039;Neil`).
    ///
    /// As everywhere in MySQL neither case nor accents nor spaces at the end count.
    pub fn eq(&self, value: impl Into<Value>) -> Filter {
        self.in_list([value])
    }

    /// Has a value, and another one than this, whichever way it is stored. Records without a value do not match; add
    /// `.or(column.is_null())` for them.
    pub fn ne(&self, value: impl Into<Value>) -> Filter {
        let forms = literals(&value.into().stored());
        Filter::atom(match forms.as_slice() {
            [one] => format!("{} <> {one}", self.sql),
            many => format!("{} NOT IN ({})", self.sql, many.join(", ")),
        })
    }

    /// Less than this value. Texts are compared as they are stored, as in all four comparisons of order.
    pub fn lt(&self, value: impl Into<Value>) -> Filter {
        self.compare("<", value.into())
    }

    /// Less than or equal to this value.
    pub fn le(&self, value: impl Into<Value>) -> Filter {
        self.compare("<=", value.into())
    }

    /// Greater than this value.
    pub fn gt(&self, value: impl Into<Value>) -> Filter {
        self.compare(">", value.into())
    }

    /// Greater than or equal to this value.
    pub fn ge(&self, value: impl Into<Value>) -> Filter {
        self.compare(">=", value.into())
    }

    /// From the first value to the second, both included. Texts are compared as they are stored.
    pub fn between(&self, from: impl Into<Value>, to: impl Into<Value>) -> Filter {
        Filter::atom(format!(
            "{} BETWEEN {} AND {}",
            self.sql,
            from.into().literal(),
            to.into().literal()
        ))
    }

    /// Equal to one of these values, whichever way they are stored. An empty list matches nothing.
    pub fn in_list<I: IntoIterator<Item = V>, V: Into<Value>>(&self, values: I) -> Filter {
        let forms: Vec<String> = values
            .into_iter()
            .flat_map(|value| literals(&value.into().stored()))
            .collect();
        match forms.as_slice() {
            [] => Filter::nothing(),
            [one] => Filter::atom(format!("{} = {one}", self.sql)),
            many => Filter::atom(format!("{} IN ({})", self.sql, many.join(", "))),
        }
    }

    /// Matches a pattern of SQL's `LIKE`, whichever way the text is stored: `%` is any run of characters, `_` any one, and a
    /// backslash makes the next one literal. The whole text has to match.
    pub fn like(&self, pattern: &str) -> Filter {
        Filter::any(
            stored(pattern)
                .iter()
                .map(|form| Filter::atom(format!("{} LIKE {}", self.sql, literal(form)))),
        )
    }

    /// Begins with this text, which may hold `%`, `_` and backslashes.
    pub fn starts_with(&self, text: &str) -> Filter {
        self.like(&format!("{}%", escaped(text)))
    }

    /// Contains this text, which may hold `%`, `_` and backslashes. `039`, `quot` and the like are found inside of stored
    /// entities too.
    pub fn contains(&self, text: &str) -> Filter {
        self.like(&format!("%{}%", escaped(text)))
    }

    /// Ends with this text, which may hold `%`, `_` and backslashes.
    pub fn ends_with(&self, text: &str) -> Filter {
        self.like(&format!("%{}", escaped(text)))
    }

    /// In a multi-select field: at least all of these values are chosen.
    pub fn includes(&self, chosen: &MultiSelect) -> Filter {
        Filter::all(chosen.values().iter().map(|value| {
            let carets = self.contains(&format!("^{value}^"));
            // An import may have left a single value without carets.
            carets.or(self.eq(value.as_str()))
        }))
    }

    /// Has no value. Many fields hold an empty text instead: `.or(column.eq(""))`.
    pub fn is_null(&self) -> Filter {
        Filter::atom(format!("{} IS NULL", self.sql))
    }

    /// Has a value, be it an empty text.
    pub fn is_not_null(&self) -> Filter {
        Filter::atom(format!("{} IS NOT NULL", self.sql))
    }

    fn compare(&self, operator: &str, value: Value) -> Filter {
        Filter::atom(format!("{} {operator} {}", self.sql, value.literal()))
    }
}

/// The column as SQL, `contacts.last_name`: for `order_by`.
impl std::fmt::Display for Column {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.sql)
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        column.sql
    }
}

fn literals(forms: &[String]) -> Vec<String> {
    forms.iter().map(|form| literal(form)).collect()
}

/// Text as a part of a pattern that matches only itself.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}
