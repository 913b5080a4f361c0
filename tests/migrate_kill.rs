//! A migration that is killed at any moment and started again ends with the target of one that was not.
#![cfg(unix)]

#[path = "support/between.rs"]
mod between;
#[path = "support/kills.rs"]
mod kills;
mod process;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/v11.rs"]
mod v11;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use between::Between;
use kills::{Kills, Requests};
use sugar_oauth::sandbox::ReceivedRequest;
use tokio::runtime::Handle;

const LIMIT: Duration = Duration::from_secs(120);

async fn start() -> Between {
    Between::with(|old| old.records(20, 60), |new| new).await
}

/// The target takes time for what a migration asks, and requests to both are counted.
fn slow_down(between: &Between, requests: &Requests) {
    let is_of_the_example =
        |request: &ReceivedRequest| request.path.ends_with("/bulk") || request.path.contains("/file/");
    let time = move |request: &ReceivedRequest| Duration::from_millis(if is_of_the_example(request) { 10 } else { 0 });
    requests.count_at(&between.new, time);
    requests.count_at(&between.old, |_| Duration::ZERO);
}

fn command(between: &Between) -> Command {
    let mut command = between.command();
    command
        .args(["--unmapped", "leave", "--batch", "5"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn kill(times: u32) {
    let runtime = Handle::current();
    // Built now, once for all.
    process::program("migrate");
    Kills::at_work(times, |mut lane| {
        let mut between = runtime.block_on(start());
        let requests = lane.requests();
        slow_down(&between, &requests);
        assert!(command(&between).status().expect("it runs").success());
        let count = requests.count();
        let expected = between.new_contents();
        assert!(expected.len() > 150, "{}", expected.len());
        for round in 0.. {
            if !lane.are_left() {
                break;
            }
            runtime.block_on(between.anew());
            slow_down(&between, &requests);
            lane.kill(count, || command(&between).spawn().expect("it starts"));
            between.run(&["--unmapped", "leave", "--batch", "5"]).succeeded();
            let contents = between.new_contents();
            let seed = lane.seed;
            for (name, value) in &expected {
                assert_eq!(contents.get(name), Some(value), "{name}, round {round}, seed {seed}");
            }
            assert_eq!(contents.len(), expected.len(), "round {round}, seed {seed}");
            // Whatever a killed run had sent arrived: nothing may be sent a second time.
            let sent = between.times_sent();
            assert!(sent.len() > 100, "{}", sent.len());
            for (record, times) in sent {
                assert_eq!(times, 1, "{record}, round {round}, seed {seed}");
            }
            between.new.clear_requests();
            between.run_leaving().succeeded();
            assert_eq!(between.writes(), [""; 0], "round {round}, seed {seed}");
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_ten_moments_it_ends_with_the_same_target() {
    kill(10);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes about a minute"]
async fn killed_at_a_hundred_moments_it_ends_with_the_same_target() {
    kill(100);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_the_ledger_it_says_so_and_goes_on_when_there_is_some() {
    let mut between = start().await;
    between.run_leaving().succeeded();
    let expected = between.new_contents();
    let blocks = fs::metadata(between.ledger()).expect("a ledger").len() / 2 / 512;
    between.anew().await;
    let whole = between.command();
    // Files may not grow beyond so many blocks of 512 bytes: what a full disk is to a process.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.env_clear().args(["-c", &script]).arg(whole.get_program());
    command.args(whole.get_args()).args(["--unmapped", "leave"]);
    for (name, value) in whole.get_envs() {
        command.env(name, value.expect("a value"));
    }
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("the ledger cannot be written"), "{errors}");
    assert!(between.new_contents().len() < expected.len());
    between.run_leaving().succeeded();
    assert!(between.new_contents() == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_line_at_the_end_of_the_ledger_is_cut_off_and_a_damaged_line_is_told() {
    let between = start().await;
    between.run_leaving().succeeded();
    let contents = between.new_contents();
    let mut ledger = fs::OpenOptions::new()
        .append(true)
        .open(between.ledger())
        .expect("a ledger");
    ledger.write_all(b"{\"done\":{\"of\":\"Acc").expect("it can be written");
    between.run_leaving().succeeded();
    assert!(between.new_contents() == contents);
    let text = fs::read_to_string(between.ledger()).expect("text");
    assert!(text.ends_with('\n') && !text.contains("\"Acc\""), "{text}");
    fs::write(between.ledger(), text.replacen("\"sent\"", "\"bent\"", 1)).expect("it can be written");
    between.new.clear_requests();
    between.run_leaving().ended_with(2).says("this is no line of a ledger");
    assert_eq!(between.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_other_instances_is_left_alone() {
    let between = start().await;
    between.run_leaving().succeeded();
    let other = start().await;
    let ledger = between.ledger().display().to_string();
    let before = fs::read(between.ledger()).expect("a ledger");
    other
        .run(&["--unmapped", "leave", "--ledger", &ledger])
        .ended_with(2)
        .says("another migration");
    assert_eq!(other.writes(), [""; 0]);
    assert_eq!(fs::read(between.ledger()).expect("a ledger"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_a_time_the_second_is_refused() {
    let between = start().await;
    let held = fs::File::create(between.ledger()).expect("a file");
    held.try_lock().expect("nobody has it");
    between.run_leaving().ended_with(2).says("another run");
    assert_eq!(between.writes(), [""; 0]);
    held.unlock().expect("it was locked");
    between.run_leaving().succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_it_and_it_can_go_on() {
    let between = start().await;
    slow_down(&between, &Requests::default());
    let mut child = command(&between).spawn().expect("it starts");
    let began = Instant::now();
    while between.writes().is_empty() {
        assert!(began.elapsed() < LIMIT, "it does not write");
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("/bin/kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(
        between
            .new
            .state()
            .logins
            .iter()
            .all(|login| login.platform != between::PLATFORM),
        "it logged out"
    );
    between.run_leaving().succeeded();
}
