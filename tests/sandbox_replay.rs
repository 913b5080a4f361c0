//! Requests recorded at a real SuiteCRM, sent byte for byte to the sandbox: the recorded signatures
//! have to hold there, and the answers have to be the recorded ones but for random values.

#[path = "support/captures.rs"]
mod captures;
#[path = "support/raw_http.rs"]
mod raw_http;

use captures::load;
use raw_http::{Answer, send};
use sugar_oauth::sandbox::{Sandbox, SandboxBuilder};

/// The access token of `access_ok.txt`, which signs most of the recorded calls.
const TOKEN: (&str, &str) = ("c2d6b05b37d1", "773eab1abc65");

/// The recorded instance: its URL, credentials and time.
fn recorded() -> SandboxBuilder {
    const RECORDED_AT: i64 = 1_795_251_265;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970");
    Sandbox::builder()
        .site_url("http://127.0.0.1:8080")
        .consumer("CUSTOMKEY", "CUSTOMSECRET")
        .user("admin", "admin")
        .clock_offset(RECORDED_AT - i64::try_from(now.as_secs()).expect("a time before 2262"))
        .access_token(TOKEN.0, TOKEN.1)
}

/// Replaces every run of 12 or more hexadecimal digits, and every time.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut run = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_digit() || ('a'..='f').contains(&character) {
            run.push(character);
            continue;
        }
        match run.len() {
            12 => masked.push_str("<12 hex>"),
            32 => masked.push_str("<32 hex>"),
            _ => masked.push_str(&run),
        }
        run.clear();
        masked.push(character);
    }
    masked.pop();
    masked
}

/// Header names in their order, with the values that do not depend on the moment.
fn comparable_headers(answer: &Answer) -> Vec<(String, String)> {
    let date = answer.header("Date").unwrap_or_default();
    let plain = |value: &str| {
        if value == date {
            "<date>".to_owned()
        } else {
            masked(value)
        }
    };
    answer
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect()
}

fn assert_same(name: &str, expected: &Answer, got: &Answer) {
    assert_eq!(got.status_line, expected.status_line, "{name}: status line");
    assert_eq!(comparable_headers(got), comparable_headers(expected), "{name}: headers");
    assert_eq!(masked(&got.text()), masked(&expected.text()), "{name}: body");
}

/// Sends a recorded request and compares the whole answer.
fn replay(sandbox: &Sandbox, name: &str) -> Answer {
    let capture = load(name);
    let got = send(sandbox.url(), &capture.request);
    assert_same(name, &capture.answer, &got);
    got
}

async fn start(builder: SandboxBuilder) -> Sandbox {
    builder.start().await.expect("the sandbox starts")
}

#[tokio::test]
async fn recorded_request_token_calls_in_every_placement_are_answered_as_recorded() {
    let sandbox = start(recorded()).await;
    for name in [
        "rt_get_query",
        "rt_get_query_json",
        "rt_get_header",
        "rt_post_body",
        "rt_callback_oob",
        "rt_callback_url",
        "same_ts_new_nonce",
    ] {
        replay(&sandbox, name);
    }
    let state = sandbox.state();
    assert_eq!(state.request_tokens.len(), 7);
    let callbacks: Vec<_> = state
        .request_tokens
        .iter()
        .filter_map(|token| token.callback.as_deref())
        .collect();
    assert_eq!(callbacks, ["http://127.0.0.1:9/cb"]);
}

#[tokio::test]
async fn recorded_refusals_of_signed_calls_are_answered_as_recorded() {
    let sandbox = start(recorded()).await;
    // Something was signed at the recorded second before.
    replay(&sandbox, "rt_get_query");
    for name in [
        "err_wrong_secret",
        "err_wrong_secret_json",
        "err_unknown_consumer",
        "err_timestamp_old_1s",
        "err_access_unauthorized",
        "err_access_wrong_verifier",
        "err_access_twice",
        "err_oauth_access_badtoken",
        "err_oauth_access_badsig",
        "err_oauth_access_no_token",
        "oauth_access_ok_header",
    ] {
        replay(&sandbox, name);
    }
    // The request that first used this nonce was accepted.
    let first = send(sandbox.url(), &load("err_nonce_reused").request);
    assert_eq!(first.status(), 200);
    replay(&sandbox, "err_nonce_reused");
}

#[tokio::test]
async fn recorded_calls_with_the_access_token_are_answered_as_recorded() {
    let sandbox = start(recorded()).await;
    for name in [
        "oauth_access_ok",
        "oauth_access_ok_post",
        "oauth_access_nojson",
        "access_token_again_with_access_token",
        "signed_modules",
        "signed_list_header",
    ] {
        replay(&sandbox, name);
    }
    // Other records than on the recorded instance; the envelope is the same.
    let capture = load("signed_list_get");
    let got = send(sandbox.url(), &capture.request);
    assert_eq!(got.status_line, capture.answer.status_line);
    let names = |answer: &Answer| answer.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&got), names(&capture.answer));
    assert_eq!(got.json()["result_count"], 2);
}

#[tokio::test]
async fn recorded_session_calls_are_answered_as_recorded() {
    let sandbox = start(
        recorded()
            .session("728cbb8f6d1a7b1fe57c4b868fc3f493")
            .session("8aabe1eb2e1a91f6d7ec010d91d07b29"),
    )
    .await;
    for name in [
        "modules_ok",
        "get_user_id_ok",
        "err_invalid_session",
        "err_invalid_session_modules",
        "err_invalid_session_noresponsetype",
        "err_empty_session",
        "err_broken_json",
        "err_unknown_method",
        "err_no_module",
        "err_query_refused",
        "err_bad_sql",
    ] {
        replay(&sandbox, name);
    }
}

#[tokio::test]
async fn recorded_logout_is_answered_as_recorded_and_ends_the_session() {
    let sandbox = start(recorded().session("3cbd0f867e55d1889d7578d5e2d55bf0")).await;
    replay(&sandbox, "logout_ok");
    replay(&sandbox, "err_after_logout");
}

#[tokio::test]
async fn recorded_server_info_is_answered_as_recorded() {
    let sandbox = start(recorded()).await;
    sandbox.clock().advance(std::time::Duration::from_secs(304));
    let capture = load("get_server_info");
    let got = send(sandbox.url(), &capture.request);
    assert_eq!(comparable_headers(&got), comparable_headers(&capture.answer));
    let (mut expected, mut value) = (capture.answer.json(), got.json());
    for answer in [&mut expected, &mut value] {
        let time = answer["gmt_time"].take();
        assert!(
            time.as_str().is_some_and(|time| time.starts_with("2026-11-21 08:59:")),
            "{time}"
        );
    }
    assert_eq!(value, expected);
}

/// A call in the short form of the recordings: method, `rest_data` and answer.
fn short_capture(name: &str) -> (String, String, String) {
    let text = captures::read(name);
    let line = |start: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(start))
            .expect("a line")
            .to_owned()
    };
    let body = text.rsplit_once("\n\n").expect("an answer").1.trim_end().to_owned();
    (line("method="), line("rest_data="), body)
}

#[tokio::test]
async fn recorded_logins_are_answered_as_recorded() {
    let sandbox = start(recorded()).await;
    for name in ["m_login_ok", "m_login_plain", "m_login_wrong"] {
        let (method, rest_data, expected) = short_capture(name);
        let rest_data: String = rest_data.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let form = format!("method={method}&input_type=JSON&response_type=JSON&rest_data={rest_data}");
        let got = raw_http::post(sandbox.url(), "/service/v4_1/rest.php", &[], &form);
        assert_eq!(got.status(), 200, "{name}");
        assert_eq!(
            got.header("Content-Type"),
            Some("application/json; charset=UTF-8"),
            "{name}"
        );
        assert_eq!(masked(&got.text()), masked(&expected), "{name}");
    }
    assert_eq!(sandbox.state().sessions.len(), 2);
}
