//! Whatever a server of REST v10 and v11 answers to a grant, a call and a bulk: no panic, no secret in an error, and what
//! is read is what was sent.

#[path = "../../support/rest_server.rs"]
mod rest_server;

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rest_server::{RestServer, answer};
use serde_json::{Value, json};
use sugar_oauth::oauth2::{AccessToken, BulkRequest, Client, Platform, RefreshToken, Tokens};
use sugar_oauth::{Error, Instance, Password, UtcTime};
use tokio::runtime::Runtime;

/// Stands in for every secret.
const SECRET: &str = "pw9f3kq7xw";
const YEAR: i64 = 366 * 24 * 60 * 60;

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&strategy, test) {
        panic!("{failure}");
    }
}

/// A server whose every answer is set, and a client of it.
fn place() -> (Runtime, RestServer, Arc<Mutex<Vec<u8>>>, Client) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let set = Arc::new(Mutex::new(Vec::new()));
    let reply = Arc::clone(&set);
    let server = runtime.block_on(RestServer::start(move |_, _| reply.lock().unwrap().clone()));
    let instance = Instance::parse(&server.url()).unwrap();
    let client = Client::builder(instance, Platform::new("test").unwrap()).build();
    (runtime, server, set, client)
}

fn fit_to_show(error: &Error) -> Result<(), TestCaseError> {
    let (text, debug) = (error.to_string(), format!("{error:?}"));
    prop_assert!(!text.contains(SECRET) && !debug.contains(SECRET), "{:?}", debug);
    let moves = |character: char| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character);
    prop_assert!(!text.chars().any(moves), "{:?}", text);
    Ok(())
}

/// The characters of a bearer token (RFC 6750, section 2.1), none of which ends a header.
fn is_token(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    !text.is_empty() && text.bytes().all(known) && text.len() < 10_000
}

fn value() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        json!(null),
        json!(0),
        json!(-1),
        json!(3600),
        json!(1e300),
        json!(u64::MAX),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!("3600"),
        json!("1e999"),
        json!("NaN"),
        json!("Bearer"),
        json!("abc-1"),
        json!(SECRET),
        json!("a b"),
        json!("a+b/c=="),
        json!("a=b"),
        json!("\u{1b}[2J\u{202e}"),
        json!("need_login"),
        json!("invalid_grant"),
        json!(format!("the password {SECRET} is wrong")),
        json!("x".repeat(300)),
    ]);
    prop_oneof![4 => known, 1 => any::<String>().prop_map(Value::String), 1 => any::<i64>().prop_map(Value::from)]
}

/// The answer of a grant or a refusal, with some fields replaced, removed or added.
fn object() -> impl Strategy<Value = Value> {
    let names = vec![
        "access_token",
        "refresh_token",
        "download_token",
        "expires_in",
        "refresh_expires_in",
        "token_type",
        "scope",
        "error",
        "error_message",
        "error_description",
        "other",
    ];
    let change = (prop::sample::select(names), prop::option::of(value()));
    (any::<bool>(), prop::collection::vec(change, 0..4)).prop_map(|(grant, changes)| {
        let mut object = match grant {
            true => rest_server::tokens(1, 3600),
            false => json!({"error": "invalid_grant", "error_message": SECRET}),
        };
        let fields = object.as_object_mut().unwrap();
        for (name, value) in changes {
            match value {
                Some(value) => drop(fields.insert(name.to_owned(), value)),
                None => drop(fields.remove(name)),
            }
        }
        object
    })
}

/// Bodies that are such an object, or a part of one, or something else; with statuses that are not waited for.
fn reply() -> impl Strategy<Value = (u16, Vec<u8>)> {
    let whole = object().prop_map(|object| object.to_string().into_bytes());
    let cut = (object(), any::<prop::sample::Index>()).prop_map(|(object, at)| {
        let text = object.to_string().into_bytes();
        let at = at.index(text.len());
        text[..at].to_vec()
    });
    let odd = prop::sample::select(vec![
        format!("\u{feff}{}", rest_server::tokens(1, 3600)).into_bytes(),
        b"<html><title>pw9f3kq7xw</title>".to_vec(),
        b"{\"access_token\":\"\xff\"}".to_vec(),
        "[".repeat(50_000).into_bytes(),
        vec![b' '; 300_000],
    ]);
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    let body = prop_oneof![6 => whole, 2 => cut, 1 => odd, 1 => bytes];
    let status = prop_oneof![
        3 => Just(200_u16),
        1 => prop::sample::select(vec![201, 301, 400, 401, 403, 404, 413, 422, 500, 599]),
    ];
    (status, body)
}

#[test]
fn whatever_a_grant_is_answered_it_is_tokens_as_sent_or_an_error_fit_to_show() {
    let (runtime, _server, set, client) = place();
    let read = RefCell::new(0);
    run(500, reply(), |(status, body)| {
        *set.lock().unwrap() = answer(status, "application/json", &body);
        let granted = runtime.block_on(client.password("admin", Password::new(SECRET)));
        let refreshed = runtime.block_on(client.refresh(&RefreshToken::new(SECRET)));
        for outcome in [granted, refreshed] {
            let tokens = match outcome {
                Ok(session) => session.tokens(),
                Err(error) => {
                    fit_to_show(&error)?;
                    continue;
                }
            };
            *read.borrow_mut() += 1;
            prop_assert!((200..300).contains(&status));
            let text = String::from_utf8(body.clone()).unwrap();
            let sent: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            prop_assert_eq!(&sent["access_token"], tokens.access_token.expose());
            prop_assert!(is_token(tokens.access_token.expose()));
            if let Some(token) = &tokens.refresh_token {
                // A refresh that brings no other keeps the one that it was made with.
                let kept = sent["refresh_token"].is_null() && token.expose() == SECRET;
                prop_assert!(is_token(token.expose()) && (kept || sent["refresh_token"] == token.expose()));
            }
            let now = UtcTime::now().unix_seconds();
            for end in [tokens.expires_at, tokens.refresh_expires_at].into_iter().flatten() {
                prop_assert!((now - 60..=now + YEAR).contains(&end.unix_seconds()), "{}", end);
            }
        }
        Ok(())
    });
    assert!(read.into_inner() > 100, "too few grants were readable to tell");
}

#[test]
fn whatever_a_call_is_answered_it_is_read_or_refused_with_an_error_fit_to_show() {
    let (runtime, _server, set, client) = place();
    run(300, reply(), |(status, body)| {
        *set.lock().unwrap() = answer(status, "application/json", &body);
        let tokens = Tokens::new(AccessToken::new(SECRET), Some(RefreshToken::new(SECRET)));
        let session = client.session(tokens).unwrap();
        match runtime.block_on(session.post("Contacts", &json!({"last_name": "x"}))) {
            Ok(value) => {
                prop_assert!((200..300).contains(&status));
                let text = String::from_utf8(body).unwrap();
                let sent: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
                prop_assert_eq!(value, sent);
            }
            Err(error) => {
                fit_to_show(&error)?;
                // The server took it, or may have begun to.
                prop_assert!(
                    error.may_have_applied() != (300..500).contains(&status),
                    "{}: {}",
                    status,
                    error
                );
            }
        }
        Ok(())
    });
}

/// Statuses of parts, as numbers, texts, or none.
fn part() -> impl Strategy<Value = (Value, Value)> {
    let status = prop::sample::select(vec![
        json!(200),
        json!("204"),
        json!(404),
        json!("422"),
        json!(500),
        json!(65_736),
        json!(-200),
        json!(200.5),
        json!(null),
        json!("no"),
        json!([200]),
    ]);
    (status, prop_oneof![value(), object()])
}

#[test]
fn every_part_of_a_bulk_has_its_own_answer_whatever_the_others_are() {
    let (runtime, _server, set, client) = place();
    let parts = (prop::collection::vec(part(), 0..6), 0_usize..6, any::<bool>());
    run(300, parts, |(parts, sent, same)| {
        let list: Vec<Value> = parts
            .iter()
            .map(|(status, contents)| json!({"status": status, "contents": contents, "headers": []}))
            .collect();
        *set.lock().unwrap() = answer(200, "application/json", json!(list).to_string());
        let sent = if same { list.len() } else { sent };
        let requests: Vec<BulkRequest> = (0..sent).map(|_| BulkRequest::delete(["Contacts", "x"])).collect();
        let tokens = Tokens::new(AccessToken::new(SECRET), None);
        let session = client.session(tokens).unwrap();
        let answers = match runtime.block_on(session.bulk(&requests)) {
            Ok(answers) => answers,
            Err(error) => {
                prop_assert!(sent != list.len(), "{}", error);
                prop_assert!(error.may_have_applied() == (sent > 0), "{}", error);
                return fit_to_show(&error);
            }
        };
        prop_assert_eq!(answers.len(), sent);
        prop_assert_eq!(answers.len(), list.len());
        for (answer, (status, contents)) in answers.iter().zip(&parts) {
            let number = match status {
                Value::Number(number) => number.as_u64(),
                Value::String(text) => text.parse().ok(),
                _ => None,
            };
            match (&answer.result, number) {
                (Ok(value), Some(200..=299)) => prop_assert_eq!(value, contents),
                (Err(error), Some(400..=499)) => {
                    prop_assert!(!error.may_have_applied(), "{}", error);
                    fit_to_show(error)?;
                }
                (Err(error), number) => {
                    prop_assert!(!matches!(number, Some(200..=299)), "{}", error);
                    fit_to_show(error)?;
                }
                (Ok(value), number) => prop_assert!(false, "{:?}: {}", number, value),
            }
        }
        Ok(())
    });
}
