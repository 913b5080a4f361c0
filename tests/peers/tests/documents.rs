//! The requests of the vendor's documents for REST v10 and v11, made by curl, PHP's curl and Python: the sandbox receives
//! what the documents say and answers what they say.
//!
//! The documents are from the Sugar Developer Guide, but for the Python example, which is Chilkat's. What each of them
//! has in a request stands here beside its title; scheme, host and what is secret are the sandbox's.

use std::process::{Command, Output};

use serde_json::{Value, json};
use sugar_oauth::sandbox::{Flavour, ReceivedRequest, Sandbox};
use sugar_oauth_peers::programs::{bash_with_curl, php_with, python, scripts};

/// What a document says of a request.
struct Documented {
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Documented {
    fn new(path: &'static str, headers: &[(&'static str, &str)], body: String) -> Documented {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Documented {
            path,
            headers: headers.collect(),
            body,
        }
    }

    fn assert_is(&self, request: &ReceivedRequest) {
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", self.path));
        assert_eq!(String::from_utf8_lossy(&request.body), self.body);
        let mut sent: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .filter(|(name, _)| !OF_THE_PROGRAM.contains(&name.as_str()))
            .collect();
        sent.sort();
        let mut expected: Vec<(String, String)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect();
        expected.sort();
        assert_eq!(sent, expected, "{}", self.path);
    }
}

/// Headers that the programs add by themselves.
const OF_THE_PROGRAM: [&str; 6] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "user-agent",
];

/// The arguments of a password grant, in the order that all the documents have.
fn password_grant(sandbox: &Sandbox, client_secret: &str, platform: &str) -> Vec<(&'static str, String)> {
    [
        ("grant_type", "password"),
        ("client_id", "sugar"),
        ("client_secret", client_secret),
        ("username", sandbox.user_name()),
        ("password", sandbox.password()),
        ("platform", platform),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// JSON as PHP's `json_encode` and Chilkat's emitter write it: without white space, in the order given.
fn compact(arguments: &[(&str, String)]) -> String {
    let members: Vec<String> = arguments
        .iter()
        .map(|(name, value)| format!("{name:?}:{}", json!(value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// The same as the bash example has it: a member on each line.
fn in_lines(arguments: &[(&str, String)]) -> String {
    compact(arguments)
        .replace(",\"", ",\n\"")
        .replacen('{', "{\n", 1)
        .replace('}', "\n}")
}

async fn start() -> Sandbox {
    Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .platform("custom_api")
        .start()
        .await
        .expect("the sandbox starts")
}

/// Runs one of the programs, and gives the answers that it printed.
async fn run(mut command: Command, script: &str, sandbox: &Sandbox, password: &str) -> (Output, Vec<Value>) {
    command
        .arg(scripts().join("documents").join(script))
        .env("SUGAR_SITE_URL", sandbox.url())
        .env("SUGAR_USER", sandbox.user_name())
        .env("SUGAR_PASSWORD", password)
        .env("SUGAR_CLIENT_SECRET", CLIENT_SECRET);
    let output = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .expect("the program starts");
    let answers = String::from_utf8(output.stdout.clone())
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    (output, answers)
}

fn succeeded((output, answers): (Output, Vec<Value>)) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    answers
}

/// What the documents show of the answer to a grant: these members, with these values where they are no tokens.
fn assert_tokens(answer: &Value) {
    let members = answer.as_object().expect("an object");
    for token in ["access_token", "refresh_token", "download_token"] {
        let value = members[token].as_str().expect("a text");
        // As in the documents: `c6d495c9-bb25-81d2-5f81-533ef6479f9b`.
        assert!(
            value.len() == 36 && value.bytes().filter(|byte| *byte == b'-').count() == 4,
            "{answer}"
        );
    }
    let others: serde_json::Map<String, Value> = members
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "access_token" | "refresh_token" | "download_token"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let documented =
        json!({"expires_in": 3600, "token_type": "bearer", "scope": null, "refresh_expires_in": 1_209_600});
    assert_eq!(Value::Object(others), documented);
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

const CLIENT_SECRET: &str = "the client's";

/// "How to Authenticate and Log Out", REST v11, bash.
#[tokio::test(flavor = "multi_thread")]
async fn curl_logs_in_and_out() {
    let sandbox = start().await;
    let answers = succeeded(run(bash_with_curl(), "authenticate.sh", &sandbox, sandbox.password()).await);
    let [tokens, logout] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_tokens(tokens);
    assert_eq!(*logout, json!({"success": true}));

    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    Documented::new(
        "/rest/v11/oauth2/token",
        &[("Cache-Control", "no-cache"), ("Content-Type", "application/json")],
        in_lines(&password_grant(&sandbox, "", "custom_api")),
    )
    .assert_is(&requests[0]);
    Documented::new(
        "/rest/v11/oauth2/logout",
        &[
            ("OAuth-Token", text(&tokens["access_token"])),
            ("Cache-Control", "no-cache"),
        ],
        String::new(),
    )
    .assert_is(&requests[1]);
    assert!(sandbox.state().logins.is_empty());
}

/// "How to Authenticate and Log Out", REST v10, PHP.
#[tokio::test(flavor = "multi_thread")]
async fn php_logs_in_and_out() {
    let sandbox = start().await;
    let answers = succeeded(run(php_with("curl"), "authenticate.php", &sandbox, sandbox.password()).await);
    let [tokens, logout] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_tokens(tokens);
    assert_eq!(*logout, json!({"success": true}));

    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    Documented::new(
        "/rest/v10/oauth2/token",
        &[("Content-Type", "application/json")],
        compact(&password_grant(&sandbox, "", "custom_api")),
    )
    .assert_is(&requests[0]);
    Documented::new(
        "/rest/v10/oauth2/logout",
        &[
            ("Content-Type", "application/json"),
            ("oauth-token", text(&tokens["access_token"])),
        ],
        String::new(),
    )
    .assert_is(&requests[1]);
    assert!(sandbox.state().logins.is_empty());
}

/// "SugarCRM Authenticate", REST v10, Python: with a client secret, and no logout.
#[tokio::test(flavor = "multi_thread")]
async fn python_logs_in_with_a_client_secret() {
    let sandbox = Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .platform("custom_api")
        .oauth2_key("sugar", Some(CLIENT_SECRET))
        .start()
        .await
        .expect("the sandbox starts");
    let answers = succeeded(run(python(), "authenticate.py", &sandbox, sandbox.password()).await);
    assert_tokens(&answers[0]);

    let requests = sandbox.requests();
    assert_eq!((requests.len(), answers.len()), (1, 1));
    Documented::new(
        "/rest/v10/oauth2/token",
        &[("Cache-Control", "no-cache"), ("Content-Type", "application/json")],
        compact(&password_grant(&sandbox, CLIENT_SECRET, "custom_api")),
    )
    .assert_is(&requests[0]);
    assert_eq!(
        sandbox.state().logins[0].access_token,
        text(&answers[0]["access_token"])
    );
}

/// "/oauth2/token POST", REST v10: both grants, with the platform `base`.
#[tokio::test(flavor = "multi_thread")]
async fn python_logs_in_and_refreshes() {
    let sandbox = start().await;
    let answers = succeeded(run(python(), "token.py", &sandbox, sandbox.password()).await);
    let [first, second] = &answers[..] else {
        panic!("{answers:?}")
    };
    for tokens in [first, second] {
        assert_tokens(tokens);
    }
    for token in ["access_token", "refresh_token"] {
        assert_ne!(first[token], second[token]);
    }

    let requests = sandbox.requests();
    assert_eq!(requests.len(), 2);
    let headers = [("Content-Type", "application/json")];
    let refresh_grant = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&first["refresh_token"])),
        ("client_id", "sugar"),
        ("client_secret", ""),
        ("platform", "base"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    for (request, body) in requests
        .iter()
        .zip([compact(&password_grant(&sandbox, "", "base")), compact(&refresh_grant)])
    {
        Documented::new("/rest/v10/oauth2/token", &headers, body).assert_is(request);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_gives_no_token() {
    let sandbox = start().await;
    for (command, script) in [
        (bash_with_curl(), "authenticate.sh"),
        (php_with("curl"), "authenticate.php"),
        (python(), "authenticate.py"),
    ] {
        let (output, answers) = run(command, script, &sandbox, "wrong").await;
        assert!(!output.status.success(), "{script}");
        assert_eq!(
            answers[0]["error"],
            "need_login",
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(sandbox.requests().len(), 3, "no logout without a token");
}
