//! What tests can do to a sandbox: faults, delays, the clock, its state, the hostile flavour's tricks.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, JSON, fields, token_of};
use raw_http::{Answer, connect, exchange, get, request};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};
use sugar_oauth::sandbox::{Fault, Flavour, Sandbox, Trick};

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

async fn hostile(trick: Trick) -> Harness {
    let harness = Harness::with(Sandbox::builder().flavour(Flavour::Hostile)).await;
    harness.sandbox.hostile(trick);
    harness
}

fn token_answer(harness: &Harness) -> String {
    harness
        .signed(&harness.signer(), &[("method", "oauth_request_token")])
        .text()
}

#[tokio::test]
async fn tricks_on_authorize_url_alter_only_it() {
    let harness = hostile(Trick::Nothing).await;
    let page = fields(&token_answer(&harness))["authorize_url"].clone();
    let own = raw_http::authority(harness.url()).to_owned();
    let with = |trick: Trick| {
        harness.sandbox.hostile(trick);
        let mut fields = fields(&token_answer(&harness));
        assert!(harness::is_hex(&fields["oauth_token"], 12));
        fields.remove("authorize_url").unwrap_or_default()
    };
    assert_eq!(
        page,
        format!("http://{own}/index.php?module=OAuthTokens&action=authorize")
    );
    let path = "/index.php?module=OAuthTokens&action=authorize";
    assert_eq!(
        with(Trick::AuthorizeUrlForeignHost),
        format!("http://login.elsewhere.example{path}")
    );
    assert_eq!(with(Trick::AuthorizeUrlOtherPort), format!("http://127.0.0.1:1{path}"));
    assert_eq!(with(Trick::AuthorizeUrlOtherScheme), format!("ftp://{own}{path}"));
    assert_eq!(
        with(Trick::AuthorizeUrlUserinfo),
        format!("http://{own}@elsewhere.example{path}")
    );
    assert_eq!(
        with(Trick::AuthorizeUrlOwnUserinfo),
        format!("http://user:word@{own}{path}")
    );
    assert_eq!(with(Trick::AuthorizeUrlFragment), format!("{page}#"));
    assert!(with(Trick::AuthorizeUrlJavascript).starts_with("javascript:"));
    assert!(with(Trick::AuthorizeUrlFile).starts_with("file:"));
    assert!(with(Trick::AuthorizeUrlOption).starts_with("--"));
    assert!(with(Trick::AuthorizeUrlControlCharacters).contains("\r\n\u{1b}["));
    assert_eq!(
        with(Trick::AuthorizeUrlWithoutSlash),
        page.replace("/index.php", "index.php")
    );
    assert_eq!(with(Trick::AuthorizeUrlMissing), "");
}

#[tokio::test]
async fn tricks_on_tokens_and_the_confirmation_show_in_the_token_answer() {
    let harness = hostile(Trick::default()).await;
    let with = |trick: Trick, name: &str| {
        harness.sandbox.hostile(trick);
        fields(&token_answer(&harness)).remove(name)
    };
    assert_eq!(with(Trick::CallbackUnconfirmed, "oauth_callback_confirmed"), None);
    assert_eq!(
        with(Trick::CallbackDenied, "oauth_callback_confirmed").as_deref(),
        Some("false")
    );
    assert_eq!(with(Trick::TokenQuotes, "oauth_token").as_deref(), Some("a'b\"c"));
    assert!(with(Trick::TokenLineBreak, "oauth_token").is_some_and(|token| token.contains("\r\n")));
    assert!(with(Trick::TokenShell, "oauth_token").is_some_and(|token| token.contains("$(")));
    assert_eq!(
        with(Trick::TokenLong, "oauth_token").map(|token| token.len()),
        Some(300)
    );
    assert_eq!(with(Trick::TokenEmpty, "oauth_token").as_deref(), Some(""));
    assert!(with(Trick::TokenSecretLineBreak, "oauth_token_secret").is_some_and(|secret| secret.contains("\r\n")));
    harness.sandbox.hostile(Trick::TokenTwice);
    assert_eq!(token_answer(&harness).matches("oauth_token=").count(), 2);
}

#[tokio::test]
async fn tricks_on_answers_show_in_every_answer_of_rest_php() {
    let harness = hostile(Trick::Nothing).await;
    let session = harness.session();
    let call = |trick: Trick, method: &str| {
        harness.sandbox.hostile(trick);
        harness.call(method, &json!([session]))
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = call(Trick::ErrorControlCharacters, "get_user_id").json();
    assert!(text(&error["name"]).contains('\u{1b}') && text(&error["description"]).contains('\u{202e}'));
    let modules = call(Trick::LabelControlCharacters, "get_available_modules").json();
    assert!(text(&modules["modules"][0]["module_label"]).contains('\u{1b}'));
    let dated = call(Trick::DateFarAhead, "get_user_id");
    assert!(
        dated.header("Date").is_some_and(|date| date.contains("2099")),
        "{dated:?}"
    );
    assert_eq!(dated.headers.iter().filter(|(name, _)| name == "Date").count(), 1);
    harness.sandbox.hostile(Trick::GmtTimeFarAhead);
    assert!(text(&info(&harness).json()["gmt_time"]).starts_with("2099"));
    let redirect = call(Trick::RedirectElsewhere, "get_user_id");
    assert!(redirect.status() == 302 && redirect.header("Location").is_some_and(|to| to.contains("elsewhere")));
    assert_eq!(
        call(Trick::RedirectLoop, "get_user_id").header("Location"),
        Some("/service/v4_1/rest.php")
    );
    assert!(
        call(Trick::DeepNesting, "get_user_id")
            .body
            .starts_with(&[b'['; 100_000])
    );
    let echo = call(Trick::EchoRequest, "get_user_id").json();
    assert!(text(&echo["description"]).contains(&session));
    let page = call(Trick::EchoRequestPage, "get_user_id");
    assert!(page.status() == 500 && page.text().contains(&session));
    assert!(std::str::from_utf8(&call(Trick::InvalidUtf8, "get_user_id").body).is_err());
    assert!(call(Trick::ManyHeaders, "get_user_id").headers.len() > 5000);
    harness.sandbox.hostile(Trick::SessionIdLineBreak);
    let (name, password) = (harness.sandbox.user_name(), harness.sandbox.password());
    let user_auth = json!({"user_name": name, "password": password, "encryption": "PLAIN"});
    let login = harness.plain(&[
        JSON[0],
        JSON[1],
        ("method", "login"),
        ("rest_data", &json!([user_auth]).to_string()),
    ]);
    assert!(text(&login.json()["id"]).contains('\n'));
}

#[tokio::test]
async fn endless_answers_come_as_long_as_the_client_reads() {
    for trick in [Trick::HugeBody, Trick::GzipBomb, Trick::HugeLength] {
        let harness = hostile(trick).await;
        let mut stream = connect(harness.url());
        stream
            .write_all(&request("GET", harness.url(), INFO, &[], b""))
            .expect("sent");
        let wanted = if trick == Trick::HugeLength { 20 } else { 4 << 20 };
        let mut read = 0;
        let mut buffer = vec![0; 65536];
        while read < wanted {
            let count = stream.read(&mut buffer).expect("bytes");
            assert!(count > 0, "{trick:?} ended after {read}");
            read += count;
        }
    }
}

#[tokio::test]
async fn other_flavours_play_no_tricks() {
    let harness = Harness::start().await;
    harness.sandbox.hostile(Trick::EchoRequest);
    token_of(&harness.signed(&harness.signer(), &[("method", "oauth_request_token")]));
}
