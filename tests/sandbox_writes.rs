//! `set_entry` and `set_entries` on the sandbox: what they answer, and what is stored in the end.

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
use session_calls::Calls;

const DATABASE_FAILURE: &str = "Database failure. Please refer to suitecrm.log for details.";

#[tokio::test]
async fn a_record_is_created_echoed_and_read_back_as_recorded() {
    let calls = Calls::start().await;
    let (ours, recorded) = calls.replay("m_set_entry_create", &[]);
    let answer: Value = serde_json::from_str(&ours).unwrap();
    let id = answer["id"].as_str().unwrap();
    const RECORDED: &str = "ada4ba15-0f7f-cca3-fe94-6b016d579bb7";
    assert_eq!(ours, recorded.replace(RECORDED, id));
    let entered = calls.get("Contacts", id)["date_entered"].as_str().unwrap().to_owned();
    let here = [(RECORDED, id), ("2026-11-21 10:06:19", entered.as_str())];
    calls.assert_as_recorded("m_get_entry_created", &here);
}

#[tokio::test]
async fn an_own_id_is_taken_once() {
    let calls = Calls::start().await;
    calls.assert_as_recorded("m_set_entry_new_with_id", &[]);
    let count = calls.count("Contacts", "");
    let (ours, recorded) = calls.replay("m_set_entry_new_with_id_again", &[]);
    assert_eq!((ours.as_str(), recorded.as_str()), (DATABASE_FAILURE, DATABASE_FAILURE));
    let create = |id: &str| {
        let list = json!({"id": id, "new_with_id": true, "last_name": "Again"});
        calls.answer("set_entry", json!({"module_name": "Contacts", "name_value_list": list}))
    };
    let other_case = create("7EC4AECF-1B53-4BF5-9A05-C99C88054A3E");
    assert_eq!(
        (other_case.status(), other_case.text().as_str()),
        (500, DATABASE_FAILURE)
    );
    assert_eq!(other_case.status_line, "HTTP/1.0 500 Internal Server Error");
    assert_eq!(calls.count("Contacts", ""), count);
    // A deleted record keeps its id.
    let id = "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e";
    calls.set("Contacts", json!({"id": id, "deleted": 1}));
    assert_eq!(create(id).status(), 500);
    assert_eq!(calls.get("Contacts", id), Value::Null);
}

#[tokio::test]
async fn an_update_of_what_is_not_there_says_success_and_writes_nothing() {
    let calls = Calls::start().await;
    let before = calls.count("Contacts", "");
    calls.assert_as_recorded("m_set_entry_absent_id", &[]);
    assert_eq!(calls.count("Contacts", ""), before);
    let id = calls.create("Contacts", json!({"last_name": "Gone"}));
    calls.set("Contacts", json!({"id": id, "deleted": "1"}));
    let answer = calls.set("Contacts", json!({"id": id, "last_name": "Back", "deleted": 0}));
    assert_eq!(answer["id"], json!(id));
    assert_eq!(calls.get("Contacts", &id), Value::Null);
    assert_eq!(calls.count("Contacts", ""), before);
}

#[tokio::test]
async fn ids_that_are_no_ids() {
    let calls = Calls::start().await;
    for id in ["{X}", " 1", "o'brien", "a/b", "é"] {
        let list = json!({"id": id, "new_with_id": true, "last_name": "X"});
        let answer = calls.answer("set_entry", json!({"module_name": "Contacts", "name_value_list": list}));
        assert_eq!((answer.status(), answer.text().as_str()), (200, "null"), "{id}");
    }
    // The other method takes them.
    let rows = json!([{"id": "a/b", "new_with_id": true, "last_name": "X"}]);
    let answer = calls.call(
        "set_entries",
        json!({"module_name": "Contacts", "name_value_lists": rows}),
    );
    assert_eq!(answer, json!({"ids": ["a/b"]}));
    assert_eq!(calls.get("Contacts", "a/b")["last_name"], "X");
    // 40 characters: told whole, stored without the last four.
    let long = "0123456789".repeat(4);
    let answer = calls.set("Contacts", json!({"id": long, "new_with_id": 1, "last_name": "Long"}));
    assert_eq!(answer["id"], json!(long));
    assert_eq!(calls.get("Contacts", &long), Value::Null);
    assert_eq!(calls.get("Contacts", &long[..36])["last_name"], "Long");
}

#[tokio::test]
async fn what_is_stored_otherwise_than_sent() {
    let calls = Calls::start().await;
    let sent = json!({
        "name": "<script>x()</script>R &amp; D", "description": "plain", "nosuch": "x", "new_with_id": false,
        "interests_c": ["support", "hosting"], "phone_office": "  +1 ", "employees": 12345678901_i64,
    });
    let answer = calls.set("Accounts", sent);
    let echo = &answer["entry_list"];
    assert_eq!(echo["name"], json!({"name": "name", "value": "R &amp;amp; D"}));
    assert_eq!(echo["interests_c"]["value"], json!(["support", "hosting"]));
    assert!(echo.get("nosuch").is_none() && echo.get("new_with_id").is_none());
    let stored = calls.get("Accounts", answer["id"].as_str().unwrap());
    assert_eq!(stored["name"], "R & D");
    assert_eq!(stored["employees"], "1234567890", "ten characters");
    assert_eq!(
        (&stored["interests_c"], &stored["nosuch"]),
        (&Value::Null, &Value::Null)
    );

    let meeting = json!({"name": "M", "date_start": "2026-01-01T00:00:00Z", "date_end": "2026-01-01 01:00:00",
        "duration_hours": "2.9", "interests_c": "^a^"});
    let answer = calls.set("Meetings", meeting);
    assert_eq!(answer["entry_list"]["date_start"]["value"], "2026-01-01T00:00:00Z");
    let stored = calls.get("Meetings", answer["id"].as_str().unwrap());
    assert_eq!(stored["date_start"], Value::Null);
    assert_eq!(stored["date_end"], "2026-01-01 01:00:00");
    assert_eq!(
        (&stored["duration_hours"], &stored["status"]),
        (&json!("2"), &json!("Planned"))
    );
    assert_eq!(stored["contact_id"], " ".repeat(36));

    let multi = calls.create("Accounts", json!({"name": "N", "interests_c": "^support^,^R&D^"}));
    assert_eq!(calls.get("Accounts", &multi)["interests_c"], "^support^,^R&D^");
}

#[tokio::test]
async fn audit_fields_are_overwritten_unless_asked_to_stay() {
    let calls = Calls::start().await;
    let old = "2001-02-03 04:05:06";
    let values = |extra: Value| {
        let mut values = json!({"name": "Audit", "date_entered": old, "date_modified": old,
            "modified_user_id": "seed_sally_id", "created_by": "seed_sally_id"});
        values
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        values
    };
    let plain = calls.get("Accounts", &calls.create("Accounts", values(json!({}))));
    assert_eq!(plain["date_entered"], old);
    assert_ne!(plain["date_modified"], old);
    assert_eq!(
        (&plain["modified_user_id"], &plain["created_by"]),
        (&json!("1"), &json!("1"))
    );

    let keep = json!({"update_date_modified": false, "update_modified_by": false, "set_created_by": false});
    let id = calls.create("Accounts", values(keep.clone()));
    let kept = calls.get("Accounts", &id);
    for (field, expected) in [
        ("date_entered", old),
        ("date_modified", old),
        ("modified_user_id", "seed_sally_id"),
        ("created_by", "seed_sally_id"),
    ] {
        assert_eq!(kept[field], expected, "{field}");
    }
    let newer = "2002-02-03 04:05:06";
    calls.set(
        "Accounts",
        json!({"id": id, "date_entered": newer, "update_date_modified": false}),
    );
    assert_eq!(calls.get("Accounts", &id)["date_entered"], old);
    calls.set(
        "Accounts",
        json!({"id": id, "date_entered": newer, "update_date_entered": true}),
    );
    let updated = calls.get("Accounts", &id);
    assert_eq!(updated["date_entered"], newer);
    assert_ne!(updated["date_modified"], old);
    assert_eq!(
        (&updated["modified_user_id"], &updated["created_by"]),
        (&json!("1"), &json!("seed_sally_id"))
    );
}

#[tokio::test]
async fn an_address_and_an_account_come_with_a_new_contact() {
    let calls = Calls::start().await;
    let accounts: usize = calls.count("Accounts", "").parse().unwrap();
    let values = json!({"last_name": "Mail", "email1": "Mail@Example.test", "account_name": "Brand new"});
    let id = calls.create("Contacts", values);
    let stored = calls.get("Contacts", &id);
    assert_eq!(
        (&stored["email1"], &stored["account_name"]),
        (&json!("Mail@Example.test"), &json!("Brand new"))
    );
    assert_eq!(calls.count("Accounts", ""), (accounts + 1).to_string());
    assert_eq!(calls.count("Accounts", "accounts.name = 'Brand new'"), "1");
    // An account of that name is taken, and an address on an existing record is passed over.
    let second = calls.create("Contacts", json!({"last_name": "Two", "account_name": "Brand new"}));
    assert_eq!(calls.get("Contacts", &second)["account_id"], stored["account_id"]);
    let answer = calls.set(
        "Contacts",
        json!({"id": id, "email1": "other@example.test", "last_name": "Changed"}),
    );
    assert_eq!(answer["entry_list"]["email1"]["value"], "other@example.test");
    let stored = calls.get("Contacts", &id);
    assert_eq!(
        (&stored["email1"], &stored["last_name"]),
        (&json!("Mail@Example.test"), &json!("Changed"))
    );
}

#[tokio::test]
async fn several_records_at_once() {
    let calls = Calls::start().await;
    let (ours, recorded) = calls.replay("m_set_entries", &[]);
    let answer: Value = serde_json::from_str(&ours).unwrap();
    let id = |place: usize| answer["ids"][place].as_str().unwrap();
    let here = recorded
        .replace("c52d94e6-26ed-253f-95f4-6b016dcd7686", id(0))
        .replace("c806ac31-4646-bfe1-9f53-6b016d07e7b8", id(1));
    assert_eq!(ours, here);
    assert_eq!(calls.get("Accounts", id(1))["name"], "Cap B");

    // The second row fails: the first one stays, the third one is not tried.
    let row = |name: &str| json!([{"name": "id", "value": name}, {"name": "new_with_id", "value": 1}]);
    let rows = json!([row("first"), row(id(0)), row("third")]);
    let failed = calls.answer(
        "set_entries",
        json!({"module_name": "Accounts", "name_value_lists": rows}),
    );
    assert_eq!((failed.status(), failed.text().as_str()), (500, DATABASE_FAILURE));
    assert_ne!(calls.get("Accounts", "first"), Value::Null);
    assert_eq!(calls.get("Accounts", "third"), Value::Null);
}

#[tokio::test]
async fn contacts_without_ids_may_be_taken_for_others() {
    let calls = Calls::start().await;
    let known = calls.create("Contacts", json!({"last_name": "Same", "email1": "same@example.test"}));
    let before = calls.count("Contacts", "");
    let rows = json!([
        {"last_name": "Same", "email1": "SAME@example.test", "title": "Lost"},
        {"last_name": "Other", "email1": "same@example.test"},
    ]);
    let answer = calls.call(
        "set_entries",
        json!({"module_name": "Contacts", "name_value_lists": rows}),
    );
    assert_eq!(answer["ids"][0], json!(known));
    assert_ne!(answer["ids"][1], json!(known));
    assert_eq!(calls.get("Contacts", &known)["title"], Value::Null);
    assert_eq!(
        calls.count("Contacts", ""),
        (before.parse::<usize>().unwrap() + 1).to_string()
    );
}

#[tokio::test]
async fn refusals() {
    let calls = Calls::start().await;
    for module in ["Nope", "contacts", ""] {
        assert_eq!(calls.set(module, json!({"name": "x"}))["number"], 20, "{module}");
    }
    assert_eq!(calls.set("Administration", json!({"name": "x"}))["number"], 40);
    let rows = json!({"module_name": "Nope", "name_value_lists": []});
    assert_eq!(calls.call("set_entries", rows)["number"], 20);
    // A list of anything is survived.
    for odd in [
        json!([]),
        json!({}),
        json!(["x", 1, null]),
        json!("x"),
        json!([{"name": "last_name"}]),
        Value::Null,
    ] {
        assert!(calls.set("Contacts", odd.clone())["id"].is_string(), "{odd}");
    }
}
