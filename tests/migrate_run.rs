//! A whole migration between two practice instances, compared record by record through raw HTTP on both sides.
#![cfg(unix)]

#[path = "support/between.rs"]
mod between;
mod process;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/v11.rs"]
mod v11;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use between::{Between, MAP, MODULES};
use serde_json::{Value, json};

/// Fields that are the same texts on both sides.
const TEXTS: [(&str, &[&str]); 5] = [
    (
        "Accounts",
        &[
            "name",
            "account_type",
            "industry",
            "website",
            "phone_office",
            "billing_address_street",
            "billing_address_city",
            "billing_address_country",
            "description",
        ],
    ),
    (
        "Contacts",
        &[
            "salutation",
            "first_name",
            "last_name",
            "title",
            "phone_mobile",
            "phone_work",
            "lead_source",
            "primary_address_city",
            "primary_address_country",
            "description",
        ],
    ),
    ("Calls", &["name", "status", "direction", "description", "parent_type"]),
    (
        "Meetings",
        &["name", "status", "location", "description", "parent_type"],
    ),
    ("Notes", &["name", "description", "parent_type"]),
];
const TIMES: [&str; 4] = ["date_entered", "date_modified", "date_start", "date_end"];
const NUMBERS: [&str; 3] = ["duration_hours", "duration_minutes", "reminder_time"];
const FLAGS: [&str; 3] = ["do_not_call", "portal_flag", "embed_flag"];
const USERS: [&str; 3] = ["assigned_user_id", "created_by", "modified_user_id"];

/// Ids there and here, as the ledger has them.
type Ids = BTreeMap<(String, String), String>;

fn ids(between: &Between) -> Ids {
    let text = std::fs::read_to_string(between.ledger()).expect("a ledger");
    let mut ids = Ids::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let of = line["done"]["of"].as_str().unwrap_or_default();
        for pair in line["done"]["carried"].as_array().into_iter().flatten() {
            let before = ids.insert((of.to_owned(), v11::text(&pair[0])), v11::text(&pair[1]));
            assert!(before.is_none() || of.contains('.'), "{of} {pair} twice");
        }
    }
    ids
}

/// What the API's texts mean.
fn decoded(value: &Value) -> String {
    let mut text = value.as_str().unwrap_or_default();
    let mut plain = String::new();
    while let Some(at) = text.find('&') {
        plain.push_str(&text[..at]);
        text = &text[at..];
        let entities = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#039;", "'"),
            ("&amp;", "&"),
        ];
        let known = entities.iter().find(|(entity, _)| text.starts_with(entity));
        let (entity, character) = known.copied().unwrap_or(("&", "&"));
        plain.push_str(character);
        text = &text[entity.len()..];
    }
    plain + text
}

/// `2023-01-02T00:00:00+00:00` as the old side writes it.
fn old_time(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    match text.len() {
        0 => String::new(),
        _ => {
            assert!(text.ends_with("+00:00") || text.ends_with('Z'), "{text} is not in UTC");
            text[..19].replace('T', " ")
        }
    }
}

/// User names by id.
fn users(records: impl IntoIterator<Item = Value>) -> BTreeMap<String, String> {
    let pair = |user: Value| (v11::text(&user["id"]), v11::text(&user["user_name"]));
    records.into_iter().map(pair).collect()
}

fn assert_same(module: &str, old: &Value, new: &Value, ids: &Ids) {
    let at = |field: &str| format!("{module} {}: {field}: {} and {}", old["id"], old[field], new[field]);
    let texts = TEXTS.iter().find(|(known, _)| *known == module).expect("known").1;
    for field in texts.iter().filter(|field| **field != "parent_type") {
        assert_eq!(decoded(&old[*field]), decoded_once(&new[*field]), "{}", at(field));
    }
    for field in TIMES.iter().filter(|field| !new[**field].is_null()) {
        assert_eq!(decoded(&old[*field]), old_time(&new[*field]), "{}", at(field));
    }
    for field in NUMBERS.iter().filter(|field| !new[**field].is_null()) {
        assert!(new[*field].is_i64(), "{}", at(field));
        assert_eq!(decoded(&old[*field]), new[*field].to_string(), "{}", at(field));
    }
    for field in FLAGS.iter().filter(|field| !new[**field].is_null()) {
        assert_eq!(old[*field] == "1", new[*field] == true, "{}", at(field));
        assert!(new[*field].is_boolean(), "{}", at(field));
    }
    if let Some(email) = old["email1"].as_str().filter(|email| !email.is_empty()) {
        let primary = new["email"]
            .as_array()
            .and_then(|list| list.first())
            .expect("an address");
        assert_eq!(
            (&primary["email_address"], &primary["primary_address"]),
            (&json!(email), &json!(true))
        );
    }
    let parent = (decoded(&old["parent_type"]), decoded(&old["parent_id"]));
    if old["parent_type"].is_string() {
        let carried = ids.get(&parent).map_or("", String::as_str);
        assert_eq!(
            new["parent_id"].as_str().unwrap_or_default(),
            carried,
            "{}",
            at("parent_id")
        );
        let expected = if carried.is_empty() { "" } else { &parent.0 };
        assert_eq!(
            new["parent_type"].as_str().unwrap_or_default(),
            expected,
            "{}",
            at("parent_type")
        );
    }
}

/// Texts of the new side are plain.
fn decoded_once(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn linked(between: &Between, module: &str, link: &str) -> BTreeMap<String, BTreeSet<String>> {
    let answer = between.old_call(
        "get_entry_list",
        json!({"module_name": module, "query": "", "order_by": "", "offset": 0, "select_fields": ["id"],
               "link_name_to_fields_array": [{"name": link, "value": ["id"]}], "max_results": 10_000, "deleted": 0}),
    );
    let entries = answer["entry_list"].as_array().expect("entries");
    let lists = answer["relationship_list"].as_array().expect("lists");
    assert_eq!(entries.len(), lists.len());
    let mut linked = BTreeMap::new();
    for (entry, list) in entries.iter().zip(lists) {
        let records = list["link_list"][0]["records"].as_array().cloned().unwrap_or_default();
        let ids = records
            .iter()
            .map(|record| decoded(&record["link_value"]["id"]["value"]));
        linked.insert(decoded(&entry["id"]), ids.collect());
    }
    linked
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_as_it_was_and_a_second_run_writes_nothing() {
    let between = Between::start().await;
    // An account within another one, and a contact that reports to another: their other ends may come later.
    between.old_set(
        "Accounts",
        json!([{"name": "id", "value": "1"}, {"name": "parent_id", "value": "zz-imported"}]),
    );
    between.old_set(
        "Accounts",
        json!([{"name": "id", "value": "zz-imported"}, {"name": "parent_id", "value": "o'hara"}]),
    );
    between.old_set(
        "Contacts",
        json!([{"name": "id", "value": "42"}, {"name": "reports_to_id", "value": "<none>"}]),
    );
    // A second address.
    let address = between.old_set(
        "EmailAddresses",
        json!([{"name": "email_address", "value": "second@example.test"}]),
    );
    between.old_call(
        "set_relationship",
        json!({"module_name": "Contacts", "module_id": "42", "link_field_name": "email_addresses",
               "related_ids": [address["id"]], "name_value_list": [], "delete": 0}),
    );
    let ended = between.run_leaving();
    ended.succeeded().says("Done in");

    let ids = ids(&between);
    let old_users = users(between.old_records("Users"));
    let new_users = users(between.new_records("Users").into_values());
    for module in MODULES {
        let (old, new) = (between.old_records(module), between.new_records(module));
        assert_eq!(old.len(), new.len(), "{module}");
        for record in &old {
            let id = decoded(&record["id"]);
            let here = &ids[&(module.to_owned(), id.clone())];
            let is_plain = id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            assert_eq!(is_plain, *here == id, "{module} {id} became {here}");
            let there = &new[here];
            assert_same(module, record, there, &ids);
            for field in USERS {
                let (old, new) = (
                    &old_users[record[field].as_str().expect("an id")],
                    &new_users[there[field].as_str().expect("an id")],
                );
                assert_eq!(old, new, "{module} {id} {field}");
            }
        }
    }
    for (module, link, other) in [
        ("Contacts", "accounts", "Accounts"),
        ("Calls", "contacts", "Contacts"),
        ("Meetings", "contacts", "Contacts"),
    ] {
        let mut count = 0;
        for (id, others) in linked(&between, module, link) {
            let here = &ids[&(module.to_owned(), id)];
            let expected: BTreeSet<String> = others
                .iter()
                .map(|id| ids[&(other.to_owned(), id.clone())].clone())
                .collect();
            count += expected.len();
            assert_eq!(
                between.new_linked(module, here, link),
                expected,
                "{module} {here} {link}"
            );
        }
        assert!(count > 5, "{module} {link}: {count}");
    }
    for module in ["Calls", "Meetings"] {
        for (id, others) in linked(&between, module, "users") {
            let names = |ids: BTreeSet<String>, users: &BTreeMap<String, String>| -> BTreeSet<String> {
                ids.iter().map(|id| users[id].clone()).collect()
            };
            let here = between.new_linked(module, &id, "users");
            assert_eq!(names(here, &new_users), names(others, &old_users), "{module} {id}");
        }
    }
    let addresses = between.new_records("Contacts")["42"]["email"].clone();
    let flags: Vec<_> = addresses
        .as_array()
        .expect("a list")
        .iter()
        .map(|address| (v11::text(&address["email_address"]), address["primary_address"] == true))
        .collect();
    assert_eq!(flags.len(), 2, "{flags:?}");
    assert!(flags.contains(&("second@example.test".to_owned(), false)), "{flags:?}");
    let accounts = between.new_records("Accounts");
    assert_eq!(accounts["1"]["parent_id"], "zz-imported");
    assert_eq!(
        accounts["zz-imported"]["parent_id"],
        *ids[&("Accounts".to_owned(), "o'hara".to_owned())]
    );
    assert_eq!(
        between.new_records("Contacts")["42"]["reports_to_id"],
        *ids[&("Contacts".to_owned(), "<none>".to_owned())]
    );
    let mut files = 0;
    for note in between.old_records("Notes") {
        let attachment = between.old_call("get_note_attachment", json!({"id": note["id"]}));
        let old = v11::text(&attachment["note_attachment"]["file"]);
        let new = between.new_file(note["id"].as_str().expect("an id"));
        files += u32::from(new.is_some());
        assert_eq!(old, new.as_deref().map(between::base64).unwrap_or_default(), "{note}");
    }
    assert!(files > 3, "{files} files");

    let report = between.report();
    assert_eq!(report["complete"], true);
    assert_eq!(
        report["tallies"]["Contacts"]["carried"],
        between.old_records("Contacts").len()
    );
    assert_eq!(
        report["tallies"]["Contacts"]["stored_otherwise"],
        json!({}),
        "{report:#}"
    );
    for path in [between.ledger(), between.folder.path().join("the.ledger.report.json")] {
        assert_eq!(
            path.metadata().expect("a file").permissions().mode() & 0o777,
            0o600,
            "{path:?}"
        );
    }

    let contents = between.new_contents();
    assert!(!between.writes().is_empty());
    between.new.clear_requests();
    between.run_leaving().succeeded().says("before");
    assert_eq!(between.writes(), [""; 0], "the second run");
    assert!(between.new_contents() == contents, "the second run changed something");
    // What is new there comes with the next run, and nothing else.
    let created = between.old_set("Accounts", json!([{"name": "name", "value": "Newcomer"}]));
    between.new.clear_requests();
    between.run_leaving().succeeded();
    assert_eq!(between.writes(), ["POST /v11/Accounts"]);
    assert_eq!(
        between.new_records("Accounts")[&v11::text(&created["id"])]["name"],
        "Newcomer"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_ones_own_values_and_constants_follow_the_map() {
    let between = Between::start().await;
    let map = MAP.to_owned()
        + "\n[Accounts.values.industry]\nShipping = \"Energy\"\n[Accounts.values.interests_c]\n\"R&D\" = \"hosting\"\n\
           [Accounts.set]\nemployees = \"12\"\n[users]\njim = \"sally\"\n";
    let map = between.file("map.toml", &map);
    between.run(&["--unmapped", "leave", "--map", &map]).succeeded();
    let (old, new) = (between.old_records("Accounts"), between.new_records("Accounts"));
    let ids = ids(&between);
    let mut seen = BTreeSet::new();
    for record in old {
        let here = &new[&ids[&("Accounts".to_owned(), decoded(&record["id"]))]];
        let industry = decoded(&record["industry"]).replace("Shipping", "Energy");
        assert_eq!(here["industry"].as_str().unwrap_or_default(), industry);
        let interests = decoded(&record["interests_c"]).replace("R&D", "hosting");
        let interests: Vec<&str> = interests.split(',').map(|value| value.trim_matches('^')).collect();
        let interests: Vec<&str> = interests.into_iter().filter(|value| !value.is_empty()).collect();
        assert_eq!(here["interests_c"], json!(interests));
        assert_eq!(here["employees"], "12");
        seen.extend(interests.into_iter().map(str::to_owned));
    }
    assert!(seen.contains("hosting") && seen.contains("training"), "{seen:?}");
    let named = |name: &str, records: Vec<Value>| {
        let user = records
            .into_iter()
            .find(|user| user["user_name"] == name)
            .expect("a user");
        v11::text(&user["id"])
    };
    let (jim, sally) = (
        named("jim", between.old_records("Users")),
        named("sally", between.new_records("Users").into_values().collect()),
    );
    let of_jim = between
        .old_records("Contacts")
        .into_iter()
        .find(|contact| contact["assigned_user_id"] == jim)
        .expect("one");
    let here = &ids[&("Contacts".to_owned(), decoded(&of_jim["id"]))];
    assert_eq!(between.new_records("Contacts")[here]["assigned_user_id"], *sally);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_and_authors_that_the_target_does_not_keep_are_told() {
    let between = Between::with(|old| old, |new| new.keep_dates_and_authors(false)).await;
    between.run_leaving().succeeded().says("not kept");
    let report = between.report();
    let otherwise = &report["tallies"]["Accounts"]["stored_otherwise"];
    assert_eq!(
        otherwise["date_entered"]["count"],
        between.old_records("Accounts").len(),
        "{otherwise}"
    );
    assert!(otherwise["name"].is_null(), "{otherwise}");
}

#[test]
fn without_arguments_it_runs_between_two_practice_instances() {
    let ended = between::end(std::process::Command::new(process::program("migrate")).env_clear());
    ended
        .succeeded()
        .says("practice instances")
        .says("Done in")
        .says("files");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_there_is_a_bar_and_elsewhere_there_is_none() {
    let (status, screen) = process::Walkthrough::of("migrate").on_terminal().finish();
    assert_eq!(status, Some(0), "{screen}");
    assert!(
        screen.contains("[####################] Contacts  284 of 284"),
        "{screen:?}"
    );
    assert!(screen.contains("Done in"), "{screen:?}");
    let ended = between::end(std::process::Command::new(process::program("migrate")).env_clear());
    assert_eq!(ended.succeeded().errors, "");
}
