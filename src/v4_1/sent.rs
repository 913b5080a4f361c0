//! A field's value as the server sent it, before anything is kept of it.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::text::decode_entities;

/// A field's value as the server sent it: texts still encoded.
#[derive(Debug, Clone)]
pub(crate) enum Sent<'a> {
    Null,
    Flag(bool),
    Number(Number),
    Text(&'a str),
    /// An array or object. No server is known to write one.
    Nested(&'a Value),
}

impl<'a> Sent<'a> {
    pub(crate) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Sent::Null,
            Value::Bool(flag) => Sent::Flag(*flag),
            Value::Number(number) => Sent::Number(number.clone()),
            Value::String(text) => Sent::Text(text),
            nested => Sent::Nested(nested),
        }
    }

    /// As text, HTML entities decoded once; `None` for `null`.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Sent::Null => None,
            Sent::Flag(flag) => Some(Cow::Borrowed(if *flag { "1" } else { "0" })),
            Sent::Number(number) => Some(Cow::Owned(number.to_string())),
            Sent::Text(text) => Some(decode_entities(text)),
            Sent::Nested(value) => Some(Cow::Owned(value.to_string())),
        }
    }

    /// Writes it as JSON, a text's HTML entities decoded once.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Sent::Null => serde_json::to_writer(out, &()),
            Sent::Flag(flag) => serde_json::to_writer(out, flag),
            Sent::Number(number) => serde_json::to_writer(out, number),
            Sent::Text(text) => serde_json::to_writer(out, decode_entities(text).as_ref()),
            Sent::Nested(value) => serde_json::to_writer(out, value),
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            Sent::Null => Value::Null,
            Sent::Flag(flag) => Value::Bool(*flag),
            Sent::Number(number) => Value::Number(number.clone()),
            Sent::Text(text) => Value::from(*text),
            Sent::Nested(value) => (*value).clone(),
        }
    }
}
