//! An export writes the same bytes however its pages can be read: straight from the answer, or freed of what a badly kept
//! instance puts in front of the JSON.

use std::fs;
use std::path::Path;

use sugar_oauth::records::export::Format;
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::SetEntry;
use sugar_oauth::{Client, Consumer, Instance, Password, Session};

const MODULES: [&str; 2] = ["Accounts", "Emails"];

async fn session_on(sandbox: &Sandbox) -> Session {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    client.login(sandbox.user_name(), password).await.unwrap()
}

/// The files of an export, lines sorted.
async fn export(session: &Session, format: Format, csv_safe: bool) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let export = session.export().modules(MODULES).format(format).csv_safe(csv_safe);
    let manifest = export.links(true).page_size(60).run(folder.path()).await.unwrap();
    assert!(manifest.is_complete());
    let sorted = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        lines.sort();
        lines
    };
    manifest
        .files
        .iter()
        .map(|file| sorted(&folder.path().join(&file.file)))
        .collect()
}

#[tokio::test]
async fn the_bytes_are_the_same_when_notices_stand_before_every_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session_on(&sandbox).await;
    let odd = SetEntry::create("Accounts")
        .set("name", "=\"a\", 'b' & < c >\r\n\t\\ \u{1f980}")
        .set("description", "a&b \u{7f}");
    session.call(&odd.accept_changes()).await.unwrap();
    for (format, csv_safe) in [(Format::Ndjson, false), (Format::Csv, true)] {
        let quick = export(&session, format, csv_safe).await;
        assert!(quick.iter().filter(|lines| lines.len() > 10).count() > 3);
        sandbox.fault(Fault::prefix(
            "<br />\n<b>Notice</b>:  x in <b>y.php</b> on line <b>1</b><br />\n",
        ));
        let slow = export(&session, format, csv_safe).await;
        sandbox.clear_faults();
        assert_eq!(quick, slow);
    }
}
