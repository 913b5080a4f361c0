//! The other examples do what they say.
#![cfg(unix)]

mod process;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use process::{Running, Walkthrough};
use sugar_oauth::sandbox::Sandbox;

#[test]
fn a_signed_call_on_its_own_sandbox() {
    let ended = Walkthrough::of("signed_call").run();
    ended.succeeded();
    assert!(ended.output.contains("5 of "), "{}", ended.output);
}

#[test]
fn a_signed_call_says_which_variable_is_missing() {
    let ended = Walkthrough::of("signed_call")
        .env("SUGAR_URL", "http://127.0.0.1:1")
        .run();
    assert_eq!(ended.status, Some(2));
    assert!(
        ended.errors.starts_with("error: SUGAR_CONSUMER_KEY is not set"),
        "{}",
        ended.errors
    );
}

/// A browser with one cookie: status and headers, and the body.
struct Browser {
    cookie: String,
}

impl Browser {
    fn get(&mut self, url: &str) -> String {
        let rest = url.strip_prefix("http://").expect("plain http");
        let (host, path) = rest.split_at(rest.find('/').expect("a path"));
        let mut stream = TcpStream::connect(host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        let cookie = &self.cookie;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        if let Some(cookie) = header(&answer, "set-cookie") {
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
                "{cookie}"
            );
            self.cookie = cookie.split(';').next().expect("a pair").to_owned();
        }
        answer
    }
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn application(running: &Running) -> String {
    let text = running.output.wait_for("Ctrl-C ends it.");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Open"))
        .expect("its address");
    line.trim().trim_end_matches('/').to_owned()
}

fn end(mut running: Running) {
    running.end_input();
    running.interrupt();
    let ended = running.finish();
    assert_eq!((ended.status, ended.errors.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn a_web_application_connects_in_two_requests() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let running = Walkthrough::of("web_app")
        .env("SUGAR_URL", sandbox.url())
        .env("SUGAR_CONSUMER_KEY", sandbox.consumer_key())
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
        .start();
    let address = application(&running);
    let mut browser = Browser { cookie: String::new() };
    assert!(browser.get(&format!("{address}/")).contains("/connect"));
    let away = browser.get(&format!("{address}/connect"));
    let location = header(&away, "location").expect("a redirect");
    assert!(
        location.starts_with(&format!("{}/index.php?module=OAuthTokens", sandbox.url())),
        "{location}"
    );
    let token = location.split_once("&token=").expect("a token").1;
    let verifier = sandbox.approve(token).expect("it is there");
    let back = format!("{address}/callback?oauth_verifier={verifier}&oauth_token={token}");

    // Another browser with the same address, and the same browser with another verifier: neither spends anything.
    let mut stranger = Browser {
        cookie: String::from("walk=00000000000000000000000000000000"),
    };
    assert!(stranger.get(&back).starts_with("HTTP/1.1 400"));
    let wrong = browser.get(&format!(
        "{address}/callback?oauth_verifier=000000000000&oauth_token={token}"
    ));
    assert!(
        wrong.starts_with("HTTP/1.1 502") && wrong.contains("check the verifier"),
        "{wrong}"
    );

    let connected = browser.get(&back);
    assert!(connected.starts_with("HTTP/1.1 303"), "{connected}");
    assert_eq!(header(&connected, "location"), Some("/modules"));
    let modules = browser.get(&format!("{address}/modules"));
    assert!(
        modules.starts_with("HTTP/1.1 200") && modules.contains("<td>Accounts</td>"),
        "{modules}"
    );
    assert!(stranger.get(&format!("{address}/modules")).starts_with("HTTP/1.1 400"));
    let access_token = sandbox.state().access_tokens.remove(0);
    for answer in [away, connected, modules] {
        assert!(
            !answer.contains(&access_token.token) && !answer.contains(&access_token.secret),
            "{answer}"
        );
    }
    assert!(sandbox.state().sessions.is_empty(), "a session was left open");
    end(running);
}

#[test]
fn the_web_application_runs_beside_its_own_sandbox() {
    let running = Walkthrough::of("web_app").start();
    let address = application(&running);
    let away = Browser { cookie: String::new() }.get(&format!("{address}/connect"));
    let sandbox = running.output.so_far();
    let site = sandbox
        .lines()
        .find_map(|line| line.strip_prefix("Practice instance"))
        .expect("its address")
        .trim();
    assert!(
        header(&away, "location").is_some_and(|location| location.starts_with(site)),
        "{away}"
    );
    end(running);
}

#[test]
fn the_sandbox_runs_with_what_it_is_given() {
    let running = Walkthrough::of("sandbox")
        .args(["--flavour", "suitecrm8", "--consumer-key", "KEY"])
        .env("SUGAR_CONSUMER_SECRET", "a secret")
        .start();
    let text = running.output.wait_for("Ctrl-C ends it.");
    let url = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("URL"))
        .expect("its URL")
        .trim()
        .to_owned();
    assert!(url.ends_with("/legacy") && text.contains("KEY"), "{text}");
    let answer = process::server::get(&format!(
        "{url}/service/v4_1/rest.php?method=get_server_info&response_type=JSON"
    ));
    assert!(
        answer.contains("suitecrm_version") || answer.contains("gmt_time"),
        "{answer}"
    );
    end(running);
}

#[test]
fn the_sandbox_tells_the_door_of_oauth_2() {
    let running = Walkthrough::of("sandbox")
        .args(["--flavour", "sugar11", "--platform", "my_platform"])
        .env("SUGAR_PASSWORD", "a password")
        .start();
    let text = running.output.wait_for("Ctrl-C ends it.");
    let value = |name: &str| {
        let found = text.lines().find_map(|line| line.trim().strip_prefix(name));
        found.unwrap_or_else(|| panic!("no {name}: {text}")).trim().to_owned()
    };
    assert_eq!(value("OAuth 2"), format!("{}/rest/v11/oauth2/token", value("URL")));
    assert!(value("Platforms").ends_with("my_platform"), "{text}");
    assert!(!text.contains("Consumer"), "{text}");
    let answer = process::server::get(&format!("{}/rest/v11/me", value("URL")));
    assert!(answer.contains("need_login"), "{answer}");
    end(running);
}

/// The options that a help tells of: the first word of a line each.
fn told_options(help: &str) -> BTreeSet<String> {
    let words = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let words = words.filter_map(|rest| rest.split(' ').next());
    words.map(str::to_owned).collect()
}

/// The options that a program takes, by its source.
fn taken_options(source: &str) -> BTreeSet<String> {
    let parts = source.split("Long(\"").skip(1);
    parts
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn help_tells_of_the_options_that_there_are() {
    for (example, source) in [
        ("export", include_str!("../examples/export/arguments.rs")),
        ("changes", include_str!("../examples/changes/arguments.rs")),
        ("sandbox", include_str!("../examples/sandbox.rs")),
    ] {
        let output = Command::new(process::program(example)).arg("--help").output();
        let output = output.expect("it runs");
        assert!(output.status.success() && output.stderr.is_empty(), "{example}");
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        let told = told_options(&help);
        assert!(told.len() > 4, "{help}");
        assert_eq!(told, taken_options(source), "{example}");
        assert!(help.contains(&format!("--example {example}")), "{help}");
    }
}
