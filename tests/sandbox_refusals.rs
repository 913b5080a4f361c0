//! How signed calls are refused, as docs/server.md has it, by raw HTTP against the sandbox.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, JSON, assert_refused, token_of};
use raw_http::{Answer, authority};
use serde_json::json;
use signer::{Signer, form, now};
use sugar_oauth::sandbox::Sandbox;

const REQUEST: (&str, &str) = ("method", "oauth_request_token");

#[tokio::test]
async fn any_oauth_failure_is_an_empty_500_whatever_the_response_type() {
    let harness = Harness::start().await;
    let good = harness.signer();
    let mut wrong_secret = good.clone();
    wrong_secret.secret = "wrong".to_owned();
    let mut unknown_key = good.clone();
    unknown_key.key = "nobody".to_owned();
    let mut refused = vec![wrong_secret, unknown_key];
    for missing in [
        "oauth_consumer_key",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_nonce",
        "oauth_timestamp",
    ] {
        refused.push(Signer {
            without: vec![missing],
            ..good.clone()
        });
    }
    for signer in &refused {
        assert_refused(&harness.signed(signer, &[REQUEST]));
        assert_refused(&harness.signed(signer, &[REQUEST, JSON[0], JSON[1]]));
    }
    let unknown_token = good.clone().token("deadbeef0000", "x");
    assert_refused(&harness.signed(&unknown_token, &[("method", "oauth_access"), JSON[1]]));
    let (token, _) = harness.access_token();
    let wrong_token_secret = good.token(&token, "000000000000");
    assert_refused(&harness.signed(&wrong_token_secret, &[("method", "oauth_access"), JSON[1]]));
}

#[tokio::test]
async fn a_parameter_changed_after_signing_is_refused() {
    let harness = Harness::start().await;
    let url = harness.rest_url("v4_1");
    let pairs = harness.signer().sign("POST", &url, &[REQUEST, ("a", "1")]);
    let changed = form(&pairs).replace("a=1", "a=2");
    assert_refused(&raw_http::post(&url, &harness.path("v4_1"), &[], &changed));
    token_of(&harness.signed(
        &harness.signer(),
        &[REQUEST, ("a", "1"), ("empty", ""), ("é~*", "%&=+ 中")],
    ));
}

#[tokio::test]
async fn a_timestamp_older_by_one_second_than_the_newest_is_refused_and_an_equal_one_is_not() {
    let harness = Harness::start().await;
    let at = |timestamp: i64| Signer {
        timestamp: Some(timestamp),
        ..harness.signer()
    };
    let now = now();
    token_of(&harness.signed(&at(now), &[REQUEST]));
    token_of(&harness.signed(&at(now), &[REQUEST]));
    assert_refused(&harness.signed(&at(now - 1), &[REQUEST]));
    token_of(&harness.signed(&at(now + 1), &[REQUEST]));
    assert_refused(&harness.signed(&at(now), &[REQUEST]));
}

#[tokio::test]
async fn an_old_timestamp_is_fine_while_nothing_newer_was_seen() {
    let harness = Harness::start().await;
    let long_ago = Signer {
        timestamp: Some(1_000_000_000),
        ..harness.signer()
    };
    token_of(&harness.signed(&long_ago, &[REQUEST]));
}

#[tokio::test]
async fn timestamps_are_kept_per_consumer_key() {
    let harness = Harness::with(
        Sandbox::builder()
            .consumer("one", "secret-one")
            .consumer("two", "secret-two"),
    )
    .await;
    let at = |key: &str, timestamp: i64| Signer {
        timestamp: Some(timestamp),
        ..Signer::new(key, &format!("secret-{key}"))
    };
    token_of(&harness.signed(&at("one", now() + 1000), &[REQUEST]));
    token_of(&harness.signed(&at("two", now()), &[REQUEST]));
    assert_refused(&harness.signed(&at("one", now()), &[REQUEST]));
}

#[tokio::test]
async fn a_nonce_is_never_taken_again() {
    let harness = Harness::start().await;
    let once = |timestamp: i64| Signer {
        nonce: Some("once".into()),
        timestamp: Some(timestamp),
        ..harness.signer()
    };
    let now = now();
    token_of(&harness.signed(&once(now), &[REQUEST]));
    assert_refused(&harness.signed(&once(now), &[REQUEST]));
    assert_refused(&harness.signed(&once(now + 5), &[REQUEST]));
}

#[tokio::test]
async fn nonces_that_differ_only_after_32_characters_are_the_same_nonce() {
    let harness = Harness::start().await;
    let with = |nonce: String| Signer {
        nonce: Some(nonce),
        ..harness.signer()
    };
    let first = "x".repeat(32);
    token_of(&harness.signed(&with(first.clone() + "a"), &[REQUEST]));
    assert_refused(&harness.signed(&with(first + "b"), &[REQUEST]));
}

#[tokio::test]
async fn consumer_keys_that_differ_only_after_32_characters_share_their_timestamps() {
    let start = "k".repeat(32);
    let (one, two) = (start.clone() + "one", start + "two");
    let harness = Harness::with(Sandbox::builder().consumer(&one, "s").consumer(&two, "s")).await;
    let at = |key: &str, timestamp: i64| Signer {
        timestamp: Some(timestamp),
        ..Signer::new(key, "s")
    };
    token_of(&harness.signed(&at(&one, now() + 100), &[REQUEST]));
    assert_refused(&harness.signed(&at(&two, now()), &[REQUEST]));
    token_of(&harness.signed(&at(&two, now() + 200), &[REQUEST]));
}

#[tokio::test]
async fn one_badly_signed_request_dated_ahead_blocks_the_key_until_that_time() {
    let harness = Harness::start().await;
    let mut ahead = harness.signer();
    ahead.secret = "somebody else's".to_owned();
    ahead.timestamp = Some(now() + 3600);
    assert_refused(&harness.signed(&ahead, &[REQUEST]));
    assert_refused(&harness.signed(&harness.signer(), &[REQUEST]));
    let later = Signer {
        timestamp: Some(now() + 3600),
        ..harness.signer()
    };
    token_of(&harness.signed(&later, &[REQUEST]));
    let key = harness.sandbox.consumer_key().to_owned();
    assert!(harness.sandbox.state().newest_timestamps[&key] >= now() + 3599);
}

#[tokio::test]
async fn the_nonce_is_recorded_also_for_an_unknown_key_and_a_bad_signature() {
    let harness = Harness::start().await;
    let mut bad = harness.signer();
    bad.secret = "wrong".to_owned();
    bad.nonce = Some("spent".to_owned());
    assert_refused(&harness.signed(&bad, &[REQUEST]));
    let good = Signer {
        nonce: Some("spent".to_owned()),
        ..harness.signer()
    };
    assert_refused(&harness.signed(&good, &[REQUEST]));
    assert_refused(&harness.signed(&Signer::new("nobody", "x"), &[REQUEST]));
    let state = harness.sandbox.state();
    assert_eq!(state.nonces, 2);
    assert!(state.newest_timestamps.contains_key("nobody"));
}

fn request_token_for_host(harness: &Harness, host: &str, signed_url: &str) -> Answer {
    let pairs = harness.signer().sign("POST", signed_url, &[REQUEST]);
    raw_http::post(harness.url(), &harness.path("v4_1"), &[("Host", host)], &form(&pairs))
}

#[tokio::test]
async fn the_base_string_is_built_from_host_and_path_with_http() {
    let harness = Harness::start().await;
    let own = authority(harness.url()).to_owned();
    let port = own.rsplit(':').next().expect("a port");
    let path = "/service/v4_1/rest.php";
    token_of(&request_token_for_host(
        &harness,
        "crm.example",
        &format!("http://crm.example{path}"),
    ));
    token_of(&request_token_for_host(
        &harness,
        "CRM.example:80",
        &format!("http://crm.example{path}"),
    ));
    // Behind a proxy that terminates TLS the server sees http.
    assert_refused(&request_token_for_host(
        &harness,
        "crm.example",
        &format!("https://crm.example{path}"),
    ));
    // Signed for localhost and sent to 127.0.0.1.
    assert_refused(&request_token_for_host(
        &harness,
        &own,
        &format!("http://localhost:{port}{path}"),
    ));
    assert_refused(&request_token_for_host(
        &harness,
        &own,
        &format!("http://{own}/service/v4/rest.php"),
    ));
}

#[tokio::test]
async fn x_forwarded_proto_is_ignored() {
    let harness = Harness::start().await;
    let forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "crm.example")];
    let signed_for = |scheme: &str| {
        let url = harness.rest_url("v4_1").replacen("http", scheme, 1);
        let pairs = harness.signer().sign("POST", &url, &[REQUEST]);
        raw_http::post(harness.url(), &harness.path("v4_1"), &forwarded, &form(&pairs))
    };
    assert_refused(&signed_for("https"));
    token_of(&signed_for("http"));
}

#[tokio::test]
async fn signed_calls_whose_input_the_cleaning_would_change_are_refused_and_session_calls_are_not() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    let session = harness.session();
    let rest_data = |session: &str, query: &str| {
        json!({"session": session, "module_name": "Accounts", "query": query, "deleted": 0}).to_string()
    };
    let changed = [
        "accounts.name='R&amp;D'",
        "accounts.name='&#039;'",
        "accounts.name='javascript:x'",
        "accounts.name='<script>'",
        "accounts.name='onclick=x'",
        "accounts.name='expression(x'",
        "accounts.name='document.cookie'",
    ];
    for query in changed {
        assert_refused(&harness.direct(&token, "get_entries_count", &rest_data("", query)));
        let parameters = [
            JSON[0],
            JSON[1],
            ("method", "get_entries_count"),
            ("rest_data", &rest_data(&session, query)),
        ];
        let answer = harness.plain(&parameters);
        assert!(answer.json()["result_count"].is_string(), "{query}: {}", answer.text());
    }
    let escaped = r#"{"session":"","module_name":"Accounts","query":"accounts.name<'\u00e9'","deleted":0}"#;
    assert_refused(&harness.direct(&token, "get_entries_count", escaped));
    for query in [
        "accounts.name<'é'",
        "accounts.name='Tom & Jerry'",
        "accounts.name>'a+b%c'",
    ] {
        let answer = harness.direct(&token, "get_entries_count", &rest_data("", query));
        assert!(answer.json()["result_count"].is_string(), "{query}: {}", answer.text());
    }
    let alone = r#"{"session":"","module_name":"Accounts","query":"accounts.name='\u00e9'","deleted":0}"#;
    assert_eq!(harness.direct(&token, "get_entries_count", alone).status(), 200);
}

#[tokio::test]
async fn a_token_of_another_consumer_is_refused() {
    let harness = Harness::with(Sandbox::builder().consumer("one", "s1").consumer("two", "s2")).await;
    let token = harness.access_token();
    let other = Signer::new("two", "s2").token(&token.0, &token.1);
    assert_refused(&harness.signed(&other, &[JSON[1], ("method", "oauth_access")]));
}

#[tokio::test]
async fn a_request_token_opens_no_session() {
    let harness = Harness::start().await;
    let token = harness.request_token("oob");
    assert_refused(&harness.direct(&token, "oauth_access", ""));
    let verifier = harness.sandbox.approve(&token.0).expect("a request token");
    let signer = harness.signer().token(&token.0, &token.1);
    let answer = harness.signed(
        &signer,
        &[
            JSON[0],
            JSON[1],
            ("method", "oauth_access"),
            ("oauth_verifier", &verifier),
        ],
    );
    assert_eq!(answer.json()["number"], 10);
}
