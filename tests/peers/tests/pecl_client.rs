//! PHP's PECL OAuth client makes the calls of the vendor's document against the sandbox.

use std::process::Stdio;

use serde_json::Value;
use sugar_oauth::sandbox::{ReceivedRequest, Sandbox};
use sugar_oauth_peers::programs::{php_with, scripts};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The PHP program, between its steps.
struct Pecl {
    child: Child,
    stdin: ChildStdin,
    lines: tokio::io::Lines<BufReader<ChildStdout>>,
}

impl Pecl {
    fn start(sandbox: &Sandbox, consumer_secret: &str, placement: &str) -> Pecl {
        let mut child = Command::from(php_with("oauth"))
            .arg(scripts().join("pecl/client.php"))
            .arg(format!("{}/service/v4_1/rest.php", sandbox.url()))
            .arg(placement)
            .env("SUGAR_CONSUMER_KEY", sandbox.consumer_key())
            .env("SUGAR_CONSUMER_SECRET", consumer_secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("PHP starts");
        let stdin = child.stdin.take().expect("stdin is piped");
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        Pecl { child, stdin, lines }
    }

    /// What the server answered in the next step, or what PECL says of it.
    async fn answer(&mut self, step: &str) -> Result<Value, String> {
        let Some(line) = self.lines.next_line().await.expect("PHP writes UTF-8") else {
            let mut problem = String::new();
            let mut stderr = self.child.stderr.take().expect("stderr is piped");
            stderr.read_to_string(&mut problem).await.expect("PHP writes UTF-8");
            return Err(problem);
        };
        let mut said: Value = serde_json::from_str(&line).expect("PHP writes JSON");
        assert_eq!(said["step"], step);
        Ok(said["answer"].take())
    }

    async fn type_verifier(&mut self, verifier: &str) {
        self.stdin
            .write_all(format!("{verifier}\n").as_bytes())
            .await
            .expect("PHP reads the verifier");
    }
}

fn hex(answer: &Value, digits: usize) -> String {
    let text = answer.as_str().expect("a string").to_owned();
    assert!(
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{text}"
    );
    text
}

async fn walk(placement: &str) {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let mut pecl = Pecl::start(&sandbox, sandbox.consumer_secret(), placement);

    let request_token = pecl.answer("request_token").await.expect("a request token");
    let token = hex(&request_token["oauth_token"], 12);
    hex(&request_token["oauth_token_secret"], 12);
    assert_eq!(request_token["oauth_callback_confirmed"], "true");
    let page = format!("{}/index.php?module=OAuthTokens&action=authorize", sandbox.url());
    assert_eq!(request_token["authorize_url"], page);

    let verifier = sandbox.approve(&token).expect("the sandbox knows the request token");
    pecl.type_verifier(&verifier).await;

    let access_token = pecl.answer("access_token").await.expect("an access token");
    hex(&access_token["oauth_token"], 12);
    hex(&access_token["oauth_token_secret"], 12);

    let modules = pecl
        .answer("get_available_modules")
        .await
        .expect("a direct call is answered");
    let keys: Vec<&Value> = modules["modules"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| &row["module_key"])
        .collect();
    assert!(
        keys.iter().any(|key| *key == "Contacts") && keys.iter().any(|key| *key == "Accounts"),
        "{keys:?}"
    );

    let session = pecl.answer("oauth_access").await.expect("a session");
    let id = hex(&session["id"], 32);
    assert!(sandbox.state().sessions.iter().any(|session| session.id == id));
    assert!(pecl.child.wait().await.expect("PHP ends").success());

    // The test would prove little if all three placements were the same.
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        let method = request.rest_method().unwrap_or_default();
        let expected = if placement == "header" && !method.ends_with("_token") {
            "uri"
        } else {
            placement
        };
        assert_eq!(placement_of(&request), expected, "{method}");
    }
}

fn placement_of(request: &ReceivedRequest) -> &'static str {
    let signed = |text: &str| text.contains("oauth_signature=");
    match request {
        _ if request.header("authorization").is_some_and(signed) => "header",
        _ if request.query.as_deref().is_some_and(signed) => "uri",
        _ if signed(&String::from_utf8_lossy(&request.body)) => "form",
        _ => "nowhere",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_with_its_parameters_in_the_url() {
    walk("uri").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_with_its_parameters_in_a_form() {
    walk("form").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_with_its_parameters_in_a_header() {
    walk("header").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_refused_with_a_wrong_secret() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let mut pecl = Pecl::start(&sandbox, "not the secret", "uri");
    let problem = pecl
        .answer("request_token")
        .await
        .expect_err("a wrong secret is refused");
    assert!(problem.contains("(HTTP status 500)"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn is_refused_with_a_wrong_verifier() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let mut pecl = Pecl::start(&sandbox, sandbox.consumer_secret(), "uri");
    let request_token = pecl.answer("request_token").await.expect("a request token");
    sandbox
        .approve(request_token["oauth_token"].as_str().expect("a string"))
        .expect("the sandbox knows the token");
    pecl.type_verifier("0123456789ab").await;
    let problem = pecl
        .answer("access_token")
        .await
        .expect_err("a wrong verifier is refused");
    assert!(problem.contains("(HTTP status 500)"), "{problem}");
}
