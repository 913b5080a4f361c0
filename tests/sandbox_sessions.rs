//! Sessions, as docs/server.md has them, by raw HTTP against the sandbox.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, assert_error, is_hex};
use serde_json::json;
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

fn is_alive(harness: &Harness, session: &str) -> bool {
    let answer = harness.call("get_user_id", &json!({"session": session}));
    match answer.text().as_str() {
        "\"1\"" => true,
        _ => {
            assert_error(&answer, 11);
            false
        }
    }
}

#[tokio::test]
async fn a_session_is_gone_after_1440_seconds_without_use() {
    let harness = Harness::start().await;
    let session = harness.session();
    harness.sandbox.clock().advance(Duration::from_secs(1430));
    assert!(is_alive(&harness, &session));
    harness.sandbox.clock().advance(Duration::from_secs(1445));
    assert!(!is_alive(&harness, &session));
    assert!(harness.sandbox.state().sessions.is_empty());
}

#[tokio::test]
async fn use_keeps_a_session_alive() {
    let harness = Harness::start().await;
    let session = harness.session();
    for _ in 0..5 {
        harness.sandbox.clock().advance(Duration::from_secs(1000));
        assert!(is_alive(&harness, &session));
    }
}

#[tokio::test]
async fn a_session_is_bound_to_the_first_three_parts_of_the_address() {
    let harness = Harness::start().await;
    let session = harness.session();
    harness.sandbox.set_client_address(Ipv4Addr::new(127, 0, 0, 200));
    assert!(is_alive(&harness, &session));
    harness.sandbox.set_client_address(Ipv4Addr::new(127, 0, 1, 1));
    assert!(!is_alive(&harness, &session));
    // Destroyed for its owner too.
    harness.sandbox.set_client_address(Ipv4Addr::LOCALHOST);
    assert!(!is_alive(&harness, &session));
}

#[tokio::test]
async fn one_session_is_served_one_request_at_a_time_and_two_at_once() {
    const WORK: Duration = Duration::from_millis(150);
    let harness = Harness::start().await;
    let (one, other) = (harness.session(), harness.session());
    harness.sandbox.work(|_| WORK);
    let timed = |sessions: [&str; 4]| {
        let start = Instant::now();
        thread::scope(|scope| {
            for session in sessions {
                let harness = &harness;
                scope.spawn(move || assert!(is_alive(harness, session)));
            }
        });
        start.elapsed()
    };
    assert!(timed([&one; 4]) >= WORK * 4);
    let (in_turn, at_once) = (timed([&one; 4]), timed([&one, &one, &other, &other]));
    assert!(at_once >= WORK * 2 && at_once < in_turn, "{at_once:?} and {in_turn:?}");
}

#[tokio::test]
async fn a_call_that_waited_for_a_logout_finds_no_session() {
    let harness = Harness::start().await;
    let session = harness.session();
    harness.sandbox.work(|_| Duration::from_millis(400));
    thread::scope(|scope| {
        let logout = scope.spawn(|| harness.call("logout", &json!([session])).text());
        let arrived = || {
            harness
                .sandbox
                .requests()
                .iter()
                .any(|request| request.rest_method().as_deref() == Some("logout"))
        };
        while !arrived() {
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(50));
        assert!(!is_alive(&harness, &session));
        assert_eq!(logout.join().expect("the logout"), "null");
    });
}

#[tokio::test]
async fn logout_answers_null_and_ends_the_session() {
    let harness = Harness::start().await;
    let session = harness.session();
    let answer = harness.call("logout", &json!({"session": session}));
    assert_eq!((answer.status(), answer.text().as_str()), (200, "null"));
    assert!(!is_alive(&harness, &session));
    assert_error(&harness.call("logout", &json!([session])), 11);
}

#[tokio::test]
async fn get_available_modules_answers_10_to_an_invalid_session_and_others_11() {
    let harness = Harness::start().await;
    let unknown = "0123456789abcdef0123456789abcdef";
    assert_error(&harness.call("get_available_modules", &json!([unknown])), 10);
    for method in ["get_user_id", "get_entry_list", "logout"] {
        assert_error(&harness.call(method, &json!([unknown])), 11);
    }
    assert_error(
        &harness.call("get_entries_count", &json!([unknown, "Accounts", "", 0])),
        11,
    );
    // No id that PHP would take, and no header that it could break.
    let answer = harness.call("get_user_id", &json!(["../x\r\nSet-Cookie: a=b"]));
    assert_error(&answer, 11);
    assert_eq!(answer.header("Set-Cookie"), None);
}

#[tokio::test]
async fn an_empty_session_argument_answers_null() {
    let harness = Harness::start().await;
    assert_eq!(harness.call("get_user_id", &json!([""])).text(), "null");
    assert_eq!(
        harness.call("get_available_modules", &json!({"session": ""})).text(),
        "null"
    );
    assert_eq!(
        harness
            .call("get_entry_list", &json!({"session": "", "module_name": "Accounts"}))
            .text(),
        "null"
    );
    assert_error(&harness.call("oauth_access", &json!([""])), 10);
}

#[tokio::test]
async fn expired_by_hand_is_expired_for_all() {
    let harness = Harness::start().await;
    let sessions = [harness.session(), harness.session()];
    harness.sandbox.expire_sessions();
    assert!(!sessions.iter().any(|session| is_alive(&harness, session)));
}

#[tokio::test]
async fn login_takes_the_md5_of_the_password_or_plain_and_opens_a_session() {
    use md5::Digest;
    let harness = Harness::start().await;
    let (name, password) = (harness.sandbox.user_name(), harness.sandbox.password());
    let md5: String = md5::Md5::digest(password)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for user_auth in [
        json!({"user_name": name, "password": md5}),
        json!({"user_name": name, "password": password, "encryption": "PLAIN"}),
    ] {
        let answer = harness.call("login", &json!({"user_auth": user_auth, "application_name": "test"}));
        let session = answer.json()["id"].as_str().expect("an id").to_owned();
        assert!(is_hex(&session, 32) && is_alive(&harness, &session));
    }
    for user_auth in [
        json!({"user_name": name, "password": password}),
        json!({"user_name": name, "password": md5, "encryption": "PLAIN"}),
        json!({"user_name": "nobody", "password": md5}),
        json!({"user_name": name, "password": ""}),
        json!([]),
        json!("x"),
    ] {
        assert_error(&harness.call("login", &json!([user_auth, "test", []])), 10);
    }
}
