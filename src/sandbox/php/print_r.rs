//! PHP's `print_r`: what a call without `response_type` is answered with.

use serde_json::Value;

/// The text that `print_r` writes for `value`.
pub(crate) fn print_r(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text
}

fn write(text: &mut String, value: &Value, indent: usize) {
    let members: Vec<(String, &Value)> = match value {
        Value::Null | Value::Bool(false) => return,
        Value::Bool(true) => return text.push('1'),
        Value::Number(number) => return text.push_str(&number.to_string()),
        Value::String(string) => return text.push_str(string),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (at.to_string(), item))
            .collect(),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
    };
    let margin = " ".repeat(indent);
    text.push_str("Array\n");
    text.push_str(&margin);
    text.push_str("(\n");
    for (name, member) in members {
        text.push_str(&format!("{margin}    [{name}] => "));
        write(text, member, indent + 8);
        text.push('\n');
    }
    text.push_str(&margin);
    text.push_str(")\n");
}

#[cfg(test)]
mod tests {
    use super::print_r;
    use serde_json::json;

    #[test]
    fn writes_what_php_writes() {
        assert_eq!(print_r(&json!({"id": "fe35"})), "Array\n(\n    [id] => fe35\n)\n");
        assert_eq!(
            print_r(&json!({"a": ["x"], "b": null, "c": true})),
            "Array\n(\n    [a] => Array\n        (\n            [0] => x\n        )\n\n    [b] => \n    [c] => 1\n)\n"
        );
        // Written by PHP 8.2.
        let nested = "Array\n(\n    [d] => Array\n        (\n        )\n\n    [e] => Array\n        (\n            [f] => Array\n                (\n                    [g] => 1\n                )\n\n        )\n\n)\n";
        assert_eq!(print_r(&json!({"d": [], "e": {"f": {"g": 1}}})), nested);
        assert_eq!(print_r(&json!(null)), "");
        assert_eq!(print_r(&json!("oauth_token=1")), "oauth_token=1");
    }
}
