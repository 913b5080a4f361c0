//! Filters end to end: what the client builds, the practice instance reads and answers.

use std::collections::BTreeSet;

use sugar_oauth::filter::{Column, Filter};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::v4_1::{GetEntryList, SetEntry};
use sugar_oauth::{Client, Consumer, ErrorKind, Instance, Password, Session};

async fn open() -> (Sandbox, Session) {
    let sandbox = Sandbox::start().await.unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    let session = client.login(sandbox.user_name(), password).await.unwrap();
    (sandbox, session)
}

fn contacts(column: &str) -> Column {
    Filter::on("contacts").unwrap().column(column).unwrap()
}

async fn ids(session: &Session, filter: Filter) -> BTreeSet<String> {
    let list = GetEntryList::new("Contacts")
        .query(filter)
        .select(["id"])
        .max_results(1_000);
    let records = session.call(&list).await.unwrap().entries;
    records.iter().map(|record| record.id().to_owned()).collect()
}

#[tokio::test]
async fn every_name_finds_its_record_in_every_way() {
    let (_sandbox, session) = open().await;
    let all = GetEntryList::new("Contacts")
        .select(["id", "last_name"])
        .max_results(1_000);
    let records = session.call(&all).await.unwrap().entries;
    let mut with_entities = 0;
    let mut tried = BTreeSet::new();
    for record in &records {
        let name = record.get("last_name").unwrap().into_owned();
        with_entities += usize::from(record.raw("last_name").unwrap().as_str().unwrap().contains('&'));
        if !tried.insert(name.clone()) {
            continue;
        }
        let characters: Vec<char> = name.chars().collect();
        let half = characters.len() / 2;
        let (begin, end): (String, String) = (characters[..half].iter().collect(), characters[half..].iter().collect());
        let column = contacts("last_name");
        for filter in [
            column.eq(name.as_str()),
            column.in_list(["nobody", &name]),
            column.starts_with(&begin),
            column.ends_with(&end),
            column.contains(&name),
            column.like(&format!("{}%", begin.replace('\\', r"\\"))),
            column.ne(name.as_str()).not(),
            contacts("id").eq(record.id()),
        ] {
            let found = ids(&session, filter.clone()).await;
            assert!(found.contains(record.id()), "{name:?}: {filter} finds {found:?}");
        }
        assert!(
            !ids(&session, column.ne(name.as_str())).await.contains(record.id()),
            "{name:?}"
        );
    }
    assert!(with_entities > 3 && tried.len() > 20, "{with_entities} of {tried:?}");
}

#[tokio::test]
async fn a_text_is_found_raw_and_with_entities() {
    let (_sandbox, session) = open().await;
    // The application decodes what it is sent once: `&amp;#039;` is stored as `&#039;`.
    let mut stored = BTreeSet::new();
    for sent in [
        "O'Toole & Nieces",
        "O&amp;#039;Toole & Nieces",
        "O&amp;#039;Toole &amp;amp; Nieces",
        "O'Toole &amp;amp; Nieces",
    ] {
        let id = session
            .call(&SetEntry::create("Contacts").set("last_name", sent).accept_changes())
            .await
            .unwrap();
        stored.insert(id);
    }
    let name = contacts("last_name");
    let plain = Filter::raw("contacts.last_name = 'O''Toole & Nieces'").unwrap();
    assert_eq!(ids(&session, plain).await.len(), 1, "the forms are not stored apart");
    for filter in [
        name.eq("O'Toole & Nieces"),
        name.in_list(["x", "o'toole & nieces"]),
        name.starts_with("O'T"),
        name.ends_with("& Nieces"),
        name.contains("'Toole & N"),
        name.like("O'%e & N_eces"),
        name.starts_with("O'T").and(name.ne("O'Toole & Niece")),
    ] {
        assert_eq!(ids(&session, filter.clone()).await, stored, "{filter}");
    }
    assert!(
        ids(&session, name.ne("O'Toole & Nieces").and(name.starts_with("O'T")))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn records_are_found_by_e_mail_address() {
    let (_sandbox, session) = open().await;
    let list = GetEntryList::new("Contacts")
        .select(["id", "email1"])
        .max_results(1_000);
    let records = session.call(&list).await.unwrap().entries;
    let mut checked = 0;
    for record in records.iter().filter(|record| record.get("email1").is_some()).take(10) {
        let address = record.get("email1").unwrap().to_ascii_uppercase();
        let found = ids(&session, Filter::email("contacts", "Contacts", &address).unwrap()).await;
        assert!(found.contains(record.id()), "{address}: {found:?}");
        assert!(found.len() < 5, "{address}: {found:?}");
        let of_another_module = Filter::email("contacts", "Leads", &address).unwrap();
        assert!(!ids(&session, of_another_module).await.contains(record.id()));
        // Beside other conditions, negated, and counted.
        let both = Filter::email("contacts", "Contacts", &address)
            .unwrap()
            .and(contacts("id").eq(record.id()));
        let count = session.get_entries_count("Contacts", &both.to_string()).await.unwrap();
        assert_eq!(count, 1);
        let others = Filter::email("contacts", "Contacts", &address).unwrap().not();
        assert!(!ids(&session, others).await.contains(record.id()));
        checked += 1;
    }
    assert_eq!(checked, 10);
    let nobody = Filter::email("contacts", "Contacts", "nobody@nowhere.example").unwrap();
    assert!(ids(&session, nobody).await.is_empty());
}

#[tokio::test]
async fn what_the_filter_spares_its_users() {
    let (_sandbox, session) = open().await;
    let count = |sql: &'static str| {
        let session = session.clone();
        async move { session.get_entries_count("Contacts", sql).await }
    };
    // A bare column, an unbracketed OR, another table's sub-select: what goes wrong without the builder.
    assert!(count("id = '1'").await.is_err());
    assert!(Filter::raw("id = '1'").unwrap_err().to_string().contains("`id`"));
    let refused = count("contacts.id IN (SELECT users.id FROM users WHERE users.deleted = 0)")
        .await
        .unwrap_err();
    assert_eq!((refused.kind(), refused.api().unwrap().number), (ErrorKind::Api, 40));
    let live = count("").await.unwrap();
    let unbracketed = count("contacts.deleted IS NOT NULL OR contacts.id = '1'")
        .await
        .unwrap();
    let bracketed = contacts("deleted").is_not_null().or(contacts("id").eq("1"));
    let bracketed = session
        .get_entries_count("Contacts", &bracketed.to_string())
        .await
        .unwrap();
    assert_eq!(bracketed, live);
    assert!(unbracketed > live, "{unbracketed} {live}");
}

#[tokio::test]
async fn signed_calls_take_every_filter() {
    let sandbox = Sandbox::start().await.unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let request_token = client.request_token(sugar_oauth::Callback::OutOfBand).await.unwrap();
    let verifier = sandbox.approve(request_token.token()).unwrap();
    let verifier = sugar_oauth::Verifier::new(verifier);
    let access_token = client.access_token(&request_token, &verifier).await.unwrap();
    let signed = client.signed(&access_token).unwrap();
    for text in [
        "O'Neil & <b>Sons</b> \"ü\"",
        "javascript:alert(1)",
        "<script>",
        "document.cookie",
        "onclick=x",
        "a\u{1}\\\"<é",
    ] {
        let filter = contacts("last_name").eq(text).or(contacts("last_name").contains(text));
        signed
            .call(
                &GetEntryList::new("Contacts")
                    .query(filter)
                    .select(["id"])
                    .max_results(1),
            )
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}
