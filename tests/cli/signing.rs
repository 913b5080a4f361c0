//! `sign`: what another program sends is taken by the server.

use std::process::Command;

use serde_json::Value;
use sugar_oauth::sandbox::Sandbox;

use crate::person::{Person, json, sandbox};
use crate::process::secrets_of;
use crate::process::server::get;

/// What the shell and curl would stumble over, in an argument.
const AWKWARD: &str = r#"{"module_name":"Contacts","query":"contacts.last_name <> '@x$(touch pwned)`y`[1-3]{a,b} \"q\" \\ é%41+'","deleted":0}"#;

async fn logged_in() -> (Person, Sandbox) {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    (person, sandbox)
}

/// Runs a line as a person pastes it.
fn shell(line: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sh = Command::new("sh");
    sh.args(["-c", line]).current_dir(folder.path());
    sh.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder.path());
    let ended = sh.output().expect("sh runs");
    assert!(ended.status.success(), "{line}\n{ended:?}");
    assert_eq!(
        folder.path().read_dir().expect("it is there").count(),
        0,
        "{line} wrote something"
    );
    let answer = String::from_utf8(ended.stdout).expect("UTF-8");
    serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{line}\n{answer}"))
}

#[tokio::test]
async fn curl_sends_what_the_server_takes() {
    let (person, sandbox) = logged_in().await;
    for (arguments, member) in [
        (&["get_user_id"][..], None),
        (&["oauth_access"], Some("id")),
        (&["get_entries_count", "--data", AWKWARD], Some("result_count")),
    ] {
        let ended = person.runs(&[&["sign", "--curl"], arguments].concat());
        ended.succeeded();
        assert!(
            ended.output.starts_with("curl --globoff --data-raw '"),
            "{}",
            ended.output
        );
        let state = sandbox.state();
        for secret in [sandbox.consumer_secret(), &state.access_tokens[0].secret] {
            assert!(!ended.output.contains(secret), "{}", ended.output);
        }
        let answer = shell(ended.output.trim_end());
        match member {
            None => assert_eq!(answer, "1"),
            Some(member) => assert!(answer[member].is_string(), "{answer}"),
        }
    }
    let data = sandbox.requests().last().and_then(|request| request.rest_data());
    let mut sent = data.expect("a call");
    sent.as_object_mut().expect("an object").remove("session");
    assert_eq!(sent, serde_json::from_str::<Value>(AWKWARD).expect("JSON"));
}

#[tokio::test]
async fn the_url_is_taken_once() {
    let (person, _sandbox) = logged_in().await;
    let ended = person.runs(&["sign", "get_user_id"]);
    ended.succeeded();
    let url = ended.output.trim_end();
    assert!(get(url).ends_with("\"1\""), "{url}");
    assert!(!get(url).ends_with("\"1\""), "a nonce was taken twice");
    let told = json(&person.runs(&["sign", "get_user_id", "--json"]).output);
    assert_eq!(told["method"], "GET");
    assert!(
        told["base_string"]
            .as_str()
            .is_some_and(|text| text.starts_with("GET&http"))
    );
    assert!(get(told["url"].as_str().expect("a URL")).ends_with("\"1\""));
}

#[tokio::test]
async fn the_explanation_shows_the_base_string_and_every_parameter() {
    let (person, sandbox) = logged_in().await;
    let ended = person.runs(&["sign", "get_user_id", "--explain"]);
    ended.succeeded();
    let lines: Vec<&str> = ended.output.lines().collect();
    let base_string = lines
        .iter()
        .find(|line| line.starts_with("GET&http%3A%2F%2F127.0.0.1%3A"))
        .expect("it");
    assert!(base_string.contains("oauth_consumer_key%3D"), "{base_string}");
    let places = [
        "method",
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_timestamp",
        "oauth_token",
        "rest_data",
    ];
    for name in places {
        let is_row = |line: &&&str| line.starts_with("query ") && line.split_whitespace().nth(1) == Some(name);
        assert!(lines.iter().find(is_row).is_some(), "{name}: {}", ended.output);
    }
    assert!(
        lines
            .iter()
            .any(|line| line.contains(" oauth_signature ") && line.ends_with("  (not signed)"))
    );
    assert!(get(lines.last().expect("the URL")).ends_with("\"1\""));
    ended.tells_no_secret(&[
        sandbox.consumer_secret().to_owned(),
        sandbox.state().access_tokens[0].secret.clone(),
    ]);
    assert!(!secrets_of(&sandbox).is_empty());
}

#[tokio::test]
async fn what_cannot_be_signed() {
    let (person, sandbox) = logged_in().await;
    sandbox.clear_requests();
    for method in ["login", "oauth_request_token", "a'b"] {
        let ended = person.runs(&["sign", method]);
        assert_eq!(ended.status, Some(2), "{method}: {}", ended.errors);
    }
    assert!(sandbox.requests().is_empty(), "something was sent");
    Person::new()
        .runs(&["sign", "get_user_id"])
        .failed(3, &["nobody is logged in"]);
}
