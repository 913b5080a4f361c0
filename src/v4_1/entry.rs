//! One record as the API lists it.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::text::decode_entities;

/// A record: its id, its module and the fields that have a value.
///
/// `Debug` shows module, id and field names, no values.
#[derive(Clone, PartialEq)]
pub struct Entry {
    id: String,
    module_name: String,
    fields: Map<String, Value>,
}

impl Entry {
    /// Reads `{"id":…,"module_name":…,"name_value_list":…}`; the list comes as an object or as a list of pairs, and an
    /// empty one as `[]`.
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let mut fields = Map::new();
        let mut keep = |pair: &Value| {
            let name = pair.get("name")?.as_str()?;
            fields.insert(name.to_owned(), pair.get("value").cloned().unwrap_or(Value::Null));
            Some(())
        };
        match entry.get("name_value_list") {
            Some(Value::Object(pairs)) => pairs.values().try_for_each(&mut keep)?,
            Some(Value::Array(pairs)) => pairs.iter().try_for_each(&mut keep)?,
            None | Some(Value::Null) => {}
            Some(_) => return None,
        }
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        Some(Self {
            // Ids are HTML-encoded like all text.
            id: decode_entities(text("id")).into_owned(),
            module_name: text("module_name").to_owned(),
            fields,
        })
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
        match self.fields.get(field)? {
            Value::String(text) => Some(decode_entities(text)),
            Value::Null => None,
            Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "1" } else { "0" })),
            other => Some(Cow::Owned(other.to_string())),
        }
    }

    /// A field's value as the server sent it.
    pub fn raw(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// The names of the fields that came, in the server's order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Whether the server answered with its warning in place of the record: it does not exist, is deleted, or may not be
    /// seen.
    pub fn is_missing(&self) -> bool {
        self.fields.contains_key("warning") && self.raw("deleted").is_some_and(|deleted| deleted == "1")
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("module_name", &self.module_name)
            .field("id", &self.id)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Entry;

    #[test]
    fn fields_come_as_an_object_or_as_a_list() {
        let object = json!({"id": "a&#039;b", "module_name": "Accounts", "name_value_list":
            {"name": {"name": "name", "value": "O&#039;Neil"}, "deleted": {"name": "deleted", "value": 0}}});
        let list = json!({"id": "a&#039;b", "module_name": "Accounts", "name_value_list":
            [{"name": "name", "value": "O&#039;Neil"}, {"name": "deleted", "value": 0}]});
        let entry = Entry::read(&object).unwrap();
        assert_eq!(entry, Entry::read(&list).unwrap());
        assert_eq!(entry.id(), "a'b");
        assert_eq!(entry.get("name").unwrap(), "O'Neil");
        assert_eq!(entry.raw("name").unwrap(), "O&#039;Neil");
        assert_eq!(entry.get("deleted").unwrap(), "0");
        assert_eq!(entry.get("phone"), None);
    }

    #[test]
    fn a_missing_record_is_told_by_its_warning() {
        let captured = json!({"id": "nope", "module_name": "Accounts", "name_value_list":
            [{"name": "warning", "value": "Access to this object is denied since it has been deleted or does not exist"},
             {"name": "deleted", "value": "1"}]});
        assert!(Entry::read(&captured).unwrap().is_missing());
    }

    #[test]
    fn other_shapes_are_refused() {
        assert!(Entry::read(&json!({"id": "1", "name_value_list": "x"})).is_none());
        assert!(Entry::read(&json!({"id": "1", "name_value_list": [1]})).is_none());
        assert!(Entry::read(&json!({"id": "1", "name_value_list": []})).is_some());
    }
}
