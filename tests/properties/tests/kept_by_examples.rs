//! The files that the examples read or leave, whatever stands in them: no panic, errors fit for a terminal, and what
//! cannot be read is left as it is.

#[path = "../../../examples/common/failure.rs"]
#[allow(dead_code, reason = "the examples' own")]
mod failure;
#[path = "../../../examples/migrate/ledger.rs"]
#[allow(dead_code, reason = "the example's own")]
mod ledger;
#[path = "../../../examples/migrate/map.rs"]
#[allow(dead_code, reason = "the example's own")]
mod map;
#[path = "../../../examples/common/private_file.rs"]
#[allow(dead_code, reason = "the examples' own")]
mod private_file;
#[path = "../../../examples/walkthrough/save.rs"]
#[allow(dead_code, reason = "the example's own")]
mod save;
#[path = "../../../examples/changes/state.rs"]
#[allow(dead_code, reason = "the example's own")]
mod state;
#[path = "../../../src/bin/sugar-oauth/terminal/text.rs"]
#[allow(dead_code, reason = "the examples' own")]
mod terminal;

use std::fs;
use std::path::PathBuf;

use failure::Failure;
use ledger::Ledger;
use map::{BUILT_IN, FieldMap};
use proptest::prelude::*;
use state::State;
use tempfile::TempDir;

const SOURCE: &str = "https://crm.example.com";
const TARGET: &str = "https://new.example.com";

/// A file of its own with these bytes.
fn file_with(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept");
    fs::write(&file, bytes).unwrap();
    (folder, file)
}

fn fit_to_show(failure: &Failure) -> Result<(), TestCaseError> {
    let text = failure.to_string();
    let moves = |character: char| {
        (character.is_control() && character != '\n') || ('\u{202a}'..='\u{202e}').contains(&character)
    };
    prop_assert!(!text.chars().any(moves), "{:?}", text);
    prop_assert_eq!(failure.status(), 2);
    Ok(())
}

/// A good text of which some pieces are cut out, doubled, or replaced by others.
fn spoilt(good: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let other = prop::sample::select(vec![
        "",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "=",
        "1",
        "null",
        "\u{1b}[2J",
        "\u{202e}",
        "\0",
        "'''",
        "\"\"\"",
        "#",
        "9999999999999999999999",
        "2026-02-30",
        "..",
        "[[x]]",
        "Accounts",
    ]);
    let change = (any::<prop::sample::Index>(), 0..12_usize, other, 0..4);
    prop::collection::vec(change, 0..5).prop_map(move |changes| {
        let mut bytes = good.as_bytes().to_vec();
        for (at, length, other, kind) in changes {
            let from = at.index(bytes.len() + 1);
            let to = (from + length).min(bytes.len());
            let piece = match kind {
                0 => Vec::new(),
                1 => bytes[from..to].repeat(2),
                _ => other.as_bytes().to_vec(),
            };
            bytes.splice(from..to, piece);
        }
        bytes
    })
}

const LEDGER: &str = concat!(
    r#"{"migration":{"version":1,"source":"https://crm.example.com","target":"https://new.example.com"}}"#,
    "\n",
    r#"{"surveyed":{"map":"digest"}}"#,
    "\n",
    r#"{"sent":{"of":"Accounts","ids":["1","2"]}}"#,
    "\n",
    r#"{"done":{"of":"Accounts","carried":[["1","9"]],"skipped":[["2","why"]],"lacking":[["1","parent_id"]]}}"#,
    "\n",
);

const STATE: &str = r#"{"version":1,"instance":"https://crm.example.com","module":"Contacts","watermark":{"since":"2026-01-01 00:00:00","pass":{"until":"2026-01-02 00:00:00","after":["2026-01-01 00:00:00","1"]},"given":{"1":{"changed":"2026-01-01 00:00:00","digest":"abc"}}}}"#;

const SMALL_MAP: &str = "[users]\n\"sally\" = \"sally@example.com\"\n[Accounts.fields]\nname = \"name\"\n\
    [Accounts.values.industry]\n\"Old\" = \"New\"\n[Accounts.set]\nteam = [1, 2.5, true, 2026-11-21, {a = \"b\"}]\n\
    [Contacts.links]\naccounts = \"accounts\"\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_field_map_is_read_or_its_wrong_lines_are_named(
        text in prop_oneof![
            4 => prop_oneof![spoilt(BUILT_IN), spoilt(SMALL_MAP)].prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            1 => any::<String>(),
        ],
    ) {
        let lines = text.split('\n').count();
        match FieldMap::parse(text.clone(), None) {
            Ok(map) => {
                let modules = map.modules.values().flat_map(|module| module.fields.iter().chain(&module.links));
                let mut pairs = modules.chain(&map.users).chain(&map.currencies);
                prop_assert!(pairs.all(|pair| (1..=lines).contains(&pair.line)));
                prop_assert_eq!(map.text, text);
            }
            Err(failure) => fit_to_show(&failure)?,
        }
    }

    #[test]
    fn a_ledger_is_gone_on_with_or_left_as_it_is(bytes in spoilt(LEDGER)) {
        let (_folder, file) = file_with(&bytes);
        match Ledger::open(&file, SOURCE, TARGET) {
            Ok(ledger) => {
                let carried = ledger.is_carried(&["Accounts", "1"]);
                drop(ledger);
                // Only a last line that is not whole is cut off; one that has none begins anew.
                let kept = fs::read(&file).unwrap();
                prop_assert!(bytes.starts_with(&kept) || !bytes.contains(&b'\n'));
                prop_assert!(kept.ends_with(b"\n"));
                let again = Ledger::open(&file, SOURCE, TARGET);
                prop_assert!(again.is_ok_and(|again| again.is_carried(&["Accounts", "1"]) == carried));
            }
            Err(failure) => {
                fit_to_show(&failure)?;
                prop_assert_eq!(fs::read(&file).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn kept_changes_are_read_as_they_were_written_or_left_as_they_are(bytes in spoilt(STATE)) {
        let (_folder, file) = file_with(&bytes);
        let state = State::new(&file, SOURCE, "Contacts").map_err(|failure| TestCaseError::fail(failure.to_string()))?;
        match state.read() {
            Ok(watermark) => {
                let watermark = watermark.expect("a file is there");
                prop_assert!(state.write(&watermark).is_ok());
                prop_assert!(state.read().is_ok_and(|again| again == Some(watermark)));
            }
            Err(failure) => {
                fit_to_show(&failure)?;
                prop_assert_eq!(fs::read(&file).unwrap(), bytes);
            }
        }
    }
}

/// What `--save` leaves is read by a shell, here by this machine's.
#[cfg(unix)]
mod saved {
    use std::process::Command;

    use proptest::prelude::*;
    use sugar_oauth::{AccessToken, Client, Consumer, Instance, TokenSecret};

    use super::save::Target;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_shell_reads_what_was_saved(
            key in r#"[ -~üæ]{1,20}|['"\\$`;&|(){}!*?~#]{1,10}"#,
            token in "[A-Za-z0-9._~-]{1,40}",
            secret in "[A-Za-z0-9._~-]{1,40}",
            path in "[a-z$'()*;]{0,8}",
        ) {
            let Ok(consumer) = Consumer::new(key.as_str(), "secret") else {
                return Ok(());
            };
            let Ok(instance) = Instance::parse(&format!("https://crm.example.com/{path}")) else {
                return Ok(());
            };
            let client = Client::new(instance, consumer);
            let url = client.instance().site_url().as_str().trim_end_matches('/').to_owned();
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("crm.env");
            let access_token = AccessToken::from_parts(token.as_str(), TokenSecret::new(secret.as_str())).unwrap();
            let saved = Target::new(&file).and_then(|target| target.write(&client, &access_token, Some(&path)));
            prop_assert!(saved.is_ok());
            let names = ["URL", "CONSUMER_KEY", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET", "SIGNING_URL"];
            let print = names.map(|name| format!(r#""$SUGAR_{name}""#)).join(" ");
            let shell = Command::new("sh")
                .arg("-euc")
                .arg(format!(r#". "$1"; printf '%s\0' {print}"#))
                .arg("sh")
                .arg(&file)
                .env_clear()
                .output()
                .unwrap();
            let expected = [&url, &key, &token, &secret, &path].map(|text| format!("{text}\0")).concat();
            prop_assert_eq!(String::from_utf8_lossy(&shell.stdout), expected, "{:?}", shell);
        }
    }
}
