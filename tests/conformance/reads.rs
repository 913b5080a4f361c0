//! The first methods, and the API's own errors.

use serde_json::json;
use sugar_oauth::filter::Filter;
use sugar_oauth::v4_1::SetEntry;
use sugar_oauth::{ErrorKind, GetAvailableModules, GetEntriesCount, GetEntryList};

use crate::cases;
use crate::records::{create, guid, remove};
use crate::target::Target;

cases![
    modules_have_keys_and_rights,
    a_list_gives_what_was_selected_and_counts,
    a_query_that_matches_nothing,
    an_offset_past_the_end,
    a_filter_matches_text_however_it_is_stored,
    a_filter_with_or_leaves_deleted_records_out,
    a_filter_finds_by_email_address,
    special_characters_travel,
    an_unknown_module,
    an_unknown_method,
    a_query_with_an_error,
    a_query_that_is_not_allowed,
    raw_calls_answer_as_typed_ones,
    raw_calls_of_the_walk_are_refused_here,
];

async fn modules_have_keys_and_rights(target: Target) {
    let session = target.session(&target.client()).await;
    let all = session.call(&GetAvailableModules::all()).await.unwrap();
    let navigation = session.call(&GetAvailableModules::default_filter()).await.unwrap();
    assert!(all.iter().any(|module| module.key == "Accounts"));
    assert!(all.iter().all(|module| !module.key.is_empty()));
    let accounts = all.iter().find(|module| module.key == "Accounts").unwrap();
    assert!(accounts.allows("list").is_some());
    assert!(navigation.len() <= all.len());
    session.logout().await.unwrap();
}

async fn a_list_gives_what_was_selected_and_counts(target: Target) {
    let session = target.session(&target.client()).await;
    let wanted = GetEntryList::new("Accounts")
        .select(["id", "name"])
        .order_by("accounts.id")
        .max_results(2);
    let list = session.call(&wanted).await.unwrap();
    assert!(list.entries.len() <= 2);
    assert_eq!(list.next_offset, list.entries.len() as u64);
    for entry in &list.entries {
        assert_eq!(entry.module_name(), "Accounts");
        assert!(!entry.id().is_empty());
        assert!(
            entry.fields().all(|field| field == "id" || field == "name"),
            "{entry:?}"
        );
        assert_eq!(entry.get("id").unwrap(), entry.id());
    }
    let counted = session.call(&GetEntriesCount::new("Accounts")).await.unwrap();
    if let Some(total) = list.total_count {
        assert!(total <= counted, "the count ignores row access, so it is never lower");
    }
    session.logout().await.unwrap();
}

async fn a_query_that_matches_nothing(target: Target) {
    let session = target.session(&target.client()).await;
    let nothing = "accounts.id = 'no such id, says sugar-oauth'";
    let list = session
        .call(&GetEntryList::new("Accounts").query(nothing))
        .await
        .unwrap();
    assert!(list.entries.is_empty());
    assert_eq!(session.get_entries_count("Accounts", nothing).await.unwrap(), 0);
    session.logout().await.unwrap();
}

async fn an_offset_past_the_end(target: Target) {
    let session = target.session(&target.client()).await;
    let list = session
        .call(&GetEntryList::new("Accounts").offset(1_000_000_000).max_results(2))
        .await
        .unwrap();
    assert!(list.entries.is_empty());
    session.logout().await.unwrap();
}

async fn a_filter_matches_text_however_it_is_stored(target: Target) {
    let session = target.session(&target.client()).await;
    let name = format!("sugar-oauth O'Neil & <b>Söhne</b> \"{}\"", guid());
    let id = create(
        &session,
        SetEntry::create_with_id("Accounts", guid()).set("name", name.as_str()),
    )
    .await;
    let accounts = Filter::on("accounts").unwrap();
    let column = || accounts.column("name").unwrap();
    for filter in [
        column().eq(name.as_str()),
        column()
            .starts_with("sugar-oauth O'Neil & <b>S")
            .and(accounts.column("id").unwrap().eq(id.as_str())),
        column()
            .contains("O'Neil & <b>S")
            .and(accounts.column("id").unwrap().eq(id.as_str())),
    ] {
        assert_eq!(
            session
                .get_entries_count("Accounts", &filter.to_string())
                .await
                .unwrap(),
            1,
            "{filter}"
        );
    }
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn a_filter_with_or_leaves_deleted_records_out(target: Target) {
    let session = target.session(&target.client()).await;
    let ids = [guid(), guid()];
    for id in &ids {
        create(
            &session,
            SetEntry::create_with_id("Accounts", id).set("name", "sugar-oauth or"),
        )
        .await;
    }
    remove(&session, "Accounts", &ids[0]).await;
    let id = |id: &str| Filter::on("accounts").unwrap().column("id").unwrap().eq(id);
    let either = id(&ids[0]).or(id(&ids[1]));
    let list = GetEntryList::new("Accounts").query(either).select(["id"]);
    let found = session.call(&list).await.unwrap().entries;
    assert_eq!(
        found.iter().map(|entry| entry.id()).collect::<Vec<_>>(),
        [ids[1].as_str()]
    );
    remove(&session, "Accounts", &ids[1]).await;
    session.logout().await.unwrap();
}

async fn a_filter_finds_by_email_address(target: Target) {
    let session = target.session(&target.client()).await;
    let address = format!("{}.o'neil@example.test", guid());
    let entry = SetEntry::create_with_id("Contacts", guid()).set("last_name", "sugar-oauth");
    let id = create(&session, entry.set("email1", address.as_str())).await;
    let filter = Filter::email("contacts", "Contacts", &address.to_uppercase()).unwrap();
    let list = GetEntryList::new("Contacts").query(filter).select(["id"]);
    assert_eq!(session.call(&list).await.unwrap().entries[0].id(), id);
    remove(&session, "Contacts", &id).await;
    session.logout().await.unwrap();
}

async fn special_characters_travel(target: Target) {
    let session = target.session(&target.client()).await;
    let query = "accounts.name = 'a+b %25 & = ~ * ? # åß株 \\'x\\' \"y\" & z'";
    assert_eq!(session.get_entries_count("Accounts", query).await.unwrap(), 0);
    session.logout().await.unwrap();
}

async fn an_unknown_module(target: Target) {
    let session = target.session(&target.client()).await;
    let error = session.call(&GetEntryList::new("NoSuchModule")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.api().unwrap().number),
        (ErrorKind::Api, 20),
        "{error}"
    );
    assert!(error.to_string().starts_with("get_entry_list: "), "{error}");
    session.logout().await.unwrap();
}

async fn an_unknown_method(target: Target) {
    let session = target.session(&target.client()).await;
    let error = session.call_raw("no_such_method", json!({})).await.unwrap_err();
    assert_eq!(error.api().unwrap().number, -1, "{error}");
    session.logout().await.unwrap();
}

async fn a_query_with_an_error(target: Target) {
    let session = target.session(&target.client()).await;
    let wrong = GetEntryList::new("Accounts").query("accounts.no_such_column = '1'");
    let error = session.call(&wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus, "{error}");
    assert!(error.to_string().contains("database"), "{error}");
    let bare = GetEntryList::new("Accounts").query("accounts.deleted = 0 AND no_such_column = '1'");
    let error = session.call(&bare).await.unwrap_err();
    assert!(error.hints()[0].contains("`no_such_column` has no table"), "{error}");
    session.logout().await.unwrap();
}

async fn a_query_that_is_not_allowed(target: Target) {
    let session = target.session(&target.client()).await;
    let refused = GetEntryList::new("Accounts").query("accounts.id in (select sleep(1))");
    assert_eq!(session.call(&refused).await.unwrap_err().api().unwrap().number, 40);
    session.logout().await.unwrap();
}

async fn raw_calls_answer_as_typed_ones(target: Target) {
    let session = target.session(&target.client()).await;
    let id = session.call_raw("get_user_id", json!({})).await.unwrap();
    assert_eq!(id, session.get_user_id().await.unwrap());
    session.logout().await.unwrap();
}

async fn raw_calls_of_the_walk_are_refused_here(target: Target) {
    let session = target.session(&target.client()).await;
    for name in ["login", "logout", "oauth_access", "seamless_login", "", "a b"] {
        let error = session.call_raw(name, json!({})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
    }
    session.logout().await.unwrap();
}
