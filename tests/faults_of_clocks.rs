//! Clocks that are wrong, that are moved while calls are made, and keys that another's clock has blocked.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use std::time::Duration;

use harness::Harness;
use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};
use sugar_oauth::{AccessToken, Client, Consumer, ErrorKind, GetUserId, Instance, TokenSecret};

const TOKEN: (&str, &str) = ("token-of-the-test", "secret-of-the-token");

async fn start() -> Harness {
    Harness::with(Sandbox::builder().access_token(TOKEN.0, TOKEN.1)).await
}

fn token() -> AccessToken {
    AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1)).unwrap()
}

/// A client that believes a server that is at most so far ahead.
fn client(sandbox: &Sandbox, lead: Duration) -> Client {
    Client::builder(Instance::parse(sandbox.url()).unwrap())
        .consumer(Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap())
        .tolerated_clock_lead(lead)
        .build()
}

const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Somebody else's request with the key, dated ahead. The server notes its time although its signature is wrong.
fn block_the_key(harness: &Harness, seconds: i64) {
    let mut ahead = harness.signer();
    ahead.secret = String::from("not the secret");
    ahead.timestamp = Some(signer::now() + seconds);
    harness.signed(&ahead, &[("method", "oauth_request_token")]);
}

#[tokio::test]
async fn a_key_blocked_by_a_future_timestamp_is_refused_with_what_it_may_be_and_serves_again_afterwards() {
    let harness = start().await;
    let sandbox = &harness.sandbox;
    let client = client(sandbox, FIVE_MINUTES);
    let session = client.oauth_access(&token()).await.unwrap();
    block_the_key(&harness, 240);
    sandbox.clear_requests();
    let error = client.oauth_access(&token()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.hints().iter().any(|hint| hint.contains("clock")), "{error}");
    // Signed afresh once, and never ahead of the server's time to get past the block.
    assert_eq!(sandbox.requests().len(), 2);
    assert!(sandbox.state().newest_timestamps[sandbox.consumer_key()] <= signer::now() + 240);
    // What is not signed is not concerned.
    session.get_user_id().await.unwrap();
    sandbox.clock().advance(Duration::from_secs(241));
    // Here time passes on the server only, so the client has to hear of it.
    session.get_user_id().await.unwrap();
    client.oauth_access(&token()).await.unwrap();
}

#[tokio::test]
async fn a_server_clock_that_is_put_an_hour_back_costs_no_call() {
    let harness = start().await;
    let client = client(&harness.sandbox, FIVE_MINUTES);
    let signed = client.signed(&token()).unwrap();
    signed.call(&GetUserId).await.unwrap();
    harness.sandbox.clock().set_offset(-3_600);
    harness.sandbox.clear_requests();
    for _ in 0..3 {
        signed.call(&GetUserId).await.unwrap();
    }
    assert_eq!(harness.sandbox.requests().len(), 3, "one was signed afresh");
}

#[tokio::test]
async fn a_server_clock_that_is_put_an_hour_ahead_ends_signed_calls_unless_that_is_allowed() {
    let harness = start().await;
    let (strict, lenient) = (
        client(&harness.sandbox, FIVE_MINUTES),
        client(&harness.sandbox, Duration::from_secs(4_000)),
    );
    strict.signed(&token()).unwrap().call(&GetUserId).await.unwrap();
    harness.sandbox.clock().set_offset(3_600);
    harness.sandbox.clear_requests();
    // The first is dated by what was known, which the server takes, and brings the news.
    strict.signed(&token()).unwrap().call(&GetUserId).await.unwrap();
    let error = strict.signed(&token()).unwrap().call(&GetUserId).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Clock, "{error}");
    lenient.signed(&token()).unwrap().call(&GetUserId).await.unwrap();
}

#[tokio::test]
async fn a_date_of_2099_in_the_middle_dates_no_signature() {
    let builder = Sandbox::builder().flavour(Flavour::Hostile);
    let harness = Harness::with(builder.access_token(TOKEN.0, TOKEN.1)).await;
    let sandbox = &harness.sandbox;
    sandbox.hostile(Trick::Nothing);
    let signed = client(sandbox, FIVE_MINUTES).signed(&token()).unwrap();
    signed.call(&GetUserId).await.unwrap();
    sandbox.hostile(Trick::DateFarAhead);
    for _ in 0..3 {
        signed.call(&GetUserId).await.unwrap();
    }
    assert!(sandbox.state().newest_timestamps[sandbox.consumer_key()] <= signer::now());
}
