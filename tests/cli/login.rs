//! `login`: what comes of it, and every way in which it fails.

use std::path::Path;

use crate::process::Walkthrough;
use sugar_oauth::sandbox::Sandbox;

#[tokio::test]
async fn a_pasted_code_logs_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut running = Walkthrough::of_program(Path::new(env!("CARGO_BIN_EXE_sugar-oauth")))
        .args(["login", sandbox.url(), "--consumer-key", sandbox.consumer_key()])
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
        .start();
    let text = running.errors.wait_for("Waiting up to");
    let token = text
        .split_once("&token=")
        .unwrap()
        .1
        .split_once('\n')
        .unwrap()
        .0
        .to_owned();
    running.type_line(&sandbox.approve(&token).unwrap());
    let ended = running.finish();
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    assert!(ended.output.contains("as admin (id 1)."), "{}", ended.output);
}
