//! What a browser is started with: a program in its place writes it down.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use sugar_oauth::{Client, Consumer, ErrorKind, Instance, RequestToken, TokenSecret};

/// Set in the process that this test starts as a copy of itself, for an environment of its own.
const INSIDE: &str = "TEST_OPENS_A_BROWSER";
const SECRET: &str = "hidden-9d1f";

/// Starts this test again, with a folder in which `xdg-open` is this script, or is not.
fn start_again(test: &str, folder: &Path, script: Option<&str>) -> bool {
    if let Some(script) = script {
        let program = folder.join("xdg-open");
        fs::write(&program, script).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let mut again = Command::new(std::env::current_exe().expect("a path"));
    again
        .args(["--exact", test])
        .env(INSIDE, "1")
        .env("SUGAR_CONSUMER_SECRET", SECRET);
    // Nothing else that opens browsers is found.
    again.env("PATH", folder).env("FOLDER", folder);
    again
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ended = again.spawn().expect("it starts").wait_with_output().expect("it ends");
    ended.status.success()
}

fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

async fn open() -> sugar_oauth::Result<()> {
    let instance = Instance::parse("https://crm.example.com")?;
    let client = Client::new(instance, Consumer::new("KEY", SECRET)?);
    let request_token = RequestToken::from_parts(&client, "bf1492236fbe", TokenSecret::new("5b05d09a0b7e"))?;
    request_token.authorize_url().open_in_browser().await
}

#[tokio::test]
async fn the_browser_gets_the_address_and_neither_secrets_nor_our_input_and_output() {
    if is_inside() {
        open().await.unwrap();
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = "#!/bin/sh\nPATH=/usr/bin:/bin\necho \"$*\" > \"$FOLDER/arguments\"\nenv > \"$FOLDER/environment\"\n\
                  streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)\necho \"$streams\" > \"$FOLDER/streams\"\n";
    let test = "the_browser_gets_the_address_and_neither_secrets_nor_our_input_and_output";
    assert!(start_again(test, folder.path(), Some(script)));
    let written = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name);
    assert_eq!(
        written("arguments"),
        "https://crm.example.com/index.php?module=OAuthTokens&action=authorize&token=bf1492236fbe\n"
    );
    let environment = written("environment");
    assert!(environment.contains(INSIDE), "{environment}");
    assert!(
        !environment.contains("SUGAR_") && !environment.contains(SECRET),
        "{environment}"
    );
    assert_eq!(written("streams"), "/dev/null\n".repeat(3));
}

#[tokio::test]
async fn a_machine_without_a_browser_is_told() {
    if is_inside() {
        assert_eq!(open().await.unwrap_err().kind(), ErrorKind::Browser);
        return;
    }
    for script in [None, Some("#!/bin/sh\nexit 3\n")] {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(start_again(
            "a_machine_without_a_browser_is_told",
            folder.path(),
            script
        ));
    }
}
