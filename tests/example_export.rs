//! The example that exports, as people run it: before a terminal, by a scheduler, in shards, interrupted.
#![cfg(target_os = "linux")]

mod process;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use process::{Ended, Walkthrough};
use sugar_oauth::sandbox::{Fault, ReceivedRequest, Sandbox};

const TOKEN: (&str, &str) = ("token-of-the-mover", "secret-of-that-token");

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().access_token(TOKEN.0, TOKEN.1).start().await;
    sandbox.expect("it starts")
}

/// The example on a sandbox served as a live instance.
fn export(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Walkthrough {
    Walkthrough::of("export")
        .args(arguments)
        .args(["--out".as_ref(), folder.as_os_str()])
        .env("SUGAR_URL", sandbox.url())
        .env("SUGAR_CONSUMER_KEY", sandbox.consumer_key())
        .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
        .env("SUGAR_ACCESS_TOKEN", TOKEN.0)
        .env("SUGAR_ACCESS_TOKEN_SECRET", TOKEN.1)
        .secret(TOKEN.0)
        .secret(TOKEN.1)
        .secret(sandbox.consumer_secret())
}

#[track_caller]
fn went_well(ended: &Ended) {
    assert_eq!(ended.status, Some(0), "{}\n{}", ended.output, ended.errors);
    ended.tells_no_secret(&[]);
}

fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().map(str::to_owned).collect()
}

/// Whether it asks for more than keys.
fn is_page_of(request: &ReceivedRequest, module: &str) -> bool {
    let list = request.rest_data().unwrap_or_default();
    let fields = list["select_fields"].as_array().map_or(0, Vec::len);
    request.rest_method().as_deref() == Some("get_entry_list") && list["module_name"] == module && fields > 1
}

/// What stands on a terminal's lines at the end, if each `\r\x1b[K` begins a line anew, and all that ever did.
fn drawn(screen: &str) -> Vec<String> {
    let lines = screen.split(['\r', '\n']);
    let lines = lines.map(|line| line.trim_start_matches("\u{1b}[K").to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_a_bar_is_drawn_in_place_within_its_width() {
    let sandbox = sandbox().await;
    sandbox.work(|_| Duration::from_millis(20));
    let folder = tempfile::tempdir().expect("a folder");
    for (columns, has_bar) in [(100, true), (30, false), (12, false)] {
        let out = folder.path().join(columns.to_string());
        let terminal = export(&sandbox, &out, &["Contacts", "Accounts", "--page-size", "5"]).on_terminal_of(columns);
        let (status, screen) = terminal.finish();
        assert_eq!(status, Some(0), "{screen}");
        let drawn = drawn(&screen);
        let of_bar: Vec<&String> = drawn
            .iter()
            .filter(|line| line.starts_with('[') || line.contains("/2 "))
            .collect();
        assert!(of_bar.len() > 5, "{screen}");
        for line in &of_bar {
            assert!(line.chars().count() < usize::from(columns), "{columns}: {line:?}");
            assert!(!line.contains('\u{1b}'), "{line:?}");
        }
        assert_eq!(of_bar.iter().any(|line| line.starts_with("[#")), has_bar, "{screen}");
        if has_bar {
            assert!(
                of_bar
                    .iter()
                    .any(|line| line.contains(" a second, ") && line.ends_with(" left")),
                "{screen}"
            );
            // The line of a finished file stays, and the next is drawn below.
            assert!(screen.contains("1/2 Contacts.ndjson  284 of 284"), "{screen}");
            assert!(screen.contains("2/2 Accounts.ndjson  58 of 58"), "{screen}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_there_are_plain_lines() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("piped");
    let ended = export(&sandbox, &out, &["Contacts", "Accounts", "--fields", "id,last_name"]).run();
    went_well(&ended);
    assert!(!ended.errors.contains(['\r', '\u{1b}']), "{}", ended.errors);
    let told: Vec<&str> = ended.errors.lines().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("1/2 Contacts.ndjson  284 of 284"), "{told:?}");
    let first: serde_json::Value = serde_json::from_str(&lines(&out.join("Contacts.ndjson"))[0]).expect("JSON");
    let names: Vec<&String> = first.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["id", "last_name"]);

    // A terminal that can only write lines.
    let out = folder.path().join("dumb");
    let (status, screen) = export(&sandbox, &out, &["Accounts"])
        .env("TERM", "dumb")
        .on_terminal()
        .finish();
    assert_eq!(status, Some(0), "{screen}");
    assert!(
        !screen.contains('\u{1b}') && screen.contains("1/1 Accounts.ndjson  58 of 58"),
        "{screen}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_are_the_whole_and_do_not_overlap() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let run = |name: &str, arguments: &[&str]| {
        let out = folder.path().join(name);
        let arguments: Vec<&str> = ["Contacts"].into_iter().chain(arguments.iter().copied()).collect();
        went_well(&export(&sandbox, &out, &arguments).run());
        lines(&out.join("Contacts.ndjson"))
    };
    let whole: BTreeSet<String> = run("whole", &[]).into_iter().collect();
    let parts: Vec<String> = ["1/3", "2/3", "3/3"]
        .iter()
        .flat_map(|shard| run(&shard.replace('/', "-of-"), &["--shard", shard]))
        .collect();
    assert_eq!(parts.len(), whole.len());
    assert_eq!(parts.into_iter().collect::<BTreeSet<_>>(), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_keeps_the_checkpoint_and_says_how_to_go_on() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (whole, out) = (folder.path().join("whole"), folder.path().join("interrupted"));
    let arguments = ["Contacts", "Accounts", "--page-size", "5", "--checkpoint", "0"];
    went_well(&export(&sandbox, &whole, &arguments).run());

    // The accounts hang: the contacts are done, and a checkpoint tells of them.
    sandbox.fault(Fault::stall(process::LIMIT).when(|request| is_page_of(request, "Accounts")));
    let mut terminal = export(&sandbox, &out, &arguments).on_terminal();
    terminal.screen.wait_for("1/2 Contacts.ndjson  284 of 284");
    while !out.join("Contacts.ndjson").exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    terminal.type_in("\u{3}");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(130), "{screen}");
    assert!(
        screen.contains("interrupted by Ctrl-C; to go on, start it again"),
        "{screen}"
    );
    assert!(screen.contains(&format!("--out {}", out.display())), "{screen}");
    assert!(out.join("checkpoint.json").is_file(), "{screen}");
    assert!(sandbox.state().sessions.is_empty(), "a session was left open");

    sandbox.clear_faults();
    sandbox.clear_requests();
    went_well(&export(&sandbox, &out, &arguments).run());
    assert!(!out.join("checkpoint.json").exists());
    for file in ["Contacts.ndjson", "Accounts.ndjson"] {
        let sorted = |folder: &Path| lines(&folder.join(file)).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(sorted(&out), sorted(&whole), "{file}");
    }
    let again = sandbox.requests().iter().any(|request| is_page_of(request, "Contacts"));
    assert!(!again, "what was finished was read again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_how_it_ended() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    for (arguments, says) in [
        (&["--shard", "5/4"][..], "there is no shard 5 of 4"),
        (&["--shard", "1"], "--shard takes I/N"),
        (&["--rate", "0"], "--rate takes requests"),
        (&["--rate", "nan"], "--rate takes requests"),
        (&["--sessions", "0"], "--sessions takes a number from 1 to 64"),
        (&["--page-size", "none"], "--page-size takes a number"),
        (&["--checkpoint", "-1"], "--checkpoint takes seconds"),
        (&["--fields", ""], "--fields takes names"),
        (&["--nonsense\u{1b}[31m"], "--nonsense\\u{1b}"),
    ] {
        let ended = export(&sandbox, &out, arguments).run();
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.errors);
        assert!(ended.errors.contains(says), "{arguments:?}: {}", ended.errors);
    }
    let missing = Walkthrough::of("export").env("SUGAR_ACCESS_TOKEN", "one").run();
    missing.failed(2, &["SUGAR_URL is not set"]);
    let ended = export(&sandbox, &out, &["NoSuchModule"]).run();
    assert_eq!(ended.status, Some(1), "{}", ended.errors);

    let out = folder.path().join("fields");
    let ended = export(&sandbox, &out, &["Accounts", "--fields", "name,no_such_field"]).run();
    went_well(&ended);
    assert!(
        ended
            .errors
            .contains("No module that was exported has a field no_such_field."),
        "{}",
        ended.errors
    );

    // Records that the server cannot give: the status tells.
    sandbox.fault(Fault::status(500).when(|request| is_page_of(request, "Currencies")));
    let out = folder.path().join("refused");
    let ended = export(&sandbox, &out, &["Currencies", "Accounts"]).run();
    assert_eq!(ended.status, Some(5), "{}", ended.errors);
    assert!(
        ended
            .output
            .contains("Currencies.ndjson: the server could not give 4 records"),
        "{}",
        ended.output
    );
    assert_eq!(lines(&out.join("Accounts.ndjson")).len(), 58);
}
