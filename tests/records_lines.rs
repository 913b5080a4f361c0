//! Records as NDJSON lines, against the practice instance.

use futures_util::{StreamExt, TryStreamExt};
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::{Client, Consumer, Instance, Password, Session};

async fn open(sandbox: &Sandbox) -> Session {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    client.login(sandbox.user_name(), password).await.unwrap()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

async fn lines(session: &Session) -> Vec<String> {
    let pages = session.records("Contacts").page_size(50).lines();
    let bytes: Vec<u8> = pages.try_concat().await.unwrap();
    sorted(String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn lines_hold_what_entries_hold() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = open(&sandbox).await;
    let entries = session.records("Contacts").page_size(50).entries();
    let expected: Vec<String> = entries
        .map(|entry| serde_json::to_string(&entry.unwrap().to::<serde_json::Map<_, _>>().unwrap()).unwrap())
        .collect()
        .await;
    let expected = sorted(expected);
    assert!(expected.len() > 250);
    assert_eq!(lines(&session).await, expected);

    // A notice in front of the JSON is passed over, by the other way of reading.
    sandbox.fault(Fault::prefix(
        "<br />\n<b>Notice</b>:  x in <b>y.php</b> on line <b>1</b><br />\n",
    ));
    assert_eq!(lines(&session).await, expected);
}
