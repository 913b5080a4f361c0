//! No secret in the arguments of any process, in output or in logs.

use std::fs;

use crate::person::{Person, name_of, sandbox, token};
use crate::process::secrets_of;

/// The arguments of every process that this user may see, as `ps` shows them.
#[cfg(target_os = "linux")]
fn arguments_of_all_processes() -> String {
    let mut all = String::new();
    for process in fs::read_dir("/proc").expect("Linux").flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        all.push_str(&String::from_utf8_lossy(&line).replace('\0', " "));
        all.push('\n');
    }
    all
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_secret_is_an_argument() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let mut running = person.logs_in(&sandbox, &[]).start();
    let token = token(&running.errors);
    let seen = arguments_of_all_processes();
    assert!(seen.contains("sugar-oauth login"), "{seen}");
    running.type_line(&sandbox.approve(&token).expect("a request token"));
    assert_eq!(running.finish().status, Some(0));
    for secret in secrets_of(&sandbox) {
        assert!(!seen.contains(&secret), "{seen}");
    }
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = person.logged_in(&sandbox, &["-vv"]);
    assert!(
        ended.errors.contains("oauth_access"),
        "nothing is logged: {}",
        ended.errors
    );
    let status = person.runs(&["status", "--verbose"]);
    assert_eq!(status.status, Some(0));
    assert!(
        status.errors.contains("get_user_id"),
        "nothing is logged: {}",
        status.errors
    );
    let quiet = person.runs(&["status"]);
    assert_eq!(quiet.errors, "");
    let kept = fs::read_to_string(person.profile(&name_of(&sandbox))).expect("text");
    let secrets = secrets_of(&sandbox);
    assert!(
        secrets.iter().any(|secret| kept.contains(secret)),
        "the secrets are not known"
    );
    status.tells_no_secret(&secrets);
}
