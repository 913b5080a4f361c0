//! What people give that cannot be used: the walkthrough says so before anything is sent.
#![cfg(unix)]

mod process;

use process::server::Server;
use process::{KEY, SECRET, Walkthrough};

#[test]
fn a_malformed_url_is_answered_with_its_form() {
    Walkthrough::at("crm.example.com")
        .run()
        .failed(2, &["site URL", "write it with its scheme: https://crm.example.com"]);
    Walkthrough::at("https://")
        .run()
        .failed(2, &["site URL", "https://crm.example.com"]);
    Walkthrough::at("")
        .run()
        .failed(2, &["the URL is empty", "https://crm.example.com"]);
    Walkthrough::at("https://crm.example.com:99999")
        .run()
        .failed(2, &["not a URL of a site", "https://crm.example.com"]);
}

#[test]
fn a_url_with_credentials_is_refused_without_repeating_them() {
    for url in [
        "https://admin:hunter2@crm.example.com",
        "admin:hunter2@crm.example.com",
        "http://hunter2@127.0.0.1:1/",
    ] {
        let ended = Walkthrough::at(url).secret("hunter2").run();
        ended.failed(2, &["site URL"]);
    }
    let ended = Walkthrough::at("https://admin:hunter2@crm.example.com").run();
    ended.failed(2, &["carries a user name or password", "give https://crm.example.com"]);
}

#[test]
fn a_rest_php_url_pasted_whole_is_answered_with_the_site() {
    let ended = Walkthrough::at("https://crm.example.com/crm/service/v4_1/rest.php").run();
    ended.failed(
        2,
        &[
            "points at the legacy API's own address",
            "give https://crm.example.com/crm",
        ],
    );
    let ended = Walkthrough::at("https://crm.example.com/index.php?module=Home").run();
    ended.failed(2, &["points at one page", "give https://crm.example.com"]);
}

#[test]
fn a_wrong_scheme_is_named() {
    Walkthrough::at("ftp://crm.example.com")
        .run()
        .failed(2, &["ftp://", "https://"]);
}

#[test]
fn plain_http_to_another_machine_needs_a_yes() {
    let ended = Walkthrough::at("http://crm.invalid").run();
    ended.failed(
        1,
        &[
            "plain http",
            "password typed at the login page",
            "use https://",
            "--allow-http",
        ],
    );
}

#[test]
fn an_empty_key_or_secret_is_said() {
    let to = |key: &str, secret: &str| {
        let walkthrough = Walkthrough::new().args(["--url", "http://127.0.0.1:1", "--consumer-key", key]);
        walkthrough.env("SUGAR_CONSUMER_SECRET", secret).run()
    };
    to("", SECRET).failed(2, &["the consumer key is empty", "Admin > OAuth Keys"]);
    to(KEY, "").failed(2, &["the consumer secret is empty", "Admin > OAuth Keys"]);
}

#[test]
fn an_unprintable_key_or_secret_is_said_and_not_repeated() {
    let to = |key: &str, secret: &str| {
        let walkthrough = Walkthrough::new().args(["--url", "http://127.0.0.1:1", "--consumer-key", key]);
        walkthrough.env("SUGAR_CONSUMER_SECRET", secret).secret("hidden").run()
    };
    to("hidden\u{7}", SECRET).failed(2, &["consumer key holds characters that cannot be printed"]);
    to(KEY, "hid\u{1b}den").failed(2, &["consumer secret holds characters that cannot be printed"]);
    to(KEY, "hidden ").failed(2, &["consumer secret begins or ends with white space"]);
}

#[test]
fn a_missing_key_or_secret_is_said() {
    let url = ["--url", "http://127.0.0.1:1"];
    Walkthrough::new()
        .args(url)
        .run()
        .failed(2, &["no consumer key", "--consumer-key KEY"]);
    let ended = Walkthrough::new().args(url).args(["--consumer-key", KEY]).run();
    ended.failed(2, &["no consumer secret", "no terminal", "SUGAR_CONSUMER_SECRET"]);
}

#[test]
fn a_secret_as_an_argument_is_refused_with_the_reason() {
    for arguments in [
        vec!["--consumer-secret", SECRET],
        vec!["--consumer-secret=s3cr3t-of-the-test-9f81"],
    ] {
        let ended = Walkthrough::new().args(arguments).run();
        ended.failed(2, &["not taken as an argument", "history", "SUGAR_CONSUMER_SECRET"]);
    }
}

#[test]
fn what_the_command_line_does_not_know_is_not_repeated() {
    Walkthrough::new()
        .args([SECRET])
        .run()
        .failed(2, &["without an option", "--url URL"]);
    Walkthrough::new()
        .args(["--verbose"])
        .run()
        .failed(2, &["no option --verbose", "--help"]);
    Walkthrough::new()
        .args(["--url"])
        .run()
        .failed(2, &["--url needs a value"]);
    Walkthrough::new()
        .args(["--explain=s3cr3t-of-the-test-9f81"])
        .run()
        .failed(2, &["takes no value"]);
    Walkthrough::new().args(["--port", SECRET]).run().failed(2, &["--port"]);
    Walkthrough::new()
        .args(["--timeout", "0"])
        .run()
        .failed_without_advice(2, &["--timeout", "86400"]);
    Walkthrough::new()
        .args(["--placement", "body"])
        .run()
        .failed_without_advice(2, &["form, query or header"]);
    Walkthrough::new()
        .args(["--api", "v10"])
        .run()
        .failed_without_advice(2, &["v4 or v4_1"]);
}

#[test]
fn options_of_an_instance_need_an_instance() {
    let ended = Walkthrough::new().args(["--consumer-key", KEY]).run();
    ended.failed(2, &["--consumer-key belongs to an instance", "--url URL"]);
}

#[test]
fn a_secret_file_that_is_not_there_is_said() {
    let file = ["--consumer-secret-file", "/nowhere/secret"];
    let ended = Walkthrough::new()
        .args(["--url", "http://127.0.0.1:1", "--consumer-key", KEY])
        .args(file)
        .run();
    ended.failed(2, &["/nowhere/secret cannot be read"]);
}

#[test]
fn the_environment_gives_what_the_arguments_do_not() {
    let server = Server::answering(|_| process::server::answer("404 Not Found", "", b""));
    let ended = Walkthrough::new()
        .env("SUGAR_URL", &server.url())
        .env("SUGAR_CONSUMER_KEY", KEY)
        .env("SUGAR_CONSUMER_SECRET", SECRET)
        .run();
    ended.failed(1, &["404"]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn help_shows_every_option_and_examples() {
    let ended = Walkthrough::new().args(["--help"]).run();
    ended.succeeded();
    let options = [
        "--url",
        "--consumer-key",
        "--consumer-secret-file",
        "--signing-url",
        "--allow-http",
        "--flavour",
        "--no-browser",
        "--no-callback",
        "--port",
        "--timeout",
        "--api",
        "--placement",
        "--explain",
        "--save",
        "--help",
        "SUGAR_URL",
        "SUGAR_CONSUMER_KEY",
        "SUGAR_CONSUMER_SECRET",
        "SUGAR_ALLOW_HTTP",
        "Examples",
    ];
    for text in options {
        assert!(ended.output.contains(text), "{text}");
    }
    assert!(
        ended.output.lines().all(|line| line.chars().count() <= 100),
        "{}",
        ended.output
    );
}
