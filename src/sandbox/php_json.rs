//! JSON as PHP's `json_encode` writes it: `/` and everything beyond ASCII escaped.

use serde_json::Value;
use std::fmt::Write;

/// The text that PHP's `json_encode` would give for `value`, with its default options.
pub(crate) fn encode(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => write_string(text, string),
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_value(text, item);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (position, (name, member)) in members.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_string(text, name);
                text.push(':');
                write_value(text, member);
            }
            text.push('}');
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '/' => text.push_str("\\/"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            ' '..='\u{7f}' => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a `String` cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn escapes_as_php_does() {
        // Expected text from a SuiteCRM answer (`Nguyễn` and a closing tag).
        assert_eq!(
            encode(&json!("Nguyễn &quot;Best&quot; </b>")),
            r#""Nguy\u1ec5n &quot;Best&quot; <\/b>""#
        );
        assert_eq!(
            encode(&json!("\u{1b}[1m\t\"\\\u{7f}")),
            "\"\\u001b[1m\\t\\\"\\\\\u{7f}\""
        );
        assert_eq!(encode(&json!("😀")), r#""\ud83d\ude00""#);
    }

    #[test]
    fn keeps_the_order_of_members() {
        assert_eq!(
            encode(&json!({"z": 1, "a": [null, true, {}], "é": "-"})),
            r#"{"z":1,"a":[null,true,{}],"\u00e9":"-"}"#
        );
    }

    #[test]
    fn reads_back_as_the_same_value() {
        let value = json!({"a/b": ["\u{0}\u{1f}\u{2028}\u{10ffff}", -1, 1.5, "", []]});
        assert_eq!(serde_json::from_str::<Value>(&encode(&value)).unwrap(), value);
    }
}
