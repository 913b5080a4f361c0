//! The three legs, as docs/server.md has them, by raw HTTP against the sandbox.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, JSON, assert_error, assert_refused, fields, is_hex, token_of};
use raw_http::get;
use serde_json::json;
use signer::{form, into_header};

const REQUEST: (&str, &str) = ("method", "oauth_request_token");

#[tokio::test]
async fn a_request_token_is_twelve_hex_digits_with_its_secret_and_where_to_authorize() {
    let harness = Harness::start().await;
    let answer = harness.signed(&harness.signer(), &[REQUEST]);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("Content-Type"), Some("text/html; charset=UTF-8"));
    let names: Vec<String> = answer
        .text()
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "oauth_token",
            "oauth_token_secret",
            "oauth_callback_confirmed",
            "authorize_url"
        ]
    );
    let fields = fields(&answer.text());
    assert!(is_hex(&fields["oauth_token"], 12) && is_hex(&fields["oauth_token_secret"], 12));
    assert_eq!(fields["oauth_callback_confirmed"], "true");
    let page = format!("{}/index.php?module=OAuthTokens&action=authorize", harness.url());
    assert_eq!(fields["authorize_url"], page);
}

#[tokio::test]
async fn with_response_type_json_token_calls_answer_one_quoted_string() {
    let harness = Harness::start().await;
    let answer = harness.signed(&harness.signer(), &[REQUEST, JSON[0], JSON[1]]);
    assert_eq!(answer.header("Content-Type"), Some("application/json; charset=UTF-8"));
    let text = answer.json().as_str().expect("a string").to_owned();
    let fields = fields(&text);
    let token = (fields["oauth_token"].clone(), fields["oauth_token_secret"].clone());
    let verifier = harness.sandbox.approve(&token.0).expect("a request token");
    let signer = harness.signer().token(&token.0, &token.1);
    let answer = harness.signed(
        &signer,
        &[("method", "oauth_access_token"), ("oauth_verifier", &verifier), JSON[1]],
    );
    assert!(
        answer
            .json()
            .as_str()
            .is_some_and(|text| text.starts_with("oauth_token=")),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn both_endpoints_take_all_three_placements_for_token_calls() {
    let harness = Harness::start().await;
    for api in ["v4_1", "v4"] {
        let (url, path) = (harness.rest_url(api), harness.path(api));
        let signer = harness.signer();
        token_of(&harness.signed_to(api, &signer, &[REQUEST]));
        token_of(&get(
            &url,
            &format!("{path}?{}", form(&signer.sign("GET", &url, &[REQUEST]))),
            &[],
        ));
        let (header, rest) = into_header(signer.sign("GET", &url, &[REQUEST]));
        token_of(&get(
            &url,
            &format!("{path}?{}", form(&rest)),
            &[("Authorization", &header)],
        ));
        let (header, rest) = into_header(signer.sign("POST", &url, &[REQUEST]));
        token_of(&raw_http::post(
            &url,
            &path,
            &[("Authorization", &header)],
            &form(&rest),
        ));
    }
}

#[tokio::test]
async fn hmac_sha256_and_plaintext_are_taken_and_oauth_version_may_be_absent() {
    let harness = Harness::start().await;
    for (method, version) in [("HMAC-SHA1", false), ("HMAC-SHA256", true), ("PLAINTEXT", true)] {
        let mut signer = harness.signer();
        (signer.method, signer.version) = (method, version);
        token_of(&harness.signed(&signer, &[REQUEST]));
    }
    let mut signer = harness.signer();
    signer.method = "RSA-SHA1";
    assert_refused(&harness.signed(&signer, &[REQUEST]));
}

#[tokio::test]
async fn the_whole_walk_ends_in_a_session_of_thirty_two_hex_digits() {
    let harness = Harness::start().await;
    let request_token = harness.request_token("oob");
    let verifier = harness.sandbox.approve(&request_token.0).expect("a request token");
    assert!(is_hex(&verifier, 12));
    let answer = harness.exchange(&request_token, &verifier);
    assert_eq!(
        answer.text().matches('&').count(),
        1,
        "token and secret only: {}",
        answer.text()
    );
    let access_token = token_of(&answer);
    assert!(is_hex(&access_token.0, 12) && is_hex(&access_token.1, 12));
    let answer = harness.direct(&access_token, "oauth_access", "");
    let session = answer.json()["id"].as_str().expect("an id").to_owned();
    assert!(is_hex(&session, 32));
    assert_eq!(answer.json(), json!({"id": session}));
    assert_eq!(harness.call("get_user_id", &json!([session])).text(), "\"1\"");
}

#[tokio::test]
async fn a_wrong_verifier_does_not_spend_the_request_token() {
    let harness = Harness::start().await;
    let request_token = harness.request_token("oob");
    let verifier = harness.sandbox.approve(&request_token.0).expect("a request token");
    assert_refused(&harness.exchange(&request_token, "ffffffffffff"));
    assert_refused(&harness.exchange(&request_token, ""));
    token_of(&harness.exchange(&request_token, &verifier));
}

#[tokio::test]
async fn a_second_exchange_is_refused() {
    let harness = Harness::start().await;
    let request_token = harness.request_token("oob");
    let verifier = harness.sandbox.approve(&request_token.0).expect("a request token");
    token_of(&harness.exchange(&request_token, &verifier));
    assert_refused(&harness.exchange(&request_token, &verifier));
}

#[tokio::test]
async fn a_request_token_that_nobody_authorized_is_refused() {
    let harness = Harness::start().await;
    let request_token = harness.request_token("oob");
    assert_refused(&harness.exchange(&request_token, "abc"));
    assert_refused(&harness.exchange(&request_token, ""));
}

#[tokio::test]
async fn the_exchange_signed_with_an_access_token_is_200_and_empty() {
    let harness = Harness::start().await;
    let answer = harness.exchange(&harness.access_token(), "");
    assert_eq!((answer.status(), answer.text().as_str()), (200, ""));
}

#[tokio::test]
async fn request_tokens_live_one_day_and_access_tokens_for_years() {
    let harness = Harness::start().await;
    let access_token = harness.access_token();
    let (kept, expired) = (harness.request_token("oob"), harness.request_token("oob"));
    let verifier = harness.sandbox.approve(&kept.0).expect("a request token");
    harness.sandbox.clock().set_offset(23 * 3600);
    token_of(&harness.exchange(&kept, &verifier));
    let verifier = harness.sandbox.approve(&expired.0).expect("a request token");
    harness.sandbox.clock().set_offset(24 * 3600 + 60);
    assert_refused(&harness.exchange(&expired, &verifier));
    assert!(harness.sandbox.approve(&expired.0).is_err());
    harness.sandbox.clock().set_offset(5 * 365 * 24 * 3600);
    assert_eq!(harness.direct(&access_token, "oauth_access", "").status(), 200);
}

#[tokio::test]
async fn without_response_type_oauth_access_answers_print_r() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    let signer = harness.signer().token(&token.0, &token.1);
    let answer = harness.signed(&signer, &[("method", "oauth_access")]);
    assert_eq!(answer.header("Content-Type"), Some("text/html; charset=UTF-8"));
    let text = answer.text();
    let id = text
        .strip_prefix("Array\n(\n    [id] => ")
        .and_then(|rest| rest.strip_suffix("\n)\n"));
    assert!(id.is_some_and(|id| is_hex(id, 32)), "{text}");
}

#[tokio::test]
async fn a_direct_call_is_signed_in_query_or_form_with_an_empty_session_argument() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    let rest_data = json!({"session": "", "module_name": "Accounts", "query": "", "deleted": 0}).to_string();
    let by_form = harness.direct(&token, "get_entries_count", &rest_data);
    let url = harness.rest_url("v4_1");
    let parameters = [
        JSON[0],
        JSON[1],
        ("method", "get_entries_count"),
        ("rest_data", &rest_data),
    ];
    let signer = harness.signer().token(&token.0, &token.1);
    let pairs = signer.sign("GET", &url, &parameters);
    let by_query = get(&url, &format!("{}?{}", harness.path("v4_1"), form(&pairs)), &[]);
    assert!(by_form.json()["result_count"].is_string(), "{}", by_form.text());
    assert_eq!(by_query.text(), by_form.text());
    // The argument must be there all the same.
    let without = json!({"module_name": "Accounts", "query": "", "deleted": 0}).to_string();
    assert_refused(&harness.direct(&token, "get_entries_count", &without));
}

#[tokio::test]
async fn a_direct_call_without_rest_data_passes_one_null() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    let signer = harness.signer().token(&token.0, &token.1);
    let answer = harness.signed(&signer, &[JSON[0], JSON[1], ("method", "get_available_modules")]);
    assert_eq!(answer.json()["modules"].as_array().map(Vec::len), Some(123));
}

#[tokio::test]
async fn with_oauth_in_the_header_alone_only_token_calls_are_signed() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    let url = harness.rest_url("v4_1");
    let signer = harness.signer().token(&token.0, &token.1);
    let by_header = |parameters: &[(&str, &str)]| {
        let (header, rest) = into_header(signer.sign("POST", &url, parameters));
        raw_http::post(&url, &harness.path("v4_1"), &[("Authorization", &header)], &form(&rest))
    };
    assert_error(&by_header(&[JSON[0], JSON[1], ("method", "oauth_access")]), 10);
    let rest_data = json!({"session": "", "module_name": "Accounts"}).to_string();
    let answer = by_header(&[
        JSON[0],
        JSON[1],
        ("method", "get_entry_list"),
        ("rest_data", &rest_data),
    ]);
    assert_eq!(answer.text(), "null");
}

#[tokio::test]
async fn a_revoked_access_token_is_refused() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    assert_eq!(harness.direct(&token, "oauth_access", "").status(), 200);
    assert!(harness.sandbox.revoke_access_token(&token.0));
    assert_refused(&harness.direct(&token, "oauth_access", ""));
}

#[tokio::test]
async fn each_signed_call_but_the_token_calls_leaves_two_session_files() {
    let harness = Harness::start().await;
    let token = harness.access_token();
    assert_eq!(harness.sandbox.state().session_files, 0);
    harness.direct(&token, "oauth_access", "");
    harness.direct(&token, "get_user_id", "[\"\"]");
    assert_eq!(harness.sandbox.state().session_files, 4);
}
