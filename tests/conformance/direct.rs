//! Calls signed with the access token, without a session.

use serde_json::json;
use sugar_oauth::signing::Placement;
use sugar_oauth::{ErrorKind, GetAvailableModules, GetEntriesCount, GetEntryList, GetUserId};

use crate::cases;
use crate::target::Target;

cases![
    form_and_query_placement_are_honoured,
    header_placement_falls_back_to_the_form,
    direct_calls_answer_as_session_calls,
    special_characters_are_signed_right,
    content_that_the_server_cleans_is_named,
    calls_in_parallel_are_not_refused,
];

async fn form_and_query_placement_are_honoured(target: Target) {
    for placement in [Placement::Form, Placement::Query] {
        let client = target
            .builder()
            .consumer(target.consumer())
            .placement(placement)
            .build();
        let signed = client.signed(&target.access_token(&client).await).unwrap();
        assert!(!signed.call(&GetUserId).await.unwrap().is_empty(), "{placement:?}");
        let list = signed
            .call(&GetEntryList::new("Accounts").select(["id"]).max_results(2))
            .await
            .unwrap();
        assert!(list.entries.len() <= 2);
    }
}

async fn header_placement_falls_back_to_the_form(target: Target) {
    let client = target
        .builder()
        .consumer(target.consumer())
        .placement(Placement::Header)
        .build();
    let signed = client.signed(&target.access_token(&client).await).unwrap();
    assert!(!signed.call(&GetAvailableModules::all()).await.unwrap().is_empty());
}

async fn direct_calls_answer_as_session_calls(target: Target) {
    let client = target.client();
    let access_token = target.access_token(&client).await;
    let signed = client.signed(&access_token).unwrap();
    let session = client.oauth_access(&access_token).await.unwrap();
    let count = GetEntriesCount::new("Accounts");
    assert_eq!(signed.call(&count).await.unwrap(), session.call(&count).await.unwrap());
    let raw = signed.call_raw("get_user_id", json!({})).await.unwrap();
    assert_eq!(raw, session.get_user_id().await.unwrap());
    let error = signed.call(&GetEntryList::new("NoSuchModule")).await.unwrap_err();
    assert_eq!(error.api().unwrap().number, 20);
    session.logout().await.unwrap();
}

async fn special_characters_are_signed_right(target: Target) {
    let query = "accounts.name = 'a+b %25 & = ~ * ? # åß株 \\'x\\' \"y\" & z'";
    for placement in [Placement::Form, Placement::Query] {
        let client = target
            .builder()
            .consumer(target.consumer())
            .placement(placement)
            .build();
        let signed = client.signed(&target.access_token(&client).await).unwrap();
        assert_eq!(
            signed
                .call(&GetEntriesCount::new("Accounts").query(query))
                .await
                .unwrap(),
            0
        );
    }
}

async fn content_that_the_server_cleans_is_named(target: Target) {
    let client = target.client();
    let access_token = target.access_token(&client).await;
    let count = GetEntriesCount::new("Accounts").query("accounts.name = 'javascript:x'");
    let error = client.signed(&access_token).unwrap().call(&count).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.hints()[0].contains("javascript:"), "{error}");
    let session = client.oauth_access(&access_token).await.unwrap();
    assert_eq!(session.call(&count).await.unwrap(), 0);
    session.logout().await.unwrap();
}

async fn calls_in_parallel_are_not_refused(target: Target) {
    let client = target.client();
    let signed = client.signed(&target.access_token(&client).await).unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let signed = signed.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    signed.call(&GetUserId).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
