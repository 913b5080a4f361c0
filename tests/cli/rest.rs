//! Logins to v10 and v11: by password, renewed, ended on the server.

use std::fs;
use std::time::Duration;

use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};

use crate::person::{Person, json};
use crate::process::{Ended, SECRET, Walkthrough};

const PLATFORM: &str = "data_migration";

pub async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder().flavour(Flavour::Sugar11).platform(PLATFORM);
    let builder = builder
        .oauth2_key("own", Some("secret-of-own"))
        .oauth2_key("bare", None);
    builder.start().await.expect("the sandbox starts")
}

fn login(person: &Person, sandbox: &Sandbox, more: &[&str]) -> Walkthrough {
    let arguments = [
        "login",
        sandbox.url(),
        "--api",
        "v11",
        "--platform",
        PLATFORM,
        "--profile",
        "new",
    ];
    person
        .types(&[&arguments, more].concat())
        .env("SUGAR_USER", sandbox.user_name())
        .env("SUGAR_PASSWORD", sandbox.password())
        .secret(sandbox.password())
        .secret("secret-of-own")
}

pub fn logged_in(person: &Person, sandbox: &Sandbox, more: &[&str]) -> Ended {
    let ended = login(person, sandbox, more).run();
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    ended.tells_no_secret(&tokens(sandbox));
    ended
}

fn tokens(sandbox: &Sandbox) -> Vec<String> {
    let logins = sandbox.state().logins.into_iter();
    logins
        .flat_map(|login| [login.access_token, login.refresh_token, login.download_token])
        .collect()
}

#[tokio::test]
async fn a_password_logs_in_and_only_tokens_are_kept() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = logged_in(&person, &sandbox, &["--expect-user", sandbox.user_name(), "-vv"]);
    assert!(
        ended.output.contains("The profile new is kept in the file "),
        "{}",
        ended.output
    );
    let kept = fs::read_to_string(person.profile("new")).expect("text");
    assert!(!kept.contains(sandbox.password()), "the password is kept");
    for token in tokens(&sandbox) {
        assert!(kept.contains(&token), "{kept}");
    }
    let login = &sandbox.state().logins[0];
    assert_eq!((login.platform.as_str(), login.client_id.as_str()), (PLATFORM, "sugar"));
    let status = person.runs(&["status", "--json"]);
    status.succeeded();
    let status = json(&status.output);
    assert_eq!((&status["api"], &status["platform"]), (&"v11".into(), &PLATFORM.into()));
    assert_eq!(
        (&status["user"]["name"], &status["alive"]),
        (&sandbox.user_name().into(), &true.into())
    );
    assert!(
        person
            .runs(&["status"])
            .output
            .contains("platform       data_migration\n")
    );
}

#[tokio::test]
async fn the_password_from_a_file_and_from_standard_input() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), format!("{}\n", sandbox.password())).expect("it is written");
    let path = file.path().to_str().expect("UTF-8");
    let wrong = |more: &[&str]| login(&person, &sandbox, more).env("SUGAR_PASSWORD", "not this one");
    assert_eq!(wrong(&["--password-file", path]).run().status, Some(0));
    let mut running = wrong(&["--password-stdin"]).start();
    running.type_line(sandbox.password());
    running.end_input();
    assert_eq!(running.finish().status, Some(0));
}

#[tokio::test]
async fn a_client_id_of_ones_own_with_and_without_a_secret() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let with_secret =
        login(&person, &sandbox, &["--consumer-key", "own"]).env("SUGAR_CONSUMER_SECRET", "secret-of-own");
    assert_eq!(with_secret.run().status, Some(0));
    person.runs(&["status"]).succeeded();
    logged_in(&person, &sandbox, &["--consumer-key", "bare"]);
    person.runs(&["status"]).succeeded();
    login(&person, &sandbox, &["--consumer-key", "own"])
        .run()
        .failed(4, &["invalid_client"]);
}

#[tokio::test]
async fn rotated_tokens_are_written_back() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    logged_in(&person, &sandbox, &[]);
    let before = tokens(&sandbox);
    sandbox.clock().advance(Duration::from_secs(2 * 60 * 60));
    for _ in 0..2 {
        person.runs(&["status"]).succeeded();
        let now = tokens(&sandbox);
        assert_ne!(now[1], before[1], "the refresh token is the old one");
        let kept = fs::read_to_string(person.profile("new")).expect("text");
        assert!(kept.contains(&now[1]) && !kept.contains(&before[1]), "{kept}");
    }
}

#[tokio::test]
async fn a_login_that_has_ended_is_no_login() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    logged_in(&person, &sandbox, &[]);
    sandbox.end_logins();
    let ended = person.runs(&["status"]);
    ended.failed(3, &["log in"]);
    assert!(ended.output.contains("alive          no"), "{}", ended.output);
    // There is nothing left to end on the server.
    person.runs(&["logout"]).succeeded();
    person.has_nothing();
}

#[tokio::test]
async fn ctrl_c_while_the_password_is_checked_leaves_no_login() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    sandbox.fault(Fault::delay(Duration::from_secs(1)).on_path("/oauth2/token"));
    let running = login(&person, &sandbox, &[]).start();
    while sandbox.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.status, Some(130), "{}", ended.errors);
    let asked = sandbox.requests();
    assert!(asked.iter().any(|request| request.path.ends_with("/oauth2/logout")));
    assert!(sandbox.state().logins.is_empty());
    person.has_nothing();
}

#[tokio::test]
async fn logout_ends_it_on_the_server() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    logged_in(&person, &sandbox, &[]);
    let ended = person.runs(&["logout"]);
    ended.succeeded();
    assert!(ended.output.contains("The login was ended on "), "{}", ended.output);
    assert!(sandbox.state().logins.is_empty());
    person.has_nothing();

    logged_in(&person, &sandbox, &[]);
    let ended = person.runs(&["logout", "--offline", "--json"]);
    ended.succeeded();
    assert_eq!(json(&ended.output)["revoked"], false);
    assert_eq!(sandbox.state().logins.len(), 1);
    person.has_nothing();
}

#[tokio::test]
async fn a_server_that_is_down_keeps_the_profile() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    logged_in(&person, &sandbox, &[]);
    sandbox.stop().await;
    person
        .runs(&["logout"])
        .failed(1, &["the profile is still there", "logout --offline"]);
    person.runs(&["logout", "--offline"]).succeeded();
    person.has_nothing();
}

#[tokio::test]
async fn what_is_refused() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    login(&person, &sandbox, &[])
        .env("SUGAR_PASSWORD", SECRET)
        .run()
        .failed(4, &["need_login"]);
    let ended = login(&person, &sandbox, &["--expect-user", "jim"]).run();
    ended.failed_besides_notes(1, "another user than the expected one authorized");
    assert!(
        ended.errors.contains("the login was ended on the server"),
        "{}",
        ended.errors
    );
    assert!(sandbox.state().logins.is_empty());
    person.has_nothing();
}

#[test]
fn what_is_missing_or_makes_no_sense() {
    let person = Person::new();
    let login = |more: &[&str]| {
        let arguments = ["login", "https://new.example.com", "--api", "v11"];
        person.types(&[&arguments, more].concat())
    };
    login(&[])
        .run()
        .failed(2, &["no platform is given", "Configure API Platforms"]);
    login(&["--platform", "data migration"])
        .run()
        .failed(2, &["--platform: "]);
    login(&["--platform", PLATFORM])
        .run()
        .failed(2, &["no user name is given", "SUGAR_USER"]);
    login(&["--platform", PLATFORM, "--user", "jim"]).run().failed(
        2,
        &[
            "no password is given",
            "set SUGAR_PASSWORD, or give --password-file FILE or --password-stdin",
        ],
    );
    let plain = [
        "login",
        "http://new.example.com",
        "--api",
        "v11",
        "--platform",
        PLATFORM,
        "--user",
        "jim",
    ];
    for (more, told) in [
        (&[][..], "--allow-http"),
        (&["--allow-http"], "--allow-password-over-http"),
    ] {
        let ended = person
            .types(&[&plain, more].concat())
            .env("SUGAR_PASSWORD", SECRET)
            .run();
        ended.failed(2, &["is plain http", told]);
    }
    person.has_nothing();
}
