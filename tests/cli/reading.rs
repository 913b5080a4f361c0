//! `modules`, `fields`, `count`, `get` and `list`: what is there, as a table and as JSON.

use std::collections::BTreeSet;

use serde_json::Value;
use sugar_oauth::sandbox::{Fault, Sandbox};

use crate::person::{Person, json, sandbox};
use crate::process::Ended;

/// Someone who is logged in at a sandbox.
async fn logged_in() -> (Person, Sandbox) {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    (person, sandbox)
}

#[track_caller]
fn objects(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    ended.output.lines().map(json).collect()
}

#[tokio::test]
async fn modules_tells_what_can_be_exported_with_counts() {
    let (person, sandbox) = logged_in().await;
    let modules = objects(&person.runs(&["modules", "--json"]));
    let find = |name: &str| {
        let module = modules.iter().find(|module| module["module"] == name);
        module.unwrap_or_else(|| panic!("no {name} in {modules:?}"))
    };
    assert_eq!(
        (&find("Contacts")["exportable"], &find("Contacts")["count"]),
        (&true.into(), &284.into())
    );
    assert_eq!(find("Users")["exportable"], true, "the server's list does not name it");
    assert_eq!(find("OAuthKeys")["exportable"], false);
    assert!(
        find("OAuthKeys")["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("credentials"))
    );

    let table = person.runs(&["modules"]);
    table.succeeded();
    let contacts = table
        .output
        .lines()
        .find(|line| line.starts_with("Contacts "))
        .expect("a line");
    assert_eq!(contacts.split_whitespace().nth(1), Some("284"), "{contacts}");
    assert!(
        table.output.contains("not exported: it holds credentials"),
        "{}",
        table.output
    );

    sandbox.clear_requests();
    let names = objects(&person.runs(&["modules", "--names", "--json"]));
    assert!(
        names
            .iter()
            .any(|module| module["module"] == "Accounts" && module["label"] == "Accounts")
    );
    assert!(sandbox.requests().len() < 8, "it tries modules all the same");
    assert!(sandbox.state().sessions.is_empty(), "a session was left open");
}

#[tokio::test]
async fn fields_and_links_of_a_module() {
    let (person, _sandbox) = logged_in().await;
    let fields = objects(&person.runs(&["fields", "Contacts", "--json"]));
    let last_name = fields
        .iter()
        .find(|field| field["field"] == "last_name")
        .expect("it is there");
    assert_eq!(
        (&last_name["type"], &last_name["length"]),
        (&"varchar".into(), &100.into())
    );
    let table = person.runs(&["fields", "Contacts"]);
    table.succeeded();
    assert!(table.output.contains("Accounts by account_id"), "{}", table.output);
    let links = objects(&person.runs(&["fields", "Accounts", "--links", "--json"]));
    assert!(
        links
            .iter()
            .any(|link| link["link"] == "contacts" && link["module"] == "Contacts"),
        "{links:?}"
    );
    person.runs(&["fields", "NoSuchModule"]).failed(4, &["(20)"]);
}

#[tokio::test]
async fn count_counts_what_the_user_can_list_and_tells_of_the_rest() {
    let (person, _sandbox) = logged_in().await;
    let ended = person.runs(&["count", "Contacts"]);
    ended.succeeded();
    assert_eq!(ended.output, "284\n");
    let some = person.runs(&[
        "count",
        "Contacts",
        "--filter",
        "contacts.last_name LIKE 'M%'",
        "--json",
    ]);
    let some = json(&some.output);
    assert!(
        some["count"].as_u64().is_some_and(|count| count > 0 && count < 284),
        "{some}"
    );
    assert_eq!(some["hidden"], 0);
    person
        .runs(&["count", "Contacts", "--filter", "last_name = 'A'"])
        .failed_without_advice(2, &["--filter: ", "`last_name`"]);
}

#[tokio::test]
async fn get_shows_a_record_and_says_when_there_is_none() {
    let (person, _sandbox) = logged_in().await;
    let first = objects(&person.runs(&["list", "Accounts", "--json", "--limit", "1", "--fields", "id,name"]));
    let (id, name) = (
        first[0]["id"].as_str().expect("text"),
        first[0]["name"].as_str().expect("text"),
    );
    let whole = objects(&person.runs(&["get", "Accounts", id, "--json"]));
    assert_eq!(whole[0]["name"], name);
    assert!(
        whole[0].as_object().is_some_and(|fields| fields.len() > 10),
        "{whole:?}"
    );
    let shown = person.runs(&["get", "Accounts", id, "--fields", "id,name"]);
    shown.succeeded();
    assert_eq!(shown.output, format!("id    {id}\nname  {name}\n"));
    person
        .runs(&["get", "Accounts", "no-such-id"])
        .failed(1, &["no such record"]);
}

#[tokio::test]
async fn list_gives_all_as_json_and_some_as_a_table() {
    let (person, _sandbox) = logged_in().await;
    let all = objects(&person.runs(&["list", "Contacts", "--json", "--fields", "id,last_name"]));
    let ids: BTreeSet<&str> = all.iter().filter_map(|record| record["id"].as_str()).collect();
    assert_eq!((all.len(), ids.len()), (284, 284));

    let table = person.runs(&["list", "Contacts"]);
    assert_eq!(table.status, Some(0), "{}", table.errors);
    assert_eq!(table.output.lines().count(), 21, "{}", table.output);
    assert!(table.output.starts_with("id "), "{}", table.output);
    assert_eq!(table.errors, "20 of 284 records; --limit 0 shows all\n");

    let names = |more: &[&str]| {
        let ended = person.runs(&[&["list", "Contacts", "--json", "--fields", "last_name"], more].concat());
        let of = |record: &Value| record["last_name"].as_str().unwrap_or_default().to_owned();
        objects(&ended).iter().map(of).collect::<Vec<_>>()
    };
    let up = names(&["--order-by", "contacts.last_name"]);
    let mut down = names(&["--order-by", "contacts.last_name DESC"]);
    assert_eq!(up.len(), 284, "pages do not overlap");
    assert_ne!(up, down);
    down.sort();
    let mut sorted = up.clone();
    sorted.sort();
    assert_eq!(sorted, down);
    assert_eq!(names(&["--limit", "3", "--order-by", "contacts.last_name"]), up[..3]);
    let filtered = names(&["--filter", "contacts.last_name LIKE 'M%'"]);
    assert!(
        !filtered.is_empty() && filtered.iter().all(|name| name.starts_with(['M', 'm'])),
        "{filtered:?}"
    );
}

#[tokio::test]
async fn list_says_which_fields_the_module_has_not() {
    let (person, _sandbox) = logged_in().await;
    for form in [&["--json"][..], &[]] {
        let list = ["list", "Contacts", "--limit", "2", "--fields", "id,last_nmae,email1"];
        let ended = person.runs(&[&list[..], form].concat());
        assert_eq!(ended.status, Some(0), "{}", ended.errors);
        assert_eq!(
            ended.errors.lines().next(),
            Some("! Contacts has no field last_nmae: `sugar-oauth fields Contacts` lists them")
        );
        let ended = person.runs(&[&["list", "Contacts", "--limit", "2", "--fields", "id,email1"], form].concat());
        assert!(!ended.errors.contains("has no field"), "{}", ended.errors);
    }
}

#[tokio::test]
async fn errors_have_their_statuses() {
    let (person, sandbox) = logged_in().await;
    for command in [
        &["modules"][..],
        &["fields", "Accounts"],
        &["count", "Accounts"],
        &["get", "Accounts", "1"],
        &["list", "Accounts"],
    ] {
        Person::new().runs(command).failed(3, &["nobody is logged in"]);
    }
    for command in [
        &["fields"][..],
        &["count"],
        &["get", "Accounts"],
        &["list"],
        &["list", "A", "--limit", "x"],
    ] {
        person.runs(command).failed(2, &["--help"]);
    }
    person.runs(&["list", "NoSuchModule"]).failed(4, &["(20)"]);
    person.runs(&["count", "NoSuchModule", "--json"]).tells_no_secret(&[]);
    assert!(sandbox.revoke_access_token(&sandbox.state().access_tokens[0].token));
    person.runs(&["count", "Accounts"]).failed(4, &["oauth_access"]);
}

#[tokio::test]
async fn records_that_the_server_cannot_give_are_told_and_the_others_come() {
    let (person, sandbox) = logged_in().await;
    let is_page = |request: &sugar_oauth::sandbox::ReceivedRequest| {
        let list = request.rest_data().unwrap_or_default();
        let fields = list["select_fields"].as_array().map_or(0, Vec::len);
        request.rest_method().as_deref() == Some("get_entry_list") && fields > 1
    };
    sandbox.fault(Fault::status(500).when(is_page));
    let ended = person.runs(&["list", "Currencies", "--json", "--fields", "id,name"]);
    assert_eq!(ended.status, Some(5), "{}", ended.errors);
    assert!(
        ended.errors.contains("the server could not give 4 records"),
        "{}",
        ended.errors
    );
}

#[tokio::test]
async fn hostile_text_is_escaped_for_people_and_exact_in_json() {
    let (person, sandbox) = logged_in().await;
    let hostile = "a\u{1b}]0;t\u{7}\u{9b}2J\u{202e}b\u{e0001}";
    let id = "1";
    let answer = serde_json::json!({
        "entry_list": [{"id": id, "module_name": "Accounts",
            "name_value_list": {"name": {"name": "name", "value": hostile}}}],
        "relationship_list": [],
    });
    sandbox.fault(Fault::status(200).body(answer.to_string()).on_method("get_entry"));
    let shown = person.runs(&["get", "Accounts", id]);
    shown.succeeded();
    assert_eq!(shown.output, "name  a\\u{1b}]0;t\\u{7}\\u{9b}2J\\u{202e}b\\u{e0001}\n");
    let exact = person.runs(&["get", "Accounts", id, "--json"]);
    exact.succeeded();
    assert_eq!(json(&exact.output)["name"], hostile);
    assert!(
        exact
            .output
            .trim_end()
            .chars()
            .all(|character| (' '..='~').contains(&character))
    );
}

#[tokio::test]
async fn an_output_that_ends_early_is_no_trouble() {
    let (person, _sandbox) = logged_in().await;
    for command in [
        &["modules", "--json"][..],
        &["fields", "Contacts"],
        &["list", "Contacts"],
        &["list", "Contacts", "--json"],
        &["count", "Contacts"],
    ] {
        let ended = person
            .types(command)
            .start_unread()
            .wait_with_output()
            .expect("it ends");
        assert_eq!(ended.status.code(), Some(0), "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_table_fits_its_terminal() {
    let (person, _sandbox) = logged_in().await;
    for columns in [20, 60, 100] {
        let terminal = person
            .types(&["list", "Contacts", "--limit", "5"])
            .env("NO_COLOR", "1")
            .on_terminal_of(columns);
        let (status, screen) = terminal.finish();
        assert_eq!(status, Some(0), "{screen}");
        let lines: Vec<&str> = screen.split("\r\n").take(6).collect();
        assert!(lines[0].starts_with("id "), "{screen}");
        for line in lines {
            assert!(line.chars().count() <= usize::from(columns), "{columns}: {line}");
        }
        assert!(!screen.contains('\u{1b}'), "{screen:?}");
    }
}
