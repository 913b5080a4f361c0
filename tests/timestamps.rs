//! Signed calls in parallel over a network that delays them, against a server whose timestamps only move forward.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use sugar_oauth::sandbox::{ReceivedRequest, Sandbox};
use sugar_oauth::{Callback, Client, Consumer, GetUserId, Instance, Signed, Verifier};

async fn signed(sandbox: &Sandbox) -> Signed {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let request_token = client.request_token(Callback::OutOfBand).await.unwrap();
    let verifier = Verifier::new(sandbox.approve(request_token.token()).unwrap());
    let access_token = client.access_token(&request_token, &verifier).await.unwrap();
    sandbox.clear_requests();
    client.signed(&access_token).unwrap()
}

fn timestamp(request: &ReceivedRequest) -> i64 {
    request.parameter("oauth_timestamp").unwrap().parse().unwrap()
}

/// The signed requests, each of which is checked to be dated no later than the server's clock.
fn signed_requests(sandbox: &Sandbox) -> Vec<ReceivedRequest> {
    let requests = sandbox.requests();
    let signed = requests
        .into_iter()
        .filter(|request| request.parameter("oauth_nonce").is_some());
    signed
        .inspect(|request| {
            assert!(
                timestamp(request) <= request.received_at,
                "{} is early",
                timestamp(request)
            )
        })
        .collect()
}

/// A refused call is signed afresh once, so what tells is how many requests there were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_overtake_each_other_are_never_refused() {
    const TASKS: usize = 8;
    let sandbox = Sandbox::start().await.unwrap();
    let signed = signed(&sandbox).await;
    let random = RandomState::new();
    sandbox.latency(move |request| Duration::from_millis(random.hash_one(&request.body) % 300));
    let started = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let signed = signed.clone();
            tokio::spawn(async move {
                let mut calls = 0;
                while started.elapsed() < Duration::from_secs(4) {
                    signed.call(&GetUserId).await.unwrap();
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    let mut calls = 0;
    for task in tasks {
        calls += task.await.unwrap();
    }
    let requests = signed_requests(&sandbox);
    assert_eq!(requests.len(), calls, "calls were refused and signed afresh");
    let mut timestamps: Vec<_> = requests.iter().map(timestamp).collect();
    timestamps.sort_unstable();
    timestamps.dedup();
    assert!(
        timestamps.len() >= 3,
        "{timestamps:?}: time did not move, so this told nothing"
    );
    assert!(
        calls >= 2 * TASKS && timestamps.len() < calls,
        "{calls} calls, {timestamps:?}"
    );
}

/// Each on its own clock, the second call would carry a later second and arrive first, and the first would be refused.
#[tokio::test]
async fn a_call_does_not_overtake_a_slow_one_with_a_later_timestamp() {
    let sandbox = Sandbox::start().await.unwrap();
    let signed = signed(&sandbox).await;
    let first = std::sync::atomic::AtomicBool::new(true);
    sandbox.latency(move |_| match first.swap(false, std::sync::atomic::Ordering::SeqCst) {
        true => Duration::from_millis(2500),
        false => Duration::ZERO,
    });
    let slow = tokio::spawn({
        let signed = signed.clone();
        async move { signed.call(&GetUserId).await }
    });
    tokio::time::sleep(Duration::from_millis(1300)).await;
    let quick = signed.call(&GetUserId).await;
    assert!(slow.is_finished(), "the second call did not wait");
    slow.await.unwrap().unwrap();
    quick.unwrap();
    let requests = signed_requests(&sandbox);
    assert_eq!(requests.len(), 2, "a call was refused and signed afresh");
    assert!(timestamp(&requests[0]) < timestamp(&requests[1]));
}
