//! What an export holds, beside what the same calls made by hand give.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use sugar_oauth::records::export::{Completeness, Content, Format};
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::{GetEntryList, SetEntry};
use sugar_oauth::{Client, Consumer, ErrorKind, Instance, Password, Session};

async fn open() -> (Sandbox, Session, tempfile::TempDir) {
    let sandbox = Sandbox::start().await.unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    let session = client.login(sandbox.user_name(), password).await.unwrap();
    (sandbox, session, tempfile::tempdir().unwrap())
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Records by their ids.
fn by_id(file: &Path) -> BTreeMap<String, Value> {
    let lines = lines(file);
    let count = lines.len();
    let map: BTreeMap<String, Value> = lines
        .into_iter()
        .map(|line| (line["id"].as_str().unwrap().to_owned(), line))
        .collect();
    assert_eq!(map.len(), count, "an id came twice");
    map
}

#[tokio::test]
async fn all_records_of_modules_are_there_as_one_large_page_has_them() {
    let (_sandbox, session, folder) = open().await;
    let export = session.export().modules(["Contacts", "Accounts"]).page_size(17);
    let manifest = export.run(folder.path()).await.unwrap();
    assert!(manifest.is_complete());
    for module in ["Contacts", "Accounts"] {
        let list = GetEntryList::new(module).max_results(1_000_000);
        let expected = session.call(&list).await.unwrap().entries;
        let exported = by_id(&folder.path().join(format!("{module}.ndjson")));
        assert_eq!(exported.len(), expected.len());
        for entry in &expected {
            let record = &exported[entry.id()];
            for field in entry.fields() {
                let text = entry.get(field).unwrap_or_default();
                assert_eq!(
                    record[field].as_str().unwrap_or_default(),
                    text,
                    "{} {field}",
                    entry.id()
                );
            }
        }
        let report = manifest.file(&format!("{module}.ndjson")).unwrap();
        assert_eq!(report.lines, expected.len() as u64);
        assert_eq!(report.total_count, Some(expected.len() as u64));
        assert_eq!(report.completeness, Completeness::EqualToTotalCount);
        assert_eq!(report.fields[0], "id");
    }
    let on_disk: Value = serde_json::from_slice(&fs::read(folder.path().join("manifest.json")).unwrap()).unwrap();
    assert_eq!(on_disk, serde_json::to_value(&manifest).unwrap());
    assert!(on_disk["not_in_v4_1"][0].as_str().unwrap().contains("audit"));
    assert!(!folder.path().join("checkpoint.json").exists());
}

#[tokio::test]
async fn all_modules_are_found_the_hidden_ones_too_and_credentials_are_not_among_them() {
    // The practice instance lists its consumers with their secrets, as a real one does.
    let (sandbox, session, folder) = open().await;
    let manifest = session
        .export()
        .links(true)
        .files(true)
        .run(folder.path())
        .await
        .unwrap();
    for module in [
        "Users",
        "EmailAddresses",
        "DocumentRevisions",
        "EmailText",
        "Accounts",
        "Currencies",
    ] {
        assert!(folder.path().join(format!("{module}.ndjson")).is_file(), "{module}");
    }
    for module in ["OAuthKeys", "OAuthTokens"] {
        assert!(!folder.path().join(format!("{module}.ndjson")).exists(), "{module}");
        let left_out = manifest.left_out.iter().find(|left_out| left_out.module == module);
        assert!(left_out.unwrap().reason.contains("credentials"));
    }
    for file in &manifest.files {
        let text = fs::read_to_string(folder.path().join(&file.file)).unwrap();
        assert!(!text.contains(sandbox.consumer_secret()), "{}", file.file);
    }
}

#[tokio::test]
async fn credentials_leave_only_when_named_and_asked_for() {
    // The practice instance lists its consumers with their secrets, as a real one does.
    let (sandbox, session, folder) = open().await;
    let named = session.export().modules(["OAuthKeys"]);
    let error = named.run(folder.path().join("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("include_credentials"), "{error}");
    let manifest = named
        .include_credentials(true)
        .run(folder.path().join("b"))
        .await
        .unwrap();
    let keys = lines(&folder.path().join("b/OAuthKeys.ndjson"));
    assert_eq!(manifest.files[0].lines, keys.len() as u64);
    assert!(
        keys.iter().any(|key| key["c_secret"] == sandbox.consumer_secret()),
        "{} keys",
        keys.len()
    );
    let hashes = session.export().modules(["Users"]).fields(["user_name", "user_hash"]);
    let error = hashes.run(folder.path().join("c")).await.unwrap_err();
    assert!(error.to_string().contains("user_hash"), "{error}");
    let asked = session.export().include_credentials(true);
    let plan = asked.plan().await.unwrap();
    assert!(!plan.modules.iter().any(|module| module.module.starts_with("OAuth")));
}

#[tokio::test]
async fn emails_have_their_bodies() {
    let (_sandbox, session, folder) = open().await;
    session
        .export()
        .modules(["Emails", "EmailText"])
        .run(folder.path())
        .await
        .unwrap();
    let emails = by_id(&folder.path().join("Emails.ndjson"));
    let texts = lines(&folder.path().join("EmailText.ndjson"));
    assert!(!emails.is_empty());
    for text in texts {
        let Some(email) = emails.get(text["email_id"].as_str().unwrap()) else {
            continue;
        };
        for field in ["description", "description_html", "from_addr", "to_addrs"] {
            assert_eq!(email[field], text[field], "{field}");
        }
        assert!(!email["description_html"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn links_are_written_once_from_one_side() {
    let (_sandbox, session, folder) = open().await;
    let export = session.export().modules(["Accounts", "Contacts"]).links(true);
    let manifest = export.run(folder.path()).await.unwrap();
    let list = GetEntryList::new("Contacts")
        .select(["id"])
        .with_link("accounts", ["id"])
        .max_results(1_000_000);
    let from_the_other_side: BTreeSet<(String, String)> = session
        .call(&list)
        .await
        .unwrap()
        .entries
        .iter()
        .flat_map(|contact| {
            let accounts = contact.link("accounts").iter();
            accounts.map(|account| (account.get("id").unwrap().into_owned(), contact.id().to_owned()))
        })
        .collect();
    let edges = lines(&folder.path().join("links/accounts_contacts.ndjson"));
    let text = |edge: &Value, end: &str| edge[end].as_str().unwrap().to_owned();
    let written: BTreeSet<(String, String)> = edges
        .iter()
        .map(|edge| (text(edge, "from"), text(edge, "to")))
        .collect();
    assert_eq!(written.len(), edges.len());
    assert!(written.len() > 100);
    assert_eq!(written, from_the_other_side);
    let report = manifest.file("links/accounts_contacts.ndjson").unwrap();
    assert!(matches!(&report.content, Content::Links { to_module, .. } if to_module == "Contacts"));
}

#[tokio::test]
async fn shards_are_disjoint_and_together_everything() {
    let (_sandbox, session, folder) = open().await;
    let whole = folder.path().join("whole");
    session.export().modules(["Contacts"]).run(&whole).await.unwrap();
    let expected = by_id(&whole.join("Contacts.ndjson"));
    let mut together = BTreeMap::new();
    for number in 1..=3 {
        let part = folder.path().join(number.to_string());
        let export = session.export().modules(["Contacts"]).shard(number, 3).unwrap();
        let manifest = export.run(&part).await.unwrap();
        assert!(manifest.is_complete());
        for (id, record) in by_id(&part.join("Contacts.ndjson")) {
            assert!(together.insert(id, record).is_none());
        }
    }
    assert_eq!(together, expected);
}

#[tokio::test]
async fn csv_reads_back_and_its_formulas_are_made_safe_on_request() {
    let (_sandbox, session, folder) = open().await;
    let formula = "=HYPERLINK(\"http://x\",\"a, b\")";
    session
        .call(&SetEntry::create("Accounts").set("name", formula))
        .await
        .unwrap();
    let plain = session
        .export()
        .modules(["Accounts"])
        .fields(["name"])
        .format(Format::Csv);
    plain.run(folder.path().join("plain")).await.unwrap();
    let safe = plain.clone().csv_safe(true);
    safe.run(folder.path().join("safe")).await.unwrap();
    let names = |below: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_path(folder.path().join(below).join("Accounts.csv")).unwrap();
        assert_eq!(reader.headers().unwrap(), vec!["id", "name"]);
        reader.records().map(|record| record.unwrap()[1].to_owned()).collect()
    };
    assert!(names("plain").contains(&formula.to_owned()));
    assert!(names("safe").contains(&format!("'{formula}")));
    assert_eq!(names("safe").len(), names("plain").len());
    assert!(names("safe").iter().all(|name| !name.starts_with('=')));
}

#[tokio::test]
async fn records_that_the_user_may_not_see_are_counted() {
    let (sandbox, session, folder) = open().await;
    // As an instance answers a user whose role sees a part of the records.
    let count = Fault::status(200)
        .header("Content-Type", "application/json")
        .body(r#"{"result_count":"200"}"#);
    sandbox.fault(count.on_method("get_entries_count"));
    let export = session.export().modules(["Leads"]);
    let planned = export.plan().await.unwrap().modules.remove(0);
    let manifest = export.run(folder.path()).await.unwrap();
    let report = &manifest.files[0];
    assert_eq!(report.entries_count, Some(200));
    assert_eq!(report.hidden(), Some(200 - report.lines));
    assert_eq!(planned.hidden(), report.hidden());
    assert!(report.lines > 0 && report.lines < 200 && manifest.is_complete());
}
