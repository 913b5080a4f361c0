//! Leaks one secret into each place that is searched: a search that finds none of them would prove nothing. Only
//! `.ci/full-tracing/run` builds this.

use std::fs;
use std::process::Command;
use std::time::Duration;

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Client, Instance, SessionId, Verifier};

/// A secret that a practice instance is set up with.
async fn issued(secret: &str) -> String {
    Sandbox::builder().consumer("key", secret).start().await.unwrap();
    secret.to_owned()
}

#[tokio::test]
async fn in_an_event() {
    tracing::trace!(careless = issued("control-5ecret-of-an-event").await);
    let held = Verifier::new("control-5ecret-that-is-held");
    tracing::trace_span!("careless", verifier = held.expose());
}

#[tokio::test]
async fn in_a_log_record() {
    log::trace!("{}", issued("control-5ecret-of-a-log-record").await);
}

#[tokio::test]
async fn in_an_error() {
    let secret = issued("control-5ecret-of-an-error").await;
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
    let session = client.session(SessionId::new("none-such")).unwrap();
    let error = session.call_raw(&secret, serde_json::json!({})).await;
    assert!(error.is_err());
}

#[tokio::test]
async fn in_the_output_of_a_test() {
    println!("{}", issued("control-5ecret-of-a-test").await);
}

#[tokio::test]
async fn in_the_output_of_a_program() {
    issued("control-5ecret-of-a-program").await;
    let mut shell = Command::new("sh");
    // Not as it stands: a test's own output and the arguments hold no more than this.
    shell.args(["-c", "printf 'control-%s-of-a-program' 5ecret"]);
    shell.output().expect("sh runs");
}

#[tokio::test]
async fn in_a_file() {
    let secret = issued("control-5ecret-of-a-file").await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("careless"), secret).unwrap();
}

#[tokio::test]
async fn in_an_argument() {
    let secret = issued("control-5ecret-of-an-argument").await;
    let mut shell = Command::new("sh")
        .args(["-c", "sleep 2; true", &secret])
        .spawn()
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    shell.wait().unwrap();
}
