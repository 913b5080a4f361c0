//! Streams and scans of all records, against the practice instance.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use serde_json::json;
use sugar_oauth::records::{ScanState, Window};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::v4_1::GetEntryList;
use sugar_oauth::{Client, Consumer, Instance, Password, Session};

async fn open() -> (Sandbox, Session) {
    let sandbox = Sandbox::start().await.unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    let session = client.login(sandbox.user_name(), password).await.unwrap();
    (sandbox, session)
}

/// What one large page gives.
async fn in_one_page(session: &Session, module: &str) -> Vec<String> {
    let list = GetEntryList::new(module).select(["id"]).max_results(1_000_000);
    let entries = session.call(&list).await.unwrap().entries;
    let mut ids: Vec<String> = entries.iter().map(|entry| entry.id().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn every_record_comes_once_at_any_page_size() {
    let (_sandbox, session) = open().await;
    for module in ["Contacts", "Accounts", "Users"] {
        let expected = in_one_page(&session, module).await;
        assert!(!expected.is_empty());
        for page_size in [1, 7, 250] {
            let stream = session.records(module).select(["name"]).page_size(page_size).entries();
            let mut ids: Vec<String> = stream.map(|entry| entry.unwrap().id().to_owned()).collect().await;
            ids.sort();
            assert_eq!(ids, expected, "{module} at {page_size}");
        }
    }
}

#[tokio::test]
async fn a_scan_goes_on_from_its_stored_state() {
    let (_sandbox, session) = open().await;
    let expected = in_one_page(&session, "Contacts").await;
    let records = session.records("Contacts").select(["id"]).page_size(9);
    let mut state = ScanState::default();
    let mut ids = Vec::new();
    while !state.is_done() {
        let mut scan = records.scan(state.clone());
        if let Some(page) = scan.next_page().await.unwrap() {
            ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
        }
        let stored = serde_json::to_string(scan.state()).unwrap();
        state = serde_json::from_str(&stored).unwrap();
    }
    assert_eq!(state.records(), ids.len() as u64);
    assert_eq!(state.windows().len(), 1);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    ids.sort();
    assert_eq!(ids, expected);
    assert_eq!(records.total_count().await.unwrap(), Some(expected.len() as u64));
    let _: &Window = &state.windows()[0];
}

#[tokio::test]
async fn odd_ids_that_windows_from_0_to_g_lose_all_come() {
    let (sandbox, session) = open().await;
    // The server takes ids by `set_entries` that it would refuse elsewhere.
    let odd = [
        "back\\slash",
        "quo'te",
        "\"double\"",
        " 7",
        "A&B",
        "a&lt;b",
        "%25",
        "x' OR '1'='1",
        "Ω",
        "😀",
    ];
    for (number, id) in odd.iter().enumerate() {
        let values = json!([[{"name": "id", "value": id}, {"name": "new_with_id", "value": true},
                             {"name": "name", "value": format!("Odd {number}")}]]);
        let arguments = json!({"module_name": "Accounts", "name_value_lists": values});
        session.call_raw("set_entries", arguments).await.unwrap();
    }
    let expected = in_one_page(&session, "Accounts").await;
    let naive = GetEntryList::new("Accounts")
        .query("accounts.id >= '0' AND accounts.id < 'g'")
        .select(["id"])
        .max_results(10_000);
    let naive = session.call(&naive).await.unwrap().entries.len();
    assert!(expected.len() > naive + 5, "{naive} of {}", expected.len());
    for page_size in [1, 2, 5] {
        sandbox.clear_requests();
        let mut ids: Vec<String> = session
            .records("Accounts")
            .select(["id"])
            .page_size(page_size)
            .sessions(3)
            .entries()
            .map(|entry| entry.unwrap().id().to_owned())
            .collect()
            .await;
        ids.sort();
        assert_eq!(ids, expected, "at {page_size} a page");
    }
}

#[tokio::test]
async fn a_module_without_records_and_one_with_another_key() {
    let (_sandbox, session) = open().await;
    let none = session
        .records("Accounts")
        .filter("accounts.name = 'nobody has this name'");
    assert_eq!(none.sessions(3).entries().count().await, 0);
    let mut scan = session
        .records("Contacts")
        .key("last_name")
        .page_size(1_000)
        .scan(ScanState::default());
    let page = scan.next_page().await.unwrap().unwrap();
    let names: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.get("last_name").unwrap_or_default().to_lowercase())
        .collect();
    assert!(names.len() > 10);
    let error = session
        .records("Contacts")
        .key("no_such_field")
        .scan(ScanState::default())
        .next_page()
        .await;
    assert!(error.is_err());
}
