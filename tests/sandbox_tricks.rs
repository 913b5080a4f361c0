//! The tricks of the sandbox's hostile flavour.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, JSON, fields, token_of};
use raw_http::{Answer, connect, get, request};
use serde_json::{Value, json};
use std::io::{Read, Write};
use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};

const INFO: &str = "/service/v4_1/rest.php?method=get_server_info&response_type=JSON";

fn info(harness: &Harness) -> Answer {
    get(harness.url(), INFO, &[])
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
