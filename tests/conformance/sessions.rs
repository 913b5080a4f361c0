//! A session's life.

use sugar_oauth::{ErrorKind, GetAvailableModules, GetUserId, SessionId};

use crate::cases;
use crate::target::Target;

cases![
    a_session_that_was_ended_elsewhere_is_renewed,
    many_tasks_share_one_renewal,
    after_logout_no_clone_renews,
    logout_twice_is_no_error,
    an_unknown_session_id_is_told_and_not_renewed,
    a_given_session_id_serves,
];

async fn a_session_that_was_ended_elsewhere_is_renewed(target: Target) {
    let client = target.client();
    let session = target.session(&client).await;
    let user = session.get_user_id().await.unwrap();
    let first = session.id();
    client.session(first.clone()).unwrap().logout().await.unwrap();
    assert_eq!(session.get_user_id().await.unwrap(), user);
    assert_ne!(session.id(), first);

    // This method says so in other words.
    client.session(session.id()).unwrap().logout().await.unwrap();
    assert!(!session.call(&GetAvailableModules::all()).await.unwrap().is_empty());
    session.logout().await.unwrap();
}

async fn many_tasks_share_one_renewal(target: Target) {
    let client = target.client();
    let session = target.session(&client).await;
    client.session(session.id()).unwrap().logout().await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.get_user_id().await.map(|_| session.id()) })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap().unwrap());
    }
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "more than one renewal");
    session.logout().await.unwrap();
}

async fn after_logout_no_clone_renews(target: Target) {
    let session = target.session(&target.client()).await;
    let clone = session.clone();
    session.logout().await.unwrap();
    let error = clone.call(&GetUserId).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone, "{error}");
}

async fn logout_twice_is_no_error(target: Target) {
    let client = target.client();
    let session = target.session(&client).await;
    let other_handle = client.session(session.id()).unwrap();
    session.logout().await.unwrap();
    session.logout().await.unwrap();
    other_handle.logout().await.unwrap();
}

async fn an_unknown_session_id_is_told_and_not_renewed(target: Target) {
    let session = target
        .client()
        .session(SessionId::new("0123456789abcdef0123456789abcdef"))
        .unwrap();
    for error in [
        session.get_user_id().await.unwrap_err(),
        session.get_available_modules().await.unwrap_err(),
        session.get_entries_count("Accounts", "").await.unwrap_err(),
        session
            .call_raw("get_user_id", serde_json::json!({}))
            .await
            .unwrap_err(),
    ] {
        assert!(error.kind() == ErrorKind::SessionGone, "{error}");
        assert!(!error.to_string().contains("0123456789abcdef"), "{error}");
    }
}

async fn a_given_session_id_serves(target: Target) {
    let client = target.client();
    let session = target.session(&client).await;
    let given = client.session(session.id()).unwrap();
    assert_eq!(given.get_user_id().await.unwrap(), session.get_user_id().await.unwrap());
    session.logout().await.unwrap();
}
