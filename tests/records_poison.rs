//! Records that the server cannot give: each is reported, and all others come.

#[path = "support/crowd.rs"]
mod crowd;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crowd::{Crowd, guids, list_of};
use futures_util::StreamExt;
use serde_json::Value;
use sugar_oauth::records::{RefusedRecord, ScanState};
use sugar_oauth::sandbox::Fault;
use sugar_oauth::{ErrorKind, UtcTime};

const FILTER: &str = "accounts.name LIKE 'Name of %'";

/// The ids that the list asks for, by the server's order of ids such as these.
fn asked_for(list: &Value, all: &BTreeSet<String>) -> Vec<String> {
    let query = list["query"].as_str().unwrap();
    let bounds = |operator: &str| -> Vec<String> {
        let condition = format!("accounts.id {operator} '");
        let parts = query.split(condition.as_str()).skip(1);
        parts.map(|part| part.split('\'').next().unwrap().to_owned()).collect()
    };
    let (from, behind, before) = (bounds(">="), bounds(">"), bounds("<"));
    let inside = |id: &&String| {
        from.iter().all(|bound| *id >= bound)
            && behind.iter().all(|bound| *id > bound)
            && before.iter().all(|bound| *id < bound)
    };
    let most = usize::try_from(list["max_results"].as_u64().unwrap()).unwrap();
    let found = all.iter().filter(inside).cloned();
    if list["order_by"].as_str().unwrap().ends_with("DESC") {
        let found: Vec<String> = found.collect();
        return found.into_iter().rev().take(most).collect();
    }
    found.take(most).collect()
}

/// Lists that hold one of these records fail: all, or those that ask for more than keys.
fn poison(crowd: &Crowd, fault: Fault, ids: &[&String], keys_too: bool, all: &BTreeSet<String>) {
    let (ids, all): (Vec<String>, _) = (ids.iter().map(|id| (*id).clone()).collect(), Arc::new(all.clone()));
    crowd.sandbox.fault(fault.when(move |request| {
        list_of(request).is_some_and(|list| {
            let keys_only = list["select_fields"] == serde_json::json!(["id"]);
            (keys_too || !keys_only) && asked_for(&list, &all).iter().any(|id| ids.contains(id))
        })
    }));
}

async fn read(crowd: &Crowd, sessions: usize, page_size: u32) -> (Vec<String>, Vec<RefusedRecord>) {
    let records = crowd.session.records("Accounts").select(["name"]).filter(FILTER);
    let mut scan = records
        .sessions(sessions)
        .page_size(page_size)
        .scan(ScanState::default());
    let (mut ids, mut refused) = (Vec::new(), Vec::new());
    while let Some(page) = scan.next_page().await.unwrap() {
        ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
        refused.extend(page.refused);
    }
    assert!(scan.state().is_done());
    assert_eq!(scan.state().records(), ids.len() as u64);
    assert_eq!(scan.state().refused(), refused.len() as u64);
    (ids, refused)
}

#[tokio::test]
async fn a_record_whose_fields_cannot_be_given_is_named_and_the_others_come() {
    let crowd = Crowd::with(guids(300)).await;
    let all = crowd.ids(FILTER).await;
    assert_eq!(all.len(), 300);
    let sorted: Vec<&String> = all.iter().collect();
    let four = [sorted[0], sorted[151], sorted[152], sorted[299]];
    for (kind, fault, bad, sessions, page_size) in [
        (ErrorKind::HttpStatus, Fault::status(500), &four[..], 1, 60),
        (ErrorKind::HttpStatus, Fault::status(500), &four, 3, 60),
        (
            ErrorKind::InvalidAnswer,
            Fault::status(200).body("{\"result_count\":"),
            &four,
            2,
            250,
        ),
        // Answers that break off are asked for four times, with waits.
        (ErrorKind::InvalidAnswer, Fault::truncate(90), &four[1..2], 2, 2),
    ] {
        poison(&crowd, fault, bad, false, &all);
        let (ids, refused) = read(&crowd, sessions, page_size).await;
        let named: BTreeSet<&String> = refused.iter().map(|record| record.key.as_ref().unwrap()).collect();
        assert_eq!(named, bad.iter().copied().collect());
        assert_eq!(refused.len(), bad.len());
        assert!(refused.iter().all(|record| record.error.kind() == kind));
        assert_eq!(ids.len(), 300 - bad.len());
        assert_eq!(ids.iter().chain(named).cloned().collect::<BTreeSet<_>>(), all);
        crowd.sandbox.clear_faults();
    }
}

/// As with a field that the server has no column for.
#[tokio::test]
async fn where_every_page_fails_each_record_is_named_and_the_end_is_found() {
    let crowd = Crowd::with(guids(7)).await;
    let all = crowd.ids(FILTER).await;
    let since = crowd.session.client().server_info().await.unwrap().gmt_time.unwrap();
    let since = UtcTime::from_unix_seconds(since.unix_seconds() - 3_600);
    crowd.sandbox.fault(
        Fault::status(500).when(|request| {
            list_of(request).is_some_and(|list| list["select_fields"].to_string().contains("\"name\""))
        }),
    );
    for sessions in [1, 2] {
        let (ids, refused) = read(&crowd, sessions, 60).await;
        let named: BTreeSet<String> = refused.into_iter().filter_map(|record| record.key).collect();
        assert_eq!((ids.len(), named), (0, all.clone()));
    }
    let records = crowd.session.records("Accounts").select(["name"]).filter(FILTER);
    let mut changes = records.changed_since(since);
    let mut named = BTreeSet::new();
    while let Some(page) = changes.next_page().await.unwrap() {
        named.extend(page.refused.into_iter().filter_map(|record| record.key));
    }
    assert_eq!(named, all);
}

#[tokio::test]
async fn a_record_that_cannot_even_be_named_is_placed_between_its_neighbours() {
    let crowd = Crowd::with(guids(200)).await;
    let all = crowd.ids(FILTER).await;
    let sorted: Vec<&String> = all.iter().collect();
    let bad = [sorted[0], sorted[77], sorted[199]];
    poison(&crowd, Fault::status(500), &bad, true, &all);
    for sessions in [1, 2] {
        let (ids, refused) = read(&crowd, sessions, 60).await;
        let ids: BTreeSet<String> = ids.into_iter().collect();
        let rest: Vec<&String> = all.iter().filter(|id| !ids.contains(*id)).collect();
        assert_eq!(rest, bad, "with {sessions} sessions");
        assert_eq!(refused.len(), 3);
        let between = refused
            .iter()
            .filter(|record| record.before.as_ref() == Some(sorted[78]));
        assert_eq!(between.filter(|record| record.key.is_none()).count(), 1);
    }
}

#[tokio::test]
async fn a_stream_gives_the_refusal_as_an_item_and_goes_on() {
    let crowd = Crowd::with(guids(100)).await;
    let all = crowd.ids(FILTER).await;
    let bad = all.iter().nth(30).unwrap();
    poison(&crowd, Fault::status(500), &[bad], false, &all);
    let stream = crowd
        .session
        .records("Accounts")
        .select(["name"])
        .filter(FILTER)
        .page_size(16)
        .entries();
    let (good, errors): (Vec<_>, Vec<_>) = stream.collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 99);
    let error = errors[0].as_ref().unwrap_err();
    assert_eq!((errors.len(), error.kind()), (1, ErrorKind::RecordRefused));
    assert!(error.to_string().contains(bad.as_str()), "{error}");
}

#[tokio::test]
async fn a_server_that_fails_once_refuses_nothing() {
    let crowd = Crowd::with(guids(200)).await;
    let all = crowd.ids(FILTER).await;
    for fault in [Fault::status(500), Fault::truncate(50), Fault::empty()] {
        crowd.sandbox.fault(fault.on_method("get_entry_list").times(1));
        let (ids, refused) = read(&crowd, 1, 60).await;
        assert!(refused.is_empty());
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), all);
    }
}

#[tokio::test]
async fn a_server_that_is_down_or_a_wrong_question_ends_the_scan_soon() {
    let crowd = Crowd::with(guids(10)).await;
    let wrong = crowd
        .session
        .records("Accounts")
        .filter("accounts.no_such_column = '1'");
    let error = wrong.scan(ScanState::default()).next_page().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus, "{error}");
    assert!(error.to_string().contains("database refused"), "{error}");
    assert!(crowd.lists().len() <= 8, "{} requests", crowd.lists().len());
    let error = crowd
        .session
        .records("Nowhere")
        .scan(ScanState::default())
        .next_page()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api, "{error}");

    let mut scan = crowd
        .session
        .records("Accounts")
        .page_size(5)
        .scan(ScanState::default());
    let first = scan.next_page().await.unwrap().unwrap().entries;
    crowd.sandbox.fault(Fault::status(500));
    let error = loop {
        if let Err(error) = scan.next_page().await {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::HttpStatus);
    crowd.sandbox.clear_faults();
    let mut rest = crowd.session.records("Accounts").scan(scan.state().clone());
    let mut ids: BTreeSet<String> = first.iter().map(|entry| entry.id().to_owned()).collect();
    while let Some(page) = rest.next_page().await.unwrap() {
        ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
    }
    assert!(ids.len() as u64 >= 10 && rest.state().is_done());
    assert_eq!(rest.state().refused(), 0);
}

#[tokio::test]
async fn bad_input_is_refused_before_it_is_sent() {
    let crowd = Crowd::with(guids(1)).await;
    let damaged =
        serde_json::from_str::<ScanState>(r#"{"windows":[{"upper":"8"},{"lower":"9"}],"records":0,"refused":0}"#);
    for (records, state) in [
        (crowd.session.records("Accounts"), damaged.unwrap()),
        (crowd.session.records("Accounts").rate_limit(0.0), ScanState::default()),
        (
            crowd.session.records("Accounts").filter("name = 'x'"),
            ScanState::default(),
        ),
        (crowd.session.records("Accounts").table("a b"), ScanState::default()),
    ] {
        let error = records.scan(state).next_page().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert_eq!(crowd.lists().len(), 0);
}

/// A record whose key cannot be read either is looked for from behind. When the server is back by then, it was not the
/// record.
#[tokio::test]
async fn a_server_that_is_back_before_the_record_is_found_refuses_nothing() {
    let crowd = Crowd::with(guids(200)).await;
    let all = crowd.ids(FILTER).await;
    let (bad, sorted) = (all.iter().nth(77).unwrap().clone(), all.clone());
    let (fails, back) = (AtomicBool::new(false), Arc::new(AtomicBool::new(false)));
    let is_back = Arc::clone(&back);
    crowd.sandbox.fault(Fault::status(500).when(move |request| {
        let Some(list) = list_of(request) else {
            return false;
        };
        let holds_it = asked_for(&list, &sorted).contains(&bad);
        if list["max_results"] == 1 && list["select_fields"] == serde_json::json!(["id"]) {
            // The record alone, and then a look behind it.
            let failed = fails.fetch_or(holds_it, Ordering::SeqCst);
            is_back.fetch_or(failed && !holds_it, Ordering::SeqCst);
        }
        holds_it && !is_back.load(Ordering::SeqCst)
    }));
    let (ids, refused) = read(&crowd, 1, 10).await;
    assert!(back.load(Ordering::SeqCst), "nothing was looked for");
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), all);
}

#[tokio::test]
async fn a_record_that_fails_once_alone_is_asked_for_again() {
    let crowd = Crowd::with(guids(100)).await;
    let all = crowd.ids(FILTER).await;
    let (bad, sorted, times) = (all.iter().nth(33).unwrap().clone(), all.clone(), AtomicU32::new(0));
    crowd.sandbox.fault(Fault::status(500).when(move |request| {
        list_of(request).is_some_and(|list| {
            let alone = list["max_results"] == 1;
            let meant = list["select_fields"] != serde_json::json!(["id"]) && asked_for(&list, &sorted).contains(&bad);
            meant && (!alone || times.fetch_add(1, Ordering::SeqCst) == 0)
        })
    }));
    let (ids, refused) = read(&crowd, 1, 10).await;
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), all);
}
