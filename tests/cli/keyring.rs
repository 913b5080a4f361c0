//! Credentials in a real keyring: gnome-keyring on a message bus of the test's own.
//! Built with the feature `keyring`, which `.ci/run` has; the machine needs gnome-keyring and dbus.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sugar_oauth::sandbox::Sandbox;

use crate::person::{Person, authorized, json, sandbox};
use crate::process::{Walkthrough, secrets_of};

/// What a desktop does at login, or leaves undone.
#[derive(Clone, Copy)]
enum Keyring {
    Unlocked,
    Locked,
}

/// The program with these arguments, on a bus with a keyring. The person's keyring lies in their home.
fn with(keyring: Keyring, person: &Person, arguments: &[&str]) -> Walkthrough {
    let run = person.home().join("run");
    if !run.exists() {
        fs::create_dir(&run).expect("a folder");
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).expect("it is ours");
    }
    let start = match keyring {
        Keyring::Unlocked => "printf password | gnome-keyring-daemon --unlock --components=secrets",
        Keyring::Locked => "gnome-keyring-daemon --start --components=secrets",
    };
    let script = format!("{start} >/dev/null 2>&1; exec \"$0\" \"$@\"");
    person
        .in_home(Walkthrough::of_program(Path::new("/usr/bin/dbus-run-session")))
        .args(["--", "/bin/sh", "-c", &script, env!("CARGO_BIN_EXE_sugar-oauth")])
        .args(arguments.iter().copied())
        .env("XDG_RUNTIME_DIR", run.to_str().expect("UTF-8"))
}

fn login(keyring: Keyring, person: &Person, sandbox: &Sandbox) -> Walkthrough {
    with(
        keyring,
        person,
        &[
            "login",
            sandbox.url(),
            "--consumer-key",
            sandbox.consumer_key(),
            "--profile",
            "crm",
        ],
    )
    .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
}

#[tokio::test]
async fn the_keyring_keeps_the_secrets_and_the_file_none() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = authorized(login(Keyring::Unlocked, &person, &sandbox), &sandbox);
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    assert!(
        ended
            .output
            .contains("The profile crm is kept in the keyring, entry crm "),
        "{}",
        ended.output
    );
    let file = fs::read_to_string(person.profile("crm")).expect("text");
    for secret in secrets_of(&sandbox) {
        assert!(!file.contains(&secret), "{file}");
    }
    let status = with(Keyring::Unlocked, &person, &["status", "--json"]).run();
    assert_eq!(status.status, Some(0), "{}", status.errors);
    assert_eq!(json(&status.output)["alive"], true);

    // The credentials are there, and do not open: nothing falls back to a file.
    let locked = with(Keyring::Locked, &person, &["status"]).run();
    assert_eq!(locked.status, Some(1), "{}", locked.errors);
    assert!(
        locked
            .errors
            .contains("error: the keyring is locked, or refuses access"),
        "{}",
        locked.errors
    );
    let ended = authorized(login(Keyring::Locked, &person, &sandbox), &sandbox);
    assert_eq!(ended.status, Some(1), "{}", ended.errors);
    assert!(ended.errors.contains("the keyring is locked"), "{}", ended.errors);
    assert_eq!(fs::read_to_string(person.profile("crm")).expect("text"), file);

    let ended = with(Keyring::Unlocked, &person, &["logout"]).run();
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    person.has_nothing();
}

#[tokio::test]
async fn without_a_keyring_a_file_keeps_them() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let ended = person.logged_in(&sandbox, &[]);
    assert!(ended.output.contains(" is kept in the file "), "{}", ended.output);
    let ended = authorized(person.logs_in(&sandbox, &["--keep", "keyring"]), &sandbox);
    ended.failed_besides_notes(1, "there is no keyring here");
}
