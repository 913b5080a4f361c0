//! The example that follows changes: what an integration runs, on a practice instance of its own and on a live one.
#![cfg(unix)]

mod process;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use process::{Ended, LIMIT, Walkthrough, program};
use serde_json::Value;
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::{SetEntries, SetEntry};
use sugar_oauth::{AccessToken, Client, Consumer, Instance, Session, TokenSecret};

const TOKEN: (&str, &str) = ("token-of-the-follower", "secret-of-that-token");

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().access_token(TOKEN.0, TOKEN.1).start().await;
    sandbox.expect("it starts")
}

async fn session(sandbox: &Sandbox) -> Session {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
    let client = Client::new(Instance::parse(sandbox.url()).expect("a URL"), consumer);
    let token = AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1)).expect("a token");
    client.oauth_access(&token).await.expect("a session")
}

fn variables(sandbox: &Sandbox) -> [(&'static str, String); 5] {
    [
        ("SUGAR_URL", sandbox.url().to_owned()),
        ("SUGAR_CONSUMER_KEY", sandbox.consumer_key().to_owned()),
        ("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret().to_owned()),
        ("SUGAR_ACCESS_TOKEN", TOKEN.0.to_owned()),
        ("SUGAR_ACCESS_TOKEN_SECRET", TOKEN.1.to_owned()),
    ]
}

/// The example on a sandbox served as a live instance, with a state file.
fn follower(sandbox: &Sandbox, state: &Path, arguments: &[&str]) -> Walkthrough {
    let mut example = Walkthrough::of("changes")
        .args(arguments)
        .args(["--state".as_ref(), state.as_os_str()]);
    for (name, value) in variables(sandbox) {
        example = example.env(name, &value);
    }
    example
        .secret(TOKEN.0)
        .secret(TOKEN.1)
        .secret(sandbox.consumer_secret())
}

#[track_caller]
fn went_well(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    ended.tells_no_secret(&[]);
    lines(&ended.output)
}

#[track_caller]
fn lines(output: &str) -> Vec<Value> {
    output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

fn refused(ended: &Ended, status: i32, texts: &[&str]) {
    ended.tells_no_secret(&[]);
    assert_eq!(
        (ended.status, ended.output.as_str()),
        (Some(status), ""),
        "{}",
        ended.errors
    );
    for text in texts {
        assert!(ended.errors.contains(text), "no {text:?} in {}", ended.errors);
    }
}

#[test]
fn without_arguments_it_shows_three_passes_and_ends() {
    let ended = Walkthrough::of("changes").run();
    let changes = went_well(&ended);
    let deleted = changes.iter().filter(|change| change["deleted"] == true).count();
    // Three in the second pass; in the third only the one that changed again.
    assert_eq!((changes.len(), deleted), (4, 1), "{changes:?}");
    let described = |change: &Value| change["record"]["description"].as_str().map(str::to_owned);
    assert_eq!(described(&changes[3]).as_deref(), Some("Changed once more."));
    assert!(changes[..3].iter().any(|change| change["id"] == changes[3]["id"]));
    assert_eq!(ended.errors.matches("pass:").count(), 3, "{}", ended.errors);
    ended.wrote_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_move_a_cursor_or_reorder_a_line_comes_as_an_escape() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let follow = || follower(&sandbox, &state, &["Accounts", "--once"]).run();
    went_well(&follow());
    let name = "a\u{1b}[2Jb\u{9b}31mc\u{202e}d\u{e0041}e Åse 株式会社";
    let create = SetEntry::create("Accounts").set("name", name);
    session(&sandbox).await.call(&create).await.expect("it is written");
    let ended = follow();
    let changes = went_well(&ended);
    assert_eq!(changes[0]["record"]["name"], name);
    let is_harmless = |character: char| {
        character == '\n' || !character.is_control() && !matches!(character, '\u{202e}' | '\u{e0041}')
    };
    assert!(ended.output.chars().all(is_harmless), "{:?}", ended.output);
    assert!(ended.output.contains("Åse 株式会社"), "{}", ended.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_goes_on_where_the_first_came_to() {
    let sandbox = sandbox().await;
    let session = session(&sandbox).await;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("accounts.json");
    let run = || went_well(&follower(&sandbox, &state, &["Accounts", "--once", "--fields", "name"]).run());
    assert!(run().is_empty(), "nothing has changed since the first run began");
    let mode = fs::metadata(&state).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    sandbox.clock().advance(Duration::from_secs(60));
    let entry = SetEntry::create("Accounts").set("name", "A \u{1b}[31m<b> & \u{fc}");
    let id = session.call(&entry).await.expect("it is written");
    let changes = run();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["id"], Value::from(id.as_str()));
    assert_eq!(changes[0]["deleted"], false);
    assert_eq!(changes[0]["record"]["name"], "A \u{1b}[31m<b> & \u{fc}");
    let names: Vec<&String> = changes[0]["record"].as_object().expect("an object").keys().collect();
    assert_eq!(names.len(), 4, "what was asked for, key, time and deletion: {names:?}");

    assert!(run().is_empty(), "it does not come again");
    session
        .call(&SetEntry::delete("Accounts", id.as_str()))
        .await
        .expect("it is written");
    let changes = run();
    assert_eq!(
        (changes.len(), &changes[0]["deleted"]),
        (1, &Value::from(true)),
        "{changes:?}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        1,
        "nothing but the state is left"
    );
    assert_eq!(sandbox.state().sessions.len(), 1, "only the test's own session is open");
}

#[tokio::test]
async fn since_says_where_to_begin() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state.json");
    let arguments = ["Users", "--once", "--since", "2000-01-01 00:00:00"];
    let users = went_well(&follower(&sandbox, &state, &arguments).run());
    assert_eq!(users.len(), 3, "{users:?}");
    assert!(
        users.iter().all(|user| user["record"].get("user_hash").is_none()),
        "{users:?}"
    );
    assert!(
        went_well(&follower(&sandbox, &state, &arguments).run()).is_empty(),
        "FILE says more than --since"
    );
}

#[tokio::test]
async fn what_cannot_be_used_is_an_error_that_says_so() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state.json");
    let run = |module: &str| follower(&sandbox, &state, &[module, "--once"]).run();
    went_well(&run("Accounts"));
    let good = fs::read(&state).expect("it is there");

    refused(&run("Contacts"), 2, &["is of another module, Accounts"]);
    let other = Sandbox::builder()
        .access_token(TOKEN.0, TOKEN.1)
        .start()
        .await
        .expect("it starts");
    let elsewhere = follower(&other, &state, &["Accounts", "--once"]).run();
    refused(&elsewhere, 2, &["is of another instance", sandbox.url()]);
    assert_eq!(fs::read(&state).expect("it is there"), good, "it was left alone");

    let text = String::from_utf8(good.clone()).expect("UTF-8");
    let newer = text.replace("\"version\":1", "\"version\":2");
    for (broken, says) in [
        (&good[..good.len() / 2], "is damaged"),
        (&b""[..], "is damaged"),
        (&b"{}"[..], "is damaged"),
        (newer.as_bytes(), "another version"),
    ] {
        fs::write(&state, broken).expect("it can be written");
        refused(&run("Accounts"), 2, &[says, "state.json"]);
        assert_eq!(fs::read(&state).expect("it is there"), broken, "it was left alone");
    }
    fs::remove_file(&state).expect("it is there");
    symlink(folder.path().join("elsewhere"), &state).expect("a link");
    refused(&run("Accounts"), 2, &["is a symbolic link"]);

    let without = |example: Walkthrough| {
        variables(&sandbox)
            .iter()
            .fold(example, |example, (name, value)| example.env(name, value))
    };
    refused(
        &without(Walkthrough::of("changes")).run(),
        2,
        &["--state FILE is needed"],
    );
    for (arguments, says) in [
        (&["--since", "yesterday"][..], "--since takes a time"),
        (&["--every", "-1"], "--every takes seconds"),
        (&["--once", "--every", "5"], "exclude each other"),
        (&["--fields", "a,,b"], "--fields takes names"),
        (&["--nonsense"], "--nonsense"),
        (&["Accounts", "Contacts"], "Contacts"),
    ] {
        refused(
            &Walkthrough::of("changes").args(arguments.iter().copied()).run(),
            2,
            &[says, "--help"],
        );
    }
    let credentials = folder.path().join("credentials.json");
    refused(
        &follower(&sandbox, &credentials, &["OAuthKeys", "--once"]).run(),
        1,
        &["holds credentials"],
    );
    let hash = ["Users", "--fields", "user_hash", "--once"];
    refused(
        &follower(&sandbox, &credentials, &hash).run(),
        1,
        &["holds credentials"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_it_between_passes_and_within_one() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state.json");
    let running = follower(&sandbox, &state, &["Accounts", "--every", "3600"]).start();
    running.errors.wait_for("Changes: 0");
    running.interrupt();
    assert!(went_well(&running.finish()).is_empty());

    // Within a pass: the pages that came are kept, the one that hangs is asked for again.
    fs::remove_file(&state).expect("it is there");
    let arguments = [
        "Accounts",
        "--since",
        "2000-01-01 00:00:00",
        "--page-size",
        "5",
        "--once",
    ];
    let pages = std::sync::atomic::AtomicU32::new(0);
    sandbox.fault(Fault::stall(LIMIT).on_method("get_entry_list").when(move |request| {
        let is_page = request
            .rest_data()
            .is_some_and(|data| data.to_string().contains("date_modified"));
        is_page && pages.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 2
    }));
    let running = follower(&sandbox, &state, &arguments).start();
    let started = Instant::now();
    while running.output.so_far().lines().count() < 10 {
        assert!(started.elapsed() < LIMIT, "the two pages do not come");
        std::thread::sleep(Duration::from_millis(10));
    }
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.status, Some(130), "{}", ended.errors);
    assert!(
        ended.errors.contains("interrupted by Ctrl-C") && ended.errors.contains("state.json"),
        "{}",
        ended.errors
    );
    let mut changes = lines(&ended.output);
    sandbox.clear_faults();
    changes.extend(went_well(&follower(&sandbox, &state, &arguments).run()));
    let all = went_well(&follower(&sandbox, &folder.path().join("fresh.json"), &arguments).run());
    assert!(all.len() > 40);
    assert_eq!(by_id(&changes), by_id(&all));
    assert_eq!(changes.len(), all.len(), "nothing came twice");
    assert!(sandbox.state().sessions.is_empty(), "a session was left open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_for_a_while_ends_nothing() {
    let sandbox = sandbox().await;
    let session = session(&sandbox).await;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state.json");
    let running = follower(&sandbox, &state, &["Accounts", "--every", "0.05"]).start();
    running.errors.wait_for("Changes: 0");
    sandbox.fault(Fault::status(503).on_method("get_server_info").times(4));
    running.errors.wait_for("The next pass goes on");
    sandbox.clear_faults();
    let entry = SetEntry::create("Accounts").set("name", "New");
    session.call(&entry).await.expect("it is written");
    running.output.wait_for("\"New\"");
    running.interrupt();
    let ended = running.finish();
    assert!([Some(0), Some(130)].contains(&ended.status), "{}", ended.errors);
    assert_eq!(lines(&ended.output).len(), 1, "{}", ended.output);
}

fn by_id(changes: &[Value]) -> BTreeMap<&str, &Value> {
    changes
        .iter()
        .map(|change| (change["id"].as_str().expect("an id"), change))
        .collect()
}

/// With its output into a file, so that what was written before a kill stays.
fn killable(sandbox: &Sandbox, state: &Path, output: &Path) -> Child {
    let output = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(output)
        .expect("a file");
    let mut command = Command::new(program("changes"));
    command
        .env_clear()
        .envs(variables(sandbox))
        .args(["Accounts", "--once", "--page-size", "7", "--fields", "name"])
        .args(["--since", "2000-01-01 00:00:00"])
        .args(["--state".as_ref(), state.as_os_str()])
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::null());
    command.spawn().expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing() {
    let sandbox = sandbox().await;
    let session = session(&sandbox).await;
    let mut more = SetEntries::new("Accounts");
    for number in 0..200 {
        let entry = SetEntry::create("Accounts").set("name", format!("More {number}"));
        more = more.with(entry).expect("of one module");
    }
    session.call(&more).await.expect("they are written");
    sandbox.work(|_| Duration::from_millis(5));
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    // Built now, so that the time is that of a run.
    program("changes");
    let began = Instant::now();
    let status = killable(&sandbox, &at("whole.json"), &at("whole.ndjson")).wait();
    assert!(status.expect("it ends").success());
    let time = began.elapsed();
    let whole = fs::read_to_string(at("whole.ndjson")).expect("text");
    let whole = lines(&whole);
    assert!(whole.len() > 240, "{}", whole.len());

    let mut kills = 0;
    for tenth in 1..10 {
        let mut child = killable(&sandbox, &at("state.json"), &at("killed.ndjson"));
        std::thread::sleep(time * tenth / 12);
        kills += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    assert!(kills > 0, "no kill met it at work");
    let status = killable(&sandbox, &at("state.json"), &at("killed.ndjson")).wait();
    assert!(status.expect("it ends").success());
    let text = fs::read_to_string(at("killed.ndjson")).expect("text");
    let killed = lines(&text);
    assert_eq!(by_id(&killed), by_id(&whole));
    // At most the page that was being written comes twice.
    assert!(
        killed.len() <= whole.len() + 7 * kills as usize,
        "{} of {}",
        killed.len(),
        whole.len()
    );
    let left = fs::read_to_string(at("state.json")).expect("a state");
    assert!(!left.contains("\"pass\""), "the pass was read to its end: {left}");
}
