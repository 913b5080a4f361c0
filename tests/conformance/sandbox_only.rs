//! What a live instance cannot be asked: its clock and its state are moved.

use std::time::Duration;

use sugar_oauth::{Callback, Client, ErrorKind, Step};

use crate::cases;
use crate::target::Target;

cases![
    a_session_that_expired_is_renewed,
    a_session_that_moved_to_another_network_is_renewed,
    a_request_token_older_than_a_day,
    a_revoked_access_token,
    a_server_clock_an_hour_behind,
    a_server_clock_an_hour_ahead,
    a_wrong_signature_is_never_dated_ahead,
];

/// The server's clock is about to be far ahead of this machine's.
fn patient_client(target: &Target) -> Client {
    let lead = Duration::from_secs(3 * 86_400);
    target
        .builder()
        .consumer(target.consumer())
        .tolerated_clock_lead(lead)
        .build()
}

async fn a_session_that_expired_is_renewed(target: Target) {
    let session = target.session(&patient_client(&target)).await;
    let first = session.id();
    target.sandbox().clock().advance(Duration::from_secs(1400));
    session.get_user_id().await.unwrap();
    target.sandbox().clock().advance(Duration::from_secs(1400));
    session.get_user_id().await.unwrap();
    assert_eq!(session.id(), first, "use keeps it alive");
    target.sandbox().clock().advance(Duration::from_secs(1441));
    session.get_user_id().await.unwrap();
    assert_ne!(session.id(), first);
}

async fn a_session_that_moved_to_another_network_is_renewed(target: Target) {
    let session = target.session(&target.client()).await;
    let first = session.id();
    target.sandbox().set_client_address([192, 0, 2, 7].into());
    assert!(!session.get_user_id().await.unwrap().is_empty());
    assert_ne!(session.id(), first);
}

async fn a_request_token_older_than_a_day(target: Target) {
    let lead = Duration::from_secs(3 * 86_400);
    let client = target
        .builder()
        .consumer(target.consumer())
        .tolerated_clock_lead(lead)
        .build();
    let request_token = target.request_token(&client).await;
    let verifier = target.verifier(&request_token).await;
    target.sandbox().clock().advance(Duration::from_secs(86_400 + 60));
    let error = client.access_token(&request_token, &verifier).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Refused, Some(Step::AccessToken)),
        "{error}"
    );
    assert!(
        error.hints().iter().any(|hint| hint.contains("older than a day")),
        "{error}"
    );
}

async fn a_revoked_access_token(target: Target) {
    let client = target.client();
    let access_token = target.access_token(&client).await;
    assert!(target.sandbox().revoke_access_token(access_token.token()));
    let error = client.oauth_access(&access_token).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.hints()[0].contains("revoked"), "{error}");
}

async fn a_server_clock_an_hour_behind(target: Target) {
    target.sandbox().clock().set_offset(-3600);
    let session = target.session(&target.client()).await;
    assert!(!session.get_user_id().await.unwrap().is_empty());
}

async fn a_server_clock_an_hour_ahead(target: Target) {
    target.sandbox().clock().set_offset(3600);
    let error = target.client().request_token(Callback::OutOfBand).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Clock, "{error}");
    assert_eq!(target.sandbox().state().nonces, 0, "nothing was signed");
    let lead = Duration::from_secs(4000);
    let allowed = target
        .builder()
        .consumer(target.consumer())
        .tolerated_clock_lead(lead)
        .build();
    assert!(allowed.request_token(Callback::OutOfBand).await.is_ok());
}

async fn a_wrong_signature_is_never_dated_ahead(target: Target) {
    let wrong = sugar_oauth::Consumer::new(&target.consumer_key, "not-the-secret-of-this-key").unwrap();
    let client = target.builder().consumer(wrong).build();
    client.request_token(Callback::OutOfBand).await.unwrap_err();
    let newest = target.sandbox().state().newest_timestamps[&target.consumer_key];
    assert!(newest <= target.sandbox().clock().unix_time());
}
