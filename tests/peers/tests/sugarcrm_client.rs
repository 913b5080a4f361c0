//! The PyPI client `sugarcrm` 0.1.2, unmodified, logs in to the sandbox and lists its contacts.

use std::collections::HashSet;

use serde_json::Value;
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth_peers::programs::{python_with, scripts};
use tokio::process::Command;

async fn list_contacts(sandbox: &Sandbox, password: &str) -> std::process::Output {
    Command::from(python_with("sugarcrm"))
        .arg(scripts().join("sugarcrm/list_contacts.py"))
        .env("SUGAR_REST_URL", format!("{}/service/v4_1/rest.php", sandbox.url()))
        .env("SUGAR_USER", sandbox.user_name())
        .env("SUGAR_PASSWORD", password)
        .kill_on_drop(true)
        .output()
        .await
        .expect("Python starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_in_and_lists_contacts() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let output = list_contacts(&sandbox, sandbox.password()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");

    assert_eq!(said["session"].as_str().map(str::len), Some(32));
    assert!(
        said["modules"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|key| key == "Contacts")
    );
    let contacts = said["contacts"].as_array().expect("a list");
    let ids: HashSet<&str> = contacts
        .iter()
        .map(|contact| contact["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids.len(), contacts.len(), "pages overlap");
    assert!(contacts.len() > 100, "a few hundred contacts, but {}", contacts.len());
    let non_ascii = |contact: &&Value| contact["last_name"].as_str().is_some_and(|name| !name.is_ascii());
    assert!(
        contacts.iter().any(|contact| non_ascii(&contact)),
        "no name needs more than ASCII"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_opens_no_session() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let output = list_contacts(&sandbox, "wrong").await;
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    // The client takes the refusal for a login and misses the id in it.
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("KeyError: 'id'"), "{stderr}");
}
