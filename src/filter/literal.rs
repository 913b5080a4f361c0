//! Values as SQL literals that every reader on the way understands alike.
//!
//! A condition is read by three programs: by the CRM's check of SQL, which splits at brackets, backticks and `\'` even
//! inside of a literal; by the cleaning of signed requests, which refuses HTML entities and script; and by MySQL, which reads
//! a backslash as its `sql_mode` says. So a text made of harmless characters stands in single quotes, its own quotes
//! doubled, which holds in every mode; any other one stands in hexadecimal, which has nothing to misread. To MySQL and
//! MariaDB both are texts in the column's collation.

use std::fmt::Write;

use crate::utc::UtcTime;
use crate::values::{Date, Decimal};

/// A value to compare a column with: a text, number, boolean, date or time, taken by `Into`.
///
/// Numbers are written as texts, which MySQL compares as numbers beside a number column and as texts beside a text
/// column: `phone = 0` without quotes would match every phone that does not begin with a digit.
///
/// ```
/// use sugar_oauth::filter::{Filter, Value};
/// use sugar_oauth::values::Date;
///
/// // What a program was given, of whatever type, as a condition.
/// let values: Vec<Value> = vec![true.into(), 42.into(), "O'Neil".into(), Date::new(2026, 11, 21)?.into()];
/// let column = Filter::on("contacts")?.column("x_c")?;
/// let any = column.in_list(values);
/// # let _ = any;
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    text: String,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned() }
    }
}

impl From<bool> for Value {
    /// `1` or `0`, as checkboxes are stored.
    fn from(flag: bool) -> Self {
        Self::from(if flag { "1" } else { "0" })
    }
}

macro_rules! from_display {
    ($($type:ty),+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self { text: value.to_string() }
            }
        }
    )+};
}

from_display!(
    String, &String, i32, i64, u32, u64, usize, Date, UtcTime, Decimal, &Decimal
);

impl Value {
    /// The literal.
    pub(super) fn literal(&self) -> String {
        literal(&self.text)
    }

    /// The text as it may be stored: as it is, or with its quotes and angle brackets as entities, its ampersands, or both.
    pub(super) fn stored(&self) -> Vec<String> {
        stored(&self.text)
    }
}

/// A text as an SQL literal.
pub(super) fn literal(text: &str) -> String {
    if is_plain(text) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    text.bytes().fold("0x".to_owned(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02X}");
        hex
    })
}

/// Whether nothing in the text means anything to anyone between here and the database.
fn is_plain(text: &str) -> bool {
    // Beyond the basic plane, an old database with letters of three bytes takes quoted text only, and finds nothing.
    let harmless = |letter: char| letter.is_alphanumeric() || letter > '\u{FFFF}' || " '.,:@/+-%_".contains(letter);
    let lower = text.to_ascii_lowercase();
    text.chars().all(harmless) && !lower.contains("script:") && !lower.contains("document.")
}

/// The forms in which the CRM's pages, its API and imports store one text.
pub(crate) fn stored(text: &str) -> Vec<String> {
    let ampersands = text.replace('&', "&amp;");
    let mut forms = vec![text.to_owned(), quotes(text)];
    for form in [quotes(&ampersands), ampersands] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    if forms[0] == forms[1] {
        forms.remove(1);
    }
    forms
}

/// `'`, `"`, `<` and `>` as the entities that the CRM writes.
fn quotes(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\'' => encoded.push_str("&#039;"),
            '"' => encoded.push_str("&quot;"),
            '<' => encoded.push_str("&lt;"),
            '>' => encoded.push_str("&gt;"),
            other => encoded.push(other),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_quoted_and_all_else_is_hexadecimal() {
        for (text, sql) in [
            ("", "''"),
            ("Müller 7", "'Müller 7'"),
            ("O'Neil", "'O''Neil'"),
            ("'", "''''"),
            ("2026-11-21 08:54:25", "'2026-11-21 08:54:25'"),
            (r"\", "0x5C"),
            ("(A)", "0x284129"),
            ("`", "0x60"),
            ("a\0b", "0x610062"),
            ("&", "0x26"),
            ("javascript:x", "0x6A6176617363726970743A78"),
            ("😀", "'😀'"),
            ("(😀", "0x28F09F9880"),
        ] {
            assert_eq!(literal(text), sql, "{text:?}");
        }
    }

    #[test]
    fn forms_of_storage() {
        assert_eq!(stored("Smith"), ["Smith"]);
        assert_eq!(stored("O'Neil"), ["O'Neil", "O&#039;Neil"]);
        assert_eq!(stored("R&D"), ["R&D", "R&amp;D"]);
        assert_eq!(
            stored("O'Neil & \"<Sons>\""),
            [
                "O'Neil & \"<Sons>\"",
                "O&#039;Neil & &quot;&lt;Sons&gt;&quot;",
                "O&#039;Neil &amp; &quot;&lt;Sons&gt;&quot;",
                "O'Neil &amp; \"<Sons>\"",
            ]
        );
    }

    #[test]
    fn values_are_written_as_they_are_stored() {
        for (value, sql) in [
            (Value::from(true), "'1'"),
            (Value::from(-99), "'-99'"),
            (Value::from(Date::new(2026, 11, 21).unwrap()), "'2026-11-21'"),
            (Value::from(UtcTime::from_unix_seconds(0)), "'1970-01-01 00:00:00'"),
            (Value::from(Decimal::from_minor_units(150_050, 2)), "'1500.50'"),
        ] {
            assert_eq!(value.literal(), sql);
        }
    }
}
