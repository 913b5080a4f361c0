//! The walk as a process: by itself on the practice instance, and on an instance as scripts and browsers drive it.
#![cfg(unix)]

mod process;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use process::server::get;
use process::{Walkthrough, secrets_of};
use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};

async fn sandbox() -> Sandbox {
    Sandbox::start().await.expect("the sandbox starts")
}

#[test]
fn without_arguments_and_terminal_it_walks_on_the_sandbox_by_itself_and_says_so() {
    let ended = Walkthrough::new().run();
    ended.succeeded();
    let said = [
        "practice instance",
        "approves by itself",
        "get_server_info",
        "SuiteCRM 7",
        "oauth_request_token",
        "index.php?module=OAuthTokens&action=authorize&token=",
        "oauth_access_token",
        "oauth_access",
        "get_available_modules",
        "Accounts",
        "logout",
        "whole walk",
    ];
    for text in said {
        assert!(ended.output.contains(text), "no {text:?} in:\n{}", ended.output);
    }
    assert!(!ended.output.contains('\u{1b}'), "colours without a terminal");
    let steps = ended
        .output
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .count();
    assert_eq!(steps, 7, "{}", ended.output);
}

#[test]
fn every_flavour_that_can_walk_is_walked_in_every_placement() {
    for flavour in Flavour::ALL.into_iter().filter(|flavour| flavour.can_walk()) {
        for placement in ["form", "query", "header"] {
            let ended = Walkthrough::new()
                .args(["--flavour", flavour.name(), "--placement", placement])
                .run();
            ended.succeeded();
        }
    }
}

#[test]
fn a_request_that_is_tried_again_is_shown_again() {
    let ended = Walkthrough::new().args(["--flavour", "sugarce65"]).run();
    ended.succeeded();
    // As received: v4_1, v4_1 signed afresh, v4.
    assert_eq!(
        ended.output.matches("refused without a word: tried again").count(),
        2,
        "{}",
        ended.output
    );
    assert_eq!(
        ended.output.matches("/service/v4/rest.php").count(),
        1,
        "{}",
        ended.output
    );
}

#[test]
fn an_instance_without_oauth_methods_is_told_from_a_refusal() {
    let ended = Walkthrough::new().args(["--flavour", "no-oauth"]).run();
    ended.failed(1, &["request token", "no OAuth methods"]);
}

#[tokio::test]
async fn no_secret_stands_in_the_output_even_explained() {
    let sandbox = sandbox().await;
    for placement in ["form", "query", "header"] {
        let mut running = Walkthrough::on(&sandbox)
            .args(["--explain", "--placement", placement])
            .start();
        let (_, token) = running.authorize_url();
        let mut secrets = secrets_of(&sandbox);
        let verifier = sandbox.approve(&token).expect("it is there");
        running.type_line(&verifier);
        let ended = running.finish();
        ended.succeeded();
        secrets.push(verifier);
        secrets.extend(secrets_of(&sandbox));
        assert!(secrets.len() > 8, "{}", secrets.len());
        ended.tells_no_secret(&secrets);
        assert!(
            ended.output.contains("%26method%3Doauth_access_token"),
            "{}",
            ended.output
        );
        assert!(
            ended
                .output
                .contains(&format!("%26oauth_consumer_key%3D{}", sandbox.consumer_key()))
        );
        assert!(sandbox.state().sessions.is_empty());
    }
}

#[tokio::test]
async fn a_verifier_by_the_browsers_callback() {
    let sandbox = sandbox().await;
    let running = Walkthrough::on(&sandbox).start();
    let (_, token) = running.authorize_url();
    let verifier = sandbox.approve(&token).expect("it is there");
    let callback = callback_of(&sandbox);
    let answer = get(&format!("{callback}?oauth_verifier={verifier}&oauth_token={token}"));
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let ended = running.finish();
    ended.succeeded();
    ended.tells_no_secret(&[callback, verifier]);
    assert!(ended.output.contains("Accounts"));
}

/// The callback that leg 1 sent.
fn callback_of(sandbox: &Sandbox) -> String {
    let sent = sandbox
        .requests()
        .iter()
        .rev()
        .find_map(|request| request.parameter("oauth_callback"));
    sent.expect("leg 1 was walked")
}

#[tokio::test]
async fn a_wrong_verifier_then_the_right_one() {
    let sandbox = sandbox().await;
    let mut running = Walkthrough::on(&sandbox).start();
    let (_, token) = running.authorize_url();
    let verifier = sandbox.approve(&token).expect("it is there");
    running.type_line("");
    running.output.wait_for("The verifier is empty");
    running.type_line("000000000000");
    running.output.wait_for("the right one still works");
    let callback = callback_of(&sandbox);
    get(&format!("{callback}?oauth_verifier=111111111111&oauth_token={token}"));
    running.type_line(&format!("{callback}?oauth_verifier={verifier}&oauth_token={token}"));
    let ended = running.finish();
    ended.succeeded();
    ended.tells_no_secret(&[verifier]);
    assert!(ended.output.matches("refuses this verifier").count() >= 1);
}

#[tokio::test]
async fn only_wrong_verifiers_end_with_one_error() {
    let sandbox = sandbox().await;
    let mut running = Walkthrough::on(&sandbox).args(["--no-callback"]).start();
    running.authorize_url();
    running.type_line("000000000000");
    running.end_input();
    let ended = running.finish();
    ended.failed(1, &["access token: ", "one was refused", "check the verifier"]);
}

#[tokio::test]
async fn an_expired_request_token() {
    let sandbox = sandbox().await;
    let mut running = Walkthrough::on(&sandbox).args(["--no-callback"]).start();
    let (_, token) = running.authorize_url();
    let verifier = sandbox.approve(&token).expect("it is there");
    sandbox.clock().advance(Duration::from_secs(25 * 60 * 60));
    running.type_line(&verifier);
    running.end_input();
    let ended = running.finish();
    ended.failed(1, &["access token: ", "older than a day: walk again"]);
    ended.tells_no_secret(&[verifier]);
}

#[tokio::test]
async fn nobody_comes_in_time() {
    let sandbox = sandbox().await;
    let ended = Walkthrough::on(&sandbox).args(["--timeout", "1"]).run();
    ended.failed(1, &["authorize: no verifier: nobody came within 1 s", "--timeout"]);
    let url = format!("{}/index.php?module=OAuthTokens&action=authorize&token=", sandbox.url());
    assert!(
        ended.output.lines().any(|line| line.starts_with(&url)),
        "{}",
        ended.output
    );
}

#[tokio::test]
async fn no_browser_and_no_terminal_leave_the_address_on_a_line_of_its_own() {
    let sandbox = sandbox().await;
    let mut running = Walkthrough::on(&sandbox)
        .args(["--no-browser", "--no-callback"])
        .start();
    let (url, token) = running.authorize_url();
    assert_eq!(
        url,
        format!(
            "{}/index.php?module=OAuthTokens&action=authorize&token={token}",
            sandbox.url()
        )
    );
    running.end_input();
    running
        .finish()
        .failed(1, &["authorize: no verifier: the input has ended", "press Authorize"]);
}

#[tokio::test]
async fn a_wrong_secret() {
    let sandbox = sandbox().await;
    let ended = Walkthrough::on(&sandbox)
        .env("SUGAR_CONSUMER_SECRET", process::SECRET)
        .run();
    ended.failed(
        1,
        &["request token: the server refused", "check consumer key and secret"],
    );
}

#[tokio::test]
async fn the_secret_comes_from_a_file() {
    let sandbox = sandbox().await;
    for end in ["", "\n", "\r\n"] {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        write!(file, "{}{end}", sandbox.consumer_secret()).expect("it is written");
        let option = ["--consumer-secret-file".into(), file.path().as_os_str().to_owned()];
        let ended = Walkthrough::on(&sandbox)
            .env("SUGAR_CONSUMER_SECRET", "wrong")
            .args(option)
            .args(["--timeout", "1"])
            .run();
        ended.failed(1, &["nobody came"]);
    }
}

#[tokio::test]
async fn a_callback_port_that_is_taken() {
    let sandbox = sandbox().await;
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for walkthrough in [Walkthrough::on(&sandbox), Walkthrough::new()] {
        let ended = walkthrough.args(["--port", &port]).run();
        ended.failed(
            1,
            &[
                "authorize: cannot listen on port",
                &port,
                "taken by another program",
                "free one",
            ],
        );
    }
    assert!(sandbox.requests().is_empty(), "something was sent");
}

#[tokio::test]
async fn idle_and_junk_connections_to_the_listener() {
    let sandbox = sandbox().await;
    let running = Walkthrough::on(&sandbox).start();
    let (_, token) = running.authorize_url();
    let verifier = sandbox.approve(&token).expect("it is there");
    let callback = callback_of(&sandbox);
    let address = callback.split('/').nth(2).expect("a host").to_owned();
    let connect = || TcpStream::connect(&address).expect("it listens");
    let idle: Vec<TcpStream> = (0..100).map(|_| connect()).collect();
    for junk in [
        &b"\0\xff\x16\x03\x01"[..],
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        &[b'x'; 100_000],
    ] {
        let _ = connect().write_all(junk);
    }
    for wrong in [
        "/favicon.ico",
        "/",
        "/callback/00000000000000000000000000000000?oauth_verifier=1&oauth_token=2",
    ] {
        assert!(
            get(&format!("http://{address}{wrong}")).starts_with("HTTP/1.1 404"),
            "{wrong}"
        );
    }
    // Another walk's token, and a wrong verifier for this one: neither ends it.
    get(&format!(
        "{callback}?oauth_verifier={verifier}&oauth_token=000000000000"
    ));
    get(&format!("{callback}?oauth_verifier=000000000000&oauth_token={token}"));
    running.output.wait_for("the right one still works");
    let answer = get(&format!("{callback}?oauth_verifier={verifier}&oauth_token={token}"));
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    running.finish().succeeded();
    drop(idle);
}

#[tokio::test]
async fn server_text_reaches_the_terminal_escaped() {
    let sandbox = Sandbox::builder()
        .flavour(Flavour::Hostile)
        .start()
        .await
        .expect("it starts");
    sandbox.hostile(Trick::LabelControlCharacters);
    let mut running = Walkthrough::on(&sandbox).args(["--no-callback"]).start();
    let (_, token) = running.authorize_url();
    running.type_line(&sandbox.approve(&token).expect("it is there"));
    let ended = running.finish();
    ended.succeeded();
    assert!(ended.output.contains("\\u{1b}"), "{}", ended.output);
    let odd = |character: &char| {
        character.is_control() && *character != '\n' || ('\u{202a}'..='\u{202e}').contains(character)
    };
    assert!(
        !ended.output.chars().any(|character| odd(&character)),
        "{}",
        ended.output
    );
}

#[tokio::test]
async fn an_authorize_url_elsewhere_is_not_shown() {
    let sandbox = Sandbox::builder()
        .flavour(Flavour::Hostile)
        .start()
        .await
        .expect("it starts");
    sandbox.hostile(Trick::AuthorizeUrlForeignHost);
    let mut running = Walkthrough::on(&sandbox).args(["--no-callback"]).start();
    let (url, _) = running.authorize_url();
    assert!(url.starts_with(&format!("{}/index.php?", sandbox.url())), "{url}");
    running.end_input();
    let ended = running.finish();
    assert!(ended.output.contains("built from the site URL"), "{}", ended.output);
}

#[tokio::test]
async fn a_reader_that_goes_away_does_not_stop_the_walk() {
    let mut child = Walkthrough::new().start_unread();
    let status = tokio::task::spawn_blocking(move || child.wait())
        .await
        .expect("no panic");
    assert_eq!(status.expect("it is our child").code(), Some(0));
}
