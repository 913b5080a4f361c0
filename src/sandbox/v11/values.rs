//! Values between JSON and the database.

use super::refusal::Refusal;
use super::times::{day, from_iso, to_iso};
use crate::sandbox::crm::Field;
use serde_json::{Value, json};

/// A stored value in JSON's own types. Numbers without a value are null and all others an empty text; amounts of money
/// are texts, so that no digit is lost. The documents leave both open.
pub(super) fn shown(field: &Field, stored: Option<&str>) -> Value {
    let text = stored.unwrap_or_default();
    match field.type_name {
        "bool" => json!(text == "1"),
        "int" => text.parse::<i64>().map_or(Value::Null, Value::from),
        "double" => text.parse::<f64>().map_or(Value::Null, Value::from),
        "datetime" => json!(to_iso(text)),
        "multienum" => {
            let choices = text.split(',').filter(|choice| !choice.is_empty());
            choices.map(|choice| json!(choice.trim_matches('^'))).collect()
        }
        _ => json!(text),
    }
}

/// What is stored for a value that was sent. What does not fit is refused, where the documents leave open whether a
/// server cuts, drops or refuses it.
pub(super) fn stored(field: &Field, sent: &Value) -> Result<Option<String>, Refusal> {
    let wrong = || Refusal::invalid(format!("Invalid value for field: {}", field.name));
    let text = match sent {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let is_empty = sent.is_null() || text.as_deref() == Some("");
    match field.type_name {
        "bool" => match sent {
            Value::Null | Value::Bool(false) => Ok(Some("0".to_owned())),
            Value::Bool(true) => Ok(Some("1".to_owned())),
            _ => match text.as_deref() {
                Some("0" | "false" | "") => Ok(Some("0".to_owned())),
                Some("1" | "true") => Ok(Some("1".to_owned())),
                _ => Err(wrong()),
            },
        },
        "multienum" => match sent {
            Value::Array(choices) => {
                let choice = |value: &Value| {
                    let choice = value.as_str().filter(|choice| is_choice(field, choice));
                    choice.map(|choice| format!("^{choice}^")).ok_or_else(wrong)
                };
                let choices: Vec<String> = choices.iter().map(choice).collect::<Result<_, _>>()?;
                Ok(Some(choices.join(",")).filter(|text| !text.is_empty()))
            }
            _ if is_empty => Ok(None),
            _ => Err(wrong()),
        },
        _ if sent.is_null() => Ok(None),
        "int" | "double" | "currency" | "datetime" | "date" if is_empty => Ok(None),
        "int" => text
            .filter(|text| text.parse::<i64>().is_ok())
            .ok_or_else(wrong)
            .map(Some),
        "double" | "currency" => text
            .filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite))
            .ok_or_else(wrong)
            .map(Some),
        "datetime" => text.and_then(|text| from_iso(&text)).ok_or_else(wrong).map(Some),
        "date" => text.and_then(|text| day(&text)).ok_or_else(wrong).map(Some),
        "enum" | "parent_type" => text
            .filter(|text| text.is_empty() || is_choice(field, text))
            .ok_or_else(wrong)
            .map(Some),
        _ => text
            .filter(|text| field.len.is_none_or(|len| text.chars().count() <= len))
            .ok_or_else(wrong)
            .map(Some),
    }
}

fn is_choice(field: &Field, value: &str) -> bool {
    field.options.iter().any(|(key, _)| *key == value)
}
