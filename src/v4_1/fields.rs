//! The fields of a record, or of a record at the other end of a link.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::sent::Sent;
use super::text::decode_entities;
use crate::error::Result;
use crate::rest::invalid_answer;

/// Names and values of fields. A field without a value is absent.
///
/// `Debug` shows the names only.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use serde::Deserialize;
/// use sugar_oauth::v4_1::{Fields, GetEntry};
///
/// #[derive(Deserialize)]
/// struct Contact {
///     last_name: String,
/// }
///
/// let account = GetEntry::new("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae").with_link("contacts", ["last_name"]);
/// if let Some(account) = session.call(&account).await? {
///     let contacts: &[Fields] = account.link("contacts");
///     for contact in contacts {
///         let decoded = contact.get("last_name").unwrap_or_default();
///         let as_stored = contact.raw("last_name");
///         let typed: Contact = contact.to()?;
///         println!("{:?}: {decoded}", contact.names().collect::<Vec<_>>());
/// #       let _ = (as_stored, typed.last_name);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Fields {
    values: Map<String, Value>,
}

impl Fields {
    /// Reads a `name_value_list`: an object or a list of `{"name":…,"value":…}`; `None` for another shape.
    pub(super) fn read(list: Option<&Value>) -> Option<Self> {
        let mut values = Map::new();
        let mut keep = |pair: &Value| {
            let name = pair.get("name")?.as_str()?;
            values.insert(name.to_owned(), pair.get("value").cloned().unwrap_or(Value::Null));
            Some(())
        };
        match list {
            Some(Value::Object(pairs)) => pairs.values().try_for_each(&mut keep)?,
            Some(Value::Array(pairs)) => pairs.iter().try_for_each(&mut keep)?,
            None | Some(Value::Null) => {}
            Some(_) => return None,
        }
        Some(Self { values })
    }

    pub(super) fn from_values(values: Map<String, Value>) -> Self {
        Self { values }
    }

    /// A field's value as text, its HTML entities decoded once; `None` for a field that is absent or `null`.
    pub fn get(&self, field: &str) -> Option<Cow<'_, str>> {
        Sent::of(self.values.get(field)?).text()
    }

    /// A field's value as the server sent it.
    pub fn raw(&self, field: &str) -> Option<&Value> {
        self.values.get(field)
    }

    /// The names of the fields that came, in the server's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The fields as a type of your own. Texts are decoded once; numbers, dates and flags come as texts, which
    /// [`values`](crate::values) has readers for; an absent field is a missing one, so give it `#[serde(default)]` or
    /// make it an `Option`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidAnswer`](crate::ErrorKind::InvalidAnswer) naming the field that does not fit, without its
    /// value.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T> {
        read_as(self.decoded())
    }

    pub(super) fn decoded(&self) -> Map<String, Value> {
        let decode = |value: &Value| match value {
            Value::String(text) => Value::String(decode_entities(text).into_owned()),
            other => other.clone(),
        };
        self.values
            .iter()
            .map(|(name, value)| (name.clone(), decode(value)))
            .collect()
    }
}

/// Field by field where the whole does not fit, to say which it is: serde's own words would repeat the value.
pub(super) fn read_as<T: DeserializeOwned>(values: Map<String, Value>) -> Result<T> {
    T::deserialize(Value::Object(values.clone())).map_err(|error| {
        let text = error.to_string();
        let missing = text.strip_prefix("missing field ").map(str::to_owned);
        let what = missing.map_or_else(|| culprit::<T>(&values), |field| format!("the field {field} is absent"));
        invalid_answer(format!("the record does not fit the type that it is read as: {what}"))
    })
}

fn culprit<T: DeserializeOwned>(values: &Map<String, Value>) -> String {
    let fits_without = |field: &String| {
        let mut others = values.clone();
        others.remove(field);
        match T::deserialize(Value::Object(others)) {
            Ok(_) => true,
            Err(error) => error.to_string().contains("missing field"),
        }
    };
    match values.keys().find(|field| fits_without(field)) {
        Some(field) => format!("look at the field `{field}`"),
        None => String::from("more than one field is of another shape"),
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.values.keys()).finish()
    }
}
