//! Records written, read back and removed again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use sugar_oauth::v4_1::{GetEntries, GetEntry, SetEntries, SetEntry};
use sugar_oauth::{ErrorKind, GetEntryList, Session, UtcTime};

use crate::cases;
use crate::target::Target;

cases![
    created_read_changed_and_deleted,
    an_id_of_ones_own_creates_once,
    a_change_of_a_record_that_is_not_there,
    an_id_that_differs_in_case_only,
    an_id_that_is_too_long,
    several_records_at_once,
    contacts_without_ids_are_not_written_together,
    audit_fields_are_kept_on_request,
    a_value_that_the_server_changes,
    a_missing_record,
    a_record_as_a_type_of_ones_own,
    an_email_address,
];

/// A GUID that this run has not used.
pub fn guid() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        now >> 32,
        now >> 16 & 0xffff,
        now & 0xfff,
        count & 0xfff,
        now & 0xffff_ffff_ffff
    )
}

pub async fn create(session: &Session, entry: SetEntry) -> String {
    session.set_entry(&entry).await.expect("a record is created")
}

pub async fn remove(session: &Session, module: &str, id: &str) {
    session
        .set_entry(&SetEntry::delete(module, id))
        .await
        .expect("the record is removed again");
}

const NAME: &str = "sugar-oauth test O'Neil & \"<b>Söhne</b>\" 株式会社";

async fn created_read_changed_and_deleted(target: Target) {
    let session = target.session(&target.client()).await;
    let entry = SetEntry::create("Accounts")
        .set("name", NAME)
        .set("phone_office", "+49 30 1");
    let id = create(&session, entry.clone()).await;
    assert_eq!(session.verify(&entry, &id).await.unwrap(), []);
    let wanted = GetEntry::new("Accounts", &id).select(["id", "name"]);
    let stored = session.call(&wanted).await.unwrap().unwrap();
    assert_eq!((stored.id(), stored.get("name").unwrap().as_ref()), (id.as_str(), NAME));
    assert!(
        stored.raw("name").unwrap().as_str().unwrap().contains("&#039;"),
        "text is stored or sent encoded"
    );

    let change = SetEntry::update("Accounts", &id).set("phone_office", "");
    assert_eq!(session.set_entry(&change).await.unwrap(), id);
    assert_eq!(session.verify(&change, &id).await.unwrap(), []);
    remove(&session, "Accounts", &id).await;
    assert!(session.call(&wanted).await.unwrap().is_none());
    session.logout().await.unwrap();
}

async fn an_id_of_ones_own_creates_once(target: Target) {
    let session = target.session(&target.client()).await;
    let id = guid();
    let entry = SetEntry::create_with_id("Accounts", &id).set("name", "sugar-oauth test own id");
    assert_eq!(create(&session, entry.clone()).await, id);
    let error = session.set_entry(&entry).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus, "{error}");
    let same = format!("accounts.id = '{id}'");
    assert_eq!(session.get_entries_count("Accounts", &same).await.unwrap(), 1);
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn a_change_of_a_record_that_is_not_there(target: Target) {
    let session = target.session(&target.client()).await;
    let id = guid();
    let error = session
        .set_entry(&SetEntry::update("Accounts", &id).set("name", "x"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(
        session
            .get_entries_count("Accounts", &format!("accounts.id = '{id}'"))
            .await
            .unwrap(),
        0
    );
    session.logout().await.unwrap();
}

async fn an_id_that_differs_in_case_only(target: Target) {
    let session = target.session(&target.client()).await;
    let id = create(
        &session,
        SetEntry::create_with_id("Accounts", guid()).set("name", "sugar-oauth test case"),
    )
    .await;
    let other = SetEntry::update("Accounts", id.to_uppercase()).set("name", "x");
    let error = session.set_entry(&other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(
        error.to_string().contains("case") && error.to_string().contains(&id),
        "{error}"
    );
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn an_id_that_is_too_long(target: Target) {
    let session = target.session(&target.client()).await;
    let long = format!("{}-long", guid());
    for entry in [
        SetEntry::create_with_id("Accounts", &long),
        SetEntry::update("Accounts", &long),
    ] {
        let error = session.call(&entry.set("name", "x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    session.logout().await.unwrap();
}

async fn several_records_at_once(target: Target) {
    let session = target.session(&target.client()).await;
    let entries = SetEntries::new("Accounts")
        .with(SetEntry::create("Accounts").set("name", "sugar-oauth test one"))
        .unwrap()
        .with(SetEntry::create_with_id("Accounts", guid()).set("name", "sugar-oauth test two"))
        .unwrap();
    let ids = session.call(&entries).await.unwrap();
    let nobody = guid();
    let wanted = [ids[0].as_str(), &nobody, &ids[1]];
    let read = session
        .call(&GetEntries::new("Accounts", wanted).select(["id", "name"]))
        .await
        .unwrap();
    let missing: Vec<bool> = read.iter().map(|entry| entry.is_missing()).collect();
    assert_eq!(missing, [false, true, false]);
    assert_eq!(read[2].get("name").unwrap(), "sugar-oauth test two");
    for id in &ids {
        remove(&session, "Accounts", id).await;
    }
    session.logout().await.unwrap();
}

async fn contacts_without_ids_are_not_written_together(target: Target) {
    let session = target.session(&target.client()).await;
    let contacts = SetEntries::new("Contacts")
        .with(SetEntry::create("Contacts").set("last_name", "x"))
        .unwrap();
    let error = session.call(&contacts).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("drops the new data"), "{error}");
    session.logout().await.unwrap();
}

async fn audit_fields_are_kept_on_request(target: Target) {
    let session = target.session(&target.client()).await;
    let (entered, modified) = ("2011-02-03 04:05:06", "2012-03-04 05:06:07");
    let entry = SetEntry::create_with_id("Accounts", guid())
        .set("name", "sugar-oauth test audit")
        .set("date_entered", UtcTime::parse(entered).unwrap())
        .set("date_modified", UtcTime::parse(modified).unwrap());
    let id = create(&session, entry.clone().preserve_audit_fields()).await;
    assert_eq!(session.verify(&entry, &id).await.unwrap(), []);
    let change = SetEntry::update("Accounts", &id).set("phone_office", "1");
    session.set_entry(&change).await.unwrap();
    let wanted = GetEntry::new("Accounts", &id).select(["date_entered", "date_modified"]);
    let stored = session.call(&wanted).await.unwrap().unwrap();
    assert_eq!(stored.get("date_entered").unwrap(), entered);
    assert_ne!(stored.get("date_modified").unwrap(), modified);
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn a_value_that_the_server_changes(target: Target) {
    let session = target.session(&target.client()).await;
    let entry = SetEntry::create("Accounts")
        .set("name", "sugar-oauth test changed")
        .set("description", "R&amp;D")
        .set("no_such_field_here", "x");
    let error = session.set_entry(&entry).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("`description`"), "{error}");
    let entry = entry.accept_changes();
    let id = create(&session, entry.clone()).await;
    let differences = session.verify(&entry, &id).await.unwrap();
    let fields: Vec<&str> = differences.iter().map(|difference| difference.field.as_str()).collect();
    assert_eq!(fields, ["description", "no_such_field_here"]);
    assert_eq!(differences[0].stored.as_deref(), Some("R&D"));
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn a_missing_record(target: Target) {
    let session = target.session(&target.client()).await;
    assert!(
        session
            .call(&GetEntry::new("Accounts", guid()))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        session
            .call(&GetEntry::new("NoSuchModule", guid()))
            .await
            .unwrap_err()
            .api()
            .is_some()
    );
    session.logout().await.unwrap();
}

#[derive(Deserialize)]
struct Account {
    id: String,
    name: String,
    website: Option<String>,
}

async fn a_record_as_a_type_of_ones_own(target: Target) {
    let session = target.session(&target.client()).await;
    let id = create(&session, SetEntry::create_with_id("Accounts", guid()).set("name", NAME)).await;
    let list = GetEntryList::new("Accounts")
        .query(format!("accounts.id = '{id}'"))
        .select(["id", "name"]);
    let accounts: Vec<Account> = session.call(&list).await.unwrap().to().unwrap();
    assert_eq!(
        (accounts[0].id.as_str(), accounts[0].name.as_str()),
        (id.as_str(), NAME)
    );
    assert!(accounts[0].website.is_none());
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn an_email_address(target: Target) {
    let session = target.session(&target.client()).await;
    let id = create(
        &session,
        SetEntry::create_with_id("Contacts", guid()).set("last_name", "sugar-oauth test"),
    )
    .await;
    for address in ["one.o'neil@example.test", "two@example.test"] {
        session.set_email("Contacts", &id, address).await.unwrap();
        let wanted = GetEntry::new("Contacts", &id).select(["email1"]);
        let stored = session.call(&wanted).await.unwrap().unwrap();
        assert_eq!(stored.get("email1").unwrap(), address);
    }
    assert!(session.set_email("Contacts", &id, "no address").await.is_err());
    let error = session
        .set_email("Contacts", &guid(), "nobody@example.test")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    remove(&session, "Contacts", &id).await;
    session.logout().await.unwrap();
}
