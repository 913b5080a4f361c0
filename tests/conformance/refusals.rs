//! Everything that the server refuses, and how the client tells it.

use sugar_oauth::{AccessToken, Callback, Client, Consumer, Error, ErrorKind, Step, TokenSecret, Verifier};

use crate::cases;
use crate::target::Target;

cases![
    an_unknown_consumer_key,
    a_wrong_consumer_secret,
    an_exchange_before_anyone_authorized,
    a_second_exchange,
    an_unknown_access_token,
    a_wrong_token_secret,
    an_access_token_in_the_place_of_a_request_token,
    an_overlong_callback_is_refused_before_it_is_sent,
];

fn refused(error: &Error, step: Step) {
    assert_eq!(error.step(), Some(step), "{error}");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(!error.hints().is_empty(), "{error}");
    assert!(!error.may_have_applied(), "{error}");
}

fn client(target: &Target, key: &str, secret: &str) -> Client {
    target.builder().consumer(Consumer::new(key, secret).unwrap()).build()
}

async fn an_unknown_consumer_key(target: Target) {
    let client = client(&target, "NOSUCHKEY-sugar-oauth", &target.consumer_secret);
    refused(
        &client.request_token(Callback::OutOfBand).await.unwrap_err(),
        Step::RequestToken,
    );
}

async fn a_wrong_consumer_secret(target: Target) {
    let wrong = "not-the-secret-of-this-key";
    let error = client(&target, &target.consumer_key, wrong)
        .request_token(Callback::OutOfBand)
        .await
        .unwrap_err();
    refused(&error, Step::RequestToken);
    assert!(!error.to_string().contains(wrong));
    // The key is not blocked by it.
    target.request_token(&target.client()).await;
}

async fn an_exchange_before_anyone_authorized(target: Target) {
    let client = target.client();
    let request_token = target.request_token(&client).await;
    refused(
        &client
            .access_token(&request_token, &Verifier::new("abc"))
            .await
            .unwrap_err(),
        Step::AccessToken,
    );
}

async fn a_second_exchange(target: Target) {
    let client = target.client();
    let request_token = target.request_token(&client).await;
    let verifier = target.verifier(&request_token).await;
    client.access_token(&request_token, &verifier).await.unwrap();
    refused(
        &client.access_token(&request_token, &verifier).await.unwrap_err(),
        Step::AccessToken,
    );
}

async fn an_unknown_access_token(target: Target) {
    let unknown = AccessToken::from_parts("deadbeef0000", TokenSecret::new("feedbeef0000")).unwrap();
    refused(
        &target.client().oauth_access(&unknown).await.unwrap_err(),
        Step::OauthAccess,
    );
}

async fn a_wrong_token_secret(target: Target) {
    let client = target.client();
    let (token, _) = target.access_token(&client).await.into_parts();
    let wrong = AccessToken::from_parts(token, TokenSecret::new("feedbeef0000")).unwrap();
    refused(&client.oauth_access(&wrong).await.unwrap_err(), Step::OauthAccess);
}

async fn an_access_token_in_the_place_of_a_request_token(target: Target) {
    let client = target.client();
    let (token, secret) = target.access_token(&client).await.into_parts();
    let request_token = sugar_oauth::RequestToken::from_parts(&client, token, secret).unwrap();
    let error = client
        .access_token(&request_token, &Verifier::new("abc"))
        .await
        .unwrap_err();
    assert_eq!(error.step(), Some(Step::AccessToken), "{error}");
    assert!(
        matches!(error.kind(), ErrorKind::Refused | ErrorKind::InvalidAnswer),
        "{error}"
    );
}

async fn an_overlong_callback_is_refused_before_it_is_sent(target: Target) {
    let callback = format!("https://example.com/{}", "x".repeat(255)).parse().unwrap();
    let error = target
        .client()
        .request_token(Callback::Url(callback))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
