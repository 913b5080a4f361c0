//! Links between records on the sandbox: read, made and undone.

#[path = "support/captures.rs"]
mod captures;
#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/session_calls.rs"]
mod session_calls;
#[path = "support/signer.rs"]
mod signer;

use serde_json::{Value, json};
use session_calls::{Calls, ids_of, related_arguments};

const ACCOUNT: &str = "00cadeb7-5208-4d5e-a882-f15391602d22";

/// The contacts of the recorded account.
const CONTACTS: [(&str, &str); 8] = [
    ("0f057b50-3762-4e29-9aa9-8a2ab97c335e", "Müller 06322"),
    ("11111111-2222-3333-4444-555555555555", "PlainMap"),
    ("29c1ae09-bf25-45d6-a91f-cd71ce92569b", "Öztürk 03061"),
    ("2d9cafd4-1a8c-4305-9651-44f9c8e156f3", "Nowak-Łęcki 04688"),
    ("5fc34eb6-16e5-44d4-ba2f-1475f64a04d2", "Šimůnek 12229"),
    ("a078a40c-955d-4e7b-9901-52c433402807", "Müller 00200"),
    ("a399e48b-49bc-4f87-b345-7fc8454daa9b", "İnönü 11707"),
    ("e5468f57-1d19-458d-a403-3ce72f31cfc8", "Ó'Súilleabháin 07400"),
];

/// A sandbox that holds the recorded account.
async fn recorded_account() -> Calls {
    let calls = Calls::start().await;
    calls.create(
        "Accounts",
        json!({"id": ACCOUNT, "new_with_id": true, "name": "Nguyễn \"Best\" LLC 01808", "account_type": "Customer",
            "date_modified": "2024-01-01 04:51:00", "update_date_modified": false}),
    );
    for (id, last_name) in CONTACTS {
        calls.create(
            "Contacts",
            json!({"id": id, "new_with_id": true, "last_name": last_name}),
        );
    }
    let ids = CONTACTS.map(|(id, _)| id);
    assert_eq!(
        relate(&calls, "contacts", json!(ids)),
        json!({"created": 1, "failed": 0, "deleted": 0})
    );
    calls
}

fn relate(calls: &Calls, link: &str, ids: Value) -> Value {
    let arguments =
        json!({"module_name": "Accounts", "module_id": ACCOUNT, "link_field_name": link, "related_ids": ids});
    calls.call("set_relationship", arguments)
}

#[tokio::test]
async fn records_and_their_links_are_answered_as_recorded() {
    let calls = recorded_account().await;
    calls.assert_as_recorded("m_get_entry_links", &[]);
    calls.assert_as_recorded("m_get_entries", &[]);
    calls.assert_as_recorded("m_get_relationships", &[]);
    calls.assert_as_recorded("m_get_entry_no_access", &[]);
}

#[tokio::test]
async fn relationships_are_made_and_undone_as_recorded() {
    let calls = recorded_account().await;
    let modified = calls.get("Accounts", ACCOUNT)["date_modified"].clone();
    for id in [
        "ada4ba15-0f7f-cca3-fe94-6b016d579bb7",
        "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e",
    ] {
        calls.create("Contacts", json!({"id": id, "new_with_id": true, "last_name": "New"}));
    }
    let linked = || calls.related("Accounts", ACCOUNT, "contacts", "").len();
    calls.assert_as_recorded("m_set_relationship_wrong_link", &[]);
    assert_eq!(linked(), 8);
    calls.assert_as_recorded("m_set_relationship_ok", &[]);
    assert_eq!(linked(), 10);
    calls.assert_as_recorded("m_set_relationship_delete", &[]);
    assert_eq!(linked(), 9);
    calls.assert_as_recorded("m_set_relationships", &[]);
    calls.assert_as_recorded("m_set_relationships", &[]);
    assert_eq!(linked(), 10);
    assert_eq!(
        calls.related("Contacts", "ada4ba15-0f7f-cca3-fe94-6b016d579bb7", "accounts", ""),
        [ACCOUNT]
    );
    assert_eq!(calls.get("Accounts", ACCOUNT)["date_modified"], modified);
    // A related id that does not exist is counted as created.
    assert_eq!(relate(&calls, "contacts", json!(["nope"]))["created"], 1);
    assert_eq!(linked(), 10);
}

#[tokio::test]
async fn links_of_every_kind() {
    let calls = recorded_account().await;
    let note = calls.create("Notes", json!({"name": "N"}));
    let lead = calls.create("Leads", json!({"last_name": "L"}));
    relate(&calls, "notes", json!([note]));
    relate(&calls, "leads", json!([lead]));
    assert_eq!(
        calls.related("Accounts", ACCOUNT, "notes", ""),
        std::slice::from_ref(&note)
    );
    assert_eq!(calls.related("Notes", &note, "accounts", ""), [ACCOUNT]);
    assert_eq!(calls.related("Leads", &lead, "accounts", ""), [ACCOUNT]);
    let stored = calls.get("Notes", &note);
    assert_eq!(
        (&stored["parent_type"], &stored["parent_id"]),
        (&json!("Accounts"), &json!(ACCOUNT))
    );
    let undo = json!({"module_name": "Notes", "module_id": note, "link_field_name": "accounts",
        "related_ids": [ACCOUNT], "name_value_list": [], "delete": 1});
    assert_eq!(calls.call("set_relationship", undo)["deleted"], 1);
    assert!(calls.related("Accounts", ACCOUNT, "notes", "").is_empty());
}

#[tokio::test]
async fn related_records_by_query_order_and_page() {
    let calls = recorded_account().await;
    let ask = |change: Value| {
        let mut arguments = related_arguments("Accounts", ACCOUNT, "contacts", "");
        arguments
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        ids_of(&calls.call("get_relationships", arguments))
    };
    let all = CONTACTS.map(|(id, _)| id.to_owned());
    let reversed: Vec<String> = all.iter().rev().cloned().collect();
    assert_eq!(ask(json!({})), all);
    assert_eq!(
        ask(json!({"order_by": "contacts.id DESC"})),
        all,
        "a qualified order changes nothing"
    );
    assert_eq!(ask(json!({"order_by": "id desc"})), reversed);
    assert_eq!(ask(json!({"offset": 6, "limit": 5})), all[6..]);
    assert_eq!(ask(json!({"offset": 2, "limit": 3})), all[2..5]);
    let keyset = format!("contacts.id > '{}'", all[4]);
    assert_eq!(ask(json!({"related_module_query": keyset})), all[5..]);
    // `deleted` is passed over: neither does it bring deleted ones.
    calls.set("Contacts", json!({"id": all[0], "deleted": 1}));
    assert_eq!(ask(json!({"deleted": 1})), all[1..]);

    let links = json!([{"name": "accounts", "value": ["id"]}, {"name": "nosuch", "value": ["id"]},
        {"name": "calls", "value": ["id"]}]);
    let mut arguments = related_arguments("Accounts", ACCOUNT, "contacts", "");
    arguments["related_module_link_name_to_fields_array"] = links;
    let answer = calls.call("get_relationships", arguments);
    let first = json!([
        {"name": "accounts", "records": [{"id": {"name": "id", "value": ACCOUNT}}]},
        {"name": "nosuch", "records": []},
    ]);
    assert_eq!(answer["relationship_list"][0], first);

    let refused = |change: &str, query: &str| {
        calls.answer(
            "get_relationships",
            related_arguments(change, ACCOUNT, "contacts", query),
        )
    };
    assert_eq!(refused("Nope", "").json()["number"], 20);
    assert_eq!(
        refused("Accounts", "contacts.id in (select sleep(1))").json()["number"],
        40
    );
    assert_eq!(refused("Accounts", "contacts.nosuch = 1").status(), 500);
}

#[tokio::test]
async fn missing_records_shift_the_links() {
    let calls = recorded_account().await;
    let other = calls.create("Accounts", json!({"name": "No links"}));
    let links = json!([{"name": "contacts", "value": ["id"]}]);
    let arguments = json!({"module_name": "Accounts", "ids": ["nope", other, ACCOUNT], "select_fields": ["id"],
        "link_name_to_fields_array": links});
    let answer = calls.call("get_entries", arguments);
    assert_eq!(answer["entry_list"].as_array().unwrap().len(), 3);
    let related = answer["relationship_list"].as_array().unwrap();
    assert_eq!(related.len(), 2, "the missing one has no place");
    assert_eq!(related[0], json!({"link_list": []}));
    assert_eq!(related[1]["link_list"][0]["records"].as_array().unwrap().len(), 8);
    let missing = captures::load("get_entry_missing").answer.text();
    let arguments = json!({"module_name": "Accounts", "id": "nope", "select_fields": ["id"],
        "link_name_to_fields_array": [], "track_view": 0});
    assert_eq!(calls.answer("get_entry", arguments).text(), missing);
}

#[tokio::test]
async fn an_address_by_its_relationship() {
    let calls = recorded_account().await;
    let address = |text: &str| {
        let values = json!({"email_address": text, "email_address_caps": text.to_uppercase()});
        calls.create("EmailAddresses", values)
    };
    let (first, second) = (address("first@example.test"), address("second@example.test"));
    let relate = |id: &str, primary: u8| {
        let columns = json!([{"name": "primary_address", "value": primary}]);
        calls.call(
            "set_relationship",
            json!({"module_name": "Accounts", "module_id": ACCOUNT,
            "link_field_name": "email_addresses", "related_ids": [id], "name_value_list": columns}),
        )
    };
    relate(&first, 1);
    assert_eq!(calls.get("Accounts", ACCOUNT)["email1"], "first@example.test");
    relate(&second, 0);
    assert_eq!(calls.get("Accounts", ACCOUNT)["email1"], "first@example.test");
    relate(&second, 1);
    assert_eq!(calls.get("Accounts", ACCOUNT)["email1"], "second@example.test");
    assert_eq!(
        calls.related("Accounts", ACCOUNT, "email_addresses_primary", ""),
        [second]
    );
    assert_eq!(calls.related("Accounts", ACCOUNT, "email_addresses", "").len(), 2);
    let owners = "SELECT eabr.bean_id FROM email_addr_bean_rel eabr JOIN email_addresses ea \
        ON (ea.id = eabr.email_address_id) WHERE eabr.deleted = 0";
    let by_address = |and: &str| calls.ids("Accounts", &format!("accounts.id IN ({owners} AND {and})"));
    assert_eq!(by_address("ea.email_address_caps = 'FIRST@EXAMPLE.TEST'"), [ACCOUNT]);
    assert_eq!(
        by_address("ea.email_address = 'first@example.test' AND eabr.primary_address = 1"),
        [""; 0]
    );
    assert_eq!(
        by_address("eabr.bean_module = 'Contacts' AND ea.email_address LIKE 'first%'"),
        [""; 0]
    );
}

#[tokio::test]
async fn modified_relationships_are_those_of_the_sessions_user() {
    let calls = Calls::start().await;
    // Only the two recorded meetings are left to the user.
    for id in calls.related("Users", "1", "meetings", "") {
        let undo = json!({"module_name": "Users", "module_id": "1", "link_field_name": "meetings",
            "related_ids": [id], "name_value_list": [], "delete": 1});
        assert_eq!(calls.call("set_relationship", undo)["deleted"], 1);
    }
    for (id, name) in [
        ("102578d9-c614-10c0-54f5-6b015bb2934b", "Initial discussion"),
        ("128e56e6-3224-2cee-17f7-6b015b719fea", "Discuss pricing"),
    ] {
        calls.create("Meetings", json!({"id": id, "new_with_id": true, "name": name}));
        calls.call(
            "set_relationship",
            json!({"module_name": "Meetings", "module_id": id, "link_field_name": "users",
            "related_ids": ["1"]}),
        );
    }
    calls.assert_as_recorded("m_get_modified_relationships", &[]);
    let ask = |module: &str, related: &str, to: &str| {
        calls.call(
            "get_modified_relationships",
            json!({"module_name": module, "related_module": related,
            "from_date": "2000-01-01 00:00:00", "to_date": to, "offset": 0, "max_results": 10, "deleted": 0,
            "module_user_id": "1", "select_fields": ["id"]}),
        )
    };
    let late = "2037-01-01 00:00:00";
    assert_eq!(ask("Meetings", "Users", late)["result_count"], 2);
    let empty = ask("Accounts", "Contacts", late);
    assert_eq!(
        (&empty["result_count"], &empty["error"]["number"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(ask("Users", "Meetings", "2001-01-01 00:00:00")["result_count"], 0);
    assert_eq!(ask("Users", "Nope", late)["number"], 20);
}
