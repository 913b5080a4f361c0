//! What tests can do to a sandbox: faults, delays, the clock and a look at its state.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, token_of};
use raw_http::{Answer, connect, exchange, get, request};
use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};
use sugar_oauth::sandbox::{Fault, Sandbox};

const INFO: &str = "/service/v4_1/rest.php?method=get_server_info&response_type=JSON";

fn info(harness: &Harness) -> Answer {
    get(harness.url(), INFO, &[])
}

fn info_bytes(harness: &Harness) -> Vec<u8> {
    exchange(harness.url(), &request("GET", harness.url(), INFO, &[], b""))
}

#[tokio::test]
async fn a_status_fault_answers_as_told_for_the_next_so_many_requests() {
    let harness = Harness::start().await;
    let fault = Fault::status(503)
        .header("Retry-After", "2")
        .header("Content-Type", "text/plain")
        .body("later");
    harness.sandbox.fault(fault.times(2));
    for _ in 0..2 {
        let answer = info(&harness);
        assert_eq!((answer.status(), answer.text().as_str()), (503, "later"));
        assert_eq!(answer.header("Retry-After"), Some("2"));
        assert_eq!(answer.header("Content-Type"), Some("text/plain"));
    }
    assert_eq!(info(&harness).status(), 200);
}

#[tokio::test]
async fn a_fault_holds_for_what_it_is_meant_for_until_it_is_cleared() {
    let harness = Harness::start().await;
    harness.sandbox.fault(Fault::empty().on_method("get_user_id"));
    harness
        .sandbox
        .fault(Fault::status(502).when(|request| request.path.ends_with("/v4/rest.php")));
    for _ in 0..3 {
        assert_eq!(harness.call("get_user_id", &json!([""])).text(), "");
        assert_eq!(info(&harness).json()["flavor"], "CE");
        assert_eq!(get(harness.url(), "/service/v4/rest.php", &[]).status(), 502);
    }
    harness.sandbox.clear_faults();
    assert_eq!(harness.call("get_user_id", &json!([""])).text(), "null");
}

#[tokio::test]
async fn a_fault_after_acting_loses_the_answer_of_what_was_done() {
    let harness = Harness::start().await;
    let session = harness.session();
    harness.sandbox.fault(Fault::reset_before_answer().once());
    let lost = |harness: &Harness| {
        let mut stream = connect(harness.url());
        let form = format!("method=logout&input_type=JSON&rest_data=%5B%22{session}%22%5D");
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let path = harness.path("v4_1");
        stream
            .write_all(&request("POST", harness.url(), &path, &headers, form.as_bytes()))
            .expect("sent");
        let error = stream.read(&mut [0; 10]).expect_err("a reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    };
    lost(&harness);
    assert_eq!(harness.sandbox.state().sessions.len(), 1, "it did not act");
    harness
        .sandbox
        .fault(Fault::reset_before_answer().after_acting().once());
    lost(&harness);
    assert_eq!(harness.sandbox.state().sessions.len(), 0, "it acted");
}

#[tokio::test]
async fn answers_can_be_cut_reset_stalled_and_trickled_at_a_byte() {
    let harness = Harness::start().await;
    harness.sandbox.fault(Fault::truncate(7).once());
    let cut = String::from_utf8(info_bytes(&harness)).expect("text");
    assert!(
        cut.starts_with("HTTP/1.1 200") && cut.ends_with("\r\n\r\n{\"flavo"),
        "{cut}"
    );

    harness.sandbox.fault(Fault::reset_within_answer(7).once());
    let mut stream = connect(harness.url());
    stream
        .write_all(&request("GET", harness.url(), INFO, &[], b""))
        .expect("sent");
    let mut read = Vec::new();
    let error = stream.read_to_end(&mut read).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(read.ends_with(b"{\"flavo"), "{}", String::from_utf8_lossy(&read));

    let pause = Duration::from_millis(200);
    for fault in [Fault::stall(pause), Fault::stall_within_answer(7, pause)] {
        harness.sandbox.fault(fault.once());
        let start = Instant::now();
        let stalled = info_bytes(&harness);
        assert!(start.elapsed() >= pause);
        assert!(stalled.is_empty() || stalled.ends_with(b"{\"flavo"));
    }
    harness.sandbox.fault(Fault::trickle(Duration::from_millis(1)).once());
    let start = Instant::now();
    assert_eq!(info(&harness).json()["flavor"], "CE");
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn answers_can_be_late_prefixed_and_no_http_at_all() {
    let harness = Harness::start().await;
    harness.sandbox.fault(Fault::delay(Duration::from_millis(150)).once());
    let start = Instant::now();
    assert_eq!(info(&harness).status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
    harness
        .sandbox
        .fault(Fault::prefix("\u{feff}<br />\n<b>Notice</b>:  x<br />\n").once());
    let text = info(&harness).text();
    assert!(text.starts_with("\u{feff}<br />") && text.ends_with('}'), "{text}");
    harness.sandbox.fault(Fault::raw("SSH-2.0-x\r\n").once());
    assert_eq!(info_bytes(&harness), b"SSH-2.0-x\r\n");
}

#[tokio::test]
async fn a_gzip_bomb_is_small_on_the_wire() {
    let harness = Harness::start().await;
    harness.sandbox.fault(Fault::gzip_bomb(64 << 20).once());
    let bomb = info(&harness);
    assert_eq!(bomb.header("Content-Encoding"), Some("gzip"));
    assert!(
        bomb.body.starts_with(&[0x1f, 0x8b]) && bomb.body.len() < 200_000,
        "{}",
        bomb.body.len()
    );
    harness.sandbox.fault(Fault::huge_body(3 << 20).once());
    assert!(info(&harness).body.len() >= 3 << 20);
}

#[tokio::test]
async fn latency_lets_requests_overtake_each_other() {
    let harness = Harness::start().await;
    let slow = |request: &sugar_oauth::sandbox::ReceivedRequest| match request.parameter("slow") {
        Some(_) => Duration::from_millis(300),
        None => Duration::ZERO,
    };
    harness.sandbox.latency(slow);
    let mut late = harness.signer();
    let mut early = harness.signer();
    (late.timestamp, early.timestamp) = (Some(signer::now()), Some(signer::now() + 1));
    std::thread::scope(|scope| {
        let overtaken = scope.spawn(|| {
            harness
                .signed(&late, &[("method", "oauth_request_token"), ("slow", "1")])
                .status()
        });
        while harness.sandbox.requests().is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        token_of(&harness.signed(&early, &[("method", "oauth_request_token")]));
        assert_eq!(overtaken.join().expect("the call"), 500);
    });
}

#[tokio::test]
async fn received_requests_are_kept_whole() {
    let harness = Harness::start().await;
    let form = "method=get_user_id&rest_data=%5B%22a%22%5D&input_type=JSON";
    raw_http::post(
        harness.url(),
        "/service/v4_1/rest.php?x=1&method=y",
        &[("X-Test", "é")],
        form,
    );
    let requests = harness.sandbox.requests();
    let received = requests.first().expect("a request");
    assert_eq!(
        (received.method.as_str(), received.path.as_str()),
        ("POST", "/service/v4_1/rest.php")
    );
    assert_eq!(received.query.as_deref(), Some("x=1&method=y"));
    assert_eq!(
        (received.header("x-test"), received.body.as_slice()),
        (Some("é"), form.as_bytes())
    );
    assert_eq!(received.rest_method().as_deref(), Some("get_user_id"));
    assert_eq!(
        (received.rest_data(), received.parameter("x")),
        (Some(json!(["a"])), Some("1".into()))
    );
    assert!(received.peer.ip().is_loopback());
    harness.sandbox.clear_requests();
    assert!(harness.sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_state_tells_tokens_sessions_and_timestamps() {
    let harness = Harness::start().await;
    let request_token = harness.request_token("http://127.0.0.1:9/cb");
    let access_token = harness.access_token();
    let session = harness.direct(&access_token, "oauth_access", "").json()["id"].clone();
    harness.sandbox.clock().advance(Duration::from_secs(60));
    let state = harness.sandbox.state();
    assert_eq!(state.request_tokens.len(), 1);
    let kept = &state.request_tokens[0];
    assert_eq!((kept.token.clone(), kept.secret.clone()), request_token);
    assert_eq!(
        (kept.callback.as_deref(), &kept.verifier),
        (Some("http://127.0.0.1:9/cb"), &None)
    );
    assert_eq!(
        (
            state.access_tokens[0].token.clone(),
            state.access_tokens[0].secret.clone()
        ),
        access_token
    );
    assert_eq!(json!(state.sessions[0].id), session);
    assert!(state.sessions[0].idle >= Duration::from_secs(59));
    assert_eq!(state.nonces, 4);
    assert!(state.newest_timestamps[harness.sandbox.consumer_key()] >= signer::now() - 60);
}

#[tokio::test]
async fn credentials_are_random_and_long_unless_given() {
    let (one, two) = (Harness::start().await.sandbox, Harness::start().await.sandbox);
    for of in [Sandbox::consumer_key, Sandbox::consumer_secret, Sandbox::password] {
        assert!(of(&one).len() >= 12 && of(&one) != of(&two));
    }
    let given = Sandbox::builder()
        .consumer("KEY", "SECRET")
        .user("sally", "pw")
        .start()
        .await
        .expect("started");
    let credentials = (
        given.consumer_key(),
        given.consumer_secret(),
        given.user_name(),
        given.password(),
    );
    assert_eq!(credentials, ("KEY", "SECRET", "sally", "pw"));
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port_and_a_taken_port_is_an_error() {
    let first = Sandbox::start().await.expect("started");
    let port: u16 = first
        .url()
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    assert!(Sandbox::builder().port(port).start().await.is_err());
    first.stop().await;
    let second = Sandbox::builder().port(port).start().await.expect("the port is free");
    assert_eq!(second.url(), format!("http://127.0.0.1:{port}"));
}

#[tokio::test]
async fn the_sandbox_answers_while_the_callers_runtime_is_blocked_and_may_be_dropped_in_it() {
    let harness = Harness::start().await;
    assert_eq!(info(&harness).status(), 200);
    drop(harness);
}
