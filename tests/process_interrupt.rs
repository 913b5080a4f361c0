//! Ctrl-C at every kind of step: it ends at once, says where it was, and leaves no session open.
#![cfg(unix)]

mod process;

use std::time::Duration;

use process::{LIMIT, Walkthrough};
use sugar_oauth::sandbox::{Fault, Sandbox};

async fn sandbox() -> Sandbox {
    Sandbox::start().await.expect("the sandbox starts")
}

#[tokio::test]
async fn ctrl_c_while_it_waits_for_a_person() {
    let sandbox = sandbox().await;
    let running = Walkthrough::on(&sandbox).start();
    running.authorize_url();
    running.interrupt();
    let ended = running.finish();
    ended.failed_without_advice(130, &["interrupted by Ctrl-C at step 3"]);
}

#[tokio::test]
async fn ctrl_c_while_a_server_is_silent() {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::stall(LIMIT).on_method("get_server_info"));
    let running = Walkthrough::on(&sandbox).start();
    running.output.wait_for("get_server_info");
    running.interrupt();
    running
        .finish()
        .failed_without_advice(130, &["interrupted by Ctrl-C at step 1"]);
}

#[tokio::test]
async fn ctrl_c_with_an_open_session_logs_it_out() {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::delay(LIMIT).on_method("get_user_id"));
    let mut running = Walkthrough::on(&sandbox).start();
    let (_, token) = running.authorize_url();
    running.type_line(&sandbox.approve(&token).expect("it is there"));
    running.output.wait_for("get_user_id");
    assert_eq!(sandbox.state().sessions.len(), 1);
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.status, Some(130), "{}", ended.errors);
    assert_eq!(
        ended.errors,
        "error: interrupted by Ctrl-C at step 6; the session was logged out\n"
    );
    assert!(sandbox.state().sessions.is_empty());
}

#[tokio::test]
async fn ctrl_c_while_a_session_opens_closes_it_again() {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::delay(Duration::from_millis(500)).on_method("oauth_access"));
    let mut running = Walkthrough::on(&sandbox).start();
    let (_, token) = running.authorize_url();
    running.type_line(&sandbox.approve(&token).expect("it is there"));
    running.output.wait_for("oauth_access\n");
    running.interrupt();
    let ended = running.finish();
    ended.failed_without_advice(130, &["interrupted by Ctrl-C at step 5"]);
    assert!(sandbox.state().sessions.is_empty());
}
