//! What becomes of a value that is sent for a field.

use super::clean::clean;
use super::field::Field;
use serde_json::{Value, json};

/// A value on its way to the database.
#[derive(Debug, PartialEq)]
pub(super) struct Coerced {
    /// What the answer of `set_entry` shows.
    pub(super) echo: Value,
    /// What is stored; none is NULL.
    pub(super) stored: Option<String>,
}

/// Makes of a value what the application makes of it. JSON's null is no value at all and does not come here.
pub(super) fn coerce(field: &Field, sent: &Value) -> Coerced {
    let Some(text) = php_text(sent) else {
        return Coerced {
            echo: sent.clone(),
            stored: None,
        };
    };
    match field.type_name {
        "bool" => {
            let truth = truth(sent);
            Coerced {
                echo: json!(truth),
                stored: Some(if truth { "1" } else { "0" }.to_owned()),
            }
        }
        "int" | "double" | "currency" if text.is_empty() => Coerced {
            echo: sent.clone(),
            stored: None,
        },
        "int" => {
            let number = unformatted(&text) as i64;
            Coerced {
                echo: json!(number),
                stored: Some(number.to_string()),
            }
        }
        "double" | "currency" => {
            let number = unformatted(&text);
            Coerced {
                echo: json!(number),
                stored: Some(number.to_string()),
            }
        }
        "datetime" => Coerced {
            echo: sent.clone(),
            stored: Some(text).filter(|text| is_date_time(text)),
        },
        "date" => Coerced {
            echo: json!(text.chars().take(10).collect::<String>()),
            stored: Some(text)
                .filter(|text| is_date(text) || is_date_time(text))
                .map(|text| text.chars().take(10).collect()),
        },
        "id" | "relate" | "assigned_user_name" => Coerced {
            echo: sent.clone(),
            stored: Some(cut(&text, field)),
        },
        _ if text.is_empty() => Coerced {
            echo: sent.clone(),
            stored: Some(text),
        },
        _ => {
            let cleaned = clean(&text);
            Coerced {
                echo: json!(cleaned.echo),
                stored: Some(cut(&cleaned.stored, field)),
            }
        }
    }
}

/// The database's columns cut what is too long, in silence.
fn cut(text: &str, field: &Field) -> String {
    match field.len {
        Some(len) => text.chars().take(len).collect(),
        None => text.to_owned(),
    }
}

/// A scalar as PHP writes it into a text; none for an array.
pub(super) fn php_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(true) => Some("1".to_owned()),
        Value::Bool(false) | Value::Null => Some(String::new()),
        Value::Number(number) => Some(match number.as_i64() {
            Some(integer) => integer.to_string(),
            None => number.as_f64().unwrap_or_default().to_string(),
        }),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether PHP takes a value for true. `"false"` and `"0.0"` are texts that hold something.
pub(super) fn php_true(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        scalar => php_text(scalar).is_some_and(|text| !text.is_empty() && text != "0"),
    }
}

/// Whether a `bool` field takes a value for true: some words say no.
fn truth(value: &Value) -> bool {
    php_true(value) && !php_text(value).is_some_and(|text| matches!(text.as_str(), "off" | "false" | "0" | "no"))
}

/// The number that a text begins with, its thousands parted by commas; 0 if it begins with none.
fn unformatted(text: &str) -> f64 {
    let text = text.trim().replace([',', ' '], "");
    let end = (0..=text.len()).rev().find(|&end| {
        text.get(..end)
            .is_some_and(|start| start.parse::<f64>().is_ok_and(f64::is_finite))
    });
    let number = end.and_then(|end| text[..end].parse().ok()).unwrap_or(0.0);
    // A text such as `nan` or `inf` is no number for PHP.
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        0.0
    } else {
        number
    }
}

fn is_date(text: &str) -> bool {
    fits(text, "0000-00-00") && text[5..7] <= *"12" && text[8..10] <= *"31"
}

fn is_date_time(text: &str) -> bool {
    fits(text, "0000-00-00 00:00:00")
        && is_date(&text[..10])
        && text[11..13] <= *"23"
        && text[14..16] <= *"59"
        && text[17..19] <= *"59"
}

/// Whether a text has digits where the pattern has zeros, and is like it everywhere else.
fn fits(text: &str, pattern: &str) -> bool {
    let same = |(byte, wanted): (u8, u8)| {
        if wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == wanted
        }
    };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::crm::field::{field, varchar};

    fn stored(type_name: &'static str, sent: Value) -> Option<String> {
        coerce(&field("x", type_name), &sent).stored
    }

    #[test]
    fn dates_other_than_the_databases_own_become_null() {
        let right = json!("2026-01-01 00:00:00");
        assert_eq!(stored("datetime", right.clone()).as_deref(), right.as_str());
        for wrong in [
            "2026-01-01T00:00:00Z",
            "2026-01-01",
            "01/31/2026 10:00",
            "2026-13-01 00:00:00",
            "",
            "é",
        ] {
            assert_eq!(stored("datetime", json!(wrong)), None, "{wrong}");
        }
        assert_eq!(
            coerce(&field("x", "datetime"), &json!("2026-01-01T00:00:00Z")).echo,
            json!("2026-01-01T00:00:00Z")
        );
        assert_eq!(stored("date", json!("2026-01-31")).as_deref(), Some("2026-01-31"));
        assert_eq!(stored("date", json!("2026-01-31T00:00:00Z")), None);
    }

    #[test]
    fn an_array_becomes_null_and_says_nothing() {
        let sent = json!(["a", "b"]);
        assert_eq!(
            coerce(&field("x", "multienum"), &sent),
            Coerced {
                echo: sent,
                stored: None
            }
        );
        assert_eq!(stored("multienum", json!("^a^,^b^")).as_deref(), Some("^a^,^b^"));
    }

    #[test]
    fn numbers_and_booleans() {
        for (sent, expected) in [
            (json!("1,234.50"), "1234.5"),
            (json!("12 apples"), "12"),
            (json!("apples"), "0"),
            (json!("infinity"), "0"),
            (json!(7.25), "7.25"),
            (json!("-3"), "-3"),
        ] {
            assert_eq!(stored("currency", sent.clone()).as_deref(), Some(expected), "{sent}");
        }
        assert_eq!(stored("int", json!("9.9")).as_deref(), Some("9"));
        assert_eq!(stored("int", json!("")), None);
        for no in [
            json!(false),
            json!(0),
            json!("0"),
            json!("off"),
            json!("no"),
            json!("false"),
            json!(""),
        ] {
            assert_eq!(stored("bool", no.clone()).as_deref(), Some("0"), "{no}");
        }
        for yes in [json!(true), json!(1), json!("1"), json!("on"), json!("yes")] {
            assert_eq!(stored("bool", yes.clone()).as_deref(), Some("1"), "{yes}");
        }
        assert!(php_true(&json!("false")) && !php_true(&json!("0")));
    }

    #[test]
    fn texts_are_cut_to_their_column() {
        let name = coerce(&varchar("x", 3), &json!("abcé"));
        assert_eq!((name.echo, name.stored.as_deref()), (json!("abc&eacute;"), Some("abc")));
        assert_eq!(stored("varchar", json!(5)).as_deref(), Some("5"));
    }
}
