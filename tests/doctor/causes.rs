//! One row per cause that a practice instance can play: what is wrong, what the doctor must call it, and what must mend it.

use std::collections::BTreeSet;
use std::time::Duration;

use sugar_oauth::doctor::{Doctor, FindingId as Id};
use sugar_oauth::sandbox::{Fault, Flavour, ReceivedRequest, Sandbox, SandboxBuilder, Trick};
use sugar_oauth::{ApiVersion, ClientBuilder, Consumer, Transport};

use crate::harness::Harness;
use crate::promises::assert_kept;
use crate::{assert_found, at, client_of};

pub struct Row {
    pub name: &'static str,
    pub id: Id,
    /// A part of what mends it.
    pub remedy: &'static str,
    sandbox: fn(SandboxBuilder) -> SandboxBuilder,
    prepare: fn(&Harness),
    client: fn(&Sandbox) -> ClientBuilder,
}

const fn row(name: &'static str, id: Id, remedy: &'static str) -> Row {
    Row {
        name,
        id,
        remedy,
        sandbox: |builder| builder,
        prepare: |_| {},
        client: client_of,
    }
}

impl Row {
    const fn on(self, sandbox: fn(SandboxBuilder) -> SandboxBuilder) -> Self {
        Self { sandbox, ..self }
    }

    const fn with(self, prepare: fn(&Harness)) -> Self {
        Self { prepare, ..self }
    }

    const fn by(self, client: fn(&Sandbox) -> ClientBuilder) -> Self {
        Self { client, ..self }
    }
}

fn every_call(harness: &Harness, fault: Fault) {
    harness
        .sandbox
        .fault(fault.when(|request| request.path.contains("/service/")));
}

fn wrong_secret(sandbox: &Sandbox) -> ClientBuilder {
    at(sandbox.url()).consumer(Consumer::new(sandbox.consumer_key(), "another-secret").expect("a consumer"))
}

fn unknown_key(sandbox: &Sandbox) -> ClientBuilder {
    at(sandbox.url()).consumer(Consumer::new("nobody", sandbox.consumer_secret()).expect("a consumer"))
}

/// Another client with this key has a clock that runs an hour ahead.
fn block_the_key(harness: &Harness) {
    let mut ahead = harness.signer();
    ahead.timestamp = Some(crate::signer::now() + 3600);
    harness.signed(&ahead, &[("method", "oauth_request_token")]);
}

/// Refuses request tokens as `display_errors` shows it.
fn told(reason: &str) -> Fault {
    let page = format!("<br />\n<b>Fatal error</b>:  Uncaught Zend_Oauth_Exception: {reason} in /var/www/x.php:1");
    Fault::status(200).body(page).on_method("oauth_request_token")
}

fn is_token_call(request: &ReceivedRequest, version: &str) -> bool {
    request.rest_method().as_deref() == Some("oauth_request_token") && request.path.contains(&format!("/{version}/"))
}

const TIMED_OUT: Duration = Duration::from_millis(300);

pub const ROWS: &[Row] = &[
    // Where the API is.
    row("SuiteCRM 8 called without its path", Id::LegacyPath, "/legacy")
        .on(|builder| builder.flavour(Flavour::SuiteCrm8))
        .by(|sandbox| at(sandbox.url().trim_end_matches("/legacy"))),
    row(
        "a path that is not the site's",
        Id::SitePath,
        "Instance::parse(\"http://127.0.0.1:",
    )
    .by(|sandbox| at(&format!("{}/crm/portal", sandbox.url()))),
    row(
        "a newer Sugar without the legacy API",
        Id::OtherApi,
        "oauth2::Client, --api v11",
    )
    .on(|builder| builder.flavour(Flavour::Sugar11)),
    row(
        "a newer Sugar that knows v11 only",
        Id::OtherApi,
        "oauth2::Client, --api v11",
    )
    .with(|harness| {
        every_call(harness, Fault::status(404));
        let refusal = r#"{"error":"need_login","error_message":"No valid authentication for user."}"#;
        let json = Fault::status(401)
            .header("Content-Type", "application/json")
            .body(refusal);
        harness
            .sandbox
            .fault(json.when(|request| request.path == "/rest/v11/ping"));
    }),
    row(
        "a redirect to https",
        Id::RedirectElsewhere,
        "SUGAR_URL=https://crm.example.com/sales",
    )
    .with(|harness| {
        let location = "https://crm.example.com/sales/service/v4_1/rest.php?oauth_token=hidden";
        every_call(harness, Fault::status(301).header("Location", location));
    }),
    row("single sign-on", Id::RedirectInside, "single sign-on").with(|harness| {
        every_call(harness, Fault::status(302).header("Location", "/sso/login?to=secret"));
    }),
    row("a redirect to the site's path", Id::RedirectInside, "/sales").with(|harness| {
        let fault = Fault::status(301).header("Location", "/sales/service/v4_1/rest.php");
        every_call(harness, fault);
    }),
    row("HTTP authentication", Id::LoginWanted, "exempted").with(|harness| every_call(harness, Fault::status(401))),
    row("a rule of the web server", Id::Forbidden, "allowed").with(|harness| every_call(harness, Fault::status(403))),
    row("nothing there", Id::NothingThere, "Instance::parse").with(|harness| every_call(harness, Fault::status(404))),
    row("PHP is down", Id::Busy, "later").with(|harness| every_call(harness, Fault::status(503))),
    row("PHP fails", Id::ServerError, "log").with(|harness| every_call(harness, Fault::status(500))),
    row("a teapot", Id::OtherStatus, "site URL").with(|harness| every_call(harness, Fault::status(418))),
    row("a portal", Id::WebPage, "portal").with(|harness| {
        every_call(harness, Fault::status(200).body("<html><title>Sign in</title></html>"));
    }),
    row("another product", Id::OtherProduct, "another product").with(|harness| {
        let json = Fault::status(200).header("Content-Type", "application/json");
        every_call(harness, json.body(r#"{"status":"ok"}"#));
    }),
    row("an answer cut off", Id::AnswerUnreadable, "log").with(|harness| every_call(harness, Fault::truncate(10))),
    row("an endless answer", Id::AnswerUnreadable, "log")
        .with(|harness| every_call(harness, Fault::huge_body(1 << 30))),
    row("a bomb", Id::AnswerUnreadable, "log").with(|harness| every_call(harness, Fault::gzip_bomb(1 << 33))),
    row("null", Id::AnswerUnreadable, "log").with(|harness| {
        let json = Fault::status(200).header("Content-Type", "application/json");
        every_call(harness, json.body("null"));
    }),
    row("a reset", Id::ClosedWithoutAnswer, "SUGAR_URL=https://127.0.0.1:")
        .with(|harness| every_call(harness, Fault::reset_before_answer())),
    row("a silent server", Id::NoAnswer, "TransportBuilder::read_timeout")
        .with(|harness| every_call(harness, Fault::stall(Duration::from_secs(30))))
        .by(|sandbox| client_of(sandbox).transport(&Transport::builder().read_timeout(TIMED_OUT).build())),
    row("v4_1 removed", Id::NoV41, "ClientBuilder::api_version").with(|harness| {
        let removed = Fault::status(404);
        harness
            .sandbox
            .fault(removed.when(|request| request.path.contains("v4_1")));
    }),
    // What it is.
    row("a practice instance", Id::ApiAnswers, ""),
    row("its product", Id::Product, ""),
    row("PHP's notices", Id::PhpMessages, "display_errors").with(|harness| {
        let notice = "<br />\n<b>Notice</b>:  Undefined index: x in <b>/var/www/a.php</b> on line <b>12</b><br />\n";
        harness
            .sandbox
            .fault(Fault::prefix(notice).on_method("get_server_info"));
    }),
    row("a byte order mark", Id::PhpMessages, "display_errors").with(|harness| {
        harness
            .sandbox
            .fault(Fault::prefix("\u{feff}").on_method("get_server_info"))
    }),
    row("OAuth methods", Id::OauthMethods, ""),
    row("no OAuth methods", Id::NoOauth, "Client::login").on(|builder| builder.flavour(Flavour::NoOauth)),
    row("OAuth methods that fail", Id::OauthMethodsUnknown, "")
        .with(|harness| harness.sandbox.fault(Fault::status(500).on_method("oauth_access"))),
    // The clocks.
    row("a clock that is right", Id::Clock, ""),
    row(
        "a clock an hour ahead",
        Id::ClockAhead,
        "ClientBuilder::tolerated_clock_lead",
    )
    .on(|builder| builder.clock_offset(3600)),
    row("a clock an hour ahead, allowed", Id::SignatureAccepted, "")
        .on(|builder| builder.clock_offset(3600))
        .by(|sandbox| client_of(sandbox).tolerated_clock_lead(Duration::from_secs(7200))),
    row("a forged gmt_time", Id::ClockAhead, "set this machine's clock")
        .on(|builder| builder.flavour(Flavour::Hostile))
        .with(|harness| harness.sandbox.hostile(Trick::GmtTimeFarAhead)),
    row("a clock an hour behind", Id::ClockBehind, "").on(|builder| builder.clock_offset(-3600)),
    row("a forged Date", Id::DateDiffers, "")
        .on(|builder| builder.flavour(Flavour::Hostile))
        .with(|harness| harness.sandbox.hostile(Trick::DateFarAhead)),
    // The signature.
    row("no consumer", Id::NotSigned, "SUGAR_CONSUMER_KEY").by(|sandbox| at(sandbox.url())),
    row("a key of 40 characters", Id::ConsumerKeyLong, "Consumer::new")
        .on(|builder| builder.consumer("k".repeat(40), "secret")),
    row("all is well", Id::SignatureAccepted, ""),
    row("all is well on a SuiteCRM 8", Id::SignatureAccepted, "").on(|builder| builder.flavour(Flavour::SuiteCrm8)),
    row("all is well with display_errors", Id::SignatureAccepted, "")
        .on(|builder| builder.flavour(Flavour::DisplayErrors)),
    row("all is well where callbacks are ignored", Id::SignatureAccepted, "")
        .on(|builder| builder.flavour(Flavour::CallbackIgnored)),
    row("all is well behind a proxy", Id::SignatureAccepted, "")
        .on(|builder| builder.seen_as("https://crm.inner.example:8443"))
        .by(|sandbox| {
            let instance = sugar_oauth::Instance::parse(sandbox.url()).expect("a site URL");
            let instance = instance
                .with_signing_url("https://crm.inner.example:8443")
                .expect("a site URL");
            let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
            sugar_oauth::Client::builder(instance).consumer(consumer)
        }),
    row("SugarCRM 6.5", Id::V4Only, "").on(|builder| builder.flavour(Flavour::SugarCe65)),
    row("SugarCRM 6.5, set to v4_1", Id::V4Only, "ClientBuilder::api_version")
        .on(|builder| builder.flavour(Flavour::SugarCe65))
        .by(|sandbox| client_of(sandbox).api_version(ApiVersion::V4_1)),
    row(
        "https seen as such, and without its port",
        Id::SigningUrl,
        "--signing-url https://127.0.0.1,",
    )
    .on(|builder| builder.seen_as("https://127.0.0.1")),
    row(
        "seen without the port",
        Id::SigningUrl,
        "SUGAR_SIGNING_URL=http://127.0.0.1\n",
    )
    .on(|builder| builder.seen_as("http://127.0.0.1")),
    row(
        "a backend's own name",
        Id::SigningUrl,
        "Instance::with_signing_url(\"http://localhost:8080\")",
    )
    .on(|builder| builder.seen_as("http://localhost:8080")),
    row("site_url's host", Id::SigningUrl, "http://crm.inner.example").on(|builder| {
        builder
            .seen_as("http://crm.inner.example")
            .site_url("https://crm.inner.example")
    }),
    row(
        "SugarCRM 6.5 at its site_url, behind a proxy",
        Id::SigningUrl,
        "http://crm.inner.example/sugar",
    )
    .on(|builder| {
        let site_url = "http://crm.inner.example/sugar";
        builder.flavour(Flavour::SugarCe65).seen_as(site_url).site_url(site_url)
    }),
    row("a signing URL where none is needed", Id::SigningUrl, "no other URL").by(|sandbox| {
        let instance = sugar_oauth::Instance::parse(sandbox.url()).expect("a site URL");
        let instance = instance
            .with_signing_url("https://crm.example.com")
            .expect("a site URL");
        let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
        sugar_oauth::Client::builder(instance).consumer(consumer)
    }),
    row("another program, a second ahead", Id::KeyShared, "of its own").with(|harness| {
        harness
            .sandbox
            .fault(Fault::status(500).on_method("oauth_request_token").times(1));
    }),
    row("another program, two seconds ahead", Id::KeyShared, "of its own").with(|harness| {
        harness
            .sandbox
            .fault(Fault::status(500).on_method("oauth_request_token").times(2));
    }),
    row("an unknown key, told", Id::ConsumerKeyUnknown, "SUGAR_CONSUMER_KEY")
        .on(|builder| builder.flavour(Flavour::DisplayErrors))
        .by(unknown_key),
    row("a blocked key, told", Id::KeyBlocked, "nonce_ts")
        .on(|builder| builder.flavour(Flavour::DisplayErrors))
        .with(block_the_key),
    row("a wrong secret, told", Id::SecretWrong, "SUGAR_CONSUMER_SECRET")
        .on(|builder| builder.flavour(Flavour::DisplayErrors))
        .by(wrong_secret),
    row("an unknown key, not told", Id::RefusedAlike, "SUGAR_CONSUMER_KEY").by(unknown_key),
    row("a blocked key, not told", Id::RefusedAlike, "another consumer key").with(block_the_key),
    row("a wrong secret, not told", Id::RefusedAlike, "SUGAR_CONSUMER_SECRET").by(wrong_secret),
    row(
        "an inner URL that nobody guesses",
        Id::RefusedAlike,
        "SUGAR_SIGNING_URL=http://HOST-BEHIND-THE-PROXY",
    )
    .on(|builder| builder.seen_as("http://10.11.12.13:8014")),
    row("a wrong secret on a SugarCRM 6.5", Id::RefusedAlike, "site_url")
        .on(|builder| builder.flavour(Flavour::SugarCe65))
        .by(wrong_secret),
    row(
        "SugarCRM 6.5 with an outdated site_url",
        Id::SiteUrlDiffers,
        "SUGAR_URL=http://crm-before-the-move.example",
    )
    .on(|builder| {
        builder
            .flavour(Flavour::SugarCe65)
            .site_url("http://crm-before-the-move.example/")
    }),
    row(
        "SugarCRM 6.5 with an outdated site_url, told",
        Id::SiteUrlWrong,
        "config.php set to http://127.0.0.1:",
    )
    .on(|builder| builder.flavour(Flavour::SugarCe65))
    .with(|harness| harness.sandbox.fault(told("Missing parameter: oauth_token"))),
    row(
        "an unknown key on a SugarCRM 6.5, told",
        Id::ConsumerKeyUnknown,
        "SUGAR_CONSUMER_KEY",
    )
    .with(|harness| {
        let away = told("Missing parameter: oauth_token").when(|request| is_token_call(request, "v4_1"));
        let at_v4 = told("Consumer key invalid").when(|request| is_token_call(request, "v4"));
        harness.sandbox.fault(away);
        harness.sandbox.fault(at_v4);
    }),
    row("a proxy that loses parameters", Id::SignedBlocked, "oauth_*")
        .with(|harness| harness.sandbox.fault(told("Missing parameter: oauth_nonce"))),
    row(
        "a proxy that loses the first parameter looked at",
        Id::SignedBlocked,
        "oauth_*",
    )
    .with(|harness| harness.sandbox.fault(told("Invalid signature method"))),
    row("a firewall for oauth_*", Id::SignedBlocked, "oauth_*").with(|harness| {
        harness
            .sandbox
            .fault(Fault::status(403).on_method("oauth_request_token"))
    }),
    row("a firewall that resets", Id::SignedBlocked, "oauth_*").with(|harness| {
        harness
            .sandbox
            .fault(Fault::reset_before_answer().on_method("oauth_request_token"))
    }),
    row("a firewall's page", Id::SignedBlocked, "oauth_*").with(|harness| {
        let page = Fault::status(200).body("<html><title>Blocked</title></html>");
        harness.sandbox.fault(page.on_method("oauth_request_token"));
    }),
    row("a database that fails", Id::ServerError, "log").with(|harness| {
        let failure = Fault::status(500).body("Database failure. Please refer to suitecrm.log for details.");
        harness.sandbox.fault(failure.on_method("oauth_request_token"));
    }),
    row("PHP that dies", Id::SignedUnreadable, "log")
        .with(|harness| harness.sandbox.fault(Fault::empty().on_method("oauth_request_token"))),
    row("a token cut off", Id::SignedUnreadable, "again").with(|harness| {
        harness
            .sandbox
            .fault(Fault::truncate(9).on_method("oauth_request_token"))
    }),
    row("reasons for strangers", Id::DisplayErrors, "switch display_errors off")
        .on(|builder| builder.flavour(Flavour::DisplayErrors).seen_as("http://localhost")),
    row("a token with quotes", Id::TokenUnusable, "rewrites")
        .on(|builder| builder.flavour(Flavour::Hostile))
        .with(|harness| harness.sandbox.hostile(Trick::TokenQuotes)),
    row(
        "an unconfirmed callback",
        Id::CallbackUnconfirmed,
        "ClientBuilder::allow_unconfirmed_callback",
    )
    .on(|builder| builder.flavour(Flavour::Hostile))
    .with(|harness| harness.sandbox.hostile(Trick::CallbackUnconfirmed)),
    row(
        "a stale site_url",
        Id::AuthorizeUrlElsewhere,
        "ClientBuilder::allow_authorize_origin(\"http://crm-before-",
    )
    .on(|builder| builder.flavour(Flavour::StaleSiteUrl)),
    row(
        "an authorize_url without its slash",
        Id::AuthorizeUrlElsewhere,
        "site_url",
    )
    .on(|builder| builder.flavour(Flavour::Hostile))
    .with(|harness| harness.sandbox.hostile(Trick::AuthorizeUrlWithoutSlash)),
];

/// Findings that come along with a problem that another row is about.
const BESIDE: [Id; 1] = [Id::DisplayErrors];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cause_is_named_with_what_mends_it() {
    let runs: Vec<_> = ROWS.iter().map(|row| tokio::spawn(examine(row))).collect();
    for run in runs {
        run.await.expect("the row holds");
    }
}

async fn examine(row: &Row) {
    let harness = Harness::with((row.sandbox)(Sandbox::builder())).await;
    (row.prepare)(&harness);
    harness.sandbox.clear_requests();
    let client = (row.client)(&harness.sandbox).build();
    let report = Doctor::new(&client).examine().await;
    if BESIDE.contains(&row.id) {
        let found = report.findings.iter().any(|finding| finding.id == row.id);
        assert!(found, "{}: {report}", row.name);
    } else {
        assert_found(row.name, &report, row.id, row.remedy);
    }
    assert_kept(row.name, &harness.sandbox, &report);
}

#[test]
fn rows_are_named_apart() {
    let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), ROWS.len());
}
