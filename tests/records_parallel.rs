//! Streams on several sessions: nothing lost, nothing twice, and no more asked for than is taken.

#[path = "support/crowd.rs"]
mod crowd;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crowd::{Crowd, guids, list_of};
use futures_util::StreamExt;
use serde::Deserialize;
use sugar_oauth::filter::Filter;
use sugar_oauth::records::ScanState;
use sugar_oauth::v4_1::SetEntry;

/// The session ids that lists were asked for with.
fn sessions_used(crowd: &Crowd) -> BTreeSet<String> {
    let lists = crowd.lists();
    lists
        .iter()
        .map(|list| list["session"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_comes_twice() {
    let crowd = Crowd::with(guids(1_500)).await;
    let expected = crowd.ids("").await;
    for sessions in [1, 2, 5] {
        for page_size in [11, 250] {
            crowd.sandbox.clear_requests();
            let records = crowd.session.records("Accounts").select(["name"]);
            let stream = records.sessions(sessions).page_size(page_size).entries();
            let ids: Vec<String> = stream.map(|entry| entry.unwrap().id().to_owned()).collect().await;
            assert_eq!(ids.len(), expected.len(), "{sessions} sessions, {page_size} a page");
            assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
            for list in crowd.lists() {
                assert_eq!(list["offset"], 0);
                assert!(list["max_results"].as_u64().unwrap() <= u64::from(page_size));
            }
            assert_eq!(sessions_used(&crowd).len(), sessions);
            assert_eq!(
                crowd.open_sessions(),
                1,
                "sessions opened for the stream are logged out"
            );
        }
    }
}

#[tokio::test]
async fn windows_are_cut_where_the_ids_are_not_hexadecimal_too() {
    for ids in [
        (0..900).map(|number| format!("client-{number:06}")).collect::<Vec<_>>(),
        (10_000..10_900).map(|number: u32| number.to_string()).collect(),
        guids(900).map(|id| format!("zz{}", &id[2..])).collect(),
    ] {
        let kind = ids[0].clone();
        let crowd = Crowd::with(ids).await;
        let expected = crowd.ids("").await;
        crowd.sandbox.clear_requests();
        crowd.sandbox.work(|_| Duration::from_millis(4));
        let stream = crowd
            .session
            .records("Accounts")
            .select(["id"])
            .sessions(3)
            .page_size(50)
            .entries();
        let ids: Vec<String> = stream.map(|entry| entry.unwrap().id().to_owned()).collect().await;
        assert_eq!(ids.len(), expected.len());
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
        assert_eq!(
            sessions_used(&crowd).len(),
            3,
            "{kind}: {:#?}",
            crowd
                .lists()
                .iter()
                .map(|list| format!("{} {} {}", list["query"], list["order_by"], list["max_results"]))
                .collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_filter_and_a_type_of_ones_own() {
    #[derive(Deserialize)]
    struct Account {
        id: String,
        name: String,
    }
    let crowd = Crowd::with(guids(300)).await;
    let name = Filter::on("accounts").unwrap().column("name").unwrap();
    let filter = name.starts_with("Name of a").or(name.starts_with("Name of 7"));
    let expected = crowd
        .ids("(accounts.name LIKE 'Name of a%' OR accounts.name LIKE 'Name of 7%')")
        .await;
    assert!(expected.len() > 20);
    let records = crowd
        .session
        .records("Accounts")
        .select(["name"])
        .filter(filter)
        .page_size(4)
        .sessions(2);
    assert_eq!(records.total_count().await.unwrap(), Some(expected.len() as u64));
    let accounts: Vec<Account> = records.stream().map(Result::unwrap).collect().await;
    assert_eq!(accounts.len(), expected.len());
    for account in accounts {
        assert!(expected.contains(&account.id));
        assert_eq!(account.name, format!("Name of {}", account.id));
    }
}

#[tokio::test]
async fn records_that_exist_throughout_come_once_whatever_others_write() {
    let all: Vec<String> = guids(1_600).collect();
    let crowd = Crowd::with(all[..1_200].iter().cloned()).await;
    crowd.sandbox.work(|request| match list_of(request) {
        Some(_) => Duration::from_millis(8),
        None => Duration::ZERO,
    });
    let throughout: BTreeSet<String> = crowd
        .ids("")
        .await
        .difference(&all[..300].iter().cloned().collect())
        .cloned()
        .collect();
    let password = sugar_oauth::Password::new(crowd.sandbox.password());
    let session = crowd
        .session
        .client()
        .login(crowd.sandbox.user_name(), password)
        .await
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let ids = all.clone();
    let writing = tokio::spawn(async move {
        let mut written = 0;
        for number in 0..300 {
            if stopped.load(Ordering::SeqCst) {
                break;
            }
            let deleted = SetEntry::delete("Accounts", ids[number].as_str());
            let changed = SetEntry::update("Accounts", ids[900 + number].as_str()).set("name", "Changed");
            let added = SetEntry::create_with_id("Accounts", ids[1_200 + number].as_str()).set("name", "Added");
            for entry in [deleted, changed, added] {
                session.call(&entry).await.unwrap();
                written += 1;
            }
        }
        written
    });
    let stream = crowd
        .session
        .records("Accounts")
        .select(["name"])
        .sessions(3)
        .page_size(10)
        .entries();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let ids: Vec<String> = stream.map(|entry| entry.unwrap().id().to_owned()).collect().await;
    stop.store(true, Ordering::SeqCst);
    assert!(writing.await.unwrap() > 60, "too little was written meanwhile");
    for id in ids {
        *seen.entry(id).or_default() += 1;
    }
    assert!(seen.values().all(|times| *times == 1));
    let lost: Vec<&String> = throughout.iter().filter(|id| !seen.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test]
async fn no_more_is_asked_for_than_is_taken_and_nothing_after_the_end() {
    let crowd = Crowd::with(guids(1_500)).await;
    let sessions = 2;
    let mut stream = crowd
        .session
        .records("Accounts")
        .select(["name"])
        .sessions(sessions)
        .page_size(10)
        .entries();
    for _ in 0..5 {
        stream.next().await.unwrap().unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let pages = |crowd: &Crowd| {
        let lists = crowd.lists();
        lists.iter().filter(|list| list["max_results"] == 10).count()
    };
    // One taken, twice as many as sessions waiting.
    let asked = pages(&crowd);
    assert!(asked <= 1 + 2 * sessions, "{asked} pages");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(pages(&crowd), asked);
    drop(stream);
    let deadline = Instant::now() + Duration::from_secs(10);
    while crowd.open_sessions() > 1 {
        assert!(Instant::now() < deadline, "the stream's own session is not logged out");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(pages(&crowd) <= asked);
}

#[tokio::test]
async fn a_stream_outlives_the_session_value_and_moves_to_another_task() {
    let crowd = Crowd::with(guids(50)).await;
    let expected = crowd.ids("").await.len();
    let Crowd { sandbox, session } = crowd;
    let stream = session.records("Accounts").sessions(2).entries();
    drop(session);
    let counted = tokio::spawn(stream.count()).await.unwrap();
    assert_eq!(counted, expected);
    drop(sandbox);
}

#[tokio::test]
async fn sessions_that_die_on_the_way_are_renewed() {
    let crowd = Crowd::with(guids(800)).await;
    let expected = crowd.ids("").await;
    let mut scan = crowd
        .session
        .records("Accounts")
        .select(["id"])
        .sessions(3)
        .page_size(40)
        .scan(ScanState::default());
    let (mut ids, mut pages) = (Vec::new(), 0);
    while let Some(page) = scan.next_page().await.unwrap() {
        ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
        pages += 1;
        if pages == 4 {
            crowd.sandbox.expire_sessions();
        }
    }
    assert!(pages > 12);
    assert_eq!(ids.len(), expected.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn a_revoked_token_ends_the_scan_and_its_state_goes_on_with_another_session() {
    let crowd = Crowd::with(guids(800)).await;
    let expected = crowd.ids("").await;
    let login = sugar_oauth::Password::new(crowd.sandbox.password());
    let other = crowd
        .session
        .client()
        .login(crowd.sandbox.user_name(), login)
        .await
        .unwrap();
    let mut scan = crowd
        .session
        .records("Accounts")
        .select(["id"])
        .sessions(2)
        .page_size(30)
        .scan(ScanState::default());
    let mut ids = Vec::new();
    for _ in 0..3 {
        let page = scan.next_page().await.unwrap().unwrap();
        ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
    }
    assert!(crowd.sandbox.revoke_access_token("0123456789ab"));
    crowd.sandbox.expire_sessions();
    let error = loop {
        match scan.next_page().await {
            Ok(page) => ids.extend(
                page.expect("not all is read")
                    .entries
                    .iter()
                    .map(|entry| entry.id().to_owned()),
            ),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), sugar_oauth::ErrorKind::Refused, "{error}");
    assert!(scan.next_page().await.unwrap().is_none());
    let state = scan.state().clone();
    let mut scan = other.records("Accounts").select(["id"]).sessions(2).scan(state);
    while let Some(page) = scan.next_page().await.unwrap() {
        ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
    }
    assert!(scan.state().is_done());
    assert_eq!(ids.len(), expected.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn a_given_session_works_alone() {
    let crowd = Crowd::with(guids(300)).await;
    let expected = crowd.ids("").await;
    let given = crowd.session.client().session(crowd.session.id()).unwrap();
    crowd.sandbox.clear_requests();
    let stream = given
        .records("Accounts")
        .select(["id"])
        .sessions(4)
        .page_size(20)
        .entries();
    let ids: BTreeSet<String> = stream.map(|entry| entry.unwrap().id().to_owned()).collect().await;
    assert_eq!(ids, expected);
    assert_eq!(sessions_used(&crowd).len(), 1);
}

#[tokio::test]
async fn a_parallel_scan_goes_on_from_the_state_behind_any_page() {
    let crowd = Crowd::with(guids(600)).await;
    let expected = crowd.ids("").await;
    let records = crowd
        .session
        .records("Accounts")
        .select(["id"])
        .sessions(3)
        .page_size(25);
    let (mut state, mut ids, mut most_windows) = (ScanState::default(), Vec::new(), 0);
    while !state.is_done() {
        let mut scan = records.scan(state);
        for _ in 0..4 {
            let Some(page) = scan.next_page().await.unwrap() else {
                break;
            };
            ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
        }
        state = serde_json::from_str(&serde_json::to_string(scan.state()).unwrap()).unwrap();
        most_windows = most_windows.max(state.windows().len());
    }
    assert!(most_windows >= 3);
    assert_eq!(state.windows().len(), 1, "windows that are done become one");
    assert_eq!(ids.len(), expected.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn parts_of_the_id_space_are_everything_together() {
    let crowd = Crowd::with(guids(300)).await;
    let mut ids = Vec::new();
    for number in 1..=3 {
        let mut scan = crowd
            .session
            .records("Accounts")
            .select(["id"])
            .scan(ScanState::shard(number, 3).unwrap());
        let before = ids.len();
        while let Some(page) = scan.next_page().await.unwrap() {
            ids.extend(page.entries.iter().map(|entry| entry.id().to_owned()));
        }
        assert!(ids.len() - before > 60);
    }
    let expected = crowd.ids("").await;
    assert_eq!(ids.len(), expected.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn a_rate_limit_is_kept_by_all_sessions_together() {
    let crowd = Crowd::with(guids(300)).await;
    let began = Instant::now();
    let stream = crowd
        .session
        .records("Accounts")
        .select(["id"])
        .sessions(3)
        .page_size(30)
        .rate_limit(50.0)
        .entries();
    let count = stream.count().await;
    let requests = crowd.lists().len();
    assert!(count >= 300 && requests >= 10);
    let shortest = Duration::from_millis(20) * (u32::try_from(requests).unwrap() - 1);
    assert!(
        began.elapsed() >= shortest,
        "{requests} requests in {:?}",
        began.elapsed()
    );
}
