//! One record as the API answers it.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fields::{Fields, read_as};
use super::text::decode_entities;
use crate::error::Result;

/// A record: its id, its module, the fields that have a value, and the records at the links that were asked for.
///
/// `Debug` shows module, id and names, no values.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{Entry, GetEntryList};
///
/// # #[derive(serde::Deserialize)]
/// # struct Contact { last_name: String }
/// let list = GetEntryList::new("Contacts").select(["id", "last_name"]).with_link("accounts", ["id", "name"]);
/// for entry in session.call(&list).await?.entries {
///     let decoded = entry.get("last_name").unwrap_or_default();      // O'Neil
///     let as_stored = entry.raw("last_name");                         // "O&#039;Neil"
///     let contact: Contact = entry.to()?;                             // a type of your own
///     let accounts = entry.link("accounts");                          // fields of the linked records
///     println!("{} {decoded} {}", entry.id(), accounts.len());
/// #   let _ = (as_stored, contact.last_name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Entry {
    id: String,
    module_name: String,
    fields: Fields,
    pub(super) links: Vec<(String, Vec<Fields>)>,
}

impl Entry {
    /// Reads `{"id":…,"module_name":…,"name_value_list":…}`.
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let fields = Fields::read(entry.get("name_value_list"))?;
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let module_name = text("module_name").unwrap_or_default().to_owned();
        // Ids are HTML-encoded like all text. EmailText has none: its key is a field like any other.
        let id = text("id")
            .or_else(|| fields.raw("id").and_then(Value::as_str))
            .unwrap_or_default();
        Some(Self::new(decode_entities(id).into_owned(), module_name, fields))
    }

    /// From the three parts that the server sends, the id decoded.
    pub(super) fn new(id: String, module_name: String, fields: Fields) -> Self {
        Self {
            id,
            module_name,
            fields,
            links: Vec::new(),
        }
    }

    /// The record's id, decoded.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The module that the record belongs to.
    pub fn module_name(&self) -> &str {
        &self.module_name
    }

    /// A field's value as text, its HTML entities decoded once; `None` for a field that is absent or `null`.
    pub fn get(&self, field: &str) -> Option<Cow<'_, str>> {
        self.fields.get(field)
    }

    /// A field's value as the server sent it.
    pub fn raw(&self, field: &str) -> Option<&Value> {
        self.fields.raw(field)
    }

    /// The names of the fields that came, in the server's order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.names()
    }

    /// The records at a link that was asked for, none if there are none.
    pub fn link(&self, link: &str) -> &[Fields] {
        self.links
            .iter()
            .find(|(name, _)| name == link)
            .map_or(&[], |(_, records)| records)
    }

    /// The record as a type of your own, links included as lists under their names; see [`Fields::to`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidAnswer`](crate::ErrorKind::InvalidAnswer) naming the field that does not fit.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T> {
        let mut values = self.fields.decoded();
        for (link, records) in &self.links {
            let records = records.iter().map(|record| Value::Object(record.decoded())).collect();
            values.entry(link.clone()).or_insert(Value::Array(records));
        }
        read_as(values)
    }

    /// Whether the server answered with its warning in place of the record: it does not exist, is deleted, or may not be
    /// seen.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::GetEntries;
    ///
    /// let some = GetEntries::new("Accounts", ["1c4d9a1a-c716-ba65-159f-6b015bb081ae", "no-such-id"]);
    /// for entry in session.call(&some).await?.iter().filter(|entry| entry.is_missing()) {
    ///     println!("not there: {}", entry.id());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_missing(&self) -> bool {
        self.fields.raw("warning").is_some() && self.raw("deleted").is_some_and(|deleted| deleted == "1")
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("module_name", &self.module_name)
            .field("id", &self.id)
            .field("fields", &self.fields)
            .field(
                "links",
                &self
                    .links
                    .iter()
                    .map(|(name, records)| (name, records.len()))
                    .collect::<Vec<_>>(),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::Entry;

    fn entry(list: serde_json::Value) -> Entry {
        Entry::read(&json!({"id": "a&#039;b", "module_name": "Accounts", "name_value_list": list})).unwrap()
    }

    #[test]
    fn fields_come_as_an_object_or_as_a_list() {
        let object = entry(json!({"name": {"name": "name", "value": "O&#039;Neil"},
                                  "deleted": {"name": "deleted", "value": 0}}));
        let list = entry(json!([{"name": "name", "value": "O&#039;Neil"}, {"name": "deleted", "value": 0}]));
        assert_eq!(object, list);
        assert_eq!(object.id(), "a'b");
        assert_eq!(object.get("name").unwrap(), "O'Neil");
        assert_eq!(object.raw("name").unwrap(), "O&#039;Neil");
        assert_eq!(object.get("deleted").unwrap(), "0");
        assert_eq!(object.get("phone"), None);
    }

    #[test]
    fn a_missing_record_is_told_by_its_warning() {
        let captured = json!([{"name": "warning",
                               "value": "Access to this object is denied since it has been deleted or does not exist"},
                              {"name": "deleted", "value": "1"}]);
        assert!(entry(captured).is_missing());
    }

    #[test]
    fn other_shapes_are_refused() {
        assert!(Entry::read(&json!({"id": "1", "name_value_list": "x"})).is_none());
        assert!(Entry::read(&json!({"id": "1", "name_value_list": [1]})).is_none());
        assert!(Entry::read(&json!({"id": "1", "name_value_list": []})).is_some());
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Account {
        name: String,
        phone: Option<String>,
    }

    #[test]
    fn a_record_reads_as_a_type_of_the_callers() {
        let account: Account = entry(json!([{"name": "name", "value": "O&#039;Neil"}])).to().unwrap();
        assert_eq!((account.name.as_str(), account.phone), ("O'Neil", None));
    }

    #[test]
    fn what_does_not_fit_is_named_without_its_value() {
        let missing = entry(json!([])).to::<Account>().unwrap_err().to_string();
        assert!(missing.contains("`name` is absent"), "{missing}");
        let wrong = entry(json!([{"name": "name", "value": 77123}]))
            .to::<Account>()
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("`name`") && !wrong.contains("77123"), "{wrong}");
    }
}
