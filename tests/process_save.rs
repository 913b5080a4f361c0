//! `--save`: a file for one person's eyes that a shell can source, whole or not at all.
#![cfg(unix)]

mod process;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use process::{Ended, Walkthrough, program};
use sugar_oauth::sandbox::Sandbox;

/// Walks on a sandbox with a person at its page.
async fn walk(sandbox: &Sandbox, walkthrough: Walkthrough) -> Ended {
    let mut running = walkthrough.args(["--no-callback"]).start();
    let (_, token) = running.authorize_url();
    running.type_line(&sandbox.approve(&token).expect("it is there"));
    running.finish()
}

/// What a shell makes of a file: the variables, one after another.
fn sourced(file: &Path) -> Vec<String> {
    let names = [
        "SUGAR_URL",
        "SUGAR_CONSUMER_KEY",
        "SUGAR_ACCESS_TOKEN",
        "SUGAR_ACCESS_TOKEN_SECRET",
    ];
    let print = names.map(|name| format!(r#"printf '%s\0' "${name}""#)).join("; ");
    let output = Command::new("/bin/sh")
        .env_clear()
        .args(["-euc", &format!(". \"$0\"; {print}")])
        .arg(file)
        .output()
        .expect("sh runs");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[tokio::test]
async fn the_file_gives_a_shell_what_the_walk_gave() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let ended = walk(&sandbox, Walkthrough::on(&sandbox)).await;
    ended.succeeded();
    let token = sandbox.state().access_tokens.remove(0);
    let expected = [sandbox.url(), sandbox.consumer_key(), &token.token, &token.secret];
    assert_eq!(sourced(&ended.saved_file()), expected);
    ended.tells_no_secret(&[token.token, token.secret]);
    let text = fs::read_to_string(ended.saved_file()).expect("it is there");
    assert!(
        text.lines()
            .all(|line| line.starts_with("export SUGAR_") && line.ends_with('\'')),
        "{text}"
    );
    assert!(!text.contains(sandbox.consumer_secret()));
}

#[tokio::test]
async fn a_key_that_means_something_to_a_shell_comes_back_as_it_was() {
    for key in [
        "it's $(id) `id` \"x\" \\ & ; # *",
        "'; touch /tmp/x; '",
        "Schlüssel 株",
        "$HOME",
    ] {
        let sandbox = Sandbox::builder()
            .consumer(key, "a secret of the test")
            .start()
            .await
            .expect("it starts");
        let ended = walk(&sandbox, Walkthrough::on(&sandbox)).await;
        ended.succeeded();
        assert_eq!(sourced(&ended.saved_file())[1], key);
    }
}

#[tokio::test]
async fn it_is_for_one_person_under_any_umask() {
    for umask in ["000", "022", "077", "777"] {
        let sandbox = Sandbox::start().await.expect("it starts");
        let ended = walk(&sandbox, Walkthrough::on(&sandbox).under(&format!("umask {umask}"))).await;
        ended.succeeded();
        let mode = fs::metadata(ended.saved_file())
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o600, "umask {umask}");
    }
}

#[tokio::test]
async fn an_existing_file_is_replaced_whole() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let walkthrough = Walkthrough::on(&sandbox);
    let file = walkthrough.saved_file();
    fs::write(&file, "before").expect("it is written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let before = fs::metadata(&file).expect("it is there").ino();
    let ended = walk(&sandbox, walkthrough).await;
    ended.succeeded();
    let after = fs::metadata(ended.saved_file()).expect("it is there");
    assert_ne!(after.ino(), before, "it was written over, not replaced");
    assert_eq!(after.permissions().mode() & 0o777, 0o600);
    assert_eq!(sourced(&ended.saved_file())[0], sandbox.url());
    assert_eq!(
        fs::read_dir(file.parent().expect("a folder"))
            .expect("it is there")
            .count(),
        1
    );
}

#[tokio::test]
async fn what_cannot_be_replaced_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let walkthrough = Walkthrough::on(&sandbox);
    let file = walkthrough.saved_file();
    let elsewhere = tempfile::NamedTempFile::new().expect("a file");
    fs::write(elsewhere.path(), "mine").expect("it is written");
    std::os::unix::fs::symlink(elsewhere.path(), &file).expect("a link");
    let ended = walkthrough.run();
    assert_eq!(ended.status, Some(2), "{}", ended.errors);
    assert!(
        ended.errors.contains("is a symbolic link, which is not followed"),
        "{}",
        ended.errors
    );
    assert_eq!(fs::read_to_string(elsewhere.path()).expect("it is there"), "mine");
    assert!(
        fs::symlink_metadata(ended.saved_file())
            .expect("it is there")
            .is_symlink()
    );

    for (path, text) in [
        ("/", "is not the name of a file"),
        ("/dev/null", "--save: /dev/null"),
        ("/nowhere/x", "cannot be written"),
    ] {
        let ended = Walkthrough::on(&sandbox).args(["--save", path]).run();
        assert!(
            ended.status != Some(0) && ended.errors.contains(text),
            "{path}: {}",
            ended.errors
        );
        ended.wrote_nothing();
    }
    assert!(sandbox.requests().is_empty(), "something was sent");
}

#[tokio::test]
async fn a_link_that_appears_during_the_walk_is_not_followed() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let walkthrough = Walkthrough::on(&sandbox);
    let file = walkthrough.saved_file();
    let elsewhere = tempfile::NamedTempFile::new().expect("a file");
    let mut running = walkthrough.args(["--no-callback"]).start();
    let (_, token) = running.authorize_url();
    std::os::unix::fs::symlink(elsewhere.path(), &file).expect("a link");
    running.type_line(&sandbox.approve(&token).expect("it is there"));
    let ended = running.finish();
    assert_eq!(ended.status, Some(2), "{}", ended.errors);
    assert_eq!(fs::read_to_string(elsewhere.path()).expect("it is there"), "");
    assert!(sandbox.state().sessions.is_empty(), "the session was not logged out");
}

#[tokio::test]
async fn what_was_saved_makes_the_next_call() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let ended = walk(&sandbox, Walkthrough::on(&sandbox)).await;
    ended.succeeded();
    let output = Command::new("/bin/sh")
        .env_clear()
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
        .args(["-euc", ". \"$0\"; exec \"$1\""])
        .args([ended.saved_file(), program("signed_call")])
        .output()
        .expect("sh runs");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("5 of "), "{output:?}");
}
