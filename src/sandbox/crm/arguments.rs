//! The arguments of `get_entry_list` and `get_entries_count`, read as PHP would read them.

use serde_json::{Map, Value};

/// What a `get_entry_list` call asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListArguments {
    /// For example `Contacts`; case counts.
    pub(crate) module_name: String,
    /// An SQL condition, empty for none.
    pub(crate) query: String,
    /// An SQL ORDER BY list, empty for the order of ids.
    pub(crate) order_by: String,
    /// Rows to skip; below 0 is 0.
    pub(crate) offset: i64,
    /// Fields wanted, empty for all.
    pub(crate) select_fields: Vec<String>,
    /// Links to follow.
    pub(crate) links: Vec<LinkArguments>,
    /// Rows wanted; 0 or less means 20.
    pub(crate) max_results: i64,
    /// True: deleted rows too, beside the live ones.
    pub(crate) deleted: bool,
    /// Only rows of this user: what the session's role adds to the call.
    pub(crate) owner: Option<String>,
}

/// One entry of `link_name_to_fields_array`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkArguments {
    /// The link field, for example `contacts` of an account.
    pub(crate) name: String,
    /// Fields wanted of each linked record.
    pub(crate) fields: Vec<String>,
}

/// What a `get_entries_count` call asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CountArguments {
    /// For example `Contacts`; case counts.
    pub(crate) module_name: String,
    /// An SQL condition, empty for none.
    pub(crate) query: String,
    /// True: deleted rows too, beside the live ones.
    pub(crate) deleted: bool,
}

impl ListArguments {
    /// Reads arguments by their documented names; what is absent or null has its default.
    pub(crate) fn from_named(arguments: &Map<String, Value>) -> Self {
        Self {
            module_name: text(arguments.get("module_name")),
            query: text(arguments.get("query")),
            order_by: text(arguments.get("order_by")),
            offset: integer(arguments.get("offset")),
            select_fields: texts(arguments.get("select_fields")),
            links: links(arguments.get("link_name_to_fields_array")),
            max_results: integer(arguments.get("max_results")),
            deleted: integer(arguments.get("deleted")) != 0,
            owner: None,
        }
    }
}

impl CountArguments {
    /// Reads arguments by their documented names; what is absent or null has its default.
    pub(crate) fn from_named(arguments: &Map<String, Value>) -> Self {
        Self {
            module_name: text(arguments.get("module_name")),
            query: text(arguments.get("query")),
            deleted: integer(arguments.get("deleted")) != 0,
        }
    }
}

pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(true)) => "1".to_owned(),
        _ => String::new(),
    }
}

pub(super) fn integer(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(number)) => number
            .as_i64()
            // A float loses its fraction and what is out of range ends at the limit.
            .or_else(|| number.as_f64().map(|float| float as i64))
            .unwrap_or(0),
        Some(Value::Bool(flag)) => i64::from(*flag),
        Some(Value::String(text)) => leading_integer(text),
        _ => 0,
    }
}

/// PHP's `(int) "12 apples"`: the digits at the start, else 0.
fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let digits = text
        .char_indices()
        .take_while(|(at, c)| c.is_ascii_digit() || (*at == 0 && matches!(c, '-' | '+')))
        .count();
    text[..digits].parse().unwrap_or(0)
}

/// A PHP array of texts: a JSON list, or an object whose names do not matter.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().map(|item| text(Some(item))).collect(),
        Some(Value::Object(members)) => members.values().map(|item| text(Some(item))).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn links(value: Option<&Value>) -> Vec<LinkArguments> {
    let entries: Vec<&Value> = match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(members)) => members.values().collect(),
        _ => Vec::new(),
    };
    entries
        .into_iter()
        .filter_map(Value::as_object)
        .map(|entry| LinkArguments {
            name: text(entry.get("name")),
            fields: texts(entry.get("value")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_clients_send() {
        let json = json!({
            "session": "x", "module_name": "Accounts", "query": null, "order_by": "accounts.id",
            "offset": "20", "select_fields": ["id"], "max_results": 2.0, "deleted": false,
            "link_name_to_fields_array": [{"name": "contacts", "value": ["id", "last_name"]}],
        });
        let arguments = ListArguments::from_named(json.as_object().unwrap());
        assert_eq!(
            arguments,
            ListArguments {
                module_name: "Accounts".into(),
                query: String::new(),
                order_by: "accounts.id".into(),
                offset: 20,
                select_fields: vec!["id".into()],
                links: vec![LinkArguments {
                    name: "contacts".into(),
                    fields: vec!["id".into(), "last_name".into()],
                }],
                max_results: 2,
                deleted: false,
                owner: None,
            }
        );
    }

    #[test]
    fn survives_wrong_types() {
        let json = json!({
            "module_name": ["a"], "offset": "many", "max_results": "-3x", "deleted": "1",
            "select_fields": "id", "link_name_to_fields_array": ["contacts", {"value": 3}],
        });
        let arguments = ListArguments::from_named(json.as_object().unwrap());
        assert_eq!(
            (arguments.offset, arguments.max_results, arguments.deleted),
            (0, -3, true)
        );
        assert!(arguments.select_fields.is_empty());
        assert_eq!(arguments.links, vec![LinkArguments::default()]);
    }
}
