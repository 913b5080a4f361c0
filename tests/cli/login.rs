//! `login`: what comes of it, and every way in which it fails.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};

use crate::person::{Person, authorized, json, name_of, sandbox, token};
use crate::process::server::get;
use crate::process::{KEY, SECRET};

#[tokio::test]
async fn a_pasted_code_logs_in_and_a_private_file_keeps_it() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = person.logged_in(&sandbox, &[]);
    let file = person.profile(&name_of(&sandbox));
    assert_eq!(
        ended.output,
        format!(
            "Logged in to {}/ as admin (id 1).\nThe profile {} is kept in the file {}.\n",
            sandbox.url(),
            name_of(&sandbox),
            file.display()
        )
    );
    assert!(
        ended.errors.contains("admin (id 1) authorized, on "),
        "{}",
        ended.errors
    );
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&person.profiles())), (0o600, 0o700));
    let kept = fs::read_to_string(&file).expect("text");
    let state = sandbox.state();
    assert!(kept.contains(&state.access_tokens[0].secret), "the token is kept");
    assert!(state.sessions.is_empty(), "a session was left open");
}

#[tokio::test]
async fn the_browsers_callback_logs_in_with_the_secret_from_standard_input() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let login = person.types(&["login", sandbox.url(), "--secret-stdin", "--json"]);
    let login = login
        .env("SUGAR_CONSUMER_KEY", sandbox.consumer_key())
        .secret(sandbox.consumer_secret());
    let mut running = login.start();
    running.type_line(sandbox.consumer_secret());
    running.end_input();
    let token = token(&running.errors);
    let verifier = sandbox.approve(&token).expect("a request token");
    let callback = sandbox
        .requests()
        .iter()
        .find_map(|request| request.parameter("oauth_callback"));
    get(&format!(
        "{}?oauth_verifier={verifier}&oauth_token={token}",
        callback.expect("a callback")
    ));
    let ended = running.finish();
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    ended.tells_no_secret(&[verifier]);
    let kept = json(&ended.output);
    assert_eq!(kept["profile"], name_of(&sandbox));
    assert_eq!(kept["user"], serde_json::json!({"id": "1", "name": "admin"}));
    assert_eq!((&kept["api"], &kept["alive"]), (&"v4_1".into(), &true.into()));
}

#[tokio::test]
async fn the_secret_from_a_file() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), format!("{}\r\n", sandbox.consumer_secret())).expect("it is written");
    let path = file.path().to_str().expect("UTF-8");
    let login = person.types(&[
        "login",
        sandbox.url(),
        "--consumer-key",
        sandbox.consumer_key(),
        "--secret-file",
        path,
    ]);
    let ended = authorized(login.env("SUGAR_CONSUMER_SECRET", "not this one"), &sandbox);
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
}

#[tokio::test]
async fn every_flavour_that_can_walk_is_logged_in_to() {
    for flavour in Flavour::ALL.into_iter().filter(|flavour| flavour.can_walk()) {
        let (person, sandbox) = (
            Person::new(),
            Sandbox::builder().flavour(flavour).start().await.expect("it starts"),
        );
        let signing_url = sandbox.signing_url().map(str::to_owned);
        let more = signing_url.iter().flat_map(|url| ["--signing-url", url]);
        person.logged_in(&sandbox, &more.collect::<Vec<_>>());
        let status = person.runs(&["status"]);
        assert_eq!(status.status, Some(0), "{flavour}: {}", status.errors);
    }
}

#[tokio::test]
async fn the_expected_user_and_another() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    for user in ["admin", "1"] {
        person.logged_in(&sandbox, &["--expect-user", user]);
        person.runs(&["logout"]);
    }
    let ended = authorized(person.logs_in(&sandbox, &["--expect-user", "jim"]), &sandbox);
    assert_eq!((ended.status, ended.output.as_str()), (Some(1), ""), "{}", ended.errors);
    for text in [
        "another user than the expected one authorized: admin (id 1)",
        "delete it on",
        "OAuth Keys",
    ] {
        assert!(ended.errors.contains(text), "{}", ended.errors);
    }
    person.has_nothing();
    assert!(sandbox.state().sessions.is_empty());
}

#[tokio::test]
async fn a_wrong_verifier_spends_nothing() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let mut running = person.logs_in(&sandbox, &["--no-callback"]).start();
    let token = token(&running.errors);
    running.type_line("two words are one verifier: 000000000000");
    running.type_line("https://crm.example.com/?no=verifier");
    running.errors.wait_for("holds no oauth_verifier");
    running.errors.wait_for("the right one still works");
    running.type_line(&sandbox.approve(&token).expect("a request token"));
    assert_eq!(running.finish().status, Some(0));

    let mut running = person.logs_in(&sandbox, &["--no-callback"]).start();
    running.type_line("000000000000");
    running.end_input();
    running.finish().failed_besides_notes(
        4,
        "no verifier that the server takes: 1 refused, and then the input has ended",
    );
}

#[tokio::test]
async fn ctrl_c_during_the_exchange_tells_of_the_token_that_was_given_out() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    sandbox.fault(Fault::delay(Duration::from_secs(1)).on_method("oauth_access_token"));
    let mut running = person.logs_in(&sandbox, &["--no-callback"]).start();
    let token = token(&running.errors);
    running.type_line(&sandbox.approve(&token).expect("a request token"));
    let is_exchange = |method: Option<String>| method.as_deref() == Some("oauth_access_token");
    while !sandbox
        .requests()
        .iter()
        .any(|request| is_exchange(request.parameter("method")))
    {
        std::thread::sleep(Duration::from_millis(10));
    }
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.status, Some(130), "{}", ended.errors);
    let told = "interrupted by Ctrl-C; an access token was given out and not kept: delete it on ";
    assert!(ended.errors.contains(told), "{}", ended.errors);
    person.has_nothing();
}

#[tokio::test]
async fn nobody_comes() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let running = person.logs_in(&sandbox, &["--timeout", "1"]).start();
    running
        .finish()
        .failed_besides_notes(1, "authorize: no verifier: nobody came within 1 s");
    person.has_nothing();
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_not_told() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = person.logs_in(&sandbox, &[]).env("SUGAR_CONSUMER_SECRET", SECRET).run();
    ended.failed(4, &["request token: the server refused", "secret"]);
    person.has_nothing();
}

#[tokio::test]
async fn an_instance_without_oauth() {
    let (person, sandbox) = (
        Person::new(),
        Sandbox::builder()
            .flavour(Flavour::NoOauth)
            .start()
            .await
            .expect("it starts"),
    );
    let ended = person.logs_in(&sandbox, &[]).run();
    ended.failed(4, &["request token: "]);
}

#[tokio::test]
async fn what_cannot_be_kept_is_said_before_anyone_is_sent_to_a_browser() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    fs::create_dir_all(person.profiles()).expect("a folder");
    fs::set_permissions(person.profiles(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    let ended = person.logs_in(&sandbox, &[]).run();
    ended.failed(
        1,
        &[
            "can be used by others (mode 755)",
            &format!("chmod 700 {}", person.profiles().display()),
        ],
    );
    fs::set_permissions(person.profiles(), fs::Permissions::from_mode(0o700)).expect("it is ours");

    person.logged_in(&sandbox, &["--profile", "crm"]);
    sandbox.clear_requests();
    let ended = person
        .types(&[
            "login",
            "https://other.example",
            "--consumer-key",
            KEY,
            "--profile",
            "crm",
        ])
        .env("SUGAR_CONSUMER_SECRET", SECRET)
        .run();
    ended.failed(2, &["the profile crm is there already, for ", "--profile NAME"]);

    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let number = port.local_addr().expect("an address").port().to_string();
    let ended = person.logs_in(&sandbox, &["--port", &number]).run();
    ended.failed(1, &[&format!("cannot listen on port {number}")]);
    assert!(sandbox.requests().is_empty(), "something was sent");
}

#[test]
fn what_is_missing_or_makes_no_sense() {
    let person = Person::new();
    let login = |arguments: &[&str]| {
        let command: Vec<&str> = ["login"].iter().chain(arguments).copied().collect();
        person.types(&command)
    };
    login(&[]).run().failed(2, &["no URL is given"]);
    login(&["https://crm.example.com"])
        .run()
        .failed(2, &["no consumer key is given", "SUGAR_CONSUMER_KEY"]);
    let with_key = ["https://crm.example.com", "--consumer-key", KEY];
    login(&with_key).run().failed(
        2,
        &["no consumer secret is given", "SUGAR_CONSUMER_SECRET", "--secret-stdin"],
    );
    login(&["https://crm.example.com/index.php", "--consumer-key", KEY])
        .run()
        .failed(2, &["URL: the URL points at one page", "give https://crm.example.com"]);
    login(&["https://crm.example.com", "--consumer-key", "  "])
        .run()
        .failed(2, &["consumer: the consumer key begins or ends with white space"]);
    login(&with_key)
        .args(["--secret-file", "/nonexistent"])
        .run()
        .failed(2, &["--secret-file: /nonexistent cannot be read"]);
    login(&["https://crm.example.com"])
        .env("SUGAR_URL", "https://other.example")
        .run()
        .failed(2, &["the URL given and SUGAR_URL differ"]);
    login(&with_key)
        .args(["--profile", "../x"])
        .run()
        .failed(2, &["that is not the name of a profile"]);
    for arguments in [
        ["--timeout", "0"],
        ["--timeout", "86401"],
        ["--api", "v9"],
        ["--port", "x"],
    ] {
        let ended = login(&with_key).args(arguments).run();
        assert_eq!(ended.status, Some(2), "{arguments:?}");
        ended.tells_no_secret(&[]);
    }
    person.has_nothing();
}

#[test]
fn a_secret_as_an_argument_is_refused_and_not_repeated() {
    let person = Person::new();
    for option in ["--consumer-secret", "--password"] {
        let ended = person.runs(&[
            "login",
            "https://crm.example.com",
            "--consumer-key",
            KEY,
            option,
            SECRET,
        ]);
        ended.failed(
            2,
            &["a secret is not taken as an argument", "change it on the instance"],
        );
    }
    let ended = person.runs(&["login", "https://crm.example.com", SECRET]);
    assert_eq!(ended.status, Some(2));
    ended.tells_no_secret(&[]);
}

#[test]
fn plain_http_to_another_machine_needs_a_yes() {
    let person = Person::new();
    let ended = person
        .types(&["login", "http://crm.example.com", "--consumer-key", KEY])
        .env("SUGAR_CONSUMER_SECRET", SECRET)
        .run();
    ended.failed(2, &["is plain http: ", "--allow-http or SUGAR_ALLOW_HTTP=1"]);
    // With the yes it gets as far as looking for the machine, through a proxy that is not there.
    for (options, name) in [(&["--allow-http"][..], "NOTHING"), (&[], "SUGAR_ALLOW_HTTP")] {
        let login = person.types(&["login", "http://crm.example.com", "--consumer-key", KEY]);
        let login = login
            .args(options.iter().copied())
            .env(name, "1")
            .env("http_proxy", "http://127.0.0.1:1");
        let ended = login.env("SUGAR_CONSUMER_SECRET", SECRET).run();
        ended.failed(1, &["get_server_info: "]);
    }
}

#[tokio::test]
async fn the_server_s_text_reaches_no_terminal_as_it_is() {
    let hostile = "ad\u{1b}[31mmin\u{202e}\u{7}";
    let sandbox = Sandbox::builder()
        .user(hostile, "any")
        .start()
        .await
        .expect("it starts");
    let person = Person::new();
    let ended = person.logged_in(&sandbox, &[]);
    let status = person.runs(&["status"]);
    for text in [&ended.output, &ended.errors, &status.output] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
        assert!(text.contains("ad\\u{1b}[31mmin\\u{202e}"), "{text:?}");
    }
    let exact = person.runs(&["status", "--json"]);
    assert_eq!(json(&exact.output)["user"]["name"], hostile);
    assert!(!exact.output.contains('\u{1b}'), "{:?}", exact.output);
}
