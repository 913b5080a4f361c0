//! Answers beside those of a SuiteCRM.

use super::*;
use crate::sandbox::php_json;

/// The shape of a value: texts and counts blanked, lists of records shortened to their first.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) if members.contains_key("name") && members.contains_key("value") => {
            let names: Vec<&String> = members.keys().collect();
            json!({"name": members["name"], "members": names, "text": members["value"].is_string()})
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| (name.clone(), shape(member)))
                .collect(),
        ),
        Value::Array(items) => json!(items.first().map(shape).into_iter().collect::<Vec<_>>()),
        Value::String(_) => json!("text"),
        other => other.clone(),
    }
}

/// The same shape, and its members in the same order.
fn assert_same_shape(ours: &Value, capture: &str) {
    let theirs: Value = serde_json::from_str(captured(capture)).unwrap();
    assert_eq!(shape(ours).to_string(), shape(&theirs).to_string(), "{capture}");
}

#[test]
fn a_page_looks_as_captured() {
    let answer = crm().get_entry_list(&list(json!({}))).unwrap();
    assert_same_shape(&answer, "list_ok");
    assert_eq!(answer["result_count"], json!(2));
    assert!(answer["total_count"].is_string());
    let cities = json!({"order_by": "accounts.id", "select_fields": ["id", "name", "billing_address_city"]});
    assert_same_shape(&crm().get_entry_list(&list(cities)).unwrap(), "m_list_accounts");
}

#[test]
fn an_empty_answer_is_byte_for_byte_as_captured() {
    let answer = crm()
        .get_entry_list(&list(json!({"query": "accounts.name='nope nope'"})))
        .unwrap();
    assert_eq!(php_json::encode(&answer), captured("list_empty"));
}

#[test]
fn a_page_past_the_end_is_as_captured_but_for_the_total() {
    let crm = crm();
    let answer = crm.get_entry_list(&list(json!({"offset": 1_000_000}))).unwrap();
    let total = all_ids(&crm, "Accounts", "accounts").len();
    let expected = captured("list_past_end").replace("\"50\"", &format!("\"{total}\""));
    assert_eq!(php_json::encode(&answer), expected);
    let far = crm.get_entry_list(&list(json!({"offset": i64::MAX}))).unwrap();
    assert_eq!(far["result_count"], json!(0));
}

#[test]
fn links_look_as_captured() {
    let links = json!([{"name": "contacts", "value": ["id", "last_name"]}]);
    let with_contacts = json!({"link_name_to_fields_array": links, "query": "accounts.id IN ('1', '{X}')"});
    assert_same_shape(&crm().get_entry_list(&list(with_contacts)).unwrap(), "list_links");
}

#[test]
fn a_count_is_as_captured() {
    let crm = crm();
    let arguments = CountArguments {
        module_name: "Accounts".into(),
        ..CountArguments::default()
    };
    let total = all_ids(&crm, "Accounts", "accounts").len();
    let answer = php_json::encode(&crm.get_entries_count(&arguments).unwrap());
    assert_eq!(answer, captured("count_ok").replace("50", &total.to_string()));
    let closed = CountArguments {
        module_name: "Administration".into(),
        ..CountArguments::default()
    };
    assert_eq!(crm.get_entries_count(&closed), Ok(json!({"result_count": null})));
    let none = CountArguments {
        query: "accounts.id = 'nope'".into(),
        ..arguments
    };
    assert_eq!(crm.get_entries_count(&none).unwrap(), json!({"result_count": "0"}));
}

#[test]
fn entries_and_escapes_are_written_as_captured() {
    // One captured entry, put into a store by its decoded values.
    let id = "00cadeb7-5208-4d5e-a882-f15391602d22";
    let values = [
        ("id", id),
        ("name", "Nguyễn \"Best\" LLC 01808"),
        ("billing_address_city", "İstanbul"),
    ];
    let record = table::Record::new(&modules::ACCOUNTS, values);
    let mut records = store::Records::default();
    records.add(&modules::ACCOUNTS, record);
    let fields = ["id", "name", "billing_address_city"].map(String::from).to_vec();
    let arguments = ListArguments {
        module_name: "Accounts".into(),
        select_fields: fields,
        ..ListArguments::default()
    };
    let answer = Store::new(records).entry_list(&arguments).unwrap();
    let entry = php_json::encode(&answer["entry_list"][0]);
    assert!(captured("m_list_accounts").contains(&entry), "{entry}");
}
