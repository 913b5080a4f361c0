//! The record API of v10 and v11: links, files and bulk requests.

#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/v11.rs"]
mod v11;

use raw_http::Answer;
use serde_json::{Value, json};
use std::time::Duration;
use sugar_oauth::sandbox::{Fault, Sandbox};
use v11::{PLATFORM, access_token, assert_refused, call, get, log_in, post, send, start, text};

async fn started() -> (Sandbox, String) {
    let sandbox = start().await;
    let token = access_token(&sandbox);
    let accounts =
        [("acc-1", "One"), ("acc-2", "Two")].map(|(id, name)| ("Accounts", json!({ "id": id, "name": name })));
    let contacts = ["con-1", "con-2"].map(|id| ("Contacts", json!({ "id": id, "last_name": id })));
    let start = "2026-01-01T00:00:00Z";
    let call = ("Calls", json!({ "id": "call-1", "name": "Call", "date_start": start }));
    let note = ("Notes", json!({ "id": "note-1", "name": "Note" }));
    for (module, body) in accounts.into_iter().chain(contacts).chain([call, note]) {
        let made = post(&sandbox, &token, &format!("/v11/{module}"), &body);
        assert_eq!(made.status(), 200, "{}", made.text());
    }
    (sandbox, token)
}

fn ids(listed: &Value) -> Vec<String> {
    let records = listed["records"].as_array().expect("records");
    records.iter().map(|record| text(&record["id"])).collect()
}

#[tokio::test]
async fn a_link_joins_two_records_from_either_end() {
    let (sandbox, token) = started().await;
    let linked = post(
        &sandbox,
        &token,
        "/v11/Accounts/acc-1/link/contacts/con-1",
        &Value::Null,
    );
    assert_eq!(linked.status(), 200, "{}", linked.text());
    let linked = linked.json();
    assert_eq!(
        (&linked["record"]["id"], &linked["related_record"]["id"]),
        (&json!("acc-1"), &json!("con-1"))
    );
    assert_eq!(linked["related_record"]["account_id"], "acc-1");
    post(&sandbox, &token, "/v11/Calls/call-1/link/contacts/con-1", &Value::Null);
    post(&sandbox, &token, "/v11/Contacts/con-2/link/calls/call-1", &Value::Null);
    // A second time changes nothing.
    post(&sandbox, &token, "/v11/Contacts/con-2/link/calls/call-1", &Value::Null);

    assert_eq!(sandbox.stored_links("Contacts", "con-1", "accounts"), ["acc-1"]);
    assert_eq!(sandbox.stored_links("Calls", "call-1", "contacts"), ["con-1", "con-2"]);
    let listed = get(
        &sandbox,
        &token,
        "/v11/Calls/call-1/link/contacts?order_by=id&max_num=1",
    )
    .json();
    assert_eq!(
        (&listed["next_offset"], ids(&listed)),
        (&json!(1), vec!["con-1".to_owned()])
    );
    let one = get(&sandbox, &token, "/v11/Calls/call-1/link/contacts/con-2").json();
    assert_eq!(one["id"], "con-2");

    let parted = call(
        &sandbox,
        &token,
        "DELETE",
        "/v11/Calls/call-1/link/contacts/con-2",
        &Value::Null,
    );
    assert_eq!(parted.status(), 200);
    assert_eq!(sandbox.stored_links("Calls", "call-1", "contacts"), ["con-1"]);
    let gone = get(&sandbox, &token, "/v11/Calls/call-1/link/contacts/con-2");
    assert_refused(&gone, 404, "not_found");
}

#[tokio::test]
async fn parents_are_links_too() {
    let (sandbox, token) = started().await;
    let body = json!({ "parent_type": "Accounts", "parent_id": "acc-2" });
    call(&sandbox, &token, "PUT", "/v11/Calls/call-1", &body);
    assert_eq!(sandbox.stored_links("Accounts", "acc-2", "calls"), ["call-1"]);
    post(&sandbox, &token, "/v11/Accounts/acc-1/link/calls/call-1", &Value::Null);
    let moved = get(&sandbox, &token, "/v11/Calls/call-1").json();
    assert_eq!(
        (&moved["parent_type"], &moved["parent_id"]),
        (&json!("Accounts"), &json!("acc-1"))
    );
}

#[tokio::test]
async fn several_are_linked_at_once_or_none() {
    let (sandbox, token) = started().await;
    let path = "/v11/Accounts/acc-1/link";
    let body = json!({ "link_name": "contacts", "ids": ["con-1", "nobody"] });
    assert_refused(&post(&sandbox, &token, path, &body), 404, "not_found");
    assert!(sandbox.stored_links("Accounts", "acc-1", "contacts").is_empty());
    let body = json!({ "link_name": "contacts", "ids": ["con-1", { "id": "con-2" }] });
    let linked = post(&sandbox, &token, path, &body).json();
    assert_eq!(linked["related_records"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        sandbox.stored_links("Accounts", "acc-1", "contacts"),
        ["con-1", "con-2"]
    );
    for body in [json!({ "ids": ["con-1"] }), json!({ "link_name": "contacts" })] {
        assert_refused(&post(&sandbox, &token, path, &body), 422, "missing_parameter");
    }
}

#[tokio::test]
async fn a_record_is_made_where_it_is_linked() {
    let (sandbox, token) = started().await;
    let made = post(
        &sandbox,
        &token,
        "/v11/Accounts/acc-1/link/contacts",
        &json!({ "last_name": "New" }),
    );
    assert_eq!(made.status(), 200, "{}", made.text());
    let id = text(&made.json()["related_record"]["id"]);
    assert_eq!(sandbox.stored_links("Accounts", "acc-1", "contacts"), [id]);
    let refused = post(&sandbox, &token, "/v11/Accounts/acc-1/link/contacts", &json!({}));
    assert_refused(&refused, 422, "missing_parameter");
}

#[tokio::test]
async fn links_and_records_that_are_not_there_are_not_found() {
    let (sandbox, token) = started().await;
    for path in [
        "Accounts/nobody/link/contacts/con-1",
        "Accounts/acc-1/link/contacts/nobody",
        "Accounts/acc-1/link/accounts_contacts/con-1",
        "Accounts/acc-1/link/nothing/con-1",
        "Accounts/acc-1/link/email_addresses/x",
    ] {
        assert_refused(
            &post(&sandbox, &token, &format!("/v11/{path}"), &Value::Null),
            404,
            "not_found",
        );
    }
    assert!(sandbox.stored_links("Accounts", "acc-1", "contacts").is_empty());
}

/// A form as browsers and curl send it.
fn form(name: &str, filename: &str, content: &[u8]) -> (String, Vec<u8>) {
    let boundary = "------------------------d74496d66958873e";
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
         Content-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(format!("\r\n--{boundary}--\r\n").bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

fn upload(sandbox: &Sandbox, token: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
    let headers = [("OAuth-Token", token), ("Content-Type", kind)];
    send(sandbox, method, path, &headers, body)
}

const FILE: &str = "/v11/Notes/note-1/file/filename";

#[tokio::test]
async fn a_file_goes_up_as_a_form_or_bare_and_comes_down_as_it_was() {
    let (sandbox, token) = started().await;
    let content: Vec<u8> = (0..=255).chain(*b"\r\n--\r\n").collect();
    let (kind, body) = form("filename", "../a \u{fc}.txt", &content);
    let answer = upload(&sandbox, &token, "POST", FILE, &kind, &body);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let answer = answer.json();
    let about = &answer["filename"];
    assert_eq!(
        (&about["name"], &about["content-type"], &about["content-length"]),
        (&json!("../a \u{fc}.txt"), &json!("text/plain"), &json!(262))
    );
    assert_eq!(
        about["uri"],
        format!("{}/rest/v11/Notes/note-1/file/filename", sandbox.url())
    );
    assert_eq!(answer["record"]["filename"], "../a \u{fc}.txt");
    assert_eq!(
        get(&sandbox, &token, "/v11/Notes/note-1/file").json()["filename"],
        *about
    );
    let down = get(&sandbox, &token, FILE);
    assert_eq!(
        (down.body.as_slice(), down.header("Content-Type")),
        (&content[..], Some("text/plain"))
    );
    assert_eq!(sandbox.stored_file("note-1").as_deref(), Some(&content[..]));

    for (method, kind) in [("PUT", "image/png"), ("POST", "application/octet-stream")] {
        let path = format!("{FILE}?filename=b%20c.png");
        let answer = upload(&sandbox, &token, method, &path, kind, b"bare bytes");
        assert_eq!(answer.json()["filename"]["name"], "b c.png", "{}", answer.text());
        let down = get(&sandbox, &token, FILE);
        assert_eq!(
            (down.text().as_str(), down.header("Content-Type")),
            ("bare bytes", Some(kind))
        );
    }
    let removed = call(&sandbox, &token, "DELETE", FILE, &Value::Null);
    assert_eq!(removed.json()["record"]["filename"], "");
    assert_refused(&get(&sandbox, &token, FILE), 404, "not_found");
}

#[tokio::test]
async fn names_and_types_that_would_break_a_head_leave_it_whole() {
    let (sandbox, token) = started().await;
    let path = format!("{FILE}?filename=a%0D%0AX-Bad:%201%1B%22.txt");
    let answer = upload(&sandbox, &token, "PUT", &path, "text/pl\u{e4}n", b"x");
    // The record has the name as it was sent.
    assert_eq!(answer.json()["filename"]["name"], "a\r\nX-Bad: 1\u{1b}\".txt");
    let down = get(&sandbox, &token, FILE);
    assert_eq!(down.header("X-Bad"), None);
    assert_eq!(
        down.header("Content-Disposition"),
        Some("attachment; filename=\"aX-Bad: 1.txt\"")
    );
    assert_eq!(down.header("Content-Type"), Some("application/octet-stream"));
}

#[tokio::test]
async fn files_are_refused_where_there_is_no_place_for_them() {
    let (sandbox, token) = started().await;
    let (kind, body) = form("another", "a.txt", b"x");
    assert_refused(
        &upload(&sandbox, &token, "POST", FILE, &kind, &body),
        422,
        "missing_parameter",
    );
    let cut = &body[..body.len() - 10];
    assert_refused(
        &upload(&sandbox, &token, "POST", FILE, &kind, cut),
        422,
        "missing_parameter",
    );
    for path in [
        "/v11/Notes/note-1/file/name",
        "/v11/Notes/nobody/file/filename",
        "/v11/Accounts/acc-1/file/filename",
    ] {
        assert_refused(
            &upload(&sandbox, &token, "POST", path, "text/plain", b"x"),
            404,
            "not_found",
        );
    }
    assert_refused(&get(&sandbox, &token, FILE), 404, "not_found");
    assert_eq!(sandbox.stored_file("note-1"), None);
}

#[tokio::test]
async fn the_download_token_opens_files_and_nothing_else() {
    let (sandbox, _) = started().await;
    let login = log_in(&sandbox, PLATFORM);
    let (access, download) = (text(&login["access_token"]), text(&login["download_token"]));
    upload(&sandbox, &access, "POST", FILE, "text/plain", b"content");
    let cookie = format!("a=b; download_token_base={download}");
    for headers in [[("OAuth-Token", download.as_str())], [("Cookie", cookie.as_str())]] {
        assert_eq!(send(&sandbox, "GET", FILE, &headers, b"").text(), "content");
    }
    for name in ["download_token", "oauth_token"] {
        assert_eq!(
            send(&sandbox, "GET", &format!("{FILE}?{name}={download}"), &[], b"").text(),
            "content"
        );
    }
    assert_refused(&send(&sandbox, "GET", FILE, &[], b""), 401, "need_login");
    assert_refused(
        &send(&sandbox, "GET", &format!("{FILE}?download_token=x"), &[], b""),
        401,
        "invalid_grant",
    );
    assert_refused(&get(&sandbox, &download, "/v11/Notes/note-1"), 401, "invalid_grant");
    assert_refused(
        &upload(&sandbox, &download, "POST", FILE, "text/plain", b"x"),
        401,
        "invalid_grant",
    );
    // It outlives the access token.
    sandbox.clock().advance(Duration::from_secs(4_000));
    assert_refused(&get(&sandbox, &access, FILE), 401, "invalid_grant");
    assert_eq!(get(&sandbox, &download, FILE).status(), 200);
    log_in(&sandbox, PLATFORM);
    assert_refused(&get(&sandbox, &download, FILE), 401, "invalid_grant");
}

#[tokio::test]
async fn a_bulk_runs_in_order_and_goes_on_after_a_refusal() {
    let (sandbox, token) = started().await;
    let data = |value: Value| value.to_string();
    let requests = json!({ "requests": [
        { "url": "/v11/Accounts", "method": "POST", "data": data(json!({ "id": "b-1", "name": "First" })) },
        { "url": "/v11/Accounts", "method": "POST", "data": data(json!({ "id": "b-2", "industry": "Piracy" })) },
        { "url": "/v11/Contacts", "method": "POST", "data": data(json!({ "first_name": "No last name" })) },
        { "url": "/v11_20/Accounts/b-1", "method": "PUT", "data": { "name": "Changed" } },
        { "url": "/v11/Accounts/b-1?fields=name" },
        { "url": "/v11/Accounts/nobody", "method": "GET" },
        { "url": "/v11/Accounts", "method": "POST", "data": "{\"name\":" },
        { "url": "/Accounts/b-1", "method": "GET" },
        { "url": "/v11/oauth2/token", "method": "POST", "data": "{}" },
        { "url": "/v11/bulk", "method": "POST", "data": "{\"requests\":[]}" },
        { "method": "GET" },
        { "url": "/v11/Accounts/b-1/link/contacts/con-1", "method": "POST" },
        { "url": "/v11/me", "method": "GET" },
    ] });
    let answer = post(&sandbox, &token, "/v11/bulk", &requests);
    assert_eq!(answer.status(), 200);
    let answers = answer.json().as_array().expect("a list").clone();
    let statuses: Vec<(u64, &Value)> = answers
        .iter()
        .map(|one| (one["status"].as_u64().expect("a status"), &one["contents"]["error"]))
        .collect();
    let none = &Value::Null;
    let error = |text: &str| json!(text);
    let (invalid, missing) = (error("invalid_parameter"), error("missing_parameter"));
    let (not_found, version, method) = (error("not_found"), error("incorrect_version"), error("no_method"));
    assert_eq!(
        statuses,
        [
            (200, none),
            (422, &invalid),
            (422, &missing),
            (200, none),
            (200, none),
            (404, &not_found),
            (422, &invalid),
            (404, &version),
            (404, &method),
            (404, &method),
            (422, &missing),
            (200, none),
            (200, none),
        ]
    );
    assert!(answers.iter().all(|one| one["headers"].is_object()));
    assert_eq!(answers[4]["contents"]["name"], "Changed");
    assert_eq!(sandbox.stored_links("Accounts", "b-1", "contacts"), ["con-1"]);
    assert!(
        sandbox
            .stored_records("Accounts")
            .iter()
            .all(|record| record.id != "b-2")
    );
    assert_refused(
        &post(&sandbox, &token, "/v11/bulk", &json!({})),
        422,
        "missing_parameter",
    );
    assert_refused(&post(&sandbox, "x", "/v11/bulk", &requests), 401, "invalid_grant");
}

#[tokio::test]
async fn a_lost_answer_of_a_bulk_may_have_been_done() {
    let (sandbox, token) = started().await;
    let request = |id: &str| {
        let data = json!({ "id": id, "name": "Name" }).to_string();
        json!({ "requests": [{ "url": "/v11/Accounts", "method": "POST", "data": data }] })
    };
    let headers = [("OAuth-Token", token.as_str()), ("Content-Type", "application/json")];
    for (fault, id, done) in [
        (Fault::reset_before_answer().after_acting(), "done", true),
        (Fault::reset_before_answer(), "lost", false),
    ] {
        sandbox.fault(fault.on_path("/bulk").once());
        let body = request(id).to_string();
        let bytes = raw_http::request("POST", sandbox.url(), "/rest/v11/bulk", &headers, body.as_bytes());
        let mut stream = raw_http::connect(sandbox.url());
        std::io::Write::write_all(&mut stream, &bytes).expect("sent");
        let mut answer = Vec::new();
        // Reset, or closed with nothing before it.
        let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
        assert!(answer.is_empty());
        let is_there = sandbox.stored_records("Accounts").iter().any(|record| record.id == id);
        assert_eq!(is_there, done, "{id}");
    }
}
