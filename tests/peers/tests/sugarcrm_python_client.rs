//! The PyPI client `sugarcrm-python` 0.1.9, unmodified, writes records to the sandbox and reads them; then `sugar-oauth`
//! reads what the other client wrote.

use serde_json::{Value, json};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::v4_1::GetNoteAttachment;
use sugar_oauth::{Client, Instance, SessionId};
use sugar_oauth_peers::programs::{python_with, scripts};
use tokio::process::Command;

async fn read_and_write(sandbox: &Sandbox, password: &str) -> std::process::Output {
    Command::from(python_with("sugarcrm-python"))
        .arg(scripts().join("sugarcrm-python/read_and_write.py"))
        .env("SUGAR_SITE_URL", sandbox.url())
        .env("SUGAR_USER", sandbox.user_name())
        .env("SUGAR_PASSWORD", password)
        .kill_on_drop(true)
        .output()
        .await
        .expect("Python starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_what_it_wrote() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let output = read_and_write(&sandbox, sandbox.password()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");

    let (contact, account, note) = (&said["created"]["contact"], &said["created"]["account"], &said["note"]);
    assert_eq!(said["linked"], json!({"created": 1, "failed": 0, "deleted": 0}));
    let values = &said["entry"]["entry_list"][0]["name_value_list"];
    for (field, expected) in [
        ("first_name", json!("Ægirson")),
        ("last_name", json!("O&#039;Neil & &lt;b&gt;")),
        ("title", json!("Head of Peers")),
        ("email1", json!("peer@example.test")),
    ] {
        assert_eq!(values[field]["value"], expected, "{field}: {said}");
    }
    // The second one is not there and still answered.
    let entries = &said["entries"]["entry_list"];
    assert_eq!([&entries[0]["id"], &entries[1]["id"]], [contact, &json!("nope")]);
    assert_eq!(entries[1]["name_value_list"][0]["name"], "warning");
    // Links of one entry stand in no `link_list`.
    let link = &said["linked_entry"]["relationship_list"][0][0];
    assert_eq!(
        (&link["name"], &link["records"][0]["id"]["value"]),
        (&json!("contacts"), contact)
    );
    assert_eq!(said["list"]["entry_list"][0]["id"], *contact);
    assert_eq!(said["list"]["result_count"], 1);
    assert_eq!(said["count"], json!({"result_count": "1"}));
    assert_eq!(
        said["related"]["entry_list"][0]["name_value_list"]["title"]["value"],
        "Head of Peers"
    );
    assert_eq!(said["fields"]["module_fields"]["lead_source"]["type"], "enum");
    assert_eq!(said["search"]["entry_list"][0]["records"][0]["id"]["value"], *contact);
    assert_eq!(said["attached"], json!({"id": note}));
    let deleted = &said["deleted"]["entry_list"][0]["name_value_list"];
    assert_eq!(deleted[1], json!({"name": "deleted", "value": "1"}));

    let instance = Instance::parse(sandbox.url()).expect("a URL");
    let id = SessionId::new(said["session"].as_str().expect("an id"));
    let session = Client::builder(instance).build().session(id).expect("a session id");
    let note = note.as_str().expect("an id");
    let attachment = session.call(&GetNoteAttachment::new(note)).await.expect("an answer");
    assert_eq!(attachment.filename, "peer ü.txt");
    assert_eq!(attachment.base64.as_deref(), Some("ZnJvbSBhIHBlZXIK"));
    assert_eq!(attachment.related_module_id.as_deref(), account.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_opens_no_session() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let output = read_and_write(&sandbox, "wrong").await;
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("sugarcrm.exception.InvalidLogin"), "{stderr}");
}
