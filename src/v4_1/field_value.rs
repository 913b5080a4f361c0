//! Values on their way to the server.

use serde_json::Value;

use crate::utc::UtcTime;
use crate::values::{Date, Decimal, MultiSelect};

/// The value of a field to write, in the API's own text form.
///
/// Made from texts, numbers, booleans (`1` and `0`), [`UtcTime`] and what [`values`](crate::values) has. An empty text
/// empties a field.
///
/// ```
/// use sugar_oauth::v4_1::FieldValue;
/// use sugar_oauth::values::{Date, MultiSelect};
///
/// assert_eq!(FieldValue::from(true).as_str(), "1");
/// assert_eq!(FieldValue::from(Date::new(2026, 11, 21)?).as_str(), "2026-11-21");
/// assert_eq!(FieldValue::from(MultiSelect::new(["A", "B"])?).as_str(), "^A^,^B^");
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FieldValue(String);

impl FieldValue {
    /// The text that is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn to_json(&self) -> Value {
        Value::from(self.0.as_str())
    }

    /// What the server would store otherwise than sent, if anything.
    ///
    /// It purifies text as HTML: it cuts out scripts and tags that are none of HTML's, and decodes entities. Dates in ISO
    /// form it stores as nothing at all (`docs/server.md`).
    pub(super) fn changed_by_server(&self) -> Option<&'static str> {
        let lower = self.0.to_ascii_lowercase();
        if lower.contains("<script") {
            Some("holds <script, which the server cuts out")
        } else if tags(&lower).any(|tag| !HARMLESS_TAGS.contains(&tag)) {
            Some("holds what the server takes for a tag of HTML, such as <x>, and cuts out")
        } else if holds_entity(&lower) {
            Some("holds an HTML entity such as &amp;, which the server decodes: send plain text, not HTML")
        } else if is_iso_time(&self.0) {
            Some(
                "is a time with T and Z, which the server stores as nothing: send YYYY-MM-DD hh:mm:ss in UTC (UtcTime)",
            )
        } else {
            None
        }
    }
}

/// Tags that stay, by and large.
const HARMLESS_TAGS: [&str; 37] = [
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "td",
    "th",
    "tr",
    "u",
    "ul",
];

/// The names of what has the form of a tag: `<`, a letter, and a `>` somewhere behind.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('<').filter_map(|(at, _)| {
        let inside = &text[at + 1..];
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let end = inside.find(|letter: char| !letter.is_ascii_alphanumeric())?;
        let is_tag = inside.starts_with(|first: char| first.is_ascii_alphabetic()) && inside[end..].contains('>');
        is_tag.then_some(&inside[..end])
    })
}

/// Whether there is a `&`, a name or a number, and a `;`.
fn holds_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let inside = &text[at + 1..];
        let number = inside.strip_prefix('#');
        let name = number.unwrap_or(inside);
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric());
        end.is_some_and(|end| end > 1 && name[end..].starts_with(';'))
            && (number.is_some() || inside.starts_with(|first: char| first.is_ascii_alphabetic()))
    })
}

/// Whether a text is such as `2026-01-01T00:00:00Z`, with or without fractions or an offset.
fn is_iso_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| bytes[from..to].iter().all(u8::is_ascii_digit);
    bytes.len() >= 19
        && bytes.len() <= 35
        && bytes[10] == b'T'
        && (bytes[4], bytes[7], bytes[13], bytes[16]) == (b'-', b'-', b':', b':')
        && digits(0, 4)
        && digits(5, 7)
        && digits(8, 10)
        && digits(11, 13)
}

impl std::fmt::Debug for FieldValue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("FieldValue(…)")
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<bool> for FieldValue {
    fn from(flag: bool) -> Self {
        Self(String::from(if flag { "1" } else { "0" }))
    }
}

macro_rules! from_display {
    ($($type:ty),+) => {
        $(impl From<$type> for FieldValue {
            fn from(value: $type) -> Self {
                Self(value.to_string())
            }
        })+
    };
}

from_display!(
    &String,
    i32,
    i64,
    u32,
    u64,
    usize,
    UtcTime,
    Date,
    Decimal,
    &Decimal,
    MultiSelect,
    &MultiSelect
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_sent_in_the_texts_that_the_server_stores() {
        let chosen = MultiSelect::new(["a", "b"]).unwrap();
        assert_eq!(FieldValue::from(chosen).as_str(), "^a^,^b^");
        assert_eq!(
            FieldValue::from(Date::new(2026, 11, 21).unwrap()).as_str(),
            "2026-11-21"
        );
        assert_eq!(FieldValue::from(Decimal::from_minor_units(1_999, 2)).as_str(), "19.99");
        assert_eq!(
            FieldValue::from(UtcTime::from_unix_seconds(0)).as_str(),
            "1970-01-01 00:00:00"
        );
    }

    #[test]
    fn what_the_server_would_change_is_told() {
        for changed in [
            "a <SCRIPT>x",
            "R&amp;D",
            "O&#039;Neil",
            "caf&eacute;",
            "Söhne <GmbH>",
            "x<y>z",
            "<style>p</style>",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.123+02:00",
        ] {
            assert!(FieldValue::from(changed).changed_by_server().is_some(), "{changed}");
        }
        for kept in [
            "2026-01-01 00:00:00",
            "a <b> & 'c'",
            "1 < 2 > 0, 3<4",
            "R&D; A&B;",
            "mail <a@b.example",
            "",
            "Tuesday, 2026-01-01T",
            "x2026-01-01T00:00:00Z",
        ] {
            assert!(FieldValue::from(kept).changed_by_server().is_none(), "{kept}");
        }
    }
}
