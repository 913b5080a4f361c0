//! REST v10 and v11 by hand: requests as bytes, made without the crate's client.
#![allow(dead_code, reason = "each test file uses a part of this")]

use crate::raw_http::{self, Answer};
use serde_json::{Value, json};
use sugar_oauth::sandbox::{Flavour, Sandbox, SandboxBuilder};

pub const PLATFORM: &str = "custom_api";

/// An instance that knows the platform of these tests.
pub fn builder() -> SandboxBuilder {
    Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .user("admin", "a password")
        .platform(PLATFORM)
}

pub async fn start() -> Sandbox {
    builder().start().await.expect("the sandbox starts")
}

pub fn send(sandbox: &Sandbox, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let target = format!("/rest{path}");
    raw_http::send(
        sandbox.url(),
        &raw_http::request(method, sandbox.url(), &target, headers, body),
    )
}

/// A request with a JSON body.
pub fn call(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("OAuth-Token", token), ("Content-Type", "application/json")];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    send(sandbox, method, path, &headers, body.as_bytes())
}

pub fn get(sandbox: &Sandbox, token: &str, path: &str) -> Answer {
    call(sandbox, token, "GET", path, &Value::Null)
}

pub fn post(sandbox: &Sandbox, token: &str, path: &str, body: &Value) -> Answer {
    call(sandbox, token, "POST", path, body)
}

/// The arguments of the password grant, as the documents print them.
pub fn password_arguments(platform: &str) -> Value {
    json!({
        "grant_type": "password",
        "client_id": "sugar",
        "client_secret": "",
        "username": "admin",
        "password": "a password",
        "platform": platform,
    })
}

pub fn refresh_arguments(refresh_token: &str, platform: &str) -> Value {
    json!({
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": "sugar",
        "client_secret": "",
        "platform": platform,
    })
}

pub fn token(sandbox: &Sandbox, arguments: &Value) -> Answer {
    let json = [("Content-Type", "application/json")];
    send(
        sandbox,
        "POST",
        "/v11/oauth2/token",
        &json,
        arguments.to_string().as_bytes(),
    )
}

/// Logs in and gives the answer's members.
pub fn log_in(sandbox: &Sandbox, platform: &str) -> Value {
    let answer = token(sandbox, &password_arguments(platform));
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()
}

/// Logs in and gives the access token.
pub fn access_token(sandbox: &Sandbox) -> String {
    text(&log_in(sandbox, PLATFORM)["access_token"])
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Asserts a refusal in JSON with this status and code.
#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status(), status, "{}", answer.text());
    assert!(
        answer
            .header("Content-Type")
            .is_some_and(|kind| kind.starts_with("application/json")),
        "{answer:?}"
    );
    let body = answer.json();
    assert_eq!(body["error"], error, "{body}");
    assert!(
        body["error_message"].as_str().is_some_and(|text| !text.is_empty()),
        "{body}"
    );
}
