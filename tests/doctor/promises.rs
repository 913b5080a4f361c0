//! What the doctor never does, read off every request that a practice instance received.

use std::collections::BTreeSet;
use std::time::Duration;

use sugar_oauth::doctor::{Doctor, Report};
use sugar_oauth::sandbox::{Fault, Flavour, ReceivedRequest, Sandbox, Trick};
use sugar_oauth::signing::Placement;

use crate::harness::Harness;
use crate::{client_of, raw_http};

/// HTTP method, end of the path, query, and REST method of everything that may be sent.
const ALLOWED: [(&str, &str, Option<&str>, Option<&str>); 8] = [
    ("POST", "/service/v4_1/rest.php", None, Some("get_server_info")),
    ("POST", "/service/v4/rest.php", None, Some("get_server_info")),
    ("POST", "/service/v4_1/rest.php", None, Some("oauth_access")),
    ("POST", "/service/v4/rest.php", None, Some("oauth_access")),
    ("POST", "/service/v4_1/rest.php", None, Some("oauth_request_token")),
    ("POST", "/service/v4/rest.php", None, Some("oauth_request_token")),
    ("GET", "/service/v4_1/soap.php", Some("wsdl"), None),
    ("GET", "/service/v4/soap.php", Some("wsdl"), None),
];

/// Besides: a sign of life of newer Sugars.
const PINGS: [&str; 2] = ["/rest/v10/ping", "/rest/v11/ping"];

/// Every parameter that may be sent.
const PARAMETERS: [&str; 13] = [
    "method",
    "input_type",
    "request_type",
    "response_type",
    "rest_data",
    "oauth_callback",
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_version",
    "wsdl",
];

fn is_allowed(request: &ReceivedRequest) -> bool {
    let method = request.rest_method();
    let listed = ALLOWED.iter().any(|(http, path, query, rest)| {
        request.method == *http
            && request.path.ends_with(path)
            && request.query.as_deref() == *query
            && method.as_deref() == *rest
    });
    let ping = PINGS.iter().any(|path| request.path.ends_with(path));
    listed || ping && request.method == "GET" && request.query.is_none() && request.body.is_empty()
}

fn parameters(request: &ReceivedRequest) -> Vec<(String, String)> {
    let text = [request.query.as_deref().unwrap_or_default(), "&"].concat() + &String::from_utf8_lossy(&request.body);
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// All promises, after an examination. The sandbox's requests are the doctor's alone.
#[track_caller]
pub fn assert_kept(name: &str, sandbox: &Sandbox, report: &Report) {
    let requests = sandbox.requests();
    assert!(!requests.is_empty(), "{name}: nothing was received");
    assert!(requests.len() <= 40, "{name}: {} requests", requests.len());
    let authority = raw_http::authority(sandbox.url());
    let host = authority.split('/').next().unwrap_or_default();
    let secrets = [sandbox.consumer_secret(), sandbox.password()];
    let mut nonces = BTreeSet::new();
    let mut newest = 0;
    for request in &requests {
        assert!(is_allowed(request), "{name}: {} {}", request.method, request.target);
        assert_eq!(request.header("Host"), Some(host), "{name}");
        assert_eq!(request.header("Authorization"), None, "{name}");
        assert_eq!(request.header("Cookie"), None, "{name}");
        let whole = format!("{request:?}{}", String::from_utf8_lossy(&request.body));
        assert!(
            secrets.iter().all(|secret| !whole.contains(secret)),
            "{name}: a secret was sent"
        );
        let parameters = parameters(request);
        for (parameter, value) in &parameters {
            assert!(PARAMETERS.contains(&parameter.as_str()), "{name}: {parameter}");
            assert!(parameter != "rest_data" || value == "[]", "{name}: {value}");
            assert!(parameter != "oauth_callback" || value == "oob", "{name}: {value}");
        }
        let value = |wanted: &str| {
            parameters
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.clone())
        };
        let is_token_call = request.rest_method().as_deref() == Some("oauth_request_token");
        assert_eq!(is_token_call, value("oauth_signature").is_some(), "{name}");
        if let Some(timestamp) = value("oauth_timestamp") {
            let timestamp: i64 = timestamp.parse().expect("a number");
            assert!(
                timestamp <= request.received_at,
                "{name}: {timestamp} is later than the server's clock"
            );
            assert!(timestamp >= newest, "{name}: {timestamp} goes back");
            newest = timestamp;
            assert!(nonces.insert(value("oauth_nonce")), "{name}: a nonce was used twice");
        }
    }
    assert!(nonces.len() <= 20, "{name}: {} signed requests", nonces.len());
    let state = sandbox.state();
    assert!(state.request_tokens.len() <= 1, "{name}: {:?}", state.request_tokens);
    assert!(state.access_tokens.is_empty() && state.sessions.is_empty(), "{name}");
    assert_eq!(state.session_files, 0, "{name}");
    let shown = format!("{report}\n{}", serde_json::to_string(report).expect("JSON"));
    let secrets = secrets.iter().filter(|secret| secret.len() > 8);
    for secret in secrets {
        assert!(!shown.contains(*secret), "{name}: a secret is shown");
    }
    for token in &state.request_tokens {
        assert!(
            !shown.contains(&token.token) && !shown.contains(&token.secret),
            "{name}"
        );
    }
    let control = |character: char| character.is_control() && character != '\n';
    assert!(!shown.contains(control), "{name}: {shown:?}");
}

#[tokio::test]
async fn kept_in_every_flavour() {
    for flavour in Flavour::ALL {
        let sandbox = Sandbox::builder().flavour(flavour).start().await.expect("it starts");
        let report = Doctor::new(&client_of(&sandbox).build()).examine().await;
        assert_kept(flavour.name(), &sandbox, &report);
        assert_eq!(
            report.healthy,
            flavour.can_walk() || flavour == Flavour::Hostile,
            "{flavour}:\n{report}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_against_every_trick() {
    let runs: Vec<_> = Trick::ALL
        .into_iter()
        .map(|trick| {
            tokio::spawn(async move {
                let harness = Harness::with(Sandbox::builder().flavour(Flavour::Hostile)).await;
                harness.sandbox.hostile(trick);
                let examined = Doctor::new(&client_of(&harness.sandbox).build()).examine();
                let report = tokio::time::timeout(Duration::from_secs(60), examined).await;
                let report = report.unwrap_or_else(|_| panic!("{trick:?} never ends"));
                assert_kept(&format!("{trick:?}"), &harness.sandbox, &report);
            })
        })
        .collect();
    for run in runs {
        run.await.expect("the promises are kept");
    }
}

/// Whatever a server points to: redirect, `authorize_url`, `site_url`.
#[tokio::test]
async fn nothing_is_sent_to_another_origin() {
    let elsewhere = Sandbox::start().await.expect("it starts");
    let url = format!("{}/service/v4_1/rest.php", elsewhere.url());
    for status in [301, 302, 303, 307, 308] {
        let harness = Harness::start().await;
        let fault = Fault::status(status).header("Location", &url);
        harness.sandbox.fault(fault);
        Doctor::new(&client_of(&harness.sandbox).build()).examine().await;
    }
    let pointing = Sandbox::builder().flavour(Flavour::SugarCe65).site_url(elsewhere.url());
    let harness = Harness::with(pointing).await;
    let report = Doctor::new(&client_of(&harness.sandbox).build()).examine().await;
    assert!(report.to_string().contains(elsewhere.url()), "{report}");
    assert_eq!(elsewhere.requests().len(), 0);
}

/// A hostile server knows the consumer secret, and may repeat it wherever its text is shown.
#[tokio::test]
async fn a_secret_that_the_server_repeats_is_blotted_out() {
    const SECRET: &str = "5ecre7-that-is-repeated";
    let json = |body: String| Fault::status(200).header("Content-Type", "application/json").body(body);
    let info = format!(r#"{{"flavor":"CE","version":"6.5","suitecrm_version":"7 {SECRET}","gmt_time":""}}"#);
    let error = format!(r#"{{"name":"{SECRET}","number":40,"description":"{SECRET}"}}"#);
    let reason = format!("<br />Uncaught Zend_Oauth_Exception: {SECRET} in /var/www/x.php");
    let description = format!(r#"<soap:address location="http://{SECRET}.example/service/v4/soap.php"/>"#);
    let elsewhere = format!("https://{SECRET}.example/{SECRET}/service/v4_1/rest.php");
    let inside = format!("/{SECRET}/login");
    let tokens = format!("oauth_token=a&oauth_token_secret=b&authorize_url=http%3A%2F%2F{SECRET}.example%2F");
    let faults = [
        ("a page", Fault::status(200).body(format!("<title>{SECRET}</title>"))),
        ("a product", json(info).on_method("get_server_info")),
        ("an error", json(error.clone()).on_method("get_server_info")),
        ("an error of the token", json(error).on_method("oauth_request_token")),
        (
            "a reason",
            Fault::status(200).body(reason).on_method("oauth_request_token"),
        ),
        ("an origin", Fault::status(301).header("Location", &elsewhere)),
        ("a page of its own", Fault::status(301).header("Location", &inside)),
        (
            "an authorize_url",
            Fault::status(200).body(tokens).on_method("oauth_request_token"),
        ),
        (
            "a site_url",
            Fault::status(200)
                .body(description)
                .when(|request| request.path.ends_with("soap.php")),
        ),
    ];
    for (name, fault) in faults {
        let builder = Sandbox::builder().flavour(Flavour::SugarCe65).consumer("key", SECRET);
        let sandbox = builder.seen_as("http://10.11.12.13").start().await.expect("it starts");
        sandbox.fault(fault);
        let report = Doctor::new(&client_of(&sandbox).build()).examine().await;
        let shown = format!("{report}{}", serde_json::to_string(&report).expect("JSON"));
        assert!(shown.contains("[secret]"), "{name}: {report}");
        assert!(!shown.contains(SECRET), "{name}: {report}");
    }
}

/// With the other placements the parameters stand elsewhere, and the rest holds.
#[tokio::test]
async fn other_placements_are_examined_as_they_are_set_up() {
    for placement in [Placement::Query, Placement::Header] {
        let sandbox = Sandbox::start().await.expect("it starts");
        let client = client_of(&sandbox).placement(placement).build();
        let report = Doctor::new(&client).examine().await;
        assert!(report.healthy, "{placement:?}:\n{report}");
        assert_eq!(sandbox.state().request_tokens.len(), 1);
    }
}
