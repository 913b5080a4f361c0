//! Chromium logs in, authorizes and is sent back to the program, against the sandbox.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::Locator;
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Callback, CallbackListener, Client, Consumer, Instance, RequestToken, Verifier};
use sugar_oauth_peers::browser::Browser;
use sugar_oauth_peers::recording_proxy::{RecordingProxy, Seen};

/// Longer than any page of these needs.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(sandbox: &Sandbox) -> Client {
    let instance = Instance::parse(sandbox.url()).expect("the sandbox's URL");
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("key and secret");
    Client::new(instance, consumer)
}

/// Opens the authorize URL, logs in and presses the button, as a person would.
async fn log_in_and_authorize(browser: &Browser, sandbox: &Sandbox, request_token: &RequestToken, screens: &str) {
    let url = request_token.authorize_url().as_str();
    log_in_and_authorize_at(browser, sandbox, url, request_token.token(), screens).await;
}

async fn log_in_and_authorize_at(browser: &Browser, sandbox: &Sandbox, url: &str, request_token: &str, screens: &str) {
    let page = &browser.client;
    page.goto(url).await.expect("the authorize page is reached");
    let name = page
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css("input[name=user_name]"))
        .await;
    name.expect("a login form")
        .send_keys(sandbox.user_name())
        .await
        .expect("a user name can be typed");
    browser.screenshot(&format!("{screens}-1-login")).await;
    let password = page
        .find(Locator::Css("input[name=username_password]"))
        .await
        .expect("a password field");
    password
        .send_keys(sandbox.password())
        .await
        .expect("a password can be typed");
    press(browser).await;

    let token = page
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css("input[name=token]"))
        .await;
    let token = token
        .expect("the authorize form")
        .prop("value")
        .await
        .expect("the field has a value");
    assert_eq!(
        token.as_deref(),
        Some(request_token),
        "the form is about this request token"
    );
    browser.screenshot(&format!("{screens}-2-authorize")).await;
    press(browser).await;
}

async fn press(browser: &Browser) {
    let button = browser
        .client
        .find(Locator::Css("[type=submit]"))
        .await
        .expect("a button");
    button.click().await.expect("the button can be pressed");
}

async fn text(browser: &Browser) -> String {
    let body = browser
        .client
        .find(Locator::Css("body"))
        .await
        .expect("a page has a body");
    body.text().await.expect("the page has a text")
}

fn to(requests: &[Seen], site: &str) -> Vec<Seen> {
    requests
        .iter()
        .filter(|seen| seen.url.starts_with(site))
        .cloned()
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callback_brings_the_verifier_and_history_does_not_show_it() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let client = client(&sandbox);
    let proxy = RecordingProxy::start().await;
    let browser = Browser::start(&proxy.address).await;

    let mut listener = CallbackListener::bind(None).await.expect("a listener");
    let request_token = client
        .request_token(listener.callback())
        .await
        .expect("a request token");
    let (verifier, ()) = tokio::join!(
        async { tokio::time::timeout(PATIENCE, listener.next_verifier(&request_token)).await },
        log_in_and_authorize(&browser, &sandbox, &request_token, "callback"),
    );
    let verifier = verifier
        .expect("the browser comes in time")
        .expect("the callback holds a verifier");
    let secret = verifier.expose().to_owned();

    let access_token = client
        .access_token(&request_token, &verifier)
        .await
        .expect("the verifier is the right one");
    client.oauth_access(&access_token).await.expect("a session");

    let shown = text(&browser).await;
    assert!(
        shown.to_lowercase().contains("go back to"),
        "the page sends the person back: {shown}"
    );
    browser.screenshot("callback-3-done").await;
    let here = browser
        .client
        .current_url()
        .await
        .expect("the window has a URL")
        .to_string();
    assert!(
        here.starts_with("http://127.0.0.1:") && !here.contains(&secret),
        "{here}"
    );
    let source = browser.client.source().await.expect("the page has a source");
    assert!(!source.contains(&secret), "{source}");
    listener.finish().await;

    // Time for a favicon, were there one to fetch.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let history = browser.close().await;
    let requests = proxy.seen();
    let origin = listener_origin(&here);
    let callbacks = to(&requests, &origin);
    let bearing: Vec<&Seen> = requests.iter().filter(|seen| seen.url.contains(&secret)).collect();
    assert_eq!(
        bearing.len(),
        1,
        "the verifier travels once, to the listener: {bearing:#?}"
    );
    assert!(bearing[0].url.starts_with(&origin));
    assert!(
        callbacks.len() >= 2,
        "the callback and the page behind it: {callbacks:#?}"
    );
    for seen in &requests {
        let referer = seen.header("referer").unwrap_or_default();
        assert!(!referer.contains(&secret), "a Referer holds the verifier: {seen:#?}");
    }
    // Or the line above would be about nothing.
    let favicon = requests
        .iter()
        .any(|seen| seen.url.ends_with("/favicon.ico") && seen.header("referer").is_some());
    assert!(favicon, "Chromium fetches favicons and says from where: {requests:#?}");

    assert!(
        history.iter().any(|visit| visit.shown && visit.url == here),
        "the history is kept: {history:#?}"
    );
    assert!(
        !history.iter().any(|visit| visit.shown && visit.url.contains(&secret)),
        "{history:#?}"
    );
}

fn listener_origin(url: &str) -> String {
    let path = url
        .find("://")
        .and_then(|scheme| url[scheme + 3..].find('/').map(|path| scheme + 3 + path));
    url[..path.expect("a path")].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_callback_the_page_shows_the_code() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let client = client(&sandbox);
    let proxy = RecordingProxy::start().await;
    let browser = Browser::start(&proxy.address).await;

    let request_token = client
        .request_token(Callback::OutOfBand)
        .await
        .expect("a request token");
    log_in_and_authorize(&browser, &sandbox, &request_token, "paste").await;
    let shown = browser
        .client
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css("big"))
        .await;
    let code = shown
        .expect("the page shows a code")
        .text()
        .await
        .expect("the code is text");
    browser.screenshot("paste-3-verifier").await;
    let page = text(&browser).await;
    assert!(page.contains("Token authorization code:"), "{page}");

    let verifier = Verifier::from_input(&code).expect("what a person copies is a verifier");
    let access_token = client
        .access_token(&request_token, &verifier)
        .await
        .expect("the code is the right one");
    client.oauth_access(&access_token).await.expect("a session");
    browser.close().await;
}

/// The program `sugar-oauth`, built with its feature.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--features", "cli", "--bin", "sugar-oauth"]);
    cargo.args([
        "--manifest-path",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"),
    ]);
    cargo.arg("--target-dir").arg(profile.parent().expect("target"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(
        cargo.status().expect("cargo runs").success(),
        "sugar-oauth does not build"
    );
    profile.join("sugar-oauth")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_logs_in_by_the_browser() {
    let program = program();
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let home = tempfile::tempdir().expect("a folder");
    let mut login = Command::new(program);
    login.args([
        "login",
        sandbox.url(),
        "--consumer-key",
        sandbox.consumer_key(),
        "--expect-user",
        sandbox.user_name(),
    ]);
    login
        .env_clear()
        .env("HOME", home.path())
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret());
    login.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut login = login.spawn().expect("the program starts");
    let errors = BufReader::new(login.stderr.take().expect("a pipe"));
    let mut errors = errors.lines().map_while(Result::ok);
    let url = errors
        .find(|line| line.starts_with("http"))
        .expect("an address on a line of its own");
    let token = url.split_once("&token=").expect("a token").1.to_owned();

    let proxy = RecordingProxy::start().await;
    let browser = Browser::start(&proxy.address).await;
    log_in_and_authorize_at(&browser, &sandbox, &url, &token, "program").await;
    let ended = tokio::task::spawn_blocking(move || (errors.collect::<Vec<_>>(), login.wait_with_output()));
    let (said, output) = ended.await.expect("no panic");
    let output = output.expect("it ends");
    assert!(output.status.success(), "{said:#?}");
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.contains("is kept in the file"), "{output}");
    let shown = text(&browser).await;
    assert!(
        shown.to_lowercase().contains("go back to"),
        "the page sends the person back: {shown}"
    );
    browser.close().await;
    let kept = home.path().join(".config/sugar-oauth");
    assert_eq!(
        std::fs::read_dir(kept).expect("a folder").count(),
        2,
        "a profile, and that it is the default"
    );
}
