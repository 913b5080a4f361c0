//! The answer of `get_entry_list` read from its bytes, record by record, without a tree of JSON in between.
//!
//! It reads what servers are known to write. All else it leaves to [`Method::read`](super::Method::read), which reads the
//! same and more.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::count;
use super::page_keys::{Keys, Text};
use super::sent::Sent;
use super::skipped::Skipped;

/// What takes the records. `None` from it leaves the page to the other reader.
pub(crate) trait RecordSink {
    /// A record begins.
    fn begin(&mut self) {}
    /// The module that it belongs to.
    fn module_name(&mut self, _name: &str) {}
    /// The name of a field, whose value is next.
    fn name(&mut self, name: &str) -> Option<()>;
    /// The value of the field that was named last.
    fn value(&mut self, value: Sent<'_>) -> Option<()>;
    /// The record ends.
    fn end(&mut self, keys: &Keys) -> Option<()>;
}

/// What a page tells beside its records.
pub(crate) struct PageFacts {
    pub(crate) records: usize,
    /// The key of the last record, decoded.
    pub(crate) last_key: Option<String>,
    pub(crate) total_count: Option<u64>,
}

/// Reads a page without linked records whose key is this field; `None` for everything else.
pub(crate) fn read_page<S: RecordSink>(body: &[u8], key: &str, sink: &mut S) -> Option<PageFacts> {
    let mut reader = Reader {
        key,
        sink,
        keys: Keys::default(),
        member: Text::default(),
        records: 0,
        total_count: None,
        has_next_offset: false,
        has_list: false,
    };
    let mut json = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
    PageSeed(&mut reader).deserialize(&mut json).ok()?;
    json.end().ok()?;
    let Reader { keys, records, .. } = reader;
    (reader.has_list && reader.has_next_offset).then(|| PageFacts {
        records,
        last_key: (records > 0).then(|| keys.key().unwrap_or_else(|| keys.id()).into_owned()),
        total_count: reader.total_count,
    })
}

struct Reader<'r, S> {
    key: &'r str,
    sink: &'r mut S,
    /// Of the record that is being read, or was read last.
    keys: Keys,
    /// What the field that is being read is called in an object of fields: its name once more. Another, and fields could
    /// replace each other that are not called alike.
    member: Text,
    records: usize,
    total_count: Option<u64>,
    has_next_offset: bool,
    has_list: bool,
}

/// Ends the reading: the page is left to the other reader.
fn left<E: Error>() -> E {
    E::custom("")
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum PageMember {
    TotalCount,
    NextOffset,
    EntryList,
    RelationshipList,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum EntryMember {
    Id,
    ModuleName,
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
    ($(#[$attribute:meta])* $name:ident, $deserialize:ident, $what:literal, $value:ty, { $($visit:item)+ }) => {
        $(#[$attribute])*
        struct $name<'a, 'r, S>(&'a mut Reader<'r, S>);

        impl<'de, S: RecordSink> DeserializeSeed<'de> for $name<'_, '_, S> {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<$value, D::Error> {
                deserializer.$deserialize(self)
            }
        }

        impl<'de, S: RecordSink> Visitor<'de> for $name<'_, '_, S> {
            type Value = $value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str($what)
            }

            $($visit)+
        }
    };
}

seed!(PageSeed, deserialize_map, "a page", (), {
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(reader) = self;
        let number = |value: Value| count(&value).and_then(|number| u64::try_from(number).ok());
        while let Some(member) = members.next_key()? {
            match member {
                PageMember::TotalCount => reader.total_count = number(members.next_value()?),
                PageMember::NextOffset => reader.has_next_offset = number(members.next_value()?).is_some(),
                PageMember::EntryList if reader.has_list => return Err(left()),
                PageMember::EntryList => {
                    reader.has_list = true;
                    members.next_value_seed(ListSeed(reader))?;
                }
                PageMember::RelationshipList => match members.next_value()? {
                    Value::Null => {}
                    Value::Array(list) if list.is_empty() => {}
                    _ => return Err(left()),
                },
                PageMember::Other => members.next_value::<Skipped>().map(drop)?,
            }
        }
        Ok(())
    }
});

seed!(ListSeed, deserialize_seq, "a list of records", (), {
    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_element_seed(EntrySeed(self.0))?.is_some() {
            self.0.records += 1;
        }
        Ok(())
    }
});

seed!(EntrySeed, deserialize_map, "a record", (), {
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(reader) = self;
        let Keys { id, id_field, key } = &mut reader.keys;
        [id, id_field, key].into_iter().for_each(|text| text.set(None));
        reader.sink.begin();
        let (mut has_id, mut has_fields) = (false, false);
        while let Some(member) = members.next_key()? {
            match member {
                EntryMember::Id if !has_id => {
                    has_id = true;
                    members.next_value_seed(IdSeed(reader))?;
                }
                EntryMember::ModuleName => members.next_value_seed(ModuleSeed(reader))?,
                EntryMember::NameValueList if !has_fields => {
                    has_fields = true;
                    members.next_value_seed(FieldsSeed(reader))?;
                }
                EntryMember::Other => members.next_value::<Skipped>().map(drop)?,
                _ => return Err(left()),
            }
        }
        reader.sink.end(&reader.keys).ok_or_else(left)
    }
});

seed!(IdSeed, deserialize_any, "an id", (), {
    fn visit_str<E: Error>(self, id: &str) -> Result<(), E> {
        self.0.keys.id.set(Some(id));
        Ok(())
    }

    // EmailText has none.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
});

seed!(ModuleSeed, deserialize_any, "a module", (), {
    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        self.0.sink.module_name(name);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.sink.module_name("");
        Ok(())
    }
});

seed!(
    FieldsSeed,
    deserialize_any,
    "an object or a list of names and values",
    (),
    {
        fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<(), A::Error> {
            while pairs.next_key_seed(MemberSeed(self.0))?.is_some() {
                pairs.next_value_seed(PairSeed(self.0))?;
            }
            Ok(())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<(), A::Error> {
            self.0.member.set(None);
            while pairs.next_element_seed(PairSeed(self.0))?.is_some() {}
            Ok(())
        }

        fn visit_unit<E: Error>(self) -> Result<(), E> {
            Ok(())
        }
    }
);

seed!(MemberSeed, deserialize_str, "a field's name", (), {
    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        self.0.member.set(Some(name));
        Ok(())
    }
});

seed!(PairSeed, deserialize_map, "a name and a value", (), {
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(reader) = self;
        let (mut field, mut has_value) = (None, false);
        while let Some(member) = members.next_key()? {
            match (member, field) {
                (PairMember::Name, None) => field = Some(members.next_value_seed(NameSeed(reader))?),
                (PairMember::Value, Some(field)) if !has_value => {
                    has_value = true;
                    members.next_value_seed(ValueSeed { reader, field })?;
                }
                (PairMember::Other, _) => members.next_value::<Skipped>().map(drop)?,
                // Twice, or the value in front of the name.
                _ => return Err(left()),
            }
        }
        let field = field.ok_or_else(left)?;
        match has_value {
            true => Ok(()),
            false => ValueSeed { reader, field }.take(Sent::Null),
        }
    }
});

seed!(NameSeed, deserialize_str, "a field's name", Field, {
    fn visit_str<E: Error>(self, name: &str) -> Result<Field, E> {
        if self.0.member.differs_from(name) {
            return Err(left());
        }
        self.0.sink.name(name).ok_or_else(left)?;
        Ok(Field {
            is_key: name == self.0.key,
            is_id: name == "id",
        })
    }
});

/// What a field's name says.
#[derive(Clone, Copy)]
struct Field {
    is_key: bool,
    is_id: bool,
}

struct ValueSeed<'a, 'r, S> {
    reader: &'a mut Reader<'r, S>,
    field: Field,
}

impl<S: RecordSink> ValueSeed<'_, '_, S> {
    fn take<E: Error>(self, value: Sent<'_>) -> Result<(), E> {
        let Self { reader, field } = self;
        let keys = &mut reader.keys;
        if field.is_key {
            match &value {
                Sent::Null => keys.key.set(None),
                Sent::Text(text) => keys.key.set(Some(text)),
                _ => return Err(left()),
            }
        }
        if field.is_id && !keys.id.is_there() {
            match &value {
                Sent::Text(text) => keys.id_field.set(Some(text)),
                _ => keys.id_field.set(None),
            }
        }
        reader.sink.value(value).ok_or_else(left)
    }
}

impl<'de, S: RecordSink> DeserializeSeed<'de> for ValueSeed<'_, '_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: RecordSink> Visitor<'de> for ValueSeed<'_, '_, S> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(Sent::Text(text))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take(Sent::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.take(Sent::Flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.take(Sent::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.take(Sent::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.take(Sent::Number(Number::from_f64(number).ok_or_else(left)?))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        let value = Value::deserialize(SeqAccessDeserializer::new(elements))?;
        self.take(Sent::Nested(&value))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let value = Value::deserialize(MapAccessDeserializer::new(members))?;
        self.take(Sent::Nested(&value))
    }
}
