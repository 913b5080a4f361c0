//! `doctor`: the library's findings on the command line. `tests/doctor/` holds what they are.

use std::fs;

use sugar_oauth::doctor::FindingId;
use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};

use crate::person::{Person, json, sandbox};
use crate::process::server::free_port;
use crate::process::{KEY, SECRET, Walkthrough, secrets_of};
use crate::rest;

fn examines(person: &Person, sandbox: &Sandbox, more: &[&str]) -> Walkthrough {
    person
        .types(&["doctor", sandbox.url(), "--consumer-key", sandbox.consumer_key()])
        .args(more.iter().copied())
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
        .secret(sandbox.consumer_secret())
        .secret(sandbox.password())
}

#[tokio::test]
async fn a_connection_that_works_is_status_0_and_a_line_says_so() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = examines(&person, &sandbox, &[]).run();
    ended.succeeded();
    for id in [
        "tcp-connected",
        "api-answers",
        "product: SuiteCRM 7.14.6",
        "signature-accepted",
    ] {
        assert!(ended.output.contains(&format!("ok       {id}")), "{}", ended.output);
    }
    assert!(ended.output.ends_with("\nNo problem was found.\n"), "{}", ended.output);
    assert_eq!(ended.errors, "");
    ended.tells_no_secret(&secrets_of(&sandbox));
}

#[tokio::test]
async fn without_a_key_nothing_is_signed_and_nobody_is_asked() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = person.runs(&["doctor", sandbox.url()]);
    ended.succeeded();
    assert!(ended.output.contains("unknown  not-signed"), "{}", ended.output);
    assert_eq!(sandbox.state().nonces, 0);
}

#[tokio::test]
async fn a_problem_is_status_1_with_the_flag_and_the_variable_that_mend_it() {
    let builder = Sandbox::builder().seen_as("http://localhost:8080");
    let (person, sandbox) = (Person::new(), builder.start().await.expect("it starts"));
    let ended = examines(&person, &sandbox, &[]).run();
    ended.failed(1, &["the connection does not work: signing-url"]);
    for part in [
        "problem  signing-url",
        "--signing-url http://localhost:8080",
        "SUGAR_SIGNING_URL=http://localhost:8080",
    ] {
        assert!(ended.output.contains(part), "{}", ended.output);
    }
    // It mends it.
    let mended = examines(&person, &sandbox, &["--signing-url", "http://localhost:8080"]).run();
    mended.succeeded();
}

#[tokio::test]
async fn json_is_one_line_with_ids_states_and_settings() {
    let builder = Sandbox::builder().flavour(Flavour::SuiteCrm8);
    let (person, sandbox) = (Person::new(), builder.start().await.expect("it starts"));
    let site = sandbox.url().trim_end_matches("/legacy");
    let ended = person.runs(&["doctor", site, "--json"]);
    assert_eq!(ended.status, Some(1));
    let report = json(&ended.output);
    assert_eq!((&report["site"], &report["healthy"]), (&site.into(), &false.into()));
    let findings = report["findings"].as_array().expect("a list");
    let last = findings.last().expect("a finding");
    assert_eq!(
        (&last["id"], &last["state"]),
        (&"legacy-path".into(), &"problem".into())
    );
    assert_eq!(last["remedies"][0]["variable"], "SUGAR_URL");
    assert_eq!(last["remedies"][0]["value"], sandbox.url());
    for finding in findings {
        let id = finding["id"].as_str().expect("text");
        assert!(FindingId::ALL.iter().any(|known| known.as_str() == id), "{id}");
    }
    assert_eq!(json(&ended.errors)["status"], 1);
}

#[tokio::test]
async fn without_a_url_the_profile_is_examined_with_its_consumer() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person
        .runs(&["doctor"])
        .failed(3, &["nobody is logged in", "sugar-oauth doctor https://"]);
    person.logged_in(&sandbox, &[]);
    sandbox.clear_requests();
    let ended = person.runs(&["doctor"]);
    ended.succeeded();
    assert!(ended.output.contains("ok       signature-accepted"), "{}", ended.output);
    ended.tells_no_secret(&secrets_of(&sandbox));
    // A URL is not given the profile's secret.
    let ended = person.runs(&["doctor", sandbox.url()]);
    assert!(ended.output.contains("not-signed"), "{}", ended.output);
}

#[tokio::test]
async fn a_profile_of_the_newer_api_is_not_taken_for_a_broken_one() {
    let (person, sandbox) = (Person::new(), rest::sandbox().await);
    rest::logged_in(&person, &sandbox, &[]);
    let ended = person.runs(&["doctor", "--profile", "new"]);
    ended.failed(2, &["the API v11", "sugar-oauth doctor https://"]);
    let ended = person.runs(&["doctor", sandbox.url()]);
    ended.failed(1, &["other-api", "--api v11"]);
}

#[tokio::test]
async fn the_secret_comes_from_a_file_or_standard_input_too() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    fs::write(&file, sandbox.consumer_secret()).expect("written");
    let arguments = ["doctor", sandbox.url(), "--consumer-key", sandbox.consumer_key()];
    let from_file = person
        .types(&arguments)
        .args(["--secret-file", file.to_str().expect("UTF-8")]);
    from_file.run().succeeded();
    let mut running = person.types(&arguments).args(["--secret-stdin"]).start();
    running.type_line(sandbox.consumer_secret());
    running.end_input();
    running.finish().succeeded();
    // There is nobody to ask.
    let ended = person.types(&arguments).run();
    ended.failed(2, &["no consumer secret is given", "SUGAR_CONSUMER_SECRET"]);
}

#[test]
fn what_cannot_be_examined_is_a_usage_error_that_repeats_no_secret() {
    let person = Person::new();
    let with_password = format!("https://admin:{SECRET}@crm.example.com");
    for (arguments, told) in [
        (vec!["doctor", &with_password], "carries a user name or password"),
        (vec!["doctor", "crm.example.com"], "write it with its scheme"),
        (
            vec!["doctor", "https://crm.example.com", "--signing-url", "x"],
            "--signing-url",
        ),
        (
            vec!["doctor", "https://crm.example.com", "--consumer-key", "k\n"],
            "consumer key",
        ),
        // Nothing that was given is passed over in silence.
        (vec!["doctor", "--secret-stdin"], "is for a URL"),
        (vec!["doctor", "--secret-file", "secret"], "is for a URL"),
    ] {
        person.runs(&arguments).failed(2, &[told]);
    }
    let ended = person
        .types(&["doctor"])
        .env("SUGAR_URL", "ftp://crm.example.com")
        .run();
    ended.failed(2, &["SUGAR_URL"]);
}

#[test]
fn plain_http_waits_for_the_yes_and_a_closed_port_is_told() {
    let person = Person::new();
    let ended = person.runs(&["doctor", "http://crm.invalid"]);
    ended.failed(1, &["plain-http"]);
    assert!(
        ended.output.contains("--allow-http, SUGAR_ALLOW_HTTP=1"),
        "{}",
        ended.output
    );
    let url = format!("http://127.0.0.1:{}", free_port());
    let ended = person.types(&["doctor", &url, "--consumer-key", KEY]);
    let ended = ended.env("SUGAR_CONSUMER_SECRET", SECRET).run();
    ended.failed(1, &["connection-refused"]);
}

#[test]
fn a_machine_without_ca_certificates() {
    let none = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/none.crt");
    let port = crate::process::server::Server::answering(|_| Vec::new()).port;
    let url = format!("https://127.0.0.1:{port}");
    let doctor = Person::new()
        .types(&["doctor", &url])
        .env("SSL_CERT_FILE", none)
        .env("SSL_CERT_DIR", "/nonexistent");
    let ended = doctor.run();
    ended.failed(1, &["tls-no-ca-certificates"]);
    assert!(ended.output.contains("--ca-certificate"), "{}", ended.output);
}

/// What the HTTP library would do counts: a host that `NO_PROXY` exempts is looked up here.
#[test]
fn proxies_of_the_environment() {
    let person = Person::new();
    let proxy = format!("http://user:{SECRET}@127.0.0.1:{}", free_port());
    let examined = |exempt: &str| {
        let doctor = person.types(&["doctor", "https://crm.invalid"]);
        let doctor = doctor.env(
            "SSL_CERT_FILE",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/ca.crt"),
        );
        doctor.env("HTTPS_PROXY", &proxy).env("NO_PROXY", exempt).run()
    };
    let ended = examined("example.com");
    ended.failed(1, &["proxy-failed"]);
    assert!(ended.output.contains("notice   through-proxy"), "{}", ended.output);
    for exempt in ["crm.invalid", "example.com, .invalid", "*"] {
        let ended = examined(exempt);
        ended.failed(1, &["name-unknown"]);
        assert!(!ended.output.contains("through-proxy"), "{}", ended.output);
    }
}

/// Escape sequences of a server do not reach the terminal, and what the server repeats is no secret.
#[tokio::test]
async fn a_hostile_server_reaches_the_screen_escaped() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let page = format!("<html><title>\u{1b}[2J{}</title></html>", sandbox.consumer_secret());
    sandbox.fault(Fault::status(200).body(page));
    let ended = examines(&person, &sandbox, &[]).run();
    ended.failed(1, &["web-page"]);
    assert!(ended.output.contains("\\u{1b}[2J[secret]"), "{}", ended.output);
    ended.tells_no_secret(&secrets_of(&sandbox));
}

#[tokio::test]
async fn nobody_reads_any_more() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let mut unread = examines(&person, &sandbox, &[]).start_unread();
    assert_eq!(unread.wait().expect("it ends").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_terminal_the_secret_is_asked_for_and_problems_stand_out() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let doctor = person.types(&["doctor", sandbox.url(), "--consumer-key", sandbox.consumer_key()]);
    let mut terminal = doctor.env("TERM", "xterm").on_terminal();
    crate::terminal::wait_for_hidden_prompt(&terminal);
    terminal.type_in(&format!("{SECRET}\n"));
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(1), "{screen}");
    assert!(screen.contains("\u{1b}[1malike    refused-alike"), "{screen}");
    assert!(screen.contains("ok       clock"), "{screen}");
    assert!(!screen.contains(SECRET), "{screen}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn ctrl_c_ends_it_while_the_server_is_silent() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    sandbox.fault(Fault::stall(std::time::Duration::from_secs(60)));
    let mut terminal = person.types(&["doctor", sandbox.url()]).on_terminal();
    terminal.screen.wait_for("tcp-connected");
    terminal.type_in("\u{3}");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(130), "{screen}");
}
