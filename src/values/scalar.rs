//! A value as it stands in an answer, before it is known what it means.

use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;

/// A JSON value that is no object.
pub(super) enum Scalar {
    Text(String),
    Integer(i128),
    Float(f64),
    Bool(bool),
    /// `null`, or `[]`: how PHP writes an empty array.
    Nothing,
}

impl Scalar {
    pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }

    /// Whether the field has no value: the zero dates of MySQL are none either.
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => matches!(text.trim(), "" | "0000-00-00" | "0000-00-00 00:00:00"),
            Self::Nothing => true,
            _ => false,
        }
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a number, a boolean or null")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_none<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar, D::Error> {
        Scalar::read(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Scalar, A::Error> {
        match sequence.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(Scalar::Nothing),
            Some(_) => Err(Error::custom("a list where one value is meant")),
        }
    }
}

/// What an API text can be read to and written from.
pub(super) trait ApiText: Sized {
    /// What is meant, for the error.
    const MEANT: &'static str;

    /// `None` when the value is something else.
    fn read(value: Scalar) -> Option<Self>;

    /// `None` for a value that the server would change.
    fn write(&self) -> Option<String>;
}

pub(super) fn deserialize<'de, D: Deserializer<'de>, T: ApiText>(deserializer: D) -> Result<T, D::Error> {
    required(Scalar::read(deserializer)?)
}

/// As [`deserialize`], `None` for a field without a value.
pub(super) fn deserialize_optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: ApiText,
{
    match Scalar::read(deserializer)? {
        empty if empty.is_empty() => Ok(None),
        value => required(value).map(Some),
    }
}

fn required<T: ApiText, E: Error>(value: Scalar) -> Result<T, E> {
    T::read(value).ok_or_else(|| E::custom(format_args!("not what the field holds: {} is meant", T::MEANT)))
}

pub(super) fn serialize<S: Serializer, T: ApiText>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    match value.write() {
        Some(text) => serializer.serialize_str(&text),
        None => Err(serde::ser::Error::custom(format_args!(
            "the server would not store this value: {} is meant",
            T::MEANT
        ))),
    }
}

/// As [`serialize`], the empty text for `None`.
pub(super) fn serialize_optional<S: Serializer, T: ApiText>(
    value: Option<&T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serialize(value, serializer),
        None => serializer.serialize_str(""),
    }
}
