//! Faults that meet a single call, each by itself: what comes of the call, and how often it was sent.

use std::time::{Duration, Instant};

use serde_json::json;
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::SetEntry;
use sugar_oauth::{AccessToken, Client, Consumer, Error, ErrorKind, Instance, Session, TokenSecret, Transport};

const TOKEN: (&str, &str) = ("token-of-the-test", "secret-of-the-token");

/// A session of a client that waits at most a second for bytes and takes answers of 64 KiB.
async fn open() -> (Sandbox, Session) {
    let sandbox = Sandbox::builder().access_token(TOKEN.0, TOKEN.1).start().await.unwrap();
    let transport = Transport::builder()
        .read_timeout(Duration::from_secs(1))
        .answer_limit(64 << 10)
        .build();
    let client = Client::builder(Instance::parse(sandbox.url()).unwrap())
        .consumer(Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap())
        .transport(&transport)
        .build();
    let token = AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1)).unwrap();
    let session = client.oauth_access(&token).await.unwrap();
    session.get_user_id().await.unwrap();
    sandbox.clear_requests();
    (sandbox, session)
}

fn sent(sandbox: &Sandbox, method: &str) -> usize {
    let requests = sandbox.requests();
    requests
        .iter()
        .filter(|request| request.rest_method().as_deref() == Some(method))
        .count()
}

/// A read that always meets the fault: its error, and how often it was sent.
async fn read(sandbox: &Sandbox, session: &Session, fault: Fault) -> (Error, usize) {
    sandbox.fault(fault.on_method("get_user_id"));
    sandbox.clear_requests();
    let error = session.get_user_id().await.unwrap_err();
    sandbox.clear_faults();
    assert!(!error.may_have_applied(), "a read writes nothing: {error}");
    (error, sent(sandbox, "get_user_id"))
}

/// A write that meets the fault: its error, after it was sent once.
async fn write(sandbox: &Sandbox, session: &Session, fault: Fault) -> Error {
    sandbox.fault(fault.on_method("set_entry"));
    sandbox.clear_requests();
    let create = SetEntry::create("Accounts").set("name", "One");
    let error = session.call(&create).await.unwrap_err();
    sandbox.clear_faults();
    assert_eq!(sent(sandbox, "set_entry"), 1, "{error}");
    error
}

#[tokio::test]
async fn a_refused_connection_is_tried_four_times() {
    let (sandbox, session) = open().await;
    sandbox.stop().await;
    let began = Instant::now();
    let error = session.get_user_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    // Three waits take at least 100, 200 and 400 ms, and two at most 600.
    assert!(began.elapsed() >= Duration::from_millis(700));
}

/// The connection looks as if it could be used again: the next call may meet the reset at any moment.
#[tokio::test]
async fn a_reset_behind_an_answer_costs_no_answer_and_writes_nothing_twice() {
    let (sandbox, session) = open().await;
    for number in 0..20_u64 {
        sandbox.fault(Fault::reset_after_answer().once().on_method("get_user_id"));
        sandbox.clear_requests();
        session.get_user_id().await.unwrap();
        assert_eq!(sent(&sandbox, "get_user_id"), 1);
        tokio::time::sleep(Duration::from_millis(3 * number)).await;
        let name = format!("Behind a reset {number}");
        let outcome = session.call(&SetEntry::create("Accounts").set("name", &name)).await;
        let there = session
            .get_entries_count("Accounts", &format!("accounts.name = '{name}'"))
            .await
            .unwrap();
        let peers: Vec<_> = sandbox.requests().iter().map(|request| request.peer).collect();
        assert_ne!(peers.first(), peers.last(), "the connection was not reset");
        match outcome {
            Ok(_) => assert_eq!(there, 1, "{number}"),
            Err(error) => assert!(there == 0 || there == 1 && error.may_have_applied(), "{there}: {error}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_asked_for_again_and_its_write_is_not() {
    let (sandbox, session) = open().await;
    for (fault, kind) in [
        (
            Fault::stall_within_answer(1, Duration::from_secs(3)),
            ErrorKind::Timeout,
        ),
        (Fault::truncate(1), ErrorKind::InvalidAnswer),
        (Fault::reset_within_answer(1), ErrorKind::InvalidAnswer),
        (Fault::broken_gzip(), ErrorKind::InvalidAnswer),
    ] {
        let shown = format!("{fault:?}");
        sandbox.fault(fault.clone().once().on_method("get_user_id"));
        sandbox.clear_requests();
        let read = session.get_user_id().await;
        assert!(read.is_ok(), "{shown}: {read:?}");
        assert_eq!(sent(&sandbox, "get_user_id"), 2, "{shown}");
        let error = write(&sandbox, &session, fault).await;
        assert!(
            error.kind() == kind && error.may_have_applied(),
            "{shown}: {:?} {error}",
            error.kind()
        );
    }
}

#[tokio::test]
async fn gzip_that_breaks_every_time_is_told_after_four_times() {
    let (sandbox, session) = open().await;
    let (error, times) = read(&sandbox, &session, Fault::broken_gzip()).await;
    assert_eq!((error.kind(), times), (ErrorKind::InvalidAnswer, 4), "{error}");
    assert!(error.to_string().contains("decompressed"), "{error}");
    assert!(write(&sandbox, &session, Fault::broken_gzip()).await.may_have_applied());
}

#[tokio::test]
async fn a_busy_server_is_waited_for_as_long_as_it_asks_and_not_for_an_hour() {
    let (sandbox, session) = open().await;
    for status in [502, 503, 504] {
        sandbox.fault(
            Fault::status(status)
                .header("Retry-After", "1")
                .once()
                .on_method("get_user_id"),
        );
        let began = Instant::now();
        session.get_user_id().await.unwrap();
        // Without the header it is at most 200 ms.
        assert!(began.elapsed() >= Duration::from_secs(1), "{status}");
        let long = Fault::status(status).header("Retry-After", "3600");
        let (error, times) = read(&sandbox, &session, long).await;
        assert_eq!((error.kind(), times), (ErrorKind::HttpStatus, 1), "{error}");
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        let error = write(&sandbox, &session, Fault::status(status)).await;
        assert!(error.may_have_applied(), "{error}");
    }
}

#[tokio::test]
async fn an_empty_500_to_a_session_call_is_told_at_once() {
    let (sandbox, session) = open().await;
    let (error, times) = read(&sandbox, &session, Fault::status(500)).await;
    assert_eq!((error.kind(), times), (ErrorKind::HttpStatus, 1), "{error}");
    assert!(write(&sandbox, &session, Fault::status(500)).await.may_have_applied());
}

#[tokio::test]
async fn a_page_with_200_is_told_by_its_title() {
    let (sandbox, session) = open().await;
    let page = "<!DOCTYPE html><html><head><title>Down for maintenance</title></head><body>Soon</body></html>";
    let (error, times) = read(&sandbox, &session, Fault::status(200).body(page)).await;
    assert_eq!((error.kind(), times), (ErrorKind::NotTheApi, 1), "{error}");
    assert!(error.to_string().contains("Down for maintenance"), "{error}");
    assert!(
        write(&sandbox, &session, Fault::status(200).body(page))
            .await
            .may_have_applied()
    );
}

#[tokio::test]
async fn json_that_breaks_off_and_nothing_at_all_are_told_apart() {
    let (sandbox, session) = open().await;
    for (body, says) in [("\"1", "breaks off after 2 bytes"), ("", "answered with nothing")] {
        let fault = Fault::status(200).header("Content-Type", "application/json").body(body);
        let (error, times) = read(&sandbox, &session, fault.clone()).await;
        assert_eq!((error.kind(), times), (ErrorKind::InvalidAnswer, 1), "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(write(&sandbox, &session, fault).await.may_have_applied());
    }
}

#[tokio::test]
async fn text_is_utf_8_whatever_charset_the_answer_names() {
    let (sandbox, session) = open().await;
    let latin = "application/json; charset=ISO-8859-1";
    let answer = |body: &[u8]| Fault::status(200).header("Content-Type", latin).body(body);
    sandbox.fault(answer("\"Öz\"".as_bytes()).once().on_method("get_user_id"));
    let value = session.call_raw("get_user_id", json!({})).await.unwrap();
    assert_eq!(value, "Öz");
    let (error, _) = read(&sandbox, &session, answer(b"\"\xd6z\"")).await;
    assert_eq!(error.kind(), ErrorKind::InvalidAnswer, "{error}");
    assert!(error.to_string().contains("UTF-8"), "{error}");
    assert!(
        write(&sandbox, &session, answer(b"{\"id\":\"\xd6z\"}"))
            .await
            .may_have_applied()
    );
}

#[tokio::test]
async fn a_gzip_bomb_ends_at_the_limit_and_is_asked_for_once() {
    let (sandbox, session) = open().await;
    let (error, times) = read(&sandbox, &session, Fault::gzip_bomb(8 << 30)).await;
    assert_eq!((error.kind(), times), (ErrorKind::TooLarge, 1), "{error}");
    assert!(
        write(&sandbox, &session, Fault::gzip_bomb(8 << 30))
            .await
            .may_have_applied()
    );
}

/// How the server says that it does not know a session: by number, to a method that says so in other words, by `null`.
fn gone() -> [(&'static str, &'static str, Fault); 3] {
    let json = |body: &str| Fault::status(200).header("Content-Type", "application/json").body(body);
    let invalid = r#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#;
    let login = r#"{"name":"Invalid Login","number":10,"description":"Login attempt failed please check the username and password"}"#;
    [
        ("11", "get_user_id", json(invalid)),
        ("10", "get_available_modules", json(login)),
        ("null", "get_user_id", json("null")),
    ]
}

async fn ask(session: &Session, method: &str) -> Result<(), Error> {
    match method {
        "get_user_id" => session.get_user_id().await.map(drop),
        _ => session.get_available_modules().await.map(drop),
    }
}

#[tokio::test]
async fn a_session_that_is_gone_is_renewed_once_however_the_server_says_so() {
    for (what, method, fault) in gone() {
        let (sandbox, session) = open().await;
        sandbox.fault(fault.once().on_method(method));
        ask(&session, method).await.unwrap();
        assert_eq!(
            (sent(&sandbox, method), sent(&sandbox, "oauth_access")),
            (2, 1),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_session_that_is_gone_at_every_call_is_told_after_one_renewal() {
    for (what, method, fault) in gone() {
        let (sandbox, session) = open().await;
        sandbox.fault(fault.on_method(method));
        let error = ask(&session, method).await.unwrap_err();
        // `null` may mean the arguments, too.
        let kind = if what == "null" {
            ErrorKind::InvalidAnswer
        } else {
            ErrorKind::SessionGone
        };
        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert!(error.to_string().contains("session"), "{what}: {error}");
        assert_eq!(
            (sent(&sandbox, method), sent(&sandbox, "oauth_access")),
            (2, 1),
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_ends_under_sixty_four_tasks_is_renewed_once() {
    let (sandbox, session) = open().await;
    sandbox.expire_sessions();
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let session = session.clone();
            // Reads and writes: the server refuses both before it acts.
            tokio::spawn(async move {
                match number % 2 {
                    0 => session.get_user_id().await.map(drop),
                    _ => {
                        let create = SetEntry::create("Accounts").set("name", format!("Meanwhile {number}"));
                        session.call(&create).await.map(drop)
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(sent(&sandbox, "oauth_access"), 1);
    let written = session
        .get_entries_count("Accounts", "accounts.name LIKE 'Meanwhile %'")
        .await
        .unwrap();
    assert_eq!(written, 32);
}

#[tokio::test]
async fn a_session_that_another_address_has_ended_is_renewed_and_a_given_one_is_told() {
    let (sandbox, session) = open().await;
    let given = session.client().session(session.id()).unwrap();
    // The call from elsewhere destroys the session for its owner, too.
    sandbox.set_client_address([198, 51, 100, 7].into());
    let error = given.get_user_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone, "{error}");
    sandbox.set_client_address([127, 0, 0, 1].into());
    session.get_user_id().await.unwrap();
    assert_eq!(sent(&sandbox, "oauth_access"), 1);
}

#[tokio::test]
async fn an_access_token_that_is_revoked_in_the_middle_is_told_when_the_session_ends() {
    let (sandbox, session) = open().await;
    assert!(sandbox.revoke_access_token(TOKEN.0));
    session.get_user_id().await.unwrap();
    sandbox.expire_sessions();
    sandbox.clear_requests();
    let create = SetEntry::create("Accounts").set("name", "One");
    for error in [
        session.get_user_id().await.unwrap_err(),
        session.call(&create).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(error.to_string().contains("revoked"), "{error}");
        assert!(!error.may_have_applied(), "{error}");
    }
}
