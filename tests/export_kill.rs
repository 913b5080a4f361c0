//! An export that is killed at any moment and started again gives what one undisturbed run gives.
#![cfg(unix)]

#[path = "support/exported.rs"]
mod exported;
#[path = "support/kills.rs"]
mod kills;
mod process;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use exported::contents;
use kills::Kills;
use process::program;
use sugar_oauth::sandbox::{Fault, ReceivedRequest, Sandbox};
use tokio::runtime::Handle;

const TOKEN: (&str, &str) = ("token-of-the-export", "secret-of-the-token");
const MODULES: [&str; 3] = ["Accounts", "Emails", "Notes"];

async fn sandbox() -> Sandbox {
    Sandbox::builder()
        .access_token(TOKEN.0, TOKEN.1)
        .start()
        .await
        .expect("it starts")
}

fn start(sandbox: &Sandbox, folder: &Path) -> Child {
    command(sandbox, folder).spawn().expect("it starts")
}

fn command(sandbox: &Sandbox, folder: &Path) -> Command {
    let mut command = Command::new(program("export"));
    command
        .env_clear()
        .env("SUGAR_URL", sandbox.url())
        .env("SUGAR_CONSUMER_KEY", sandbox.consumer_key())
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
        .env("SUGAR_ACCESS_TOKEN", TOKEN.0)
        .env("SUGAR_ACCESS_TOKEN_SECRET", TOKEN.1)
        .args(MODULES)
        .args([
            "--links",
            "--files",
            "--sessions",
            "2",
            "--page-size",
            "5",
            "--checkpoint",
            "0.01",
            "--out",
        ])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// The same for a process whose files may not grow beyond 512-byte blocks: what a full disk is to it.
fn start_without_room(sandbox: &Sandbox, folder: &Path, blocks: u32) -> Child {
    let whole = command(sandbox, folder);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command
        .env_clear()
        .args(["-c", &script])
        .arg(whole.get_program())
        .args(whole.get_args());
    for (name, value) in whole.get_envs() {
        command.env(name, value.expect("a value"));
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

fn finish(child: Child) {
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

fn kill(times: u32) {
    let runtime = Handle::current();
    // Built now, once for all.
    program("export");
    Kills::at_work(times, |mut lane| {
        let sandbox = runtime.block_on(sandbox());
        let requests = lane.requests();
        requests.count_at(&sandbox, |_| Duration::from_millis(2));
        let root = tempfile::tempdir().expect("a folder");
        let whole = root.path().join("undisturbed");
        finish(start(&sandbox, &whole));
        let count = requests.count();
        let expected = contents(&whole);
        assert!(expected["Accounts.ndjson"].len() > 40, "{:?}", expected.keys());
        assert!(
            expected.keys().any(|name| name.starts_with("links/")),
            "{:?}",
            expected.keys()
        );
        for round in 0.. {
            if !lane.are_left() {
                break;
            }
            let folder = root.path().join(format!("round-{round}"));
            lane.kill(count, || start(&sandbox, &folder));
            finish(start(&sandbox, &folder));
            assert!(contents(&folder) == expected, "round {round}, seed {}", lane.seed);
            fs::remove_dir_all(&folder).expect("it can be removed");
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_thirty_moments_and_started_again_it_gives_what_one_run_gives() {
    kill(30);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes about a minute"]
async fn killed_at_a_hundred_moments_and_started_again_it_gives_what_one_run_gives() {
    kill(100);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_it_says_so_and_goes_on_when_there_is_some() {
    let sandbox = sandbox().await;
    let root = tempfile::tempdir().expect("a folder");
    let (whole, folder) = (root.path().join("undisturbed"), root.path().join("export"));
    finish(start(&sandbox, &whole));
    // The accounts alone take more than that; the checkpoint does not.
    let longest = contents(&whole).into_values().map(|lines| lines.concat().len()).max();
    let blocks = u32::try_from(longest.expect("files") / 2 / 512).expect("small");
    let output = start_without_room(&sandbox, &folder, blocks)
        .wait_with_output()
        .expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("cannot be read or written"), "{errors}");
    assert!(errors.contains(folder.to_str().expect("UTF-8")), "{errors}");
    assert!(folder.join("checkpoint.json").is_file(), "{errors}");
    finish(start(&sandbox, &folder));
    assert!(contents(&folder) == contents(&whole));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_until_the_first_is_killed() {
    let sandbox = sandbox().await;
    let root = tempfile::tempdir().expect("a folder");
    let (whole, folder) = (root.path().join("undisturbed"), root.path().join("export"));
    finish(start(&sandbox, &whole));
    // The first stays at work for as long as the test may take.
    let pages = AtomicU32::new(0);
    let is_later_page = move |request: &ReceivedRequest| {
        request.rest_method().as_deref() == Some("get_entry_list") && pages.fetch_add(1, Ordering::SeqCst) >= 6
    };
    sandbox.fault(Fault::stall(Duration::from_secs(600)).when(is_later_page));
    let mut first = start(&sandbox, &folder);
    let began = Instant::now();
    while !folder.join("checkpoint.json").is_file() {
        assert!(began.elapsed() < process::LIMIT, "the first does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    let before = contents(&folder);
    for _ in 0..2 {
        let mut second = start(&sandbox, &folder);
        let began = Instant::now();
        while second.try_wait().expect("a child").is_none() {
            if began.elapsed() > Duration::from_secs(30) {
                first.kill().expect("it can be killed");
                second.kill().expect("it can be killed");
                panic!("the second is at work beside the first");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let second = second.wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&second.stderr);
        assert!(!second.status.success(), "{errors}");
        assert!(errors.contains("another run"), "{errors}");
        assert!(errors.contains(folder.to_str().expect("UTF-8")), "{errors}");
    }
    assert!(first.try_wait().expect("a child").is_none(), "the first has ended");
    // A refused run has taken nothing away.
    let after = contents(&folder);
    assert!(before.keys().all(|name| after.contains_key(name)), "{:?}", after.keys());
    sandbox.clear_faults();
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    finish(start(&sandbox, &folder));
    assert!(contents(&folder) == contents(&whole));
}
