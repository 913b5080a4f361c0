//! serde, for the types here and as `with` modules for the fields of users' own structs.

use super::day::{Date, YEARS};
use super::decimal::Decimal;
use super::multi_select::MultiSelect;
use super::scalar::{self, ApiText, Scalar};
use crate::utc::UtcTime;

impl ApiText for UtcTime {
    const MEANT: &'static str = "a UTC time between the years 1000 and 9999, YYYY-MM-DD hh:mm:ss";

    fn read(value: Scalar) -> Option<Self> {
        match value {
            Scalar::Text(text) => Self::parse(&text),
            _ => None,
        }
    }

    fn write(&self) -> Option<String> {
        YEARS.contains(&self.day().0).then(|| self.to_string())
    }
}

impl ApiText for bool {
    const MEANT: &'static str = "1 or 0";

    fn read(value: Scalar) -> Option<Self> {
        match value {
            Scalar::Bool(flag) => Some(flag),
            Scalar::Integer(0) | Scalar::Nothing => Some(false),
            Scalar::Integer(1) => Some(true),
            Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "1" | "on" | "yes" | "true" => Some(true),
                "" | "0" | "off" | "no" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn write(&self) -> Option<String> {
        Some(if *self { "1" } else { "0" }.to_owned())
    }
}

/// serde for a type whose text is all that there is to it.
macro_rules! serde_as_text {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                scalar::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                scalar::deserialize(deserializer)
            }
        }
    )+};
}

serde_as_text!(Date, Decimal, MultiSelect, UtcTime);

/// A `with` module for fields of one type.
macro_rules! with_module {
    ($(#[$meta:meta])* $name:ident, $type:ty) => {
        $(#[$meta])*
        pub mod $name {
            /// Reads the field.
            ///
            /// # Errors
            /// The deserializer's, for a value that means something else.
            pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                super::scalar::deserialize(deserializer)
            }

            /// Writes the field's text.
            ///
            /// # Errors
            /// The serializer's; a year that the database cannot hold.
            pub fn serialize<S: serde::Serializer>(value: &$type, serializer: S) -> Result<S::Ok, S::Error> {
                super::scalar::serialize(value, serializer)
            }
        }
    };
}

/// The same for fields that may have no value.
macro_rules! optional_module {
    ($(#[$meta:meta])* $name:ident, $type:ty) => {
        $(#[$meta])*
        ///
        /// An empty text, `null` and MySQL's zero date are `None`, and `#[serde(default)]` makes `None` of an absent field.
        /// `None` is written as the empty text, which empties the field.
        pub mod $name {
            /// Reads the field.
            ///
            /// # Errors
            /// The deserializer's, for a value that means something else.
            pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<$type>, D::Error> {
                super::scalar::deserialize_optional(deserializer)
            }

            /// Writes the field's text.
            ///
            /// # Errors
            /// The serializer's; a year that the database cannot hold.
            pub fn serialize<S: serde::Serializer>(value: &Option<$type>, serializer: S) -> Result<S::Ok, S::Error> {
                super::scalar::serialize_optional(value.as_ref(), serializer)
            }
        }
    };
}

with_module! {
    /// A checkbox: `1` or `0` as a `bool`.
    ///
    /// Also read: `on`, `off`, `yes`, `no`, `true`, `false` in any case, the numbers 1 and 0, JSON booleans, and as not
    /// ticked the empty text and `null`. Written as `1` or `0`.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Contact {
    ///     #[serde(with = "sugar_oauth::values::bool_text")]
    ///     do_not_call: bool,
    /// }
    /// let contact: Contact = serde_json::from_str(r#"{"do_not_call":"on"}"#)?;
    /// assert!(contact.do_not_call);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    bool_text, bool
}
with_module! {
    /// A day, which [`Date`] reads and writes without this module too.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Record {
    ///     #[serde(with = "sugar_oauth::values::date")]
    ///     date_closed: sugar_oauth::values::Date,
    /// }
    /// let record: Record = serde_json::from_str(r#"{"date_closed":"2026-11-21"}"#)?;
    /// assert_eq!(record.date_closed.day(), 21);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    date, super::Date
}
with_module! {
    /// A moment, which [`UtcTime`] reads and writes without this module too.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Record {
    ///     #[serde(with = "sugar_oauth::values::utc")]
    ///     date_modified: sugar_oauth::UtcTime,
    /// }
    /// let record: Record = serde_json::from_str(r#"{"date_modified":"2026-11-21 08:54:25"}"#)?;
    /// assert_eq!(record.date_modified.unix_seconds(), 1_795_251_265);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    utc, super::UtcTime
}
optional_module! {
    /// A checkbox that may be neither ticked nor not, as an `Option<bool>`.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Record {
    ///     #[serde(default, with = "sugar_oauth::values::optional_bool")]
    ///     confirmed_c: Option<bool>,
    /// }
    /// let record: Record = serde_json::from_str(r#"{"confirmed_c":""}"#)?;
    /// assert_eq!(record.confirmed_c, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    optional_bool, bool
}
optional_module! {
    /// A day or none, as an `Option<Date>`.
    optional_date, super::Date
}
optional_module! {
    /// An amount or none, as an `Option<Decimal>`.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Record {
    ///     #[serde(default, with = "sugar_oauth::values::optional_decimal")]
    ///     amount: Option<sugar_oauth::values::Decimal>,
    /// }
    /// let record: Record = serde_json::from_str(r#"{"amount":"1500.000000"}"#)?;
    /// assert_eq!(record.amount.map(|amount| amount.to_f64()), Some(1500.0));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    optional_decimal, super::Decimal
}
optional_module! {
    /// A moment or none, as an `Option<UtcTime>`.
    optional_utc, super::UtcTime
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;
    use crate::values::{integer, optional_integer};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Opportunity {
        amount: Decimal,
        #[serde(with = "super::bool_text")]
        deleted: bool,
        #[serde(with = "integer")]
        probability: u8,
        #[serde(with = "super::date")]
        date_closed: Date,
        #[serde(with = "super::utc")]
        date_entered: UtcTime,
        #[serde(default, with = "super::optional_bool")]
        won: Option<bool>,
        #[serde(default, with = "optional_integer")]
        rank: Option<i64>,
        #[serde(default, with = "super::optional_date")]
        next: Option<Date>,
        #[serde(default, with = "super::optional_utc")]
        seen: Option<UtcTime>,
        #[serde(default, with = "super::optional_decimal")]
        discount: Option<Decimal>,
    }

    #[test]
    fn a_record_is_read_and_written_again() {
        let mut record = json!({"amount": "1500.000000", "deleted": "0", "probability": "10",
            "date_closed": "2026-11-21", "date_entered": "2026-11-21 08:54:25"});
        let read: Opportunity = serde_json::from_value(record.clone()).unwrap();
        assert_eq!(
            (read.probability, read.deleted, read.won, read.seen),
            (10, false, None, None)
        );
        let emptied = ["won", "rank", "next", "seen", "discount"];
        for name in emptied {
            record[name] = json!("");
        }
        assert_eq!(serde_json::to_value(&read).unwrap(), record);
        assert_eq!(serde_json::from_value::<Opportunity>(record.clone()).unwrap(), read);
        for (name, text) in emptied
            .into_iter()
            .zip(["1", "-99", "2024-02-29", "2024-02-29 00:00:00", "0.5"])
        {
            record[name] = json!(text);
        }
        let read: Opportunity = serde_json::from_value(record.clone()).unwrap();
        assert_eq!((read.won, read.rank), (Some(true), Some(-99)));
        assert_eq!(serde_json::to_value(&read).unwrap(), record);
    }

    fn read<T: ApiText>(json: &str) -> Option<T> {
        deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    }

    fn optional<T: ApiText>(json: &str) -> Result<Option<T>, ()> {
        deserialize_optional(&mut serde_json::Deserializer::from_str(json)).map_err(|_| ())
    }

    use super::super::scalar::{deserialize, deserialize_optional};

    #[test]
    fn checkboxes() {
        for json in [r#""1""#, r#""on""#, "true", "1", r#""TRUE""#] {
            assert_eq!(read(json), Some(true), "{json}");
        }
        for json in [r#""0""#, r#""""#, "false", "0", "null", "[]", r#""off""#] {
            assert_eq!(read(json), Some(false), "{json}");
        }
        for json in ["2", "-1", r#""2""#, r#""maybe""#, "1.0", "{}", "[1]"] {
            assert_eq!(read::<bool>(json), None, "{json}");
        }
    }

    #[test]
    fn no_value_is_none_and_nonsense_is_an_error() {
        for json in [
            r#""""#,
            "null",
            "[]",
            r#""0000-00-00""#,
            r#""0000-00-00 00:00:00""#,
            r#"" ""#,
        ] {
            assert_eq!(optional::<UtcTime>(json), Ok(None), "{json}");
        }
        for json in [r#""2026-01-01T00:00:00Z""#, r#""2026-01-01""#, "0", r#""soon""#] {
            assert_eq!(optional::<UtcTime>(json), Err(()), "{json}");
        }
        assert!(read::<UtcTime>(r#""""#).is_none());
    }

    #[test]
    fn a_year_that_the_database_cannot_hold_is_not_sent() {
        for seconds in [i64::MAX / 1000, -62_200_000_000, 253_402_300_800] {
            let time = UtcTime::from_unix_seconds(seconds);
            let error = serde_json::to_string(&time).unwrap_err();
            assert!(error.to_string().contains("would not store"), "{error}");
        }
        assert!(serde_json::to_string(&UtcTime::from_unix_seconds(253_402_300_799)).is_ok());
    }
}
