//! `status` and `logout`: who is logged in where, does it hold, and what stays behind.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use sugar_oauth::sandbox::Fault;

use crate::person::{Person, json, name_of, sandbox};

#[tokio::test]
async fn status_says_who_where_since_when_and_whether_it_holds() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    let ended = person.runs(&["status"]);
    ended.succeeded();
    let lines: Vec<&str> = ended.output.lines().collect();
    let value = |name: &str| {
        let line = lines.iter().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {lines:?}")).trim()
    };
    assert_eq!(lines[0], name_of(&sandbox));
    assert_eq!(value("user "), "admin (id 1)");
    assert_eq!(value("site "), format!("{}/", sandbox.url()));
    assert_eq!(value("API "), "v4_1");
    assert_eq!(value("consumer key "), sandbox.consumer_key());
    assert!(value("since ").ends_with(" UTC"));
    assert_eq!(
        value("credentials "),
        format!("the file {}", person.profile(&name_of(&sandbox)).display())
    );
    assert_eq!(value("alive "), "yes");
    assert!(sandbox.state().sessions.is_empty(), "a session was left open");
}

#[tokio::test]
async fn offline_asks_nobody() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    sandbox.clear_requests();
    let ended = person.runs(&["status", "--offline", "--json"]);
    ended.succeeded();
    assert!(json(&ended.output)["alive"].is_null());
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_token_that_was_deleted_on_the_instance() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    let token = sandbox.state().access_tokens[0].token.clone();
    assert!(sandbox.revoke_access_token(&token));
    let ended = person.runs(&["status"]);
    ended.failed(4, &["oauth_access: the server refused"]);
    assert!(ended.output.contains("alive          no"), "{}", ended.output);
    let ended = person.runs(&["status", "--json"]);
    assert_eq!(ended.status, Some(4));
    assert_eq!(json(&ended.output)["alive"], false);
    assert_eq!(json(&ended.errors)["status"], 4);
    // Logging out works all the same.
    person.runs(&["logout"]).succeeded();
}

#[tokio::test]
async fn a_server_that_is_down() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    let address = sandbox.url().trim_start_matches("http://").to_owned();
    sandbox.stop().await;
    person.runs(&["status"]).failed(1, &["get_server_info: ", &address]);
}

#[test]
fn nobody_is_logged_in() {
    let person = Person::new();
    for command in [
        &["status"][..],
        &["status", "--all"],
        &["logout"],
        &["--profile", "crm", "status"],
        &["default", "crm"],
    ] {
        person.runs(command).failed(3, &["login"]);
    }
    let ended = person.runs(&["status", "--json"]);
    assert_eq!((ended.status, ended.output.as_str()), (Some(3), ""));
    let error = json(&ended.errors);
    assert_eq!(
        (&error["error"], &error["status"]),
        (&"nobody is logged in".into(), &3.into())
    );
}

#[tokio::test]
async fn logout_forgets_and_says_what_stays_valid() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    let ended = person.runs(&["logout"]);
    ended.succeeded();
    for text in [
        "stays valid on ",
        sandbox.url(),
        "Admin > OAuth Keys > ",
        sandbox.consumer_key(),
    ] {
        assert!(ended.output.contains(text), "{}", ended.output);
    }
    person.has_nothing();
    person.runs(&["logout"]).failed(3, &["nobody is logged in"]);

    person.logged_in(&sandbox, &[]);
    let ended = person.runs(&["logout", "--json"]);
    ended.succeeded();
    assert_eq!(json(&ended.output)["revoked"], false);
}

#[tokio::test]
async fn files_that_others_can_use_and_links_are_refused() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &["--profile", "crm"]);
    let file = person.profile("crm");
    let set_mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("it is ours");
    set_mode(0o644);
    for command in ["status", "logout"] {
        person
            .runs(&[command])
            .failed(1, &["(mode 644)", &format!("chmod 600 {}", file.display())]);
    }
    set_mode(0o600);
    let elsewhere = person.profiles().join("elsewhere");
    fs::rename(&file, &elsewhere).expect("it is ours");
    symlink(&elsewhere, &file).expect("a link");
    person.runs(&["status"]).failed(1, &["symbolic links are not followed"]);
}

#[tokio::test]
async fn hostile_profile_files_are_refused_without_being_repeated() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &["--profile", "crm"]);
    let file = person.profile("crm");
    let good = fs::read_to_string(&file).expect("text");
    let secret = sandbox.state().access_tokens[0].secret.clone();
    sandbox.clear_requests();
    for (text, told) in [
        (
            good.replacen(sandbox.url(), "http://127.0.0.1:1", 1),
            "made for another origin",
        ),
        (good.replacen(&format!("\"{secret}\""), &secret, 1), "damaged: line"),
        (
            good.replacen(&secret, &format!("{secret}\\u001b"), 1),
            "damaged: `token` or `token_secret`",
        ),
        (String::from("{"), "damaged: line 1"),
        (
            good.replacen("\"form\": 1", "\"form\": 7", 1),
            "written by another version",
        ),
        ("[".repeat(60_000), "damaged: line 1"),
        ("x".repeat(70_000), "larger than a profile can be"),
    ] {
        assert_ne!(text, good, "{told}");
        fs::write(&file, text).expect("it is ours");
        let ended = person.runs(&["status"]);
        assert_eq!(ended.status, Some(1), "{}", ended.errors);
        assert!(ended.errors.contains(told), "{}", ended.errors);
        ended.tells_no_secret(&[secret.clone(), sandbox.consumer_secret().to_owned()]);
    }
    assert!(sandbox.requests().is_empty(), "something was sent");
}

#[tokio::test]
async fn a_differing_sugar_url_is_an_error() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    for command in ["status", "logout"] {
        let ended = person.types(&[command]).env("SUGAR_URL", "https://evil.example").run();
        ended.failed(
            2,
            &["SUGAR_URL: the URL given is https://evil.example/, but the profile"],
        );
    }
    person
        .types(&["status"])
        .env("SUGAR_URL", sandbox.url())
        .run()
        .succeeded();
}

#[tokio::test]
async fn ctrl_c_closes_the_session() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    sandbox.clear_requests();
    sandbox.fault(Fault::delay(crate::process::LIMIT).on_method("get_user_id"));
    let running = person.types(&["status"]).start();
    let asked = || {
        sandbox
            .requests()
            .iter()
            .any(|request| request.parameter("method").as_deref() == Some("get_user_id"))
    };
    while !asked() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.status, Some(130), "{}", ended.errors);
    assert_eq!(
        ended.errors,
        "error: interrupted by Ctrl-C; the session was logged out\n"
    );
    assert!(sandbox.state().sessions.is_empty());
}

#[tokio::test]
async fn an_output_that_nobody_reads_is_no_trouble() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    for command in [
        &["status"][..],
        &["status", "--json"],
        &["--help"],
        &["status", "--help"],
    ] {
        let child = person.types(command).start_unread();
        let ended = child.wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*errors), (Some(0), ""), "{command:?}");
    }
}
