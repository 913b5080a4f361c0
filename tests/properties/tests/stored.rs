//! Whatever stands where a scan, a pass over changes or an export left its state: no panic, an end, and nothing written
//! outside the export's folder.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sugar_oauth::records::export::Export;
use sugar_oauth::records::{ScanState, Watermark};
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::{Client, Error, ErrorKind, Instance, Password, Session};
use tokio::runtime::Runtime;

const LIMIT: Duration = Duration::from_secs(60);

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&strategy, test) {
        panic!("{failure}");
    }
}

fn open() -> (Runtime, Sandbox, Session) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (sandbox, session) = runtime.block_on(async {
        let sandbox = Sandbox::builder().records(0, 0).start().await.unwrap();
        let client = Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
        let password = Password::new(sandbox.password());
        let session = client.login(sandbox.user_name(), password).await.unwrap();
        (sandbox, session)
    });
    (runtime, sandbox, session)
}

fn fit_to_show(error: &Error) -> Result<(), TestCaseError> {
    let text = error.to_string();
    let moves = |character: char| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character);
    prop_assert!(!text.chars().any(moves), "{:?}", text);
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        "8",
        "seed_sally_id",
        "' OR 1=1 -- ",
        "\\",
        "\u{1b}[2J\u{202e}",
        "../outside",
        "../../outside",
        "checkpoint.json",
        "0000-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "2026-02-30 00:00:00",
    ]);
    prop_oneof![3 => odd.prop_map(str::to_owned), 1 => any::<String>()]
}

fn number() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(0),
        json!(1),
        json!(-1),
        json!(u64::MAX),
        json!(u32::MAX),
        json!(1e300),
    ])
}

/// Another value in the place of one, mostly of its kind.
fn another() -> impl Strategy<Value = (Value, Value, Value)> {
    let other = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!([]),
        json!({}),
        json!([[]]),
    ]);
    (text().prop_map(Value::String), number(), other)
}

/// All the places in some JSON at which a value can be replaced.
fn places(of: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match of {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            places(
                value,
                &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                all,
            )
        }),
        Value::Array(values) => (0..)
            .zip(values)
            .for_each(|(number, value)| places(value, &format!("{at}/{number}"), all)),
        _ => {}
    }
}

/// Good JSON with up to three values replaced, as text.
fn changed(good: Value) -> impl Strategy<Value = String> {
    let mut all = Vec::new();
    places(&good, "", &mut all);
    let change = (prop::sample::select(all), another(), 0..8);
    prop::collection::vec(change, 0..4).prop_map(move |changes| {
        let mut json = good.clone();
        for (place, (text, number, other), kind) in changes {
            let Some(there) = json.pointer_mut(&place) else {
                continue;
            };
            *there = match (kind, &*there) {
                (0, _) => text,
                (1, _) => number,
                (2, _) => other,
                (_, Value::String(_)) => text,
                (_, Value::Number(_)) => number,
                _ => other,
            };
        }
        json.to_string()
    })
}

#[test]
fn a_scan_from_any_state_ends() {
    let (runtime, _sandbox, session) = open();
    let windows = json!([
        {"upper": "4", "after": "11111111-aaaa", "done": false},
        {"lower": "4", "upper": "c", "done": true},
        {"lower": "c", "after": "d", "done": false},
    ]);
    let good = json!({"windows": windows, "records": 3, "refused": 0});
    run(150, changed(good), |text| {
        let Ok(state) = serde_json::from_str::<ScanState>(&text) else {
            return Ok(());
        };
        let again = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(&serde_json::from_str::<ScanState>(&again).unwrap(), &state);
        let mut scan = session.records("Contacts").select(["id"]).sessions(2).scan(state);
        let outcome = runtime.block_on(async {
            tokio::time::timeout(LIMIT, async {
                while scan.next_page().await?.is_some() {}
                Ok::<(), Error>(())
            })
            .await
        });
        match outcome {
            Ok(Ok(())) => prop_assert!(scan.state().is_done()),
            Ok(Err(error)) => {
                // Whatever the bounds are, the SQL that is made of them is sound.
                prop_assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", error);
                fit_to_show(&error)?;
            }
            Err(_) => prop_assert!(false, "no end"),
        }
        Ok(())
    });
}

#[test]
fn a_pass_from_any_watermark_ends() {
    let (runtime, _sandbox, session) = open();
    let given = json!({"1": {"changed": "2026-01-01 00:00:00", "digest": "abc"}});
    let pass = json!({"until": "2026-01-02 00:00:00", "after": ["2026-01-01 00:00:00", "11111111-aaaa"]});
    let good = json!({"since": "2026-01-01 00:00:00", "pass": pass, "given": given});
    run(150, changed(good), |text| {
        let Ok(watermark) = serde_json::from_str::<Watermark>(&text) else {
            return Ok(());
        };
        let again = serde_json::to_string(&watermark).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Watermark>(&again).unwrap(), &watermark);
        let mut changes = session.records("Contacts").select(["id"]).changes(watermark);
        let outcome = runtime.block_on(async {
            tokio::time::timeout(LIMIT, async {
                while changes.next_page().await?.is_some() {}
                Ok::<(), Error>(())
            })
            .await
        });
        match outcome {
            Ok(Ok(())) => prop_assert!(!changes.watermark().is_within_a_pass()),
            // What stands in the place of a time goes to the database, which refuses what is none.
            Ok(Err(error)) => fit_to_show(&error)?,
            Err(_) => prop_assert!(false, "no end"),
        }
        Ok(())
    });
}

fn export(session: &Session) -> Export {
    let export = session.export().modules(["Contacts", "Accounts"]).fields(["name"]);
    export.page_size(20).checkpoint_every(Duration::ZERO)
}

/// The line of JSON in a checkpoint, and behind it its digest.
fn with_digest(json: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, json.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{json}\n{hex}\n")
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// An export of which some pages have been written, with its checkpoint and manifest.
struct Begun {
    folder: tempfile::TempDir,
    checkpoint: Value,
    manifest: Value,
}

fn begin(runtime: &Runtime, sandbox: &Sandbox, session: &Session) -> Begun {
    let folder = tempfile::tempdir().unwrap();
    let lists = AtomicU32::new(0);
    sandbox.fault(Fault::status(500).when(move |request| {
        let is_list = request.rest_method().as_deref() == Some("get_entry_list");
        is_list && lists.fetch_add(1, Ordering::SeqCst) > 4
    }));
    runtime.block_on(export(session).run(folder.path())).unwrap_err();
    sandbox.clear_faults();
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let whole = text("checkpoint.json");
    let (json, _) = whole.split_once('\n').unwrap();
    assert_eq!(with_digest(json), whole, "a checkpoint looks otherwise now");
    let (checkpoint, manifest): (Value, Value) = (
        serde_json::from_str(json).unwrap(),
        serde_json::from_str(&text("manifest.json")).unwrap(),
    );
    assert!(
        checkpoint["states"]
            .as_object()
            .is_some_and(|states| !states.is_empty())
    );
    Begun {
        folder,
        checkpoint,
        manifest,
    }
}

/// Runs an export in a copy of the folder with another file in it. Nothing may be written outside.
fn go_on(runtime: &Runtime, session: &Session, begun: &Begun, name: &str, bytes: &[u8]) -> Result<(), TestCaseError> {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/export");
    fs::create_dir_all(&folder).unwrap();
    copy(begun.folder.path(), &folder);
    fs::write(folder.join(name), bytes).unwrap();
    let outcome = runtime.block_on(async { tokio::time::timeout(LIMIT, export(session).run(&folder)).await });
    for (outside, only) in [(root.path().to_owned(), "a"), (root.path().join("a"), "export")] {
        let there = fs::read_dir(outside).unwrap();
        let names: Vec<_> = there.map(|entry| entry.unwrap().file_name()).collect();
        prop_assert_eq!(names, [only]);
    }
    match outcome {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => fit_to_show(&error),
        Err(_) => Err(TestCaseError::fail("no end")),
    }
}

#[test]
fn an_export_goes_on_from_any_checkpoint_or_refuses_it_and_stays_in_its_folder() {
    let (runtime, sandbox, session) = open();
    let begun = begin(&runtime, &sandbox, &session);
    // What goes wrong only at one place.
    let outside = tempfile::tempdir().unwrap();
    let absolute = outside.path().join("x").display().to_string();
    let first = format!("{}/../../x", begun.checkpoint["jobs"][0]["file"].as_str().unwrap());
    for file in ["../outside", "../../outside", "", "..", &absolute, &first] {
        let mut checkpoint = begun.checkpoint.clone();
        checkpoint["jobs"][0]["file"] = json!(file);
        checkpoint["jobs"][1]["file"] = json!(file);
        let text = with_digest(&checkpoint.to_string());
        go_on(&runtime, &session, &begun, "checkpoint.json", text.as_bytes()).unwrap();
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let junk = || prop::collection::vec(any::<u8>(), 0..60);
    let replaced = prop_oneof![
        3 => changed(begun.checkpoint.clone()).prop_map(|json| ("checkpoint.json", with_digest(&json).into_bytes())),
        1 => changed(begun.manifest.clone()).prop_map(|json| ("manifest.json", json.into_bytes())),
        1 => junk().prop_map(|bytes| ("checkpoint.json", bytes)),
        1 => junk().prop_map(|bytes| ("manifest.json", bytes)),
    ];
    run(100, replaced, |(name, bytes)| {
        go_on(&runtime, &session, &begun, name, &bytes)
    });
}
