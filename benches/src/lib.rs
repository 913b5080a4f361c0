//! What several benches need.

mod chart;
mod memory;
mod replay;

pub use chart::{Line, memory_chart};
pub use memory::{Memory, memory_of};
pub use replay::replay;

use serde_json::Value;

/// A `get_entry_list` call's arguments, 300 bytes of them, as a client sends them.
pub const REST_DATA: &str = "{\"session\":\"\",\"module_name\":\"Contacts\",\"query\":\"contacts.last_name LIKE 'M%' AND \
    contacts.id > '8aabe1eb-2e1a-91f6-d7ec-010d91d07b29'\",\"order_by\":\"contacts.id\",\"offset\":0,\"select_fields\":\
    [\"id\",\"first_name\",\"last_name\",\"phone_work\",\"date_modified\"],\"link_name_to_fields_array\":[],\"max_results\":250,\"deleted\":0}";

/// Another page with as many fields a record: those that there are again and again, under names of their own.
pub fn widened(page: &str, fields: usize) -> String {
    let page: Value = serde_json::from_str(page).expect("a page");
    let entries = page["entry_list"].as_array().expect("records").iter().map(|entry| {
        let own = entry["name_value_list"].as_object().expect("fields");
        let pairs: Vec<String> = own
            .values()
            .cycle()
            .take(fields)
            .enumerate()
            .map(|(number, pair)| {
                let name = pair["name"].as_str().expect("a name");
                let name = match number / own.len() {
                    0 => name.to_owned(),
                    again => format!("{name}_{again}"),
                };
                format!(
                    r#""{name}":{{"name":"{name}","value":{}}}"#,
                    as_php_writes(&pair["value"])
                )
            })
            .collect();
        format!(
            r#"{{"id":{},"module_name":"Contacts","name_value_list":{{{}}}}}"#,
            as_php_writes(&entry["id"]),
            pairs.join(",")
        )
    });
    let entries: Vec<String> = entries.collect();
    format!(
        r#"{{"result_count":{count},"total_count":"{count}","next_offset":{count},"entry_list":[{}],"relationship_list":[]}}"#,
        entries.join(","),
        count = entries.len()
    )
}

/// JSON in ASCII, slashes escaped.
fn as_php_writes(value: &Value) -> String {
    let mut written = String::new();
    for unit in value.to_string().replace('/', "\\/").encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => written.push(char::from(byte)),
            _ => written.push_str(&format!("\\u{unit:04x}")),
        }
    }
    written
}
