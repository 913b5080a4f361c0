//! `export`: planned, resumed, told.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use sugar_oauth::sandbox::{Fault, ReceivedRequest, Sandbox};

use crate::person::{Person, json, sandbox};
use crate::process::{Ended, LIMIT, Walkthrough};

struct Exporter {
    person: Person,
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

impl Exporter {
    async fn new() -> Self {
        let (person, sandbox) = (Person::new(), sandbox().await);
        person.logged_in(&sandbox, &[]);
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            person,
            sandbox,
            folder,
        }
    }

    fn types(&self, out: &str, arguments: &[&str]) -> Walkthrough {
        let out = self.folder.path().join(out);
        self.person
            .types(&[&["export"], arguments].concat())
            .args(["--out".as_ref(), out.as_os_str()])
    }

    fn runs(&self, out: &str, arguments: &[&str]) -> Ended {
        self.types(out, arguments).run()
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join(file));
        text.unwrap_or_else(|error| panic!("{file}: {error}"))
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

#[track_caller]
fn went_well(ended: &Ended) {
    assert_eq!(ended.status, Some(0), "{}\n{}", ended.output, ended.errors);
    ended.tells_no_secret(&[]);
}

fn is_page_of(request: &ReceivedRequest, module: &str) -> bool {
    let list = request.rest_data().unwrap_or_default();
    let fields = list["select_fields"].as_array().map_or(0, Vec::len);
    request.rest_method().as_deref() == Some("get_entry_list") && list["module_name"] == module && fields > 1
}

#[tokio::test]
async fn modules_are_written_with_a_manifest_and_told() {
    let exporter = Exporter::new().await;
    let ended = exporter.runs(
        "out",
        &["Accounts", "Contacts", "--links", "--files", "--sessions", "2"],
    );
    went_well(&ended);
    assert_eq!(exporter.lines("out/Contacts.ndjson").len(), 284);
    assert!(exporter.folder.path().join("out/links").is_dir());
    assert!(
        ended.output.contains("out/manifest.json tells the rest."),
        "{}",
        ended.output
    );
    let told: Vec<&str> = ended.errors.lines().collect();
    assert!(told[0].contains("Accounts.ndjson  58 of 58"), "plain lines: {told:?}");
    assert!(!ended.errors.contains(['\r', '\u{1b}']), "{}", ended.errors);
    assert!(exporter.sandbox.state().sessions.is_empty(), "a session was left open");

    // Finished, it is left as it is.
    exporter.sandbox.clear_requests();
    went_well(&exporter.runs("out", &["Accounts", "Contacts", "--links", "--files"]));
    let read = |request: &ReceivedRequest| is_page_of(request, "Contacts");
    assert!(!exporter.sandbox.requests().iter().any(read), "it was read again");
    // Under other settings it is another export.
    exporter
        .runs("out", &["Accounts"])
        .failed(2, &["the folder holds an export with other settings"]);
}

#[tokio::test]
async fn a_plan_writes_nothing() {
    let exporter = Exporter::new().await;
    let plan = exporter.person.runs(&["export", "--all", "--plan", "--json"]);
    went_well(&plan);
    let plan = json(&plan.output);
    let contacts = |module: &&Value| module["module"] == "Contacts";
    let modules = plan["modules"].as_array().expect("a list");
    assert_eq!(modules.iter().find(contacts).expect("it is there")["count"], 284);
    assert!(plan["left_out"].as_array().is_some_and(|left| !left.is_empty()));
    let told = exporter.runs("out", &["Contacts", "--plan"]);
    went_well(&told);
    assert!(
        told.output.contains("1 module, 0 link files, 284 rows"),
        "{}",
        told.output
    );
    assert!(!exporter.folder.path().join("out").exists());
}

#[tokio::test]
async fn filters_times_fields_shards_and_csv() {
    let exporter = Exporter::new().await;
    let whole = ["Contacts", "--fields", "id,last_name,date_modified"];
    went_well(&exporter.runs("whole", &whole));
    let all: Vec<Value> = exporter
        .lines("whole/Contacts.ndjson")
        .iter()
        .map(|line| json(line))
        .collect();
    let ids = |file: &str| {
        let lines = exporter.lines(file);
        let id = |line: &String| json(line)["id"].as_str().expect("an id").to_owned();
        lines.iter().map(id).collect::<BTreeSet<_>>()
    };
    let expected = |keeps: &dyn Fn(&Value) -> bool| {
        let kept = all.iter().filter(|record| keeps(record));
        kept.map(|record| record["id"].as_str().expect("an id").to_owned())
            .collect::<BTreeSet<_>>()
    };

    let filter = ["--filter", "contacts.last_name LIKE 'M%'"];
    went_well(&exporter.runs("filtered", &[&whole[..], &filter].concat()));
    let with_m = expected(&|record| {
        record["last_name"]
            .as_str()
            .is_some_and(|name| name.starts_with(['M', 'm']))
    });
    assert!(!with_m.is_empty() && with_m.len() < 284);
    assert_eq!(ids("filtered/Contacts.ndjson"), with_m);

    let mut times: Vec<&str> = all
        .iter()
        .filter_map(|record| record["date_modified"].as_str())
        .collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    went_well(&exporter.runs("since", &[&whole[..], &["--since", middle]].concat()));
    let recent = expected(&|record| record["date_modified"].as_str().is_some_and(|time| time >= middle));
    assert!(recent.len() < 284);
    assert_eq!(ids("since/Contacts.ndjson"), recent);
    // Another moment is another export.
    exporter
        .runs("since", &[&whole[..], &["--since", "2020-01-01"]].concat())
        .failed(2, &["other settings"]);

    let mut parts = BTreeSet::new();
    for shard in ["1/2", "2/2"] {
        let out = shard.replace('/', "of");
        went_well(&exporter.runs(&out, &[&whole[..], &["--shard", shard]].concat()));
        parts.extend(ids(&format!("{out}/Contacts.ndjson")));
    }
    assert_eq!(parts, expected(&|_| true));

    let formula = r#"{"module_name":"Accounts","name_value_list":[{"name":"name","value":"=1+1"}]}"#;
    went_well(&exporter.person.runs(&["call", "set_entry", "--data", formula]));
    let of_accounts = ["Accounts", "--fields", "id,name", "--format", "csv"];
    for (out, more, cell) in [("csv", &[][..], ",=1+1"), ("safe", &["--csv-safe"], ",'=1+1")] {
        went_well(&exporter.runs(out, &[&of_accounts, more].concat()));
        let lines = exporter.lines(&format!("{out}/Accounts.csv"));
        assert_eq!(lines[0], "id,name");
        assert!(lines.iter().any(|line| line.ends_with(cell)), "{lines:?}");
    }
}

#[tokio::test]
async fn an_incomplete_export_is_partly_done() {
    let exporter = Exporter::new().await;
    exporter
        .sandbox
        .fault(Fault::status(500).when(|request| is_page_of(request, "Currencies")));
    let ended = exporter.runs("out", &["Currencies", "Accounts"]);
    assert_eq!(ended.status, Some(5), "{}", ended.errors);
    assert!(
        ended
            .output
            .contains("Currencies.ndjson: the server could not give 4 records"),
        "{}",
        ended.output
    );
    assert!(
        ended.errors.contains("error: the export is finished and not complete"),
        "{}",
        ended.errors
    );
    exporter.sandbox.fault(
        Fault::status(200)
            .body(r#"{"name":"Access Denied","number":40,"description":"not now"}"#)
            .when(|request| is_page_of(request, "Notes")),
    );
    let missing = exporter.runs("missing", &["Notes", "Accounts"]);
    assert_eq!(missing.status, Some(5), "{}", missing.errors);
    assert!(missing.output.contains("Notes is missing: "), "{}", missing.output);
    let ended = exporter.runs("out", &["Currencies", "Accounts", "--json"]);
    assert_eq!(ended.status, Some(5), "{}", ended.errors);
    let told = json(&ended.output);
    assert_eq!((&told["complete"], &told["refused"]), (&false.into(), &4.into()));
    assert_eq!(json(&ended.errors)["status"], 5);
}

#[tokio::test]
async fn a_server_that_goes_away_leaves_what_came() {
    let exporter = Exporter::new().await;
    let is_gone = AtomicBool::new(false);
    exporter
        .sandbox
        .fault(Fault::reset_before_answer().when(move |request| {
            is_gone.fetch_or(is_page_of(request, "Accounts"), Ordering::SeqCst) || is_page_of(request, "Accounts")
        }));
    let ended = exporter.runs("out", &["Contacts", "Accounts"]);
    assert_eq!(ended.status, Some(1), "{}", ended.errors);
    assert!(
        ended.errors.contains("to go on, start the same command again"),
        "{}",
        ended.errors
    );
    exporter.sandbox.clear_faults();
    exporter.sandbox.clear_requests();
    went_well(&exporter.runs("out", &["Contacts", "Accounts"]));
    let read = |request: &ReceivedRequest| is_page_of(request, "Contacts");
    assert!(
        !exporter.sandbox.requests().iter().any(read),
        "what was finished was read again"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_keeps_the_checkpoint_and_says_how_to_go_on() {
    let exporter = Exporter::new().await;
    let arguments = ["Contacts", "Accounts", "--page-size", "5"];
    exporter
        .sandbox
        .fault(Fault::stall(LIMIT).when(|request| is_page_of(request, "Accounts")));
    let mut terminal = exporter.types("out", &arguments).on_terminal_of(100);
    terminal.screen.wait_for("1/2 Contacts.ndjson  284 of 284");
    while !exporter.folder.path().join("out/Contacts.ndjson").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    terminal.type_in("\u{3}");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(130), "{screen}");
    assert!(screen.contains("[#"), "a bar: {screen}");
    for text in [
        "interrupted by Ctrl-C",
        "the session was logged out",
        "to go on, start the same command again",
    ] {
        assert!(screen.contains(text), "{screen}");
    }
    assert!(exporter.sandbox.state().sessions.is_empty(), "a session was left open");
    exporter.sandbox.clear_faults();
    went_well(&exporter.runs("out", &arguments));
    assert_eq!(exporter.lines("out/Accounts.ndjson").len(), 58);
}

#[tokio::test]
async fn what_makes_no_sense_is_said_before_anything_is_sent() {
    let exporter = Exporter::new().await;
    exporter.sandbox.clear_requests();
    for (arguments, told) in [
        (&[][..], "missing"),
        (&["Contacts", "--all"], "exclude each other"),
        (
            &["Contacts", "--shard", "1"],
            "--shard <I/N> has a value that it does not know",
        ),
        (
            &["Contacts", "--since", "yesterday"],
            "--since <TIME> has a value that it does not know",
        ),
        (
            &["Contacts", "--rate", "0"],
            "--rate <N> has a value that it does not know; it takes requests a second, such as 5 or 0.5",
        ),
        (
            &["Contacts", "--sessions", "65"],
            "--sessions <N> has a value that it does not know",
        ),
        (&["Contacts", "--filter", "name = 'A'"], "--filter: "),
    ] {
        let ended = exporter.runs("out", arguments);
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.errors);
        assert!(ended.errors.contains(told), "{arguments:?}: {}", ended.errors);
    }
    let ended = exporter.person.runs(&["export", "Contacts"]);
    assert_eq!(ended.status, Some(2), "{}", ended.errors);
    assert!(exporter.sandbox.requests().is_empty(), "something was sent");

    for (arguments, told) in [
        (&["Contacts", "--shard", "5/4"][..], "--shard: there is no shard 5 of 4"),
        (
            &["Contacts", "Accounts", "--filter", "contacts.id = '1'"],
            "export that module alone",
        ),
        (
            &["Contacts", "--format", "ndjson", "--csv-safe"],
            "csv_safe is for CSV only",
        ),
        (&["Users", "--fields", "user_hash"], "include_credentials"),
        (&["NoSuchModule"], "cannot be exported"),
        (&["OAuthKeys"], "credentials"),
    ] {
        let ended = exporter.runs("out", arguments);
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.errors);
        assert!(ended.errors.contains(told), "{arguments:?}: {}", ended.errors);
    }
    assert!(!Path::new(&exporter.folder.path().join("out/manifest.json")).exists());
}
