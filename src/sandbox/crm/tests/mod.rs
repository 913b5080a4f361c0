//! The answers beside those of a SuiteCRM, and what the records hold.

mod captured;
mod pages;
mod records;

use super::*;
use serde_json::json;

/// The body of a captured exchange.
fn body(capture: &str) -> &str {
    let (_, answer) = capture.rsplit_once("HTTP/1.").expect("an answer");
    let blank_line = if answer.contains("\r\n\r\n") {
        "\r\n\r\n"
    } else {
        "\n\n"
    };
    answer.split_once(blank_line).expect("a body").1.trim_end_matches('\n')
}

fn captured(name: &str) -> &'static str {
    body(match name {
        "list_ok" => include_str!("../../../../tests/captures/list_ok.txt"),
        "list_empty" => include_str!("../../../../tests/captures/list_empty.txt"),
        "list_past_end" => include_str!("../../../../tests/captures/list_past_end.txt"),
        "list_links" => include_str!("../../../../tests/captures/list_links.txt"),
        "m_list_accounts" => include_str!("../../../../tests/captures/m_list_accounts.txt"),
        "count_ok" => include_str!("../../../../tests/captures/count_ok.txt"),
        "err_bad_sql" => include_str!("../../../../tests/captures/err_bad_sql.txt"),
        other => panic!("{other}"),
    })
}

/// The arguments of the captured `list_*` calls, and a change to them.
fn list(change: Value) -> ListArguments {
    let mut arguments = json!({
        "session": "x", "module_name": "Accounts", "query": "", "order_by": "accounts.date_entered, accounts.id",
        "offset": 0, "select_fields": ["id", "name", "date_modified"], "link_name_to_fields_array": [],
        "max_results": 2, "deleted": 0,
    });
    for (name, value) in change.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    ListArguments::from_named(arguments.as_object().unwrap())
}

fn crm() -> Crm {
    Crm::new("admin")
}

fn ids(answer: &Value) -> Vec<String> {
    let entries = answer["entry_list"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| decode(entry["id"].as_str().unwrap()))
        .collect()
}

fn decode(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#039;", "'")
}

fn quoted(id: &str) -> String {
    format!("'{}'", id.replace('\\', r"\\").replace('\'', "''"))
}

/// Every id of a module, by the server's order.
fn all_ids(crm: &Crm, module: &str, table: &str) -> Vec<String> {
    let order = format!("{table}.id");
    let change = json!({"module_name": module, "order_by": order, "select_fields": ["id"], "max_results": 1_000_000});
    ids(&crm.get_entry_list(&list(change)).unwrap())
}
