//! The folder of an export: whose it is, what is refused, and what happens when something goes wrong in the middle.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sugar_oauth::records::export::{Completeness, Export};
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::{GetEntryList, SetEntry};
use sugar_oauth::{Client, Consumer, ErrorKind, Instance, Password, Session};

async fn open() -> (Sandbox, Session, tempfile::TempDir) {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session_on(&sandbox).await;
    (sandbox, session, tempfile::tempdir().unwrap())
}

async fn session_on(sandbox: &Sandbox) -> Session {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    client.login(sandbox.user_name(), password).await.unwrap()
}

fn accounts(session: &Session) -> Export {
    let export = session.export().modules(["Accounts"]);
    export.page_size(5).checkpoint_every(Duration::ZERO)
}

fn sorted(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Lets the server fail from the third page on.
fn fail_later(sandbox: &Sandbox) {
    let pages = Arc::new(AtomicU64::new(0));
    sandbox.fault(Fault::status(404).when(move |request| {
        request.rest_method().as_deref() == Some("get_entry_list") && pages.fetch_add(1, Ordering::SeqCst) > 3
    }));
}

#[track_caller]
fn refused(error: &sugar_oauth::Error, text: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains(text), "{error}");
}

#[tokio::test]
async fn files_and_folders_are_for_this_user_alone() {
    let (_sandbox, session, root) = open().await;
    let folder = root.path().join("export");
    let export = session.export().modules(["Accounts", "Notes"]).links(true).files(true);
    export.run(&folder).await.unwrap();
    let mut waiting = vec![folder];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            assert_eq!(mode, 0o600, "{}", path.display());
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(!name.ends_with(".part") && !name.ends_with(".new"), "{name}");
            files += 1;
        }
    }
    assert!(files > 3);
}

#[tokio::test]
async fn a_folder_with_something_else_in_it_is_left_alone() {
    let (_sandbox, session, root) = open().await;
    let folder = root.path().join("mine");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("letter.txt"), "mine").unwrap();
    refused(&accounts(&session).run(&folder).await.unwrap_err(), "not empty");
    fs::write(folder.join("manifest.json"), "{\"name\": \"a web page\"}").unwrap();
    refused(&accounts(&session).run(&folder).await.unwrap_err(), "no manifest");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o755);
    refused(
        &accounts(&session).run(folder.join("letter.txt")).await.unwrap_err(),
        "no folder",
    );
}

#[tokio::test]
async fn symbolic_links_are_not_followed() {
    let (sandbox, session, root) = open().await;
    let elsewhere = root.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, root.path().join("link")).unwrap();
    refused(
        &accounts(&session).run(root.path().join("link")).await.unwrap_err(),
        "no folder",
    );
    let folder = root.path().join("export");
    fail_later(&sandbox);
    accounts(&session).run(&folder).await.unwrap_err();
    sandbox.clear_faults();
    let part = folder.join("Accounts.ndjson.part");
    fs::rename(&part, elsewhere.join("moved")).unwrap();
    symlink(elsewhere.join("moved"), &part).unwrap();
    let before = fs::read(elsewhere.join("moved")).unwrap();
    refused(&accounts(&session).run(&folder).await.unwrap_err(), "no regular file");
    assert_eq!(fs::read(elsewhere.join("moved")).unwrap(), before);
}

#[tokio::test]
async fn it_goes_on_only_for_the_same_instance_and_settings() {
    let (sandbox, session, root) = open().await;
    fail_later(&sandbox);
    accounts(&session).run(root.path()).await.unwrap_err();
    sandbox.clear_faults();
    let others = [
        accounts(&session).fields(["name"]),
        accounts(&session).links(true),
        accounts(&session).shard(1, 2).unwrap(),
        session.export().modules(["Contacts"]),
    ];
    for other in others {
        refused(&other.run(root.path()).await.unwrap_err(), "other settings");
    }
    let (_other_sandbox, other_session, _) = open().await;
    refused(
        &accounts(&other_session).run(root.path()).await.unwrap_err(),
        "another instance",
    );
    // Speed is no setting.
    let manifest = accounts(&session)
        .page_size(50)
        .sessions(2)
        .run(root.path())
        .await
        .unwrap();
    assert!(manifest.is_complete());
}

#[tokio::test]
async fn what_came_before_a_failure_is_not_asked_for_again() {
    let (sandbox, session, root) = open().await;
    let undisturbed = root.path().join("undisturbed");
    accounts(&session).run(&undisturbed).await.unwrap();
    let folder = root.path().join("export");
    fail_later(&sandbox);
    accounts(&session).run(&folder).await.unwrap_err();
    sandbox.clear_faults();
    let part = folder.join("Accounts.ndjson.part");
    let before = fs::read_to_string(&part).unwrap();
    assert!(before.lines().count() >= 5, "{before}");
    // What was written after the last checkpoint is cut off.
    fs::write(&part, format!("{before}{{\"id\":\"half a li")).unwrap();
    accounts(&session).run(&folder).await.unwrap();
    let after = folder.join("Accounts.ndjson");
    assert!(fs::read_to_string(&after).unwrap().starts_with(&before));
    assert_eq!(sorted(&after), sorted(&undisturbed.join("Accounts.ndjson")));
    // Once more, and nothing is read.
    sandbox.clear_requests();
    assert!(accounts(&session).run(&folder).await.unwrap().is_complete());
    let lists = sandbox.requests();
    assert!(
        lists
            .iter()
            .all(|request| request.rest_method().as_deref() != Some("get_entry_list"))
    );
}

#[tokio::test]
async fn damage_is_noticed() {
    let (sandbox, session, root) = open().await;
    fail_later(&sandbox);
    accounts(&session).run(root.path()).await.unwrap_err();
    sandbox.clear_faults();
    let (checkpoint, part) = (
        root.path().join("checkpoint.json"),
        root.path().join("Accounts.ndjson.part"),
    );
    let good = fs::read_to_string(&checkpoint).unwrap();
    for damaged in [
        good.replacen("\"lines\":", "\"lines\":1", 1),
        good[..good.len() / 2].to_owned(),
        String::new(),
    ] {
        assert_ne!(damaged, good);
        fs::write(&checkpoint, damaged).unwrap();
        refused(
            &accounts(&session).run(root.path()).await.unwrap_err(),
            "checkpoint is damaged",
        );
    }
    fs::write(&checkpoint, good).unwrap();
    let lines = fs::read(&part).unwrap();
    fs::write(&part, &lines[..lines.len() - 1]).unwrap();
    refused(
        &accounts(&session).run(root.path()).await.unwrap_err(),
        "shorter than its checkpoint",
    );
    fs::write(&part, lines).unwrap();
    assert!(accounts(&session).run(root.path()).await.unwrap().is_complete());
}

#[tokio::test]
async fn a_token_that_is_revoked_in_the_middle_ends_it_and_nothing_is_lost() {
    let sandbox = Sandbox::builder()
        .access_token("the-token", "its-secret")
        .start()
        .await
        .unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let secret = sugar_oauth::TokenSecret::new("its-secret");
    let token = sugar_oauth::AccessToken::from_parts("the-token", secret).unwrap();
    let session = client.oauth_access(&token).await.unwrap();
    let sandbox = Arc::new(sandbox);
    let shared = Arc::clone(&sandbox);
    let root = tempfile::tempdir().unwrap();
    let export = accounts(&session).on_progress(move |progress| {
        if progress.records >= 20 {
            shared.revoke_access_token("the-token");
            shared.expire_sessions();
        }
    });
    let error = export.run(root.path()).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Refused | ErrorKind::SessionGone),
        "{error}"
    );
    let manifest = accounts(&session_on(&sandbox).await).run(root.path()).await.unwrap();
    assert!(manifest.is_complete());
    let lines = sorted(&root.path().join("Accounts.ndjson"));
    assert_eq!(manifest.files[0].total_count, Some(lines.len() as u64));
}

/// An export during which, after twenty records, `before` happens, one that was read is changed, and another one is written
/// in front of all that was read.
async fn with_a_record_that_comes_meanwhile(before: impl Fn(&Sandbox)) {
    let (sandbox, session, root) = open().await;
    let session_of_another = session_on(&sandbox).await;
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let export = accounts(&session).on_progress(move |progress| {
        if progress.records == 20 {
            let _ = sender.send(());
        }
    });
    let stored = sandbox.stored_records("Accounts").into_iter();
    let mut ordinary = stored.filter(|record| !record.deleted && record.id.len() == 36);
    let read = ordinary.next().expect("records").id;
    let run = export.run(root.path());
    let write = async {
        receiver.recv().await.expect("twenty records");
        before(&sandbox);
        let early = SetEntry::create_with_id("Accounts", "00000000-0000-0000-0000-00000000000a").set("name", "Early");
        session_of_another.call(&early).await.unwrap();
        let read = SetEntry::update("Accounts", read).set("name", "Changed");
        session_of_another.call(&read).await.unwrap();
    };
    // Both writes come before the last page.
    sandbox.work(|request| match request.rest_method().as_deref() {
        Some("set_entry") => Duration::ZERO,
        _ => Duration::from_millis(50),
    });
    let (manifest, ()) = tokio::join!(run, write);
    let manifest = manifest.unwrap();
    let report = manifest.file("Accounts.ndjson").unwrap();
    let Completeness::ChangedMeanwhile { added, read_again, .. } = report.completeness else {
        panic!("{:?}", report.completeness);
    };
    assert_eq!((added, read_again), (1, 2));
    let lines = sorted(&root.path().join("Accounts.ndjson"));
    assert_eq!(report.total_count, Some(lines.len() as u64));
    assert!(
        lines
            .iter()
            .any(|line| line.contains("\"00000000-0000-0000-0000-00000000000a\""))
    );
}

#[tokio::test]
async fn a_record_that_comes_meanwhile_is_read_again_and_told() {
    with_a_record_that_comes_meanwhile(|_| {}).await;
}

#[tokio::test]
async fn a_record_that_comes_after_the_servers_clock_was_put_back_is_read_again() {
    with_a_record_that_comes_meanwhile(|sandbox| sandbox.clock().set_offset(-3_600)).await;
}

#[tokio::test]
async fn attachments_come_along_and_the_missing_ones_are_told() {
    let (sandbox, session, root) = open().await;
    let list = GetEntryList::new("Notes").select(["id"]).max_results(3);
    let notes = session.call(&list).await.unwrap().entries;
    let upload = root.path().join("..hello.txt");
    fs::write(&upload, "hello").unwrap();
    for note in &notes {
        session.upload_note_attachment(note.id(), &upload).await.unwrap();
    }
    assert!(sandbox.lose_file(notes[2].id()));
    let folder = root.path().join("export");
    let export = session.export().modules(["Notes"]).files(true);
    let manifest = export.run(&folder).await.unwrap();
    let report = manifest.file("files/Notes.ndjson").unwrap();
    assert_eq!(report.missing, [notes[2].id()]);
    assert_eq!(report.lines, 3);
    let index = fs::read_to_string(folder.join("files/Notes.ndjson")).unwrap();
    let mut found = 0;
    for line in index.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(file) = line["file"].as_str() {
            assert_eq!(fs::read_to_string(folder.join(file)).unwrap(), "hello");
            assert_eq!(line["bytes"], 5);
            found += 1;
        }
    }
    assert_eq!(found, 2);
}

#[tokio::test]
async fn a_read_only_folder_is_told() {
    let (_sandbox, session, root) = open().await;
    let error = accounts(&session).run("/proc/no-such-folder/export").await.unwrap_err();
    refused(&error, "cannot be read or written");
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    refused(
        &accounts(&session).run(file.join("export")).await.unwrap_err(),
        "cannot be read or written",
    );
}
