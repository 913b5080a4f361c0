//! The answers beside those of a SuiteCRM, and what the records hold.

use super::*;
use crate::sandbox::php_json;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

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
        "list_ok" => include_str!("../../../tests/captures/list_ok.txt"),
        "list_empty" => include_str!("../../../tests/captures/list_empty.txt"),
        "list_past_end" => include_str!("../../../tests/captures/list_past_end.txt"),
        "list_links" => include_str!("../../../tests/captures/list_links.txt"),
        "m_list_accounts" => include_str!("../../../tests/captures/m_list_accounts.txt"),
        "count_ok" => include_str!("../../../tests/captures/count_ok.txt"),
        "err_bad_sql" => include_str!("../../../tests/captures/err_bad_sql.txt"),
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
    let record = table::Record::new(&module::ACCOUNTS, values);
    let records = store::Records {
        accounts: vec![record],
        ..store::Records::default()
    };
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

#[test]
fn max_results_and_offset() {
    let crm = crm();
    let rows = |change: Value| crm.get_entry_list(&list(change)).unwrap()["result_count"].clone();
    for none in [json!(null), json!(0), json!(-5), json!("")] {
        assert_eq!(rows(json!({"max_results": none})), json!(20));
    }
    let total = all_ids(&crm, "Accounts", "accounts").len();
    assert_eq!(rows(json!({"max_results": 19_993})), json!(total));
    let page = crm.get_entry_list(&list(json!({"offset": 5}))).unwrap();
    assert_eq!(page["next_offset"], json!(7));
}

#[test]
fn deleted_rows_show_only_beside_live_ones() {
    let crm = crm();
    let total = |deleted: bool, query: &str| -> usize {
        let arguments = CountArguments {
            module_name: "Contacts".into(),
            query: query.into(),
            deleted,
        };
        crm.get_entries_count(&arguments).unwrap()["result_count"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert!(total(true, "") > total(false, ""));
    assert_eq!(total(true, "contacts.deleted = 0"), total(false, ""));
    assert_eq!(total(false, "contacts.deleted = 1"), 0);
    // Without brackets the condition on `deleted` binds to the last part only.
    let loose = "contacts.deleted = 1 OR contacts.id = '1'";
    assert!(total(false, loose) > total(false, "(contacts.deleted = 1 OR contacts.id = '1')"));
    let order = json!({"module_name": "Contacts", "order_by": "contacts.id DESC", "max_results": 10_000});
    let mut list_all = list(order);
    assert_eq!(
        crm.get_entry_list(&list_all).unwrap()["total_count"],
        json!(total(false, "").to_string())
    );
    list_all.deleted = true;
    assert_eq!(
        crm.get_entry_list(&list_all).unwrap()["result_count"],
        json!(total(true, ""))
    );
}

#[test]
fn offset_keyset_and_windows_give_the_same_rows() {
    let crm = crm();
    let all = all_ids(&crm, "Contacts", "contacts");
    let page = |query: &str, offset: usize, rows: usize| {
        let arguments = json!({
            "module_name": "Contacts", "order_by": "contacts.id", "select_fields": ["id"],
            "query": query, "offset": offset, "max_results": rows,
        });
        ids(&crm.get_entry_list(&list(arguments)).unwrap())
    };
    let by_offset: Vec<String> = (0..all.len())
        .step_by(7)
        .flat_map(|offset| page("", offset, 7))
        .collect();
    assert_eq!(by_offset, all);

    let mut by_keyset = page("", 0, 7);
    loop {
        let next = page(&format!("contacts.id > {}", quoted(by_keyset.last().unwrap())), 0, 7);
        if next.is_empty() {
            break;
        }
        by_keyset.extend(next);
    }
    assert_eq!(by_keyset, all);

    let window = |query: &str| page(query, 0, 10_000);
    let closed = window("contacts.id >= '0' AND contacts.id < 'g'");
    assert!(closed.len() < all.len(), "windows from '0' to 'g' lose odd ids");
    let mut windows = window("contacts.id < '8'");
    windows.extend(window("contacts.id >= '8'"));
    assert_eq!(windows, all);

    let mut backwards = json!({"module_name": "Contacts", "order_by": "contacts.id DESC", "max_results": 10_000});
    let mut reversed = ids(&crm.get_entry_list(&list(backwards.clone())).unwrap());
    reversed.reverse();
    assert_eq!(reversed, all);
    // The same by a condition that is no range.
    backwards["query"] = json!("contacts.id LIKE '%' AND contacts.id NOT IN ('1')");
    reversed = ids(&crm.get_entry_list(&list(backwards)).unwrap());
    assert_eq!(reversed.len(), all.len() - 1);
}

#[test]
fn odd_ids_are_there_and_can_be_asked_for() {
    let crm = crm();
    let all = all_ids(&crm, "Contacts", "contacts");
    for id in [
        "seed_sally_id",
        "{X}",
        "_x",
        " 1",
        "1",
        "o'brien",
        "<none>",
        "0DDBA11-UPPER",
    ] {
        assert!(all.contains(&id.to_owned()), "{id}");
        let query = format!("contacts.id = {}", quoted(id));
        let change = json!({"module_name": "Contacts", "order_by": "", "query": query, "select_fields": ["id"]});
        assert_eq!(ids(&crm.get_entry_list(&list(change)).unwrap()), [id]);
    }
    let mut by_bytes = all.clone();
    by_bytes.sort();
    assert_ne!(by_bytes, all, "the server's order is not that of bytes");
}

#[test]
fn select_fields() {
    let crm = crm();
    let fields = |module: &str, wanted: Value| -> Vec<String> {
        let change = json!({"module_name": module, "select_fields": wanted, "order_by": "id", "max_results": 1});
        let answer = crm.get_entry_list(&list(change)).unwrap();
        match &answer["entry_list"][0]["name_value_list"] {
            Value::Object(members) => members.keys().cloned().collect(),
            other => panic!("{other}"),
        }
    };
    assert_eq!(fields("Accounts", json!(["name", "nosuch", "id"])), ["name", "id"]);
    assert!(fields("Accounts", json!([])).len() > 10);
    assert!(fields("Users", json!([])).contains(&"user_name".to_owned()));
    // No field that exists: PHP's empty array.
    let nothing = crm.get_entry_list(&list(json!({"select_fields": ["nosuch"]}))).unwrap();
    assert_eq!(nothing["entry_list"][0]["name_value_list"], json!([]));
}

#[test]
fn links_that_are_empty_or_unknown() {
    let crm = crm();
    let links = json!([
        {"name": "nosuch", "value": ["id"]}, {"name": "accounts", "value": ["id", "name"]},
    ]);
    let change = json!({
        "module_name": "Contacts", "order_by": "contacts.id", "link_name_to_fields_array": links, "max_results": 1000,
    });
    let answer = crm.get_entry_list(&list(change)).unwrap();
    let mut seen = BTreeMap::new();
    for related in answer["relationship_list"].as_array().unwrap() {
        let links = related["link_list"].as_array().unwrap();
        assert_eq!(links[0], json!({"name": "nosuch", "records": []}));
        *seen
            .entry(links.get(1).map_or(0, |link| link["records"].as_array().unwrap().len()))
            .or_insert(0) += 1;
    }
    assert_eq!(
        answer["relationship_list"].as_array().unwrap().len(),
        answer["entry_list"].as_array().unwrap().len()
    );
    assert!(seen[&0] > 0 && seen[&1] > 0 && seen[&2] > 0, "{seen:?}");
}

#[test]
fn refusals() {
    let crm = crm();
    let error = |change: Value| crm.get_entry_list(&list(change)).unwrap_err();
    assert_eq!(error(json!({"module_name": "NoSuchModule"})), CrmError::ModuleUnknown);
    assert_eq!(error(json!({"module_name": "accounts"})), CrmError::ModuleUnknown);
    assert_eq!(error(json!({"module_name": ""})), CrmError::ModuleUnknown);
    assert_eq!(error(json!({"module_name": "Administration"})), CrmError::AccessDenied);
    // The two queries of the captures.
    assert_eq!(error(json!({"query": "accounts.nosuchcol='x'"})), CrmError::SqlFailure);
    assert_eq!(DATABASE_FAILURE, captured("err_bad_sql"));
    assert_eq!(
        error(json!({"query": "accounts.id in (select sleep(1))"})),
        CrmError::AccessDenied
    );
    assert_eq!(error(json!({"query": "id = '1'"})), CrmError::SqlFailure);
    assert_eq!(error(json!({"query": "contacts.id = '1'"})), CrmError::SqlFailure);
    assert_eq!(error(json!({"order_by": "accounts.nosuch"})), CrmError::SqlFailure);
    // Refused content wins over an error in the other text.
    assert_eq!(
        error(json!({"query": "nosuch = 1", "order_by": "sleep(9)"})),
        CrmError::AccessDenied
    );
    let count = CountArguments {
        module_name: "Accounts".into(),
        query: "1; drop".into(),
        deleted: false,
    };
    assert_eq!(crm.get_entries_count(&count), Err(CrmError::AccessDenied));
}

#[test]
fn records_hold_what_makes_clients_stumble() {
    let change = json!({"module_name": "Contacts", "select_fields": [], "max_results": 1000, "order_by": ""});
    let text = crm().get_entry_list(&list(change)).unwrap().to_string();
    for piece in [
        "&#039;",
        "&quot;",
        "&lt;",
        "&gt;",
        "&amp;",
        "\\u001b",
        "\"value\":\"\"",
        "ü",
        "田",
        "😀",
    ] {
        assert!(text.contains(piece), "{piece}");
    }
    assert!(!text.contains("&amp;lt;"), "encoded once");
    assert!(!text.contains('\''), "no bare apostrophe");
    assert!(text.contains("& "), "a raw ampersand");
    assert!(!text.contains(":null"), "a field without a value is absent");
}

#[test]
fn the_same_records_each_time() {
    let change = || list(json!({"select_fields": [], "max_results": 1000}));
    assert_eq!(crm().get_entry_list(&change()), crm().get_entry_list(&change()));
    let crm = crm();
    for (module, table) in [("Accounts", "accounts"), ("Contacts", "contacts")] {
        let all = all_ids(&crm, module, table);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.len() > 50);
        assert!(
            all.iter().all(|id| id.chars().count() <= 36),
            "the column holds 36 characters"
        );
    }
}

#[test]
fn the_administrator_has_the_name_given() {
    let change = json!({"module_name": "Users", "order_by": "users.id", "select_fields": ["user_name"],
        "query": "users.id = '1'"});
    let answer = Crm::new("o'admin").get_entry_list(&list(change)).unwrap();
    let expected = json!({"user_name": {"name": "user_name", "value": "o&#039;admin"}});
    assert_eq!(answer["entry_list"][0]["name_value_list"], expected);
}

#[test]
fn many_records_by_keyset_and_in_any_order() {
    let crm = Crm::generated(100, 5_000, "admin");
    let page = |query: &str, order: &str, offset: usize, rows: usize| {
        let change = json!({
            "module_name": "Contacts", "order_by": order, "query": query, "offset": offset, "max_results": rows,
            "select_fields": ["id"],
        });
        crm.get_entry_list(&list(change)).unwrap()
    };
    let all = ids(&page("", "contacts.id", 0, 10_000));
    let (mut read, mut query) = (0, String::new());
    loop {
        let answer = page(&query, "contacts.id", 0, 400);
        let ids = ids(&answer);
        let Some(last) = ids.last() else { break };
        // The total is that of the condition: what is still to come.
        assert_eq!(answer["total_count"], json!((all.len() - read).to_string()));
        assert_eq!(ids, all[read..(read + 400).min(all.len())]);
        query = format!("contacts.id > {}", quoted(last));
        read += ids.len();
    }
    assert_eq!(read, all.len());
    // Pages of an order with many ties fit together.
    let order = "contacts.last_name DESC, contacts.date_modified";
    let whole = ids(&page("", order, 0, 10_000));
    let pages: Vec<String> = (0..all.len())
        .step_by(999)
        .flat_map(|at| ids(&page("", order, at, 999)))
        .collect();
    assert_eq!(pages, whole);
}
