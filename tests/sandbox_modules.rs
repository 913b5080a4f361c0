//! What the modules of the sandbox hold, and who sees it.

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

use harness::{Harness, assert_refused};
use serde_json::{Value, json};
use session_calls::Calls;
use sugar_oauth::sandbox::Sandbox;

const MODULES: [(&str, &str); 14] = [
    ("Accounts", "accounts"),
    ("Contacts", "contacts"),
    ("Leads", "leads"),
    ("Opportunities", "opportunities"),
    ("Cases", "cases"),
    ("Tasks", "tasks"),
    ("Meetings", "meetings"),
    ("Calls", "calls"),
    ("Notes", "notes"),
    ("Documents", "documents"),
    ("DocumentRevisions", "document_revisions"),
    ("Emails", "emails"),
    ("EmailAddresses", "email_addresses"),
    ("Currencies", "currencies"),
];

fn login(harness: &Harness, name: &str, password: &str) -> Value {
    let user_auth = json!({"user_name": name, "password": password, "encryption": "PLAIN"});
    harness.call("login", &json!({"user_auth": user_auth})).json()
}

fn list(module: &str, change: Value) -> Value {
    let mut arguments = json!({"module_name": module, "query": "", "order_by": "", "offset": 0, "select_fields": [],
        "link_name_to_fields_array": [], "max_results": 1000, "deleted": 0});
    arguments
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    arguments
}

#[tokio::test]
async fn every_module_lists_and_counts_by_its_table() {
    let calls = Calls::start().await;
    for (module, table) in MODULES {
        let all = calls.ids(module, "");
        assert!(all.len() >= 4, "{module}");
        let query = format!("{table}.id >= ''");
        assert_eq!(calls.ids(module, &query), all, "{module}");
        assert_eq!(calls.count(module, &query), all.len().to_string(), "{module}");
        for id in [&all[0], &all[all.len() - 1]] {
            assert!(calls.get(module, id).is_object(), "{module} {id}");
        }
    }
    // Its key is another one, and its entries have no id.
    let answer = calls.call(
        "get_entry_list",
        list("EmailText", json!({"query": "emails_text.email_id >= ''"})),
    );
    assert_eq!(answer["entry_list"][0]["id"], Value::Null);
    assert!(answer["entry_list"][0]["name_value_list"]["description"].is_object());
    assert_eq!(
        calls
            .answer(
                "get_entry_list",
                list("EmailText", json!({"query": "emails_text.id = '1'"}))
            )
            .status(),
        500
    );
}

#[tokio::test]
async fn records_differ_between_a_list_and_an_entry() {
    let calls = Calls::start().await;
    let id = calls.create(
        "Contacts",
        json!({"salutation": "Dr.", "first_name": "A", "last_name": "B"}),
    );
    let in_list = |module: &str, query: String| {
        calls.call("get_entry_list", list(module, json!({"query": query})))["entry_list"][0]["name_value_list"].clone()
    };
    assert_eq!(calls.get("Contacts", &id)["name"], "Dr. A B");
    assert_eq!(
        in_list("Contacts", format!("contacts.id = '{id}'"))["name"]["value"],
        "A B"
    );

    let email = calls.ids("Emails", "")[0].clone();
    let listed = in_list("Emails", format!("emails.id = '{email}'"));
    let entry = calls.get("Emails", &email);
    for field in ["description", "description_html", "from_addr_name", "to_addrs_names"] {
        assert_eq!(listed[field]["value"], "", "{field}");
        assert_ne!(entry[field], "", "{field}");
    }
    let deleted = calls.answer("get_entry_list", list("Emails", json!({"deleted": 1})));
    assert_eq!(deleted.status(), 500);
}

#[tokio::test]
async fn a_currency_that_is_not_there_is_the_systems_own() {
    let calls = Calls::start().await;
    let arguments =
        json!({"module_name": "Currencies", "id": "nope", "select_fields": [], "link_name_to_fields_array": []});
    let entry = calls.call("get_entry", arguments)["entry_list"][0].clone();
    assert_eq!(entry["id"], "-99");
    assert_eq!(
        entry["name_value_list"]["conversion_rate"],
        json!({"name": "conversion_rate", "value": 1})
    );
    assert_eq!(
        entry["name_value_list"]["deleted"],
        json!({"name": "deleted", "value": 0})
    );
}

#[tokio::test]
async fn dates_differ_in_form_between_record_and_link() {
    let calls = Calls::start().await;
    let account = calls.create("Accounts", json!({"name": "Dates"}));
    let values =
        json!({"name": "M", "date_start": "2026-01-31 10:20:30", "parent_type": "Accounts", "parent_id": account});
    let meeting = calls.create("Meetings", values);
    assert_eq!(calls.get("Meetings", &meeting)["date_start"], "2026-01-31 10:20:30");
    let links = json!([{"name": "meetings", "value": ["date_start"]}]);
    let arguments =
        json!({"module_name": "Accounts", "id": account, "select_fields": ["id"], "link_name_to_fields_array": links});
    let answer = calls.call("get_entry", arguments);
    let linked = &answer["relationship_list"][0][0]["records"][0]["date_start"]["value"];
    assert_ne!(linked, "2026-01-31 10:20:30");
    assert!(linked.as_str().unwrap().contains("2026"), "{linked}");
}

#[tokio::test]
async fn views_are_tracked_when_asked() {
    let calls = Calls::start().await;
    let ids = calls.ids("Accounts", "");
    let seen = || {
        calls
            .call("get_last_viewed", json!({"module_names": ["Accounts"]}))
            .as_array()
            .unwrap()
            .len()
    };
    let view = |track: bool| {
        json!({"module_name": "Accounts", "ids": [ids[0], "nope", ids[1]], "select_fields": ["id"],
        "link_name_to_fields_array": [], "track_view": track})
    };
    calls.call("get_entries", view(false));
    assert_eq!(seen(), 0);
    calls.call("get_entries", view(true));
    assert_eq!(seen(), 2);
    let list = json!({"name": "Seen"});
    calls.call(
        "set_entry",
        json!({"module_name": "Accounts", "name_value_list": list, "track_view": true}),
    );
    assert_eq!(seen(), 3);
}

#[tokio::test]
async fn the_count_ignores_row_access_and_the_list_does_not() {
    let harness = Harness::with(Sandbox::builder().owner_only_user("owner", "pass word")).await;
    assert_eq!(login(&harness, "owner", "wrong")["number"], 10);
    let answer = login(&harness, "OWNER", "pass word");
    assert_eq!(answer["name_value_list"]["user_is_admin"]["value"], false);
    let session = answer["id"].as_str().unwrap().to_owned();
    let admin = Calls {
        session: harness.session(),
        harness,
    };
    let all = admin.count("Leads", "");
    let hidden = admin.ids("Leads", "leads.assigned_user_id = '1'")[0].clone();
    let owner = Calls {
        session,
        harness: admin.harness,
    };
    assert_eq!(owner.count("Leads", ""), all);
    let seen = owner.call("get_entry_list", list("Leads", json!({"max_results": 5})));
    let owned = owner.ids("Leads", "").len();
    assert!(owned > 5 && owned < all.parse().unwrap(), "{owned} of {all}");
    assert_eq!(
        (&seen["total_count"], &seen["result_count"]),
        (&json!(owned.to_string()), &json!(5))
    );
    let theirs = owner.ids("Leads", "leads.assigned_user_id = 'seed_jim_id'");
    assert_eq!(theirs.len(), owned);
    let by_keyset = owner.ids("Leads", &format!("leads.id > '{}'", theirs[0]));
    assert_eq!(by_keyset, theirs[1..]);
    // One by one they are refused, and so is a change.
    let arguments = json!({"module_name": "Leads", "id": hidden, "select_fields": [], "link_name_to_fields_array": []});
    assert_eq!(owner.call("get_entry", arguments)["number"], 40);
    assert_eq!(owner.set("Leads", json!({"id": hidden, "title": "x"}))["number"], 40);
}

#[tokio::test]
async fn tokens_are_records_that_an_administrator_can_delete() {
    let builder = Sandbox::builder().owner_only_user("owner", "pass");
    let harness = Harness::with(builder.access_token("known-token", "known-secret")).await;
    let owner = login(&harness, "owner", "pass")["id"].as_str().unwrap().to_owned();
    let token = ("known-token".to_owned(), "known-secret".to_owned());
    assert!(harness.direct(&token, "oauth_access", "").json()["id"].is_string());
    let mut calls = Calls {
        session: harness.session(),
        harness,
    };
    let mine = calls.session.clone();

    // Whoever has a session reads the secrets.
    calls.session = owner;
    let read = calls.call(
        "get_entry_list",
        list("OAuthTokens", json!({"query": "oauth_tokens.id = 'known-token'"})),
    );
    let values = &read["entry_list"][0]["name_value_list"];
    assert_eq!(
        (&values["secret"]["value"], &values["tstate"]["value"]),
        (&json!("known-secret"), &json!("2"))
    );
    let keys = calls.call("get_entry_list", list("OAuthKeys", json!({})));
    let secret = calls.harness.sandbox.consumer_secret();
    assert_eq!(keys["entry_list"][0]["name_value_list"]["c_secret"]["value"], secret);
    let delete = json!({"id": "known-token", "deleted": 1});
    assert_eq!(calls.set("OAuthTokens", delete.clone())["number"], 40);
    assert!(calls.harness.direct(&token, "oauth_access", "").json()["id"].is_string());

    calls.session = mine;
    assert_eq!(calls.set("OAuthTokens", delete)["id"], "known-token");
    assert_refused(&calls.harness.direct(&token, "oauth_access", ""));
    let tokens = &calls.harness.sandbox.state().access_tokens;
    assert!(tokens.iter().all(|token| token.token != "known-token"));
    assert!(calls.ids("OAuthTokens", "oauth_tokens.id = 'known-token'").is_empty());
}

#[tokio::test]
async fn texts_in_hexadecimal_are_texts() {
    let calls = Calls::start().await;
    let id = calls.create("Accounts", json!({"name": "O'Neil ü"}));
    for literal in [
        "0x4F274E65696C20C3BC",
        "_utf8mb4 0x4F274E65696C20C3BC",
        "'O''Neil ü'",
        "0x6F276E65696C20C3BC",
    ] {
        assert_eq!(
            calls.ids("Accounts", &format!("accounts.name = {literal}")),
            std::slice::from_ref(&id),
            "{literal}"
        );
    }
    assert_eq!(calls.ids("Accounts", "accounts.name LIKE 0x4F274E25"), [id]);
}
