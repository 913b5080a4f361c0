//! Lists of records read straight from their bytes, without a tree of JSON in between.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::count;
use super::entry::Entry;
use super::entry_list::EntryList;
use super::fields::Fields;

#[derive(Deserialize)]
struct RawList {
    entry_list: Vec<RawEntry>,
    next_offset: Value,
    #[serde(default)]
    total_count: Value,
    #[serde(default)]
    relationship_list: Value,
}

#[derive(Deserialize)]
struct RawEntry {
    id: Option<String>,
    module_name: Option<String>,
    #[serde(default)]
    name_value_list: RawFields,
}

#[derive(Default)]
struct RawFields(Map<String, Value>);

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: Value,
}

impl EntryList {
    /// A list without linked records; `None` for everything else, which has to be read in another way.
    pub(crate) fn from_bytes(body: &[u8]) -> Option<Self> {
        let list: RawList = serde_json::from_slice(body).ok()?;
        let has_links = match &list.relationship_list {
            Value::Null => false,
            Value::Array(list) => !list.is_empty(),
            _ => true,
        };
        if has_links {
            return None;
        }
        let number = |value: &Value| count(value).and_then(|number| u64::try_from(number).ok());
        let entry = |raw: RawEntry| {
            let fields = Fields::from_values(raw.name_value_list.0);
            Entry::assemble(raw.id.as_deref(), raw.module_name.unwrap_or_default(), fields)
        };
        Some(Self {
            total_count: number(&list.total_count),
            next_offset: number(&list.next_offset)?,
            entries: list.entry_list.into_iter().map(entry).collect(),
        })
    }
}

impl<'de> Deserialize<'de> for RawFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldsVisitor)
    }
}

/// Reads an object or a list of pairs.
struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = RawFields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list of names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<RawFields, A::Error> {
        let mut values = Map::new();
        while let Some((IgnoredAny, pair)) = pairs.next_entry::<IgnoredAny, Pair>()? {
            values.insert(pair.name, pair.value);
        }
        Ok(RawFields(values))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<RawFields, A::Error> {
        let mut values = Map::new();
        while let Some(pair) = pairs.next_element::<Pair>()? {
            values.insert(pair.name, pair.value);
        }
        Ok(RawFields(values))
    }

    fn visit_unit<E>(self) -> Result<RawFields, E> {
        Ok(RawFields::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v4_1::{GetEntryList, Method};

    #[test]
    fn both_ways_read_alike() {
        for text in [
            r#"{"result_count":1,"total_count":"50","next_offset":1,"entry_list":[{"id":"a&#039;b","module_name":"Accounts","name_value_list":{"name":{"name":"name","value":"O&#039;Neil"},"n":{"name":"n","value":0}}}],"relationship_list":[]}"#,
            r#"{"total_count":-1,"next_offset":"2","entry_list":[{"id":null,"module_name":"EmailText","name_value_list":[{"name":"email_id","value":"1"},{"name":"x"}]}]}"#,
            r#"{"next_offset":2,"entry_list":[{"id":"1","module_name":"A","name_value_list":[]},{"id":"2"},{"name_value_list":{"id":{"name":"id","value":"3"}}}]}"#,
            r#"{"next_offset":0,"entry_list":[]}"#,
        ] {
            let quick = EntryList::from_bytes(text.as_bytes()).unwrap();
            let whole = GetEntryList::new("A")
                .read(serde_json::from_str(text).unwrap())
                .unwrap();
            assert_eq!(quick.entries, whole.entries);
            assert_eq!(
                (quick.total_count, quick.next_offset),
                (whole.total_count, whole.next_offset)
            );
        }
    }

    #[test]
    fn what_is_no_plain_list_is_left_to_others() {
        for text in [
            "null",
            "",
            r#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#,
            r#"Notice: x{"next_offset":0,"entry_list":[]}"#,
            r#"{"next_offset":1,"entry_list":[{"id":"1","name_value_list":[]}],"relationship_list":[{"link_list":[]}]}"#,
            r#"{"next_offset":1,"entry_list":[{"id":"1","name_value_list":"x"}]}"#,
            r#"{"next_offset":1,"entry_list":[{"id":"1","name_val"#,
        ] {
            assert!(EntryList::from_bytes(text.as_bytes()).is_none(), "{text}");
        }
    }
}
