//! What each flavour of the sandbox does otherwise, as docs/server.md has it.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, JSON, assert_error, assert_refused, fields, token_of};
use raw_http::post;
use serde_json::json;
use signer::form;
use sugar_oauth::sandbox::{Flavour, Sandbox};

const REQUEST: (&str, &str) = ("method", "oauth_request_token");

async fn start(flavour: Flavour) -> Harness {
    Harness::with(Sandbox::builder().flavour(flavour)).await
}

/// Walks to a session, through v4 where only that gives a request token.
fn walk(harness: &Harness) -> String {
    let api = if harness.sandbox.flavour() == Flavour::SugarCe65 {
        "v4"
    } else {
        "v4_1"
    };
    let request_token = token_of(&harness.signed_to(api, &harness.signer(), &[REQUEST]));
    let verifier = harness.sandbox.approve(&request_token.0).expect("a request token");
    let access_token = token_of(&harness.exchange(&request_token, &verifier));
    let answer = harness.direct(&access_token, "oauth_access", "");
    answer.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn every_flavour_that_can_walk_walks_and_the_others_do_not() {
    for flavour in Flavour::ALL {
        let harness = start(flavour).await;
        if flavour.can_walk() {
            let session = walk(&harness);
            assert_eq!(
                harness.call("get_user_id", &json!([session])).text(),
                "\"1\"",
                "{flavour}"
            );
        } else {
            let answer = harness.signed(&harness.signer(), &[REQUEST, JSON[1]]).text();
            let page = format!("{}/index.php", harness.url());
            let fields = fields(answer.trim_matches('"'));
            assert!(
                fields.get("authorize_url").is_none_or(|url| !url.starts_with(&page)),
                "{flavour}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn flavours_have_names_that_read_back() {
    for flavour in Flavour::ALL {
        assert_eq!(flavour.to_string().parse(), Ok(flavour));
    }
    assert!(
        "SuiteCRM"
            .parse::<Flavour>()
            .is_err_and(|error| error.to_string().contains("suitecrm7"))
    );
}

#[tokio::test]
async fn a_65_gives_request_tokens_only_at_exactly_its_site_urls_v4() {
    let harness = start(Flavour::SugarCe65).await;
    assert_refused(&harness.signed_to("v4_1", &harness.signer(), &[REQUEST]));
    token_of(&harness.signed_to("v4", &harness.signer(), &[REQUEST]));
    let as_host = |host: &str| {
        let url = format!("http://{host}/service/v4/rest.php");
        let pairs = harness.signer().sign("POST", &url, &[REQUEST]);
        post(harness.url(), "/service/v4/rest.php", &[("Host", host)], &form(&pairs))
    };
    assert_refused(&as_host("localhost"));
    token_of(&as_host(raw_http::authority(harness.url())));
}

#[tokio::test]
async fn a_65_with_another_site_url_wants_requests_for_that() {
    let builder = Sandbox::builder()
        .flavour(Flavour::SugarCe65)
        .site_url("http://crm.example/sugar/");
    let harness = Harness::with(builder.seen_as("http://crm.example/sugar")).await;
    assert_eq!(harness.sandbox.signing_url(), Some("http://crm.example/sugar"));
    let ask = |url: &str| {
        let pairs = harness.signer().sign("POST", url, &[REQUEST]);
        post(harness.url(), "/service/v4/rest.php", &[], &form(&pairs))
    };
    assert_refused(&ask(&harness.rest_url("v4")));
    let answer = ask("http://crm.example/sugar/service/v4/rest.php");
    let page = "http://crm.example/sugar/index.php?module=OAuthTokens&action=authorize";
    assert_eq!(fields(&answer.text())["authorize_url"], page);
}

#[tokio::test]
async fn a_65_has_no_suitecrm_version_and_none_of_its_modules() {
    let harness = start(Flavour::SugarCe65).await;
    let info = harness.call("get_server_info", &json!([])).json();
    assert!(
        info["version"]
            .as_str()
            .is_some_and(|version| version.starts_with("6.5.")),
        "{info}"
    );
    assert_eq!(info.get("suitecrm_version"), None);
    let modules = harness.call("get_available_modules", &json!([walk(&harness)])).text();
    assert!(modules.contains("\"Accounts\"") && !modules.contains("AOS_") && !modules.contains("SecurityGroups"));
}

#[tokio::test]
async fn on_a_65_only_the_order_of_arguments_counts() {
    let harness = start(Flavour::SugarCe65).await;
    let session = walk(&harness);
    let in_order = json!({"a": session, "b": "Accounts", "c": "", "d": 0});
    assert!(harness.call("get_entries_count", &in_order).json()["result_count"].is_string());
    let shuffled = json!({"module_name": "Accounts", "session": session, "query": "", "deleted": 0});
    assert_error(&harness.call("get_entries_count", &shuffled), 11);
}

#[tokio::test]
async fn with_display_errors_refusals_are_200_and_an_html_text() {
    let harness = start(Flavour::DisplayErrors).await;
    let good = harness.signer();
    let mut wrong_secret = good.clone();
    wrong_secret.secret = "wrong".to_owned();
    let mut unknown_key = good.clone();
    unknown_key.key = "nobody".to_owned();
    let mut old = good.clone();
    old.timestamp = Some(1);
    token_of(&harness.signed(&good, &[REQUEST]));
    let unknown_token = good.token("deadbeef0000", "x");
    for (signer, method, text) in [
        (wrong_secret, "oauth_request_token", "Invalid signature"),
        (unknown_key, "oauth_request_token", "Consumer key invalid"),
        (old, "oauth_request_token", "Invalid request"),
        (unknown_token, "oauth_access", "Token invalid"),
    ] {
        let answer = harness.signed(&signer, &[("method", method), JSON[0], JSON[1]]);
        assert_eq!(answer.status_line, "HTTP/1.1 200 OK");
        assert_eq!(answer.header("Content-Type"), Some("text/html; charset=UTF-8"));
        let start = format!("<br />\n<b>Fatal error</b>:  Uncaught Zend_Oauth_Exception: {text}");
        assert!(answer.text().starts_with(&start), "{}", answer.text());
    }
    assert!(
        harness
            .call("get_user_id", &json!([]))
            .text()
            .starts_with("<br />\n<b>Fatal error</b>:  Uncaught ")
    );
}

#[tokio::test]
async fn a_build_without_oauth_knows_none_of_its_methods_but_login() {
    let harness = start(Flavour::NoOauth).await;
    for method in ["oauth_request_token", "oauth_access_token", "oauth_access"] {
        let answer = harness.signed(&harness.signer(), &[("method", method), JSON[0], JSON[1]]);
        assert_eq!(answer.json()["number"], json!("-1"));
    }
    let signed = harness.direct(&("deadbeef0000".into(), "x".into()), "get_user_id", "[\"\"]");
    assert_eq!(signed.text(), "null");
    let (name, password) = (harness.sandbox.user_name(), harness.sandbox.password());
    let user_auth = json!({"user_name": name, "password": password, "encryption": "PLAIN"});
    assert!(harness.call("login", &json!([user_auth])).json()["id"].is_string());
}

#[tokio::test]
async fn a_stale_site_url_shows_in_authorize_url_and_signing_still_goes_by_host() {
    let harness = start(Flavour::StaleSiteUrl).await;
    let answer = harness.signed(&harness.signer(), &[REQUEST]);
    let authorize_url = fields(&answer.text())["authorize_url"].clone();
    assert!(
        authorize_url.starts_with("http://") && !authorize_url.starts_with(harness.url()),
        "{authorize_url}"
    );
    assert!(
        authorize_url.ends_with("/index.php?module=OAuthTokens&action=authorize"),
        "{authorize_url}"
    );
}

#[tokio::test]
async fn behind_a_proxy_signatures_hold_for_the_url_that_the_server_sees() {
    let harness = Harness::with(Sandbox::builder().seen_as("http://inner.example:8000/crm/")).await;
    let ask = |url: &str| {
        let pairs = harness.signer().sign("POST", url, &[REQUEST]);
        post(harness.url(), &harness.path("v4_1"), &[], &form(&pairs))
    };
    assert_refused(&ask(&harness.rest_url("v4_1")));
    let signing_url = harness.sandbox.signing_url().expect("a URL to sign");
    token_of(&ask(&format!("{signing_url}/service/v4_1/rest.php")));
}

#[tokio::test]
async fn the_description_of_the_soap_service_tells_the_site_url() {
    let harness = start(Flavour::StaleSiteUrl).await;
    for api in ["v4_1", "v4"] {
        let path = harness.path(api).replace("rest.php", "soap.php?wsdl");
        let description = raw_http::get(harness.url(), &path, &[]).text();
        let address = format!("location=\"{}/service/{api}/soap.php\"", harness.sandbox.site_url());
        assert!(description.contains(&address), "{description}");
    }
}
