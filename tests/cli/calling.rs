//! `call`, `upload` and `download`.

use std::fs;
use std::path::Path;

use sugar_oauth::sandbox::{Flavour, Sandbox};

use crate::person::{Person, json, sandbox};
use crate::process::Ended;

async fn logged_in() -> (Person, Sandbox) {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    (person, sandbox)
}

#[track_caller]
fn id_of(ended: &Ended) -> String {
    ended.succeeded();
    json(&ended.output)["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_method_by_its_name_with_data_from_anywhere() {
    let (person, _sandbox) = logged_in().await;
    let data = r#"{"module_name":"Contacts","query":"","deleted":0}"#;
    let ended = person.runs(&["call", "get_entries_count", "--data", data, "--json"]);
    ended.succeeded();
    assert_eq!(json(&ended.output)["result_count"], "284");
    let people = person.runs(&["call", "get_entries_count", "--data", data]);
    people.succeeded();
    assert_eq!(people.output, "{\n  \"result_count\": \"284\"\n}\n");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.json");
    fs::write(&file, data).expect("it is written");
    let from_file = person.runs(&[
        "call",
        "get_entries_count",
        "--data-file",
        file.to_str().expect("UTF-8"),
    ]);
    assert_eq!(from_file.output, people.output);
    let mut running = person.types(&["call", "get_entries_count", "--data-file", "-"]).start();
    running.type_line(data);
    running.end_input();
    assert_eq!(running.finish().output, people.output);

    let signed = person.runs(&["call", "get_entries_count", "--data", data, "--signed"]);
    signed.succeeded();
    assert_eq!(signed.output, people.output);
    let unsigned = person.runs(&["call", "get_server_info", "--json"]);
    assert!(json(&unsigned.output)["version"].is_string());
}

#[tokio::test]
async fn the_walk_and_what_is_no_json_are_refused_before_anything_is_sent() {
    let (person, sandbox) = logged_in().await;
    for method in [
        "login",
        "logout",
        "oauth_access",
        "oauth_request_token",
        "seamless_login",
        "a b",
    ] {
        let ended = person.runs(&["call", method, "--data", r#"{"user_auth":{"password":"hunter2"}}"#]);
        assert_eq!(ended.status, Some(2), "{method}: {}", ended.errors);
        ended.tells_no_secret(&["hunter2".to_owned()]);
        assert!(
            !sandbox
                .requests()
                .iter()
                .any(|request| request.rest_method().as_deref() == Some(method)
                    && method != "logout"
                    && method != "oauth_access"
                    && method != "oauth_request_token"),
            "{method} was sent"
        );
    }
    sandbox.clear_requests();
    for data in ["{", "hunter2", "[1", ""] {
        let ended = person.runs(&["call", "get_user_id", "--data", data]);
        ended.failed(2, &["--data holds no JSON: line "]);
        ended.tells_no_secret(&["hunter2".to_owned()]);
    }
    person
        .runs(&["call", "get_user_id", "--data-file", "/no/such/file"])
        .failed_without_advice(2, &["/no/such/file cannot be read"]);
    assert!(sandbox.requests().is_empty(), "something was sent");
    person
        .runs(&["call", "get_user_id", "--data", "[]"])
        .failed_without_advice(2, &["a JSON object"]);
    person
        .runs(&["call", "no_such_method"])
        .failed_without_advice(4, &["no_such_method"]);
    Person::new()
        .runs(&["call", "get_user_id"])
        .failed(3, &["nobody is logged in"]);
}

#[tokio::test]
async fn files_go_to_notes_and_documents_and_come_back() {
    let (person, _sandbox) = logged_in().await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let shown = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let content = b"offer\0\xff\n".repeat(1000);
    fs::write(at("offer.pdf"), &content).expect("it is written");
    let make = |module: &str, name: &str| {
        let data =
            format!(r#"{{"module_name":"{module}","name_value_list":[{{"name":"{name}","value":"of the test"}}]}}"#);
        id_of(&person.runs(&["call", "set_entry", "--data", &data, "--json"]))
    };
    let note = make("Notes", "name");
    let sent = person.runs(&["upload", "notes", &note, &shown(&at("offer.pdf"))]);
    sent.succeeded();
    assert!(sent.output.ends_with("offer.pdf is attached\n"), "{}", sent.output);

    let into = at("in");
    let nowhere = at("no/in");
    let missed = person.runs(&["download", "Notes", &note, "--dir", &shown(&nowhere)]);
    missed.failed(2, &["no/in cannot be made: no such file or folder"]);
    person
        .runs(&["download", "Notes", "no-such-note", "--dir", &shown(&into)])
        .failed(1, &["the file is missing"]);
    assert!(!into.exists(), "a folder for nothing is left");
    for name in ["offer.pdf", "offer (2).pdf"] {
        let came = person.runs(&["download", "Notes", &note, "--dir", &shown(&into)]);
        came.succeeded();
        assert_eq!(came.output, format!("{}\n", into.join(name).display()));
        assert_eq!(fs::read(into.join(name)).expect("it is there"), content);
    }

    let document = make("Documents", "document_name");
    let sent = person.runs(&[
        "upload",
        "Documents",
        &document,
        &shown(&at("offer.pdf")),
        "--revision",
        "2",
        "--json",
    ]);
    sent.succeeded();
    let revision = json(&sent.output)["revision_id"].as_str().expect("an id").to_owned();
    for (module, id, name) in [
        ("DocumentRevisions", &revision, "by revision"),
        ("Documents", &document, "by document"),
    ] {
        let out = at(name);
        let download = ["download", module, id, "--out", &shown(&out)];
        person.runs(&download).succeeded();
        assert_eq!(fs::read(&out).expect("it is there"), content, "{name}");
        fs::write(&out, "mine").expect("it is written");
        person.runs(&download).failed(2, &["is there already", "--force"]);
        assert_eq!(fs::read_to_string(&out).expect("it is there"), "mine");
        person.runs(&[&download[..], &["--force"]].concat()).succeeded();
        assert_eq!(fs::read(&out).expect("it is there"), content);
    }

    person
        .runs(&["download", "Notes", "no-such-note"])
        .failed(1, &["the file is missing"]);
    person
        .runs(&["download", "Documents", "no-such"])
        .failed(1, &["no such document"]);
    person
        .runs(&["download", "Accounts", "1"])
        .failed(2, &["does not know; it knows Notes, Documents"]);
    person
        .runs(&["download", "Notes", &note, "--force"])
        .failed(2, &["missing: "]);
    person
        .runs(&["upload", "Notes", &note, "/no/such/file"])
        .failed_without_advice(2, &["cannot be read: no such file or folder"]);
    person
        .runs(&["upload", "Notes", "no-such-note", &shown(&at("offer.pdf"))])
        .failed(4, &["stored nothing"]);
}

#[tokio::test]
async fn what_the_server_calls_a_file_is_no_path() {
    let (person, _sandbox) = logged_in().await;
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("in");
    fs::create_dir(&into).expect("a folder");
    let data = r#"{"module_name":"Notes","name_value_list":[{"name":"name","value":"n"}]}"#;
    let note = id_of(&person.runs(&["call", "set_entry", "--data", data, "--json"]));
    let hostile = format!(r#"{{"note":{{"id":"{note}","filename":"../../\u001b[2Jx.sh","file":"eA=="}}}}"#);
    person
        .runs(&["call", "set_note_attachment", "--data", &hostile])
        .succeeded();
    let came = person.runs(&["download", "Notes", &note, "--dir", into.to_str().expect("UTF-8")]);
    came.succeeded();
    assert!(
        !came.output.contains('\u{1b}') && came.output.contains("/in/"),
        "{:?}",
        came.output
    );
    let there: Vec<_> = fs::read_dir(&into).expect("it is there").flatten().collect();
    assert_eq!(there.len(), 1);
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
}

#[tokio::test]
async fn a_login_to_v11_reads_paths_and_says_what_is_for_v4_1() {
    let builder = Sandbox::builder().flavour(Flavour::Sugar11).records(3, 5);
    let sandbox = builder.start().await.expect("it starts");
    let person = Person::new();
    let login = person
        .types(&[
            "login",
            sandbox.url(),
            "--api",
            "v11",
            "--platform",
            "mobile",
            "--user",
            sandbox.user_name(),
        ])
        .env("SUGAR_PASSWORD", sandbox.password());
    assert_eq!(login.run().status, Some(0));
    let ended = person.runs(&["call", "Accounts?max_num=2&fields=name", "--json"]);
    ended.succeeded();
    assert_eq!(json(&ended.output)["records"].as_array().map(Vec::len), Some(2));
    person.runs(&["call", "me", "--signed"]).failed(2, &["for v4_1"]);
    for command in [
        &["modules"][..],
        &["list", "Accounts"],
        &["export", "Accounts", "--out", "/tmp/none"],
        &["download", "Notes", "1"],
    ] {
        person
            .runs(command)
            .failed(2, &["is for the API v11, which does not know this command", "v4_1"]);
    }
}
