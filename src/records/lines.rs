//! Pages as NDJSON lines, straight from the answer's bytes.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::page::{Decoded, Decoder, Entries};
use crate::error::Error;
use crate::v4_1::{GetEntryList, decode_entities};

/// Pages of lines.
pub(crate) struct Lines;

impl Decoder for Lines {
    type Rows = Vec<u8>;

    fn quick(&self, body: &[u8], key: &str) -> Option<Decoded<Vec<u8>>> {
        let mut page = Page {
            key,
            lines: Vec::with_capacity(body.len() / 2),
            records: 0,
            last_key: None,
            total_count: None,
            has_list: false,
        };
        let mut reader = serde_json::Deserializer::from_slice(body);
        PageSeed(&mut page).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        page.has_list.then_some(Decoded {
            rows: page.lines,
            len: page.records,
            last_key: page.last_key,
            total_count: page.total_count,
        })
    }

    fn whole(&self, list: &GetEntryList, key: &str, value: Value) -> Result<Decoded<Vec<u8>>, Error> {
        let Decoded {
            rows,
            len,
            last_key,
            total_count,
        } = Entries.whole(list, key, value)?;
        let mut lines = Vec::new();
        for entry in rows {
            let fields: serde_json::Map<String, Value> = entry
                .fields()
                .filter_map(|name| Some((name.to_owned(), decoded(entry.raw(name)?))))
                .collect();
            serde_json::to_writer(&mut lines, &fields)
                .map_err(|_| Error::invalid_input("a value cannot be written as JSON"))?;
            lines.push(b'\n');
        }
        Ok(Decoded {
            rows: lines,
            len,
            last_key,
            total_count,
        })
    }
}

fn decoded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(decode_entities(text).into_owned()),
        other => other.clone(),
    }
}

/// What has been read of a page.
struct Page<'k> {
    key: &'k str,
    lines: Vec<u8>,
    records: usize,
    last_key: Option<String>,
    total_count: Option<u64>,
    has_list: bool,
}

impl Page<'_> {
    fn write<E: serde::de::Error>(&mut self, value: &(impl serde::Serialize + ?Sized)) -> Result<(), E> {
        serde_json::to_writer(&mut self.lines, value).map_err(E::custom)
    }

    fn keep_key(&mut self, text: &str) {
        let key = self.last_key.get_or_insert_default();
        key.clear();
        key.push_str(&decode_entities(text));
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum PageMember {
    TotalCount,
    EntryList,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum EntryMember {
    Id,
    NameValueList,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum PairMember {
    Name,
    Value,
    #[serde(other)]
    Other,
}

/// A reader of one level of the answer.
macro_rules! seed {
    ($(#[$attribute:meta])* $name:ident, $deserialize:ident) => {
        $(#[$attribute])*
        struct $name<'p, 'k>(&'p mut Page<'k>);

        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = <Self as Visitor<'de>>::Value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                deserializer.$deserialize(self)
            }
        }
    };
}

seed!(PageSeed, deserialize_map);
seed!(ListSeed, deserialize_seq);
seed!(EntrySeed, deserialize_map);
seed!(
    /// A record's fields; whether its key is among them.
    FieldsSeed,
    deserialize_any
);
seed!(
    /// One field; whether it is the key.
    PairSeed,
    deserialize_map
);
seed!(
    /// A field's name; whether it is the key's.
    NameSeed,
    deserialize_str
);
seed!(IdSeed, deserialize_str);

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(member) = members.next_key()? {
            match member {
                PageMember::TotalCount => {
                    self.0.total_count = match members.next_value()? {
                        Value::String(text) => text.parse().ok(),
                        other => other.as_u64(),
                    }
                }
                // Twice is nothing that a server says.
                PageMember::EntryList if self.0.has_list => return Err(A::Error::custom("two lists")),
                PageMember::EntryList => {
                    self.0.has_list = true;
                    members.next_value_seed(ListSeed(self.0))?;
                }
                PageMember::Other => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_element_seed(EntrySeed(self.0))?.is_some() {
            self.0.records += 1;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for EntrySeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (mut has_key, mut has_fields) = (false, false);
        self.0.keep_key("");
        while let Some(member) = members.next_key()? {
            match member {
                EntryMember::Id if !has_key => members.next_value_seed(IdSeed(self.0))?,
                EntryMember::NameValueList if !has_fields => {
                    has_key = members.next_value_seed(FieldsSeed(self.0))?;
                    has_fields = true;
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        match has_fields {
            true => Ok(()),
            false => Err(A::Error::custom("a record without fields")),
        }
    }
}

impl FieldsSeed<'_, '_> {
    /// Writes a line of what `next` writes; it says whether a field was the key, and `None` at the end.
    fn line<E>(self, mut next: impl FnMut(&mut Page<'_>) -> Result<Option<bool>, E>) -> Result<bool, E> {
        let mut has_key = false;
        self.0.lines.push(b'{');
        while let Some(is_key) = next(self.0)? {
            has_key |= is_key;
            self.0.lines.push(b',');
        }
        if self.0.lines.last() == Some(&b',') {
            self.0.lines.pop();
        }
        self.0.lines.extend_from_slice(b"}\n");
        Ok(has_key)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<bool, A::Error> {
        self.line(|page| match fields.next_key::<IgnoredAny>()? {
            Some(_) => fields.next_value_seed(PairSeed(page)).map(Some),
            None => Ok(None),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<bool, A::Error> {
        self.line(|page| fields.next_element_seed(PairSeed(page)))
    }
}

impl<'de> Visitor<'de> for PairSeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name and a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let Self(page) = self;
        let (mut is_key, mut has_value) = (None, false);
        while let Some(member) = members.next_key()? {
            match (member, is_key) {
                (PairMember::Name, None) => is_key = Some(members.next_value_seed(NameSeed(page))?),
                (PairMember::Value, Some(is_key)) if !has_value => {
                    has_value = true;
                    members.next_value_seed(ValueSeed { page, is_key })?;
                }
                (PairMember::Other, _) => drop(members.next_value::<IgnoredAny>()?),
                // In another order than servers write.
                _ => return Err(A::Error::custom("a value without a name")),
            }
        }
        if !has_value {
            page.lines.extend_from_slice(b"null");
        }
        is_key.ok_or_else(|| A::Error::custom("a field without a name"))
    }
}

impl<'de> Visitor<'de> for NameSeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a field's name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<bool, E> {
        self.0.write(name)?;
        self.0.lines.push(b':');
        Ok(name == self.0.key)
    }
}

impl<'de> Visitor<'de> for IdSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an id")
    }

    fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<(), E> {
        self.0.keep_key(id);
        Ok(())
    }
}

/// A field's value. An array or object is none that servers write: it is left to the way by [`Value`].
struct ValueSeed<'p, 'k> {
    page: &'p mut Page<'k>,
    is_key: bool,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if self.is_key {
            self.page.keep_key(text);
        }
        self.page.write(decode_entities(text).as_ref())
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<(), E> {
        self.no_text(&flag)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.no_text(&number)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.no_text(&number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.no_text(&number)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.no_text(&())
    }
}

impl ValueSeed<'_, '_> {
    fn no_text<E: serde::de::Error>(self, value: &impl serde::Serialize) -> Result<(), E> {
        match self.is_key {
            true => Err(E::custom("a key that is no text")),
            false => self.page.write(value),
        }
    }
}
