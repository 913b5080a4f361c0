//! Many generated records, and what calls cost.

use std::time::{Duration, Instant};

use sugar_oauth::sandbox::{CostModel, Sandbox};
use sugar_oauth::v4_1::GetEntryList;
use sugar_oauth::{Client, GetUserId, Instance, Password, Session};

async fn open(sandbox: &Sandbox) -> Session {
    let client = Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
    let password = Password::new(sandbox.password());
    client.login(sandbox.user_name(), password).await.unwrap()
}

fn contacts(rows: u64) -> GetEntryList {
    GetEntryList::new("Contacts")
        .select(["id", "last_name"])
        .order_by("contacts.id")
        .max_results(rows)
}

#[tokio::test]
async fn two_hundred_thousand_contacts_are_paged_by_keyset() {
    let sandbox = Sandbox::builder().records(0, 200_000).start().await.unwrap();
    let session = open(&sandbox).await;
    let all = session.call(&contacts(1).deleted(true)).await.unwrap();
    assert_eq!(all.total_count, Some(200_000));
    let middle = session.call(&contacts(2).offset(100_000)).await.unwrap();
    let (first, second) = (middle.entries[0].id(), middle.entries[1].id());
    let page = session
        .call(&contacts(50).query(format!("contacts.id > '{first}'")))
        .await
        .unwrap();
    assert_eq!((page.entries.len(), page.entries[0].id()), (50, second));
    let total = session.call(&contacts(1)).await.unwrap().total_count.unwrap();
    assert_eq!(page.total_count, Some(total - 100_001));
}

#[tokio::test]
async fn the_same_numbers_give_the_same_records() {
    let (one, other) = (
        Sandbox::builder().records(70, 500).start().await.unwrap(),
        Sandbox::builder().records(70, 500).start().await.unwrap(),
    );
    let list = |sandbox| async move {
        let list = GetEntryList::new("Contacts").order_by("contacts.id").max_results(1_000);
        open(sandbox).await.call(&list.deleted(true)).await.unwrap().entries
    };
    let records = list(&one).await;
    assert_eq!(records.len(), 500);
    assert_eq!(records, list(&other).await);
}

/// Only lower limits of time, and one of a request against another: the machine may be slow.
#[tokio::test]
async fn calls_take_what_they_cost_and_a_session_serves_one_at_a_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let (session, other) = (open(&sandbox).await, open(&sandbox).await);
    sandbox.cost(CostModel {
        page: Duration::from_millis(100),
        row: Duration::from_millis(10),
        ..CostModel::MEASURED
    });
    let timed = async |session: &Session| {
        let began = Instant::now();
        let page = session.call(&contacts(20)).await.unwrap();
        assert_eq!(page.entries.len(), 20);
        began.elapsed()
    };
    assert!(timed(&session).await >= Duration::from_millis(300));

    let (first, second) = tokio::join!(timed(&session), timed(&session));
    assert!(first.max(second) >= Duration::from_millis(600));

    // Another session is not kept waiting.
    let slow = contacts(200);
    let (slow, quick) = tokio::join!(
        async {
            session.call(&slow).await.unwrap();
            Instant::now()
        },
        async {
            other.call(&GetUserId).await.unwrap();
            Instant::now()
        }
    );
    assert!(quick < slow);
}
