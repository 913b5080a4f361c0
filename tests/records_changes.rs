//! Changes since a moment: inserts, updates, deletions, once each, from where the last pass has come to.

#[path = "support/crowd.rs"]
mod crowd;

use std::collections::BTreeMap;
use std::time::Duration;

use crowd::{Crowd, guids, list_of};
use sugar_oauth::records::{Changes, Records, Watermark};
use sugar_oauth::sandbox::Fault;
use sugar_oauth::v4_1::{GetEntryList, SetEntry};
use sugar_oauth::{ErrorKind, UtcTime};

async fn server_time(crowd: &Crowd) -> UtcTime {
    crowd.session.client().server_info().await.unwrap().gmt_time.unwrap()
}

/// Reads a pass to its end: id to name, or to nothing for a deletion, and how many changes there were.
async fn read(mut changes: Changes) -> (BTreeMap<String, Option<String>>, usize, Watermark) {
    let (mut found, mut count) = (BTreeMap::new(), 0);
    while let Some(page) = changes.next_page().await.unwrap() {
        assert!(page.refused.is_empty());
        count += page.changes.len();
        for change in page.changes {
            let name = change.entry.get("name").map(String::from);
            found.insert(change.entry.id().to_owned(), name.filter(|_| !change.deleted));
        }
    }
    assert!(changes.next_page().await.unwrap().is_none());
    let stored = serde_json::to_string(changes.watermark()).unwrap();
    assert!(!changes.watermark().is_within_a_pass());
    (found, count, serde_json::from_str(&stored).unwrap())
}

fn accounts(crowd: &Crowd) -> Records {
    crowd.session.records("Accounts").select(["name"]).page_size(7)
}

async fn write(crowd: &Crowd, entry: SetEntry) {
    crowd.session.call(&entry).await.unwrap();
}

fn ids(count: u32) -> Vec<String> {
    guids(count).collect()
}

#[tokio::test]
async fn inserts_updates_and_deletions_come_once() {
    // The server's clock is far from this machine's.
    for offset in [-7_200, 0, 7_200] {
        let all = ids(60);
        let crowd = Crowd::by_password(all[..40].iter().cloned(), offset).await;
        crowd.sandbox.clock().advance(Duration::from_secs(3_600));
        let since = server_time(&crowd).await;
        let (found, _, watermark) = read(accounts(&crowd).changed_since(since)).await;
        assert!(found.is_empty(), "{found:?}");
        crowd.sandbox.clock().advance(Duration::from_secs(60));
        write(
            &crowd,
            SetEntry::update("Accounts", all[3].as_str()).set("name", "Changed"),
        )
        .await;
        write(&crowd, SetEntry::delete("Accounts", all[4].as_str())).await;
        write(
            &crowd,
            SetEntry::create_with_id("Accounts", all[50].as_str()).set("name", "New"),
        )
        .await;
        let (found, count, watermark) = read(accounts(&crowd).changes(watermark)).await;
        let expected = [
            (all[3].clone(), Some("Changed".to_owned())),
            (all[4].clone(), None),
            (all[50].clone(), Some("New".to_owned())),
        ];
        assert_eq!((found, count), (BTreeMap::from(expected), 3));
        // Within the overlap: nothing again, but what changed once more.
        let (found, _, watermark) = read(accounts(&crowd).changes(watermark)).await;
        assert!(found.is_empty(), "{found:?}");
        write(
            &crowd,
            SetEntry::update("Accounts", all[3].as_str()).set("name", "Changed again"),
        )
        .await;
        let (found, _, watermark) = read(accounts(&crowd).changes(watermark)).await;
        assert_eq!(
            found,
            BTreeMap::from([(all[3].clone(), Some("Changed again".to_owned()))])
        );
        // Long after: the watermark forgets what cannot come again.
        crowd.sandbox.clock().advance(Duration::from_secs(3_600));
        let (found, _, watermark) = read(accounts(&crowd).changes(watermark)).await;
        assert!(found.is_empty());
        assert!(!serde_json::to_string(&watermark).unwrap().contains(&all[3]));
        let (found, ..) = read(accounts(&crowd).changes(watermark)).await;
        assert!(found.is_empty());
    }
}

#[tokio::test]
async fn records_that_share_a_second_all_come() {
    let crowd = Crowd::by_password(ids(30), 0).await;
    crowd.sandbox.clock().advance(Duration::from_secs(3_600));
    let since = server_time(&crowd).await;
    let mut entries = sugar_oauth::v4_1::SetEntries::new("Accounts");
    for id in ids(330).split_off(30) {
        entries = entries
            .with(SetEntry::create_with_id("Accounts", id).set("name", "Same second"))
            .unwrap();
    }
    crowd.session.call(&entries).await.unwrap();
    for page_size in [1, 7, 300] {
        let (found, count, _) = read(accounts(&crowd).page_size(page_size).changed_since(since)).await;
        assert_eq!((found.len(), count), (300, 300), "{page_size} a page");
    }
    assert!(crowd.lists().iter().all(|list| list["offset"] == 0));
}

#[tokio::test]
async fn a_pass_goes_on_from_the_watermark_behind_any_page() {
    let crowd = Crowd::with(ids(50)).await;
    let everything = crowd.ids("").await;
    let mut watermark = Watermark::since(UtcTime::from_unix_seconds(0));
    let (mut found, mut broken_off) = (Vec::new(), 0);
    loop {
        let mut changes = accounts(&crowd).changes(watermark);
        let page = changes.next_page().await.unwrap().unwrap();
        found.extend(
            page.changes
                .into_iter()
                .filter(|change| !change.deleted)
                .map(|change| change.entry.id().to_owned()),
        );
        watermark = serde_json::from_str(&serde_json::to_string(changes.watermark()).unwrap()).unwrap();
        if !watermark.is_within_a_pass() {
            break;
        }
        broken_off += 1;
    }
    assert!(broken_off > 5);
    assert_eq!(found.len(), everything.len());
    assert_eq!(found.into_iter().collect::<std::collections::BTreeSet<_>>(), everything);
}

#[tokio::test]
async fn what_is_written_during_a_pass_comes_in_it_or_in_the_next() {
    let all = ids(120);
    let crowd = Crowd::with(all[..80].iter().cloned()).await;
    let mut changes = accounts(&crowd).changed_since(UtcTime::from_unix_seconds(0));
    let mut last = BTreeMap::new();
    let mut number = 0;
    while let Some(page) = changes.next_page().await.unwrap() {
        for change in page.changes {
            last.insert(change.entry.id().to_owned(), change.entry.get("name").map(String::from));
        }
        if number < 20 {
            write(
                &crowd,
                SetEntry::update("Accounts", all[number * 3].as_str()).set("name", format!("Pass {number}")),
            )
            .await;
            write(
                &crowd,
                SetEntry::create_with_id("Accounts", all[80 + number].as_str()).set("name", "Late"),
            )
            .await;
            number += 1;
        }
    }
    assert!(number > 8);
    let (found, _, _) = read(accounts(&crowd).changes(changes.watermark().clone())).await;
    last.extend(found);
    for written in 0..number {
        assert_eq!(
            last[&all[written * 3]].as_deref(),
            Some(format!("Pass {written}").as_str())
        );
        assert_eq!(last[&all[80 + written]].as_deref(), Some("Late"));
    }
}

#[tokio::test]
async fn a_filter_narrows_and_a_record_that_cannot_be_given_is_reported() {
    let all = ids(40);
    let crowd = Crowd::with(all.iter().cloned()).await;
    let filtered = accounts(&crowd).filter("accounts.name LIKE 'Name of %'").page_size(50);
    let (found, ..) = read(filtered.changed_since(UtcTime::from_unix_seconds(0))).await;
    assert_eq!(found.len(), 40);
    // Fails as long as more than the keys are asked for and the tenth record is on the page.
    let list = GetEntryList::new("Accounts")
        .query("accounts.name LIKE 'Name of %'")
        .select(["id"])
        .max_results(50);
    let list = list.order_by("accounts.date_modified, accounts.id");
    let entries = crowd.session.call(&list).await.unwrap().entries;
    let order: Vec<String> = entries.iter().map(|entry| entry.id().to_owned()).collect();
    let (bad, sorted) = (order[9].clone(), order.clone());
    crowd.sandbox.fault(Fault::status(500).when(move |request| {
        let Some(list) = list_of(request) else {
            return false;
        };
        let query = list["query"].as_str().unwrap();
        let after = query
            .split("accounts.id > '")
            .nth(1)
            .map(|rest| rest.split('\'').next().unwrap());
        let begin = after.map_or(0, |after| sorted.iter().position(|id| id == after).unwrap() + 1);
        let end = (begin + usize::try_from(list["max_results"].as_u64().unwrap()).unwrap()).min(sorted.len());
        list["select_fields"].as_array().unwrap().contains(&"name".into()) && sorted[begin..end].contains(&bad)
    }));
    let mut changes = filtered.changed_since(UtcTime::from_unix_seconds(0));
    let (mut count, mut refused) = (0, Vec::new());
    while let Some(page) = changes.next_page().await.unwrap() {
        count += page.changes.len();
        refused.extend(page.refused);
    }
    assert_eq!(refused.len(), 1);
    assert_eq!(count, 39);
    assert_eq!(refused[0].key.as_ref(), Some(&order[9]));
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_and_the_pass_goes_on_later() {
    let crowd = Crowd::with(ids(40)).await;
    let expected = crowd.ids("").await.len();
    let mut changes = accounts(&crowd)
        .changed_since(UtcTime::from_unix_seconds(0))
        .live_only();
    let mut count = changes.next_page().await.unwrap().unwrap().changes.len();
    crowd.sandbox.fault(Fault::status(500));
    assert_eq!(changes.next_page().await.unwrap_err().kind(), ErrorKind::HttpStatus);
    crowd.sandbox.clear_faults();
    while let Some(page) = changes.next_page().await.unwrap() {
        count += page.changes.len();
    }
    assert_eq!(count, expected);
}
