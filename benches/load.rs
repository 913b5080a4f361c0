//! Signed calls over a network that takes 0 to 300 ms from signing to arrival: by eight tasks that share timestamps, as this
//! crate signs them; one at a time, as every call is safe, too; and by eight tasks that date each call by its own second.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::signing::{OAuthParameters, Parameters, Placement, SigningKey, Target, sign};
use sugar_oauth::{AccessToken, Client, Consumer, GetUserId, Instance, Signed, TokenSecret};
use tokio::runtime::Runtime;

const CALLS: usize = 240;
const TASKS: usize = 8;
const TOKEN: (&str, &str) = ("c2d6b05b37d1", "773eab1abc65");

fn main() {
    Runtime::new().expect("a runtime").block_on(compare());
}

async fn compare() {
    let sandbox = Sandbox::builder()
        .access_token(TOKEN.0, TOKEN.1)
        .start()
        .await
        .expect("a practice instance");
    let random = RandomState::new();
    // The server looks at a request only after this time.
    sandbox.latency(move |request| match request.parameter("oauth_nonce") {
        Some(nonce) => Duration::from_millis(random.hash_one(nonce) % 301),
        None => Duration::ZERO,
    });
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
    let client = Client::new(Instance::parse(sandbox.url()).expect("a site"), consumer);
    let access_token = AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1)).expect("a token");
    let signed = client.signed(&access_token).expect("a consumer");

    let shared = with_tasks(&sandbox, &signed, TASKS).await;
    let single = with_tasks(&sandbox, &signed, 1).await;
    println!("one at a time takes {:.1} times as long", single / shared);
    sandbox.forget_nonces();
    each_by_its_own_second(&sandbox).await;
}

/// Makes the calls through this crate. A refused one is signed afresh, so the requests tell how many were refused.
async fn with_tasks(sandbox: &Sandbox, signed: &Signed, tasks: usize) -> f64 {
    sandbox.clear_requests();
    let began = Instant::now();
    all(tasks, || {
        let signed = signed.clone();
        async move { signed.call(&GetUserId).await.is_ok() }
    })
    .await;
    let time = began.elapsed().as_secs_f64();
    let is_signed = |count: &&sugar_oauth::sandbox::ReceivedRequest| count.parameter("oauth_nonce").is_some();
    let refused = sandbox.requests().iter().filter(is_signed).count() - CALLS;
    println!("sugar-oauth, {tasks} at a time: {CALLS} calls in {time:.1} s, {refused} refused");
    time
}

async fn each_by_its_own_second(sandbox: &Sandbox) {
    let url: Arc<url::Url> = Arc::new(
        format!("{}/service/v4_1/rest.php", sandbox.url())
            .parse()
            .expect("a URL"),
    );
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
    let key = SigningKey::new(consumer.secret(), Some(&TokenSecret::new(TOKEN.1)));
    let parameters = Parameters::new()
        .with("method", "get_user_id")
        .with("input_type", "JSON")
        .with("response_type", "JSON")
        .with("rest_data", r#"{"session":""}"#);
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let (nonces, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let accepted = all(TASKS, || {
        let nonce = format!("nonce-{}", nonces.fetch_add(1, Ordering::Relaxed));
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs();
        let oauth = OAuthParameters::new(consumer.key(), &nonce, now).token(TOKEN.0);
        let request = sign(&key, &Target::post(&url), &oauth, &parameters, Placement::Form);
        let request = http
            .post(request.url().clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(request.body().unwrap_or_default().to_owned());
        async move { request.send().await.is_ok_and(|answer| answer.status().is_success()) }
    })
    .await;
    println!(
        "each dated by its own second, {TASKS} at a time: {CALLS} calls in {:.1} s, {} refused",
        began.elapsed().as_secs_f64(),
        CALLS - accepted
    );
}

/// Makes all calls, so many at a time; how many succeeded. A call is made, and signed, when its turn has come.
async fn all<F: Future<Output = bool>>(at_once: usize, call: impl Fn() -> F) -> usize {
    let left = AtomicUsize::new(CALLS);
    let succeeded = AtomicUsize::new(0);
    let task = || async {
        let take = |left: usize| left.checked_sub(1);
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            succeeded.fetch_add(usize::from(call().await), Ordering::Relaxed);
        }
    };
    futures_util::future::join_all((0..at_once).map(|_| task())).await;
    succeeded.into_inner()
}
