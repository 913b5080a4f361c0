//! Fields, links and refusals, and what the records hold.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

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
        for link in &links[1..] {
            assert_ne!(link["records"], json!([]), "an empty link is absent");
        }
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
fn deleted_records_do_not_come_through_links() {
    let crm = crm();
    let mut arguments = list(json!({"query": "accounts.deleted = 1", "max_results": 1_000}));
    arguments.deleted = true;
    let deleted = ids(&crm.get_entry_list(&arguments).unwrap());
    assert!(!deleted.is_empty());
    let store = crm.store.read().unwrap();
    let arguments = list(json!({
        "module_name": "Contacts", "order_by": "", "max_results": 1_000, "select_fields": ["account_id"],
        "link_name_to_fields_array": [{"name": "accounts", "value": ["id"]}],
    }));
    let text = store.entry_list(&arguments).unwrap().to_string();
    // Some contact is linked to a deleted account, and no answer shows it.
    assert!(deleted.iter().any(|id| store.has_contacts(id)));
    assert!(deleted.iter().all(|id| !text.contains(id)));
}
