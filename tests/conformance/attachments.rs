//! Files of notes and documents, up and down.

use std::fs;

use sugar_oauth::v4_1::{GetEntry, SetEntry, SetNoteAttachment};
use sugar_oauth::{ErrorKind, GetEntryList};

use crate::cases;
use crate::records::{create, guid, remove};
use crate::target::Target;

cases![
    a_notes_file_comes_back_as_it_went,
    a_missing_file_is_not_an_empty_one,
    a_dangerous_name_stays_in_the_folder,
    an_empty_file_is_refused,
    a_documents_revision,
];

/// Every byte, and more than one piece of it.
fn content() -> Vec<u8> {
    (0..=255).cycle().take(300_001).collect()
}

async fn a_notes_file_comes_back_as_it_went(target: Target) {
    let session = target.session(&target.client()).await;
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("hello ü & 'x'.txt");
    fs::write(&source, content()).unwrap();
    let note = create(
        &session,
        SetEntry::create_with_id("Notes", guid()).set("name", "sugar-oauth test"),
    )
    .await;
    session.upload_note_attachment(&note, &source).await.unwrap();
    let received = session.download_note_attachment(&note, folder.path()).await.unwrap();
    assert_eq!(received.file_name().unwrap(), "hello ü & 'x' (2).txt");
    assert!(fs::read(&received).unwrap() == content());
    remove(&session, "Notes", &note).await;
    session.logout().await.unwrap();
}

async fn a_missing_file_is_not_an_empty_one(target: Target) {
    let session = target.session(&target.client()).await;
    let folder = tempfile::tempdir().unwrap();
    let note = create(
        &session,
        SetEntry::create_with_id("Notes", guid()).set("name", "sugar-oauth test"),
    )
    .await;
    let nobody = guid();
    for id in [&note, &nobody] {
        let error = session.download_note_attachment(id, folder.path()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    remove(&session, "Notes", &note).await;
    session.logout().await.unwrap();
}

async fn a_dangerous_name_stays_in_the_folder(target: Target) {
    let session = target.session(&target.client()).await;
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("inner");
    fs::create_dir(&folder).unwrap();
    let note = create(
        &session,
        SetEntry::create_with_id("Notes", guid()).set("name", "sugar-oauth test"),
    )
    .await;
    for name in ["../x.sh", "..\\x.bat", "CON"] {
        session
            .call(&SetNoteAttachment::new(&note, name, "aGVsbG8K"))
            .await
            .unwrap();
        let path = session.download_note_attachment(&note, &folder).await.unwrap();
        assert_eq!(path.parent().unwrap(), folder, "{name}");
    }
    assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
    remove(&session, "Notes", &note).await;
    session.logout().await.unwrap();
}

async fn an_empty_file_is_refused(target: Target) {
    let session = target.session(&target.client()).await;
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "").unwrap();
    let error = session.upload_note_attachment("1", &empty).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(
        session
            .upload_note_attachment("1", folder.path().join("absent"))
            .await
            .is_err()
    );
    session.logout().await.unwrap();
}

async fn a_documents_revision(target: Target) {
    let session = target.session(&target.client()).await;
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("doc.txt");
    fs::write(&source, content()).unwrap();
    let entry = SetEntry::create("Documents")
        .set("document_name", "sugar-oauth test")
        .set("revision", "1");
    let document = create(&session, entry).await;
    let revision = session.upload_document_revision(&document, "1", &source).await.unwrap();
    assert_ne!(revision, document);
    let received = session
        .download_document_revision(&revision, folder.path())
        .await
        .unwrap();
    assert!(fs::read(received).unwrap() == content());
    let error = session
        .download_document_revision(&guid(), folder.path())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let listed = GetEntryList::new("DocumentRevisions").query(format!("document_revisions.id = '{revision}'"));
    assert_eq!(session.call(&listed).await.unwrap().entries.len(), 1);
    assert!(
        session
            .call(&GetEntry::new("Documents", &document))
            .await
            .unwrap()
            .is_some()
    );
    remove(&session, "Documents", &document).await;
    session.logout().await.unwrap();
}
