//! The record API of v10 and v11: lists and filters, single records, what is written and what is refused.

#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/v11.rs"]
mod v11;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sugar_oauth::sandbox::Sandbox;
use v11::{access_token, assert_refused, builder, call, get, post, start, text};

/// An instance and an access token.
struct Case {
    sandbox: Sandbox,
    token: String,
}

impl Case {
    async fn start() -> Self {
        Self::of(start().await)
    }

    /// With generated records.
    async fn full() -> Self {
        Self::of(builder().records(40, 120).start().await.expect("a sandbox"))
    }

    fn of(sandbox: Sandbox) -> Self {
        let token = access_token(&sandbox);
        Self { sandbox, token }
    }

    fn get(&self, path: &str) -> Value {
        let answer = get(&self.sandbox, &self.token, &format!("/v11/{path}"));
        assert_eq!(answer.status(), 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = call(&self.sandbox, &self.token, method, &format!("/v11/{path}"), body);
        assert_eq!(answer.status(), 200, "{path}: {}", answer.text());
        answer.json()
    }

    #[track_caller]
    fn refused(&self, method: &str, path: &str, body: &Value, status: u16, error: &str) -> String {
        let answer = call(&self.sandbox, &self.token, method, &format!("/v11/{path}"), body);
        assert_refused(&answer, status, error);
        text(&answer.json()["error_message"])
    }

    fn ids(&self, path: &str) -> Vec<String> {
        let records = self.get(path);
        let records = records["records"].as_array().expect("records").clone();
        records.iter().map(|record| text(&record["id"])).collect()
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_new_instance_has_users_and_currencies_and_no_other_record() {
    let case = Case::start().await;
    let users: BTreeSet<String> = case.get("Users?fields=user_name")["records"]
        .as_array()
        .expect("records")
        .iter()
        .map(|user| text(&user["user_name"]))
        .collect();
    assert_eq!(users, ["admin", "jim", "sally"].map(str::to_owned).into());
    assert!(case.ids("Currencies").contains(&"-99".to_owned()));
    for module in ["Accounts", "Contacts", "Calls", "Meetings", "Notes"] {
        assert_eq!(case.get(module), json!({ "next_offset": -1, "records": [] }));
    }
}

#[tokio::test]
async fn values_have_the_types_of_json() {
    let case = Case::start().await;
    let body = json!({
        "id": "call-1",
        "name": "Tom & <b>\"Jerry\"</b> 'ü'",
        "date_start": "2026-03-04T10:30:00+02:00",
        "date_end": "2026-03-04T09:00:00.000Z",
        "duration_hours": 1,
        "duration_minutes": "30",
        "status": "Held",
        "direction": "Outbound",
        "no_such_field": "passed over",
        "jjwg_maps_address_c": "not of Sugar",
    });
    let made = case.call("POST", "Calls", &body);
    for (field, expected) in [
        ("id", json!("call-1")),
        ("name", body["name"].clone()),
        ("date_start", json!("2026-03-04T08:30:00+00:00")),
        ("date_end", json!("2026-03-04T09:00:00+00:00")),
        ("duration_hours", json!(1)),
        ("duration_minutes", json!(30)),
        ("status", json!("Held")),
        ("deleted", json!(false)),
        ("contact_id", json!("")),
        ("created_by", json!("1")),
        ("_module", json!("Calls")),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    assert!(made.get("no_such_field").is_none() && made.get("jjwg_maps_address_c").is_none());
    assert_eq!(case.get("Calls/call-1"), made);
    let stored = case.sandbox.stored_records("Calls");
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].values["date_start"], "2026-03-04 08:30:00");
    assert_eq!(stored[0].values["name"], text(&body["name"]));

    let contact = json!({ "last_name": "Ash", "interests_c": ["training", "R&D"], "do_not_call": true });
    let made = case.call("POST", "Contacts", &contact);
    assert_eq!(
        (&made["interests_c"], &made["do_not_call"]),
        (&json!(["training", "R&D"]), &json!(true))
    );
    assert_eq!(
        case.sandbox.stored_records("Contacts")[0].values["interests_c"],
        "^training^,^R&D^"
    );
    assert_eq!((&made["name"], &made["birthdate"]), (&json!("Ash"), &json!("")));
}

#[tokio::test]
async fn fields_are_those_asked_for_and_two_more() {
    let case = Case::full().await;
    let first = &case.get("Accounts?max_num=1&fields=name,nothing")["records"][0];
    let names: Vec<&String> = first.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["id", "name", "date_modified", "_acl", "_module"]);
}

#[tokio::test]
async fn pages_end_with_minus_one_and_together_hold_each_live_record_once() {
    let case = Case::full().await;
    let live: BTreeSet<String> = case
        .sandbox
        .stored_records("Contacts")
        .into_iter()
        .filter(|record| !record.deleted)
        .map(|record| record.id)
        .collect();
    assert_eq!(case.ids("Contacts").len(), 20);
    let (mut offset, mut all) = (0, Vec::new());
    loop {
        let page = case.get(&format!("Contacts?max_num=17&offset={offset}&fields=id"));
        let records = page["records"].as_array().expect("records");
        all.extend(records.iter().map(|record| text(&record["id"])));
        match page["next_offset"].as_i64().expect("a number") {
            -1 => break,
            next => {
                assert_eq!(next, offset + 17);
                offset = next;
            }
        }
    }
    assert_eq!(all.len(), live.len());
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), live);
    assert_eq!(case.get("Contacts/count")["record_count"], live.len());
    let total = case.sandbox.stored_records("Contacts").len();
    assert!(total > live.len());
    assert_eq!(case.get("Contacts/count?deleted=true")["record_count"], total);
    for wrong in ["max_num=x", "offset=-1", "order_by=nothing", "order_by=name:up"] {
        case.refused(
            "GET",
            &format!("Accounts?{wrong}"),
            &Value::Null,
            422,
            "invalid_parameter",
        );
    }
}

#[tokio::test]
async fn records_come_in_the_order_wanted() {
    let case = Case::start().await;
    for (id, name, street) in [("a", "Beta", "2"), ("b", "alpha", "1"), ("c", "beta", "1")] {
        case.call(
            "POST",
            "Accounts",
            &json!({ "id": id, "name": name, "billing_address_street": street }),
        );
    }
    assert_eq!(case.ids("Accounts?order_by=name"), ["b", "a", "c"]);
    assert_eq!(case.ids("Accounts?order_by=name:desc"), ["a", "c", "b"]);
    assert_eq!(
        case.ids("Accounts?order_by=billing_address_street:asc,name:desc"),
        ["c", "b", "a"]
    );
}

#[tokio::test]
async fn filters_by_json_by_brackets_and_by_body_say_the_same() {
    let case = Case::start().await;
    for (id, name, date) in [
        ("1", "Red sun", "2026-01-01T00:00:00Z"),
        ("2", "red Moon", "2026-02-01T00:00:00Z"),
        ("3", "Blue moon", "2026-03-01T00:00:00Z"),
    ] {
        let minutes = id.parse::<i64>().expect("a number") * 5;
        let body = json!({ "id": id, "name": name, "date_start": date, "duration_minutes": minutes });
        case.call("POST", "Meetings", &body);
    }
    let same = |filter: Value, brackets: &str, expected: &[&str]| {
        let json = format!("Meetings?order_by=id&filter={}", encoded(&filter.to_string()));
        assert_eq!(case.ids(&json), expected, "{filter}");
        let body = json!({ "filter": filter, "order_by": "id" });
        let listed = case.call("POST", "Meetings/filter", &body);
        let ids: Vec<String> = listed["records"]
            .as_array()
            .expect("records")
            .iter()
            .map(|record| text(&record["id"]))
            .collect();
        assert_eq!(ids, expected, "{filter}");
        if !brackets.is_empty() {
            assert_eq!(
                case.ids(&format!("Meetings?order_by=id&{brackets}")),
                expected,
                "{brackets}"
            );
        }
    };
    same(json!([{ "name": "RED SUN" }]), "filter[0][name]=red+sun", &["1"]);
    same(
        json!([{ "name": { "$starts": "red" } }]),
        "filter%5B0%5D%5Bname%5D%5B%24starts%5D=red",
        &["1", "2"],
    );
    same(
        json!([{ "name": { "$ends": "moon" } }]),
        "filter[0][name][$ends]=moon",
        &["2", "3"],
    );
    same(json!([{ "name": { "$contains": "e m" } }]), "", &["3"]);
    same(
        json!([{ "id": { "$in": ["1", "3"] } }]),
        "filter[0][id][$in][]=1&filter[0][id][$in][]=3",
        &["1", "3"],
    );
    same(json!([{ "id": { "$not_in": ["1", "3"] } }]), "", &["2"]);
    same(json!([{ "id": { "$not_equals": "1" } }]), "", &["2", "3"]);
    same(json!([{ "duration_minutes": { "$gt": 5, "$lt": 15 } }]), "", &["2"]);
    same(json!([{ "duration_minutes": { "$lte": 10 } }]), "", &["1", "2"]);
    same(
        json!([{ "duration_minutes": { "$between": [10, 15] } }]),
        "",
        &["2", "3"],
    );
    same(
        json!([{ "date_start": { "$gte": "2026-02-01T01:00:00+01:00" } }]),
        "",
        &["2", "3"],
    );
    same(
        json!([{ "date_end": { "$is_null": "" } }, { "name": { "$not_null": "" } }]),
        "",
        &["1", "2", "3"],
    );
    same(
        json!([{ "$or": [{ "id": "1" }, { "id": "3", "name": "Blue moon" }] }]),
        "",
        &["1", "3"],
    );
    same(json!([{ "id": "1" }, { "id": "2" }]), "", &[]);
    same(
        json!([{ "$and": [{ "id": "2" }, { "location": { "$is_null": "" } }] }]),
        "",
        &["2"],
    );

    for wrong in [
        json!([{ "nothing": 1 }]),
        json!([{ "name": { "$like": "x" } }]),
        json!([{ "date_start": "yesterday" }]),
        json!([{ "name": { "$between": ["a"] } }]),
        json!(["name"]),
        json!([{ "name": [["a"]] }]),
    ] {
        case.refused(
            "POST",
            "Meetings/filter",
            &json!({ "filter": wrong }),
            422,
            "invalid_parameter",
        );
    }
    case.refused("GET", "Meetings?filter=[", &Value::Null, 422, "invalid_parameter");
    let mut deep = json!([{ "id": "1" }]);
    for _ in 0..40 {
        deep = json!([{ "$or": deep }]);
    }
    case.refused(
        "POST",
        "Meetings/filter",
        &json!({ "filter": deep }),
        422,
        "invalid_parameter",
    );
}

#[tokio::test]
async fn what_is_required_missing_or_wrong_is_refused_and_writes_nothing() {
    let case = Case::start().await;
    let refused = |module: &str, body: Value, error: &str, names: &str| {
        let message = case.refused("POST", module, &body, 422, error);
        assert!(message.contains(names), "{message}");
        assert!(case.sandbox.stored_records(module).is_empty(), "{body}");
    };
    refused(
        "Contacts",
        json!({ "first_name": "Ann" }),
        "missing_parameter",
        "last_name",
    );
    refused("Contacts", json!({ "last_name": "" }), "missing_parameter", "last_name");
    refused(
        "Contacts",
        json!({ "last_name": null }),
        "missing_parameter",
        "last_name",
    );
    refused("Calls", json!({ "name": "No date" }), "missing_parameter", "date_start");
    let start = "2026-01-01T00:00:00Z";
    for (module, field, value) in [
        ("Accounts", "industry", json!("Piracy")),
        ("Accounts", "name", json!("n".repeat(151))),
        ("Accounts", "interests_c", json!(["training", "juggling"])),
        ("Accounts", "interests_c", json!("^training^")),
        ("Accounts", "id", json!("i".repeat(37))),
        ("Accounts", "id", json!(7)),
        ("Accounts", "email1", json!("no address")),
        ("Accounts", "email", json!([{ "primary_address": true }])),
        ("Contacts", "do_not_call", json!("perhaps")),
        ("Contacts", "birthdate", json!("2026-02-30")),
        ("Contacts", "account_id", json!("nobody")),
        ("Calls", "status", json!("Planed")),
        ("Calls", "duration_hours", json!("one")),
        ("Calls", "date_end", json!("2026-01-01 00:00:00")),
        ("Calls", "parent_type", json!("Ships")),
        ("Calls", "description", json!({ "a": 1 })),
    ] {
        let mut body = json!({ "name": "Name", "last_name": "Name", "date_start": start });
        body[field] = value;
        refused(module, body, "invalid_parameter", field);
    }
    refused("Accounts", json!("text"), "invalid_parameter", "JSON");
}

#[tokio::test]
async fn days_and_times_may_lie_before_1970() {
    let case = Case::start().await;
    let made = case.call(
        "POST",
        "Contacts",
        &json!({ "last_name": "Old", "birthdate": "1965-04-03" }),
    );
    assert_eq!(made["birthdate"], "1965-04-03");
    case.call(
        "POST",
        "Contacts",
        &json!({ "last_name": "Young", "birthdate": "1996-04-03" }),
    );
    let filter = json!({ "filter": [{ "birthdate": { "$lt": "1970-01-01" } }] });
    let found = case.call("POST", "Contacts/filter", &filter);
    assert_eq!(found["records"].as_array().expect("records").len(), 1);
    assert_eq!(found["records"][0]["id"], made["id"]);
    let call = json!({ "name": "Long ago", "date_start": "1960-01-01T00:30:00+01:00" });
    assert_eq!(
        case.call("POST", "Calls", &call)["date_start"],
        "1959-12-31T23:30:00+00:00"
    );
}

#[tokio::test]
async fn an_id_can_be_given_once() {
    let case = Case::start().await;
    for id in ["{X}", " 1", "o'hara", "ünicode-1", "a/b?c"] {
        let made = case.call("POST", "Accounts", &json!({ "id": id, "name": "Name" }));
        assert_eq!(made["id"], id);
        let path = format!("Accounts/{}", encoded(id));
        assert_eq!(case.get(&path)["id"], id);
        case.refused(
            "POST",
            "Accounts",
            &json!({ "id": id, "name": "Again" }),
            422,
            "invalid_parameter",
        );
        assert_eq!(case.get(&path)["name"], "Name");
    }
    // A deleted record keeps its id.
    case.call("DELETE", "Accounts/o'hara", &Value::Null);
    case.refused(
        "POST",
        "Accounts",
        &json!({ "id": "o'hara", "name": "Again" }),
        422,
        "invalid_parameter",
    );
    let (first, second) = (json!({ "name": "A" }), json!({ "name": "A", "id": "" }));
    assert_ne!(
        case.call("POST", "Accounts", &first)["id"],
        case.call("POST", "Accounts", &second)["id"]
    );
}

#[tokio::test]
async fn records_are_changed_and_deleted() {
    let case = Case::start().await;
    let made = case.call(
        "POST",
        "Accounts",
        &json!({ "name": "Before", "website": "https://x.test" }),
    );
    let path = format!("Accounts/{}", text(&made["id"]));
    case.sandbox.clock().advance(std::time::Duration::from_secs(60));
    let changed = case.call(
        "PUT",
        &path,
        &json!({ "name": "After", "id": "another", "deleted": true }),
    );
    assert_eq!(
        (
            &changed["id"],
            &changed["name"],
            &changed["website"],
            &changed["deleted"]
        ),
        (&made["id"], &json!("After"), &json!("https://x.test"), &json!(false))
    );
    assert_eq!(changed["date_entered"], made["date_entered"]);
    assert!(text(&changed["date_modified"]) > text(&made["date_modified"]));
    case.refused("PUT", &path, &json!({ "name": "" }), 422, "missing_parameter");

    assert_eq!(case.call("DELETE", &path, &Value::Null), json!({ "id": made["id"] }));
    for method in ["GET", "PUT", "DELETE"] {
        case.refused(method, &path, &Value::Null, 404, "not_found");
    }
    let stored = case.sandbox.stored_records("Accounts");
    assert!(stored[0].deleted && stored[0].values["name"] == "After");
    case.refused("GET", "Ships", &Value::Null, 404, "no_method");
    case.refused("GET", "OAuthKeys", &Value::Null, 404, "no_method");
}

#[tokio::test]
async fn dates_and_authors_are_kept_only_where_the_instance_allows_it() {
    let authored = json!({
        "name": "Old",
        "date_entered": "2011-01-01T00:00:00Z",
        "date_modified": "2012-02-02T12:00:00+02:00",
        "created_by": "seed_jim_id",
        "modified_user_id": "seed_jim_id",
    });
    let closed = Case::start().await;
    let made = closed.call("POST", "Accounts", &authored);
    assert_eq!(
        (&made["created_by"], &made["modified_user_id"]),
        (&json!("1"), &json!("1"))
    );
    assert!(text(&made["date_entered"]).starts_with("20") && !text(&made["date_entered"]).starts_with("2011"));

    let open = Case::of(builder().keep_dates_and_authors(true).start().await.expect("a sandbox"));
    let made = open.call("POST", "Accounts", &authored);
    assert_eq!(made["date_entered"], "2011-01-01T00:00:00+00:00");
    assert_eq!(made["date_modified"], "2012-02-02T10:00:00+00:00");
    assert_eq!(
        (&made["created_by"], &made["modified_user_id"]),
        (&json!("seed_jim_id"), &json!("seed_jim_id"))
    );
    assert_eq!(made["created_by_name"], "Jim Brennan");
    // Where a request does not name them they are the server's own.
    let changed = open.call(
        "PUT",
        &format!("Accounts/{}", text(&made["id"])),
        &json!({ "name": "New" }),
    );
    assert_eq!(
        (&changed["created_by"], &changed["modified_user_id"]),
        (&json!("seed_jim_id"), &json!("1"))
    );
    assert_eq!(changed["date_entered"], made["date_entered"]);
    assert_ne!(changed["date_modified"], made["date_modified"]);
}

#[tokio::test]
async fn addresses_and_the_account_of_a_contact_are_written_with_it() {
    let case = Case::start().await;
    case.call("POST", "Accounts", &json!({ "id": "acc", "name": "Firm" }));
    let body = json!({
        "last_name": "Ash",
        "account_id": "acc",
        "email": [{ "email_address": "a@x.test" }, { "email_address": "b@x.test", "primary_address": true }],
    });
    let made = case.call("POST", "Contacts", &body);
    assert_eq!(
        (&made["account_id"], &made["account_name"]),
        (&json!("acc"), &json!("Firm"))
    );
    assert_eq!(made["email1"], "b@x.test");
    let addresses = |record: &Value| -> Vec<(String, bool)> {
        let list = record["email"].as_array().expect("a list");
        list.iter()
            .map(|one| (text(&one["email_address"]), one["primary_address"] == true))
            .collect()
    };
    assert_eq!(
        addresses(&made),
        [("b@x.test".to_owned(), true), ("a@x.test".to_owned(), false)]
    );
    let id = text(&made["id"]);
    let changed = case.call(
        "PUT",
        &format!("Contacts/{id}"),
        &json!({ "email1": "c@x.test", "account_id": "" }),
    );
    assert_eq!(addresses(&changed), [("c@x.test".to_owned(), true)]);
    assert_eq!(changed["account_id"], "");
    assert!(case.sandbox.stored_links("Contacts", &id, "accounts").is_empty());
}

#[tokio::test]
async fn users_are_for_administrators_and_owners_see_their_own() {
    let sandbox = builder()
        .owner_only_user("jim", "his password")
        .start()
        .await
        .expect("a sandbox");
    let case = Case::of(sandbox);
    case.call(
        "POST",
        "Accounts",
        &json!({ "id": "mine", "name": "A", "assigned_user_id": "seed_jim_id" }),
    );
    case.call(
        "POST",
        "Accounts",
        &json!({ "id": "other", "name": "B", "assigned_user_id": "1" }),
    );
    let mut jims = v11::password_arguments("base");
    (jims["username"], jims["password"]) = (json!("jim"), json!("his password"));
    let jim = text(&v11::token(&case.sandbox, &jims).json()["access_token"]);
    let listed = get(&case.sandbox, &jim, "/v11/Accounts?fields=id").json();
    assert_eq!(listed["records"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["records"][0]["id"], "mine");
    assert_refused(&get(&case.sandbox, &jim, "/v11/Accounts/other"), 404, "not_found");
    let user = json!({ "user_name": "max", "last_name": "Max", "status": "Active" });
    assert_refused(&post(&case.sandbox, &jim, "/v11/Users", &user), 403, "not_authorized");
    let made = case.call("POST", "Users", &user);
    assert_eq!((&made["user_name"], &made["full_name"]), (&json!("max"), &json!("Max")));
}

#[tokio::test]
async fn modules_tell_their_fields_links_and_choices() {
    let case = Case::start().await;
    let told = case.get("metadata?type_filter=modules&module_filter=Accounts,Notes");
    let modules: Vec<&String> = told["modules"].as_object().expect("an object").keys().collect();
    assert_eq!(modules, ["Accounts", "Notes"]);
    let fields = &told["modules"]["Accounts"]["fields"];
    assert_eq!(
        (&fields["name"]["type"], &fields["name"]["required"]),
        (&json!("name"), &json!(true))
    );
    assert_eq!(
        (&fields["contacts"]["type"], &fields["contacts"]["module"]),
        (&json!("link"), &json!("Contacts"))
    );
    assert!(fields["industry"]["options"].is_string());
    assert!(fields.get("jjwg_maps_address_c").is_none());
    assert_eq!(told["modules"]["Notes"]["fields"]["filename"]["type"], "file");
    assert_eq!(case.get("metadata?type_filter=labels"), json!({}));

    let choices = case.get("Calls/enum/status");
    assert_eq!(
        choices,
        json!({ "Planned": "Planned", "Held": "Held", "Not Held": "Not Held" })
    );
    case.refused("GET", "Calls/enum/name", &Value::Null, 404, "not_found");
}

/// Whatever comes is answered in JSON, and the next request is too.
#[tokio::test]
async fn odd_input_is_answered() {
    let case = Case::start().await;
    case.call("POST", "Notes", &json!({ "id": "n", "name": "Note" }));
    for path in [
        "Accounts?offset=99999999999999999999",
        "Accounts?offset=18446744073709551615&max_num=18446744073709551615",
        "Accounts?filter[[[[=1&filter[]=2&filter[0]=3&filter=",
        "Accounts?filter[0][name][$in]=1&filter[0][name]=2",
        "Accounts?filter=%FF%FE",
        "Accounts?order_by=,,:,&fields=,,%00",
        "Accounts/%00%FF%C3",
        "Accounts/%",
        "Accounts/n/link/%2F/%2F/%2F",
        "Notes/n/file/%00",
        "Notes/n/link",
        "metadata?type_filter=%00&module_filter=,",
        "Accounts/enum/",
        "//Accounts///",
        "%2e%2e/%2e%2e",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            for body in [
                json!(null),
                json!({ "id": {}, "email": [1, null], "ids": [[]] }),
                json!([[[[]]]]),
            ] {
                let answer = call(&case.sandbox, &case.token, method, &format!("/v11/{path}"), &body);
                assert!(
                    (200..500).contains(&answer.status()),
                    "{method} {path}: {}",
                    answer.text()
                );
                answer.json();
            }
        }
    }
    for request in [
        json!(null),
        json!("x"),
        json!({ "url": "" }),
        json!({ "url": "/" }),
        json!({ "url": "v11" }),
        json!({ "url": "/v11/?a" }),
        json!({ "url": "/v11/Accounts", "method": 7 }),
        json!({ "url": "/v11/Accounts", "method": "POST", "data": 7 }),
        json!({ "url": "/v11/Notes/n/file/filename" }),
        json!({ "url": "/v11/Calls", "method": "POST", "data": { "name": "n", "date_start": "9999-12-31T23:59:59-01:00" } }),
        json!({ "url": "/v11/Calls", "method": "POST", "data": { "name": "n", "date_start": "2026-1-99999999999999T00:00:00Z" } }),
        json!({ "url": "/v11/Calls", "method": "POST", "data": { "name": "n", "duration_hours": 1e300 } }),
    ] {
        let answer = case.call("POST", "bulk", &json!({ "requests": [request] }));
        assert!(
            answer[0]["status"]
                .as_u64()
                .is_some_and(|status| (400..500).contains(&status)),
            "{request}: {answer}"
        );
    }
    assert_eq!(case.get("ping"), "pong");
}
