//! What modules are made of and called, search, and the rare methods.

use sugar_oauth::v4_1::{
    GetEntry, GetLanguageDefinition, GetLastViewed, GetModuleFields, GetModuleFieldsMd5, GetModuleLayout,
    GetModuleLayoutMd5, GetUpcomingActivities, JobQueueNext, SeamlessLogin, SearchByModule, SetEntry,
};

use crate::cases;
use crate::records::{create, guid, remove};
use crate::target::Target;

cases![
    fields_links_and_the_table,
    digests_of_fields,
    layouts_and_their_digests,
    language_strings,
    search_finds_a_new_record,
    the_last_viewed,
    upcoming_activities,
    the_rare_ones,
    an_unknown_modules_fields,
];

async fn fields_links_and_the_table(target: Target) {
    let session = target.session(&target.client()).await;
    let all = session.call(&GetModuleFields::new("Accounts")).await.unwrap();
    assert_eq!(
        (all.module_name.as_str(), all.table_name.as_str()),
        ("Accounts", "accounts")
    );
    assert_eq!(all.field("id").unwrap().kind, "id");
    assert!(all.field("name").unwrap().length.is_some());
    assert!(!all.field("account_type").unwrap().options.is_empty());
    let contacts = all.link("contacts").unwrap();
    assert_eq!(contacts.relationship, "accounts_contacts");
    let some = session
        .call(&GetModuleFields::new("Accounts").select(["id", "name"]))
        .await
        .unwrap();
    assert_eq!(some.fields.len(), 2);
    session.logout().await.unwrap();
}

async fn digests_of_fields(target: Target) {
    let session = target.session(&target.client()).await;
    let digests = session
        .call(&GetModuleFieldsMd5::new(["Accounts", "Contacts"]))
        .await
        .unwrap();
    assert_eq!(digests.len(), 2);
    assert!(digests.iter().all(|(_, digest)| digest.len() == 32));
    session.logout().await.unwrap();
}

async fn layouts_and_their_digests(target: Target) {
    let session = target.session(&target.client()).await;
    let layouts = session.call(&GetModuleLayout::new(["Accounts"])).await.unwrap();
    assert!(
        layouts
            .get("Accounts", "default", "list")
            .is_some_and(serde_json::Value::is_object)
    );
    let digests = session.call(&GetModuleLayoutMd5::new(["Accounts"])).await.unwrap();
    let digest = digests
        .get("Accounts", "default", "list")
        .and_then(serde_json::Value::as_str);
    assert_eq!(digest.map(str::len), Some(32));
    session.logout().await.unwrap();
}

async fn language_strings(target: Target) {
    let session = target.session(&target.client()).await;
    let strings = session.call(&GetLanguageDefinition::new(["Accounts"])).await.unwrap();
    assert!(
        strings["Accounts"]
            .as_object()
            .is_some_and(|labels| labels.contains_key("LBL_MODULE_NAME"))
    );
    session.logout().await.unwrap();
}

async fn search_finds_a_new_record(target: Target) {
    let session = target.session(&target.client()).await;
    let name = format!("sugar-oauth search {}", &guid()[..13]);
    let id = create(
        &session,
        SetEntry::create_with_id("Accounts", guid()).set("name", name.as_str()),
    )
    .await;
    let search = SearchByModule::new(&name, ["Accounts", "Contacts"])
        .select(["id", "name"])
        .beyond_unified_search();
    let found = session.call(&search).await.unwrap();
    let accounts = found.iter().find(|module| module.module_name == "Accounts").unwrap();
    assert!(
        accounts
            .records
            .iter()
            .any(|record| record.get("id").is_some_and(|found| found == id))
    );
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn the_last_viewed(target: Target) {
    let session = target.session(&target.client()).await;
    let id = create(
        &session,
        SetEntry::create_with_id("Accounts", guid()).set("name", "sugar-oauth viewed"),
    )
    .await;
    session
        .call(&GetEntry::new("Accounts", &id).select(["id", "name"]).track_view(true))
        .await
        .unwrap();
    let viewed = session.call(&GetLastViewed::new(["Accounts"])).await.unwrap();
    // Instances may have their tracker switched off.
    assert!(
        viewed
            .iter()
            .all(|record| !record.id.is_empty() && record.module_name == "Accounts")
    );
    remove(&session, "Accounts", &id).await;
    session.logout().await.unwrap();
}

async fn upcoming_activities(target: Target) {
    let session = target.session(&target.client()).await;
    let coming = session.call(&GetUpcomingActivities).await.unwrap();
    assert!(coming.iter().all(|activity| !activity.id.is_empty()));
    session.logout().await.unwrap();
}

async fn the_rare_ones(target: Target) {
    let session = target.session(&target.client()).await;
    assert!(session.call(&JobQueueNext::new("sugar-oauth")).await.is_ok());
    assert_eq!(session.call(&SeamlessLogin::new()).await.unwrap(), 1);
    session.logout().await.unwrap();
}

async fn an_unknown_modules_fields(target: Target) {
    let session = target.session(&target.client()).await;
    let error = session.call(&GetModuleFields::new("NoSuchModule")).await.unwrap_err();
    assert_eq!(error.api().map(|error| error.number), Some(20), "{error}");
    session.logout().await.unwrap();
}
