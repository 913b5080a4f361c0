//! Exports of modules with records that the server cannot give: those are listed, everything else is there, and the export
//! says that it is incomplete.

#[path = "support/exported.rs"]
mod exported;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use exported::{Place, contacts, contents, list_of};
use serde_json::{Value, json};
use sugar_oauth::Session;
use sugar_oauth::records::export::{Completeness, Export, Manifest};
use sugar_oauth::sandbox::Fault;
use sugar_oauth::v4_1::{GetEntryList, SetEntry};

/// Answers that hold one of these records get the fault: those to all lists, or those to lists of more than keys.
fn poison(place: &Place, fault: Fault, ids: &[String], keys_too: bool) {
    let quoted: Vec<Vec<u8>> = ids.iter().map(|id| format!("\"{id}\"").into_bytes()).collect();
    let meant = fault
        .when(move |request| list_of(request).is_some_and(|list| keys_too || list["select_fields"] != json!(["id"])));
    place.sandbox.fault(meant.when_answered(move |body| {
        let holds = |id: &Vec<u8>| body.windows(id.len()).any(|window| window == id.as_slice());
        quoted.iter().any(holds)
    }));
}

fn broken() -> Fault {
    Fault::rewrite(|body| body[..body.len() - 40].to_vec())
}

/// The ids of the contacts, in some order of their own, without the odd ones.
fn guids(place: &Place) -> Vec<String> {
    let ids = exported::ids(&place.folder("undisturbed").join("Contacts.ndjson"));
    ids.into_iter()
        .filter(|id| id.len() == 36 && id.as_bytes()[8] == b'-')
        .collect()
}

fn refused(manifest: &Manifest, file: &str) -> BTreeSet<String> {
    let report = manifest.file(file).unwrap();
    let ids: Vec<String> = report.refused.iter().map(|record| record.id.clone().unwrap()).collect();
    let set: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(set.len(), ids.len(), "one is listed twice");
    set
}

/// Without the lines of these records.
fn without(lines: &[Vec<u8>], ids: &BTreeSet<String>) -> Vec<Vec<u8>> {
    let is_of = |line: &Vec<u8>| {
        let record: Value = serde_json::from_slice(line).unwrap();
        ids.contains(record["id"].as_str().unwrap())
    };
    lines.iter().filter(|line| !is_of(line)).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_given_is_listed_and_all_others_are_there() {
    // At once, because each waits long. What takes long to fail fails for one record only.
    let faults = [
        (Fault::status(500), "500", 0..4),
        (broken(), "breaks off", 0..4),
        (Fault::stall(Duration::from_secs(2)), "no answer in time", 1..2),
        (Fault::huge_body(1 << 20), "limit", 0..4),
    ];
    let run = async |(fault, says, which): (Fault, &str, Range<usize>)| {
        let place = Place::new().await;
        let expected = place.undisturbed(contacts).await;
        let ids = guids(&place);
        let bad = [&ids[0], &ids[1_000], &ids[1_001], &ids[ids.len() - 1]].map(String::clone);
        let bad = &bad[which];
        poison(&place, fault, bad, false);
        let folder = place.folder("export");
        // The smaller, the fewer pages fail on the way to the record.
        let page_size = if bad.len() == 1 { 12 } else { 100 };
        let export = contacts(&place.session().await).page_size(page_size);
        let manifest = export.run(&folder).await.unwrap();
        let wanted: BTreeSet<String> = bad.iter().cloned().collect();
        assert_eq!(refused(&manifest, "Contacts.ndjson"), wanted, "{says}");
        let report = manifest.file("Contacts.ndjson").unwrap();
        assert!(
            report.refused.iter().all(|record| record.error.contains(says)),
            "{:?}",
            report.refused
        );
        assert_eq!(report.completeness, Completeness::EqualToTotalCount);
        assert!(!manifest.complete && !exported::manifest(&folder).complete);
        let lines = &contents(&folder)["Contacts.ndjson"];
        assert!(*lines == without(&expected["Contacts.ndjson"], &wanted), "{says}");
    };
    futures_util::future::join_all(faults.map(run)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_named_is_listed_between_its_neighbours_and_the_list_survives_a_kill() {
    let place = Place::new().await;
    let expected = place.undisturbed(contacts).await;
    let bad = guids(&place)[500].clone();
    poison(&place, Fault::status(500), std::slice::from_ref(&bad), true);
    let folder = place.folder("export");
    // Dropped in the middle, behind the record or in front of it.
    for records in [500, 1_500, 2_500] {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let session = place.session().await;
        let export = contacts(&session).on_progress(move |progress| {
            if progress.records >= records {
                let _ = sender.send(());
            }
        });
        tokio::select! {
            result = export.run(&folder) => panic!("it is not there yet: {result:?}"),
            _ = receiver.recv() => {}
        }
    }
    let manifest = contacts(&place.session().await).run(&folder).await.unwrap();
    let report = manifest.file("Contacts.ndjson").unwrap();
    let [record] = report.refused.as_slice() else {
        panic!("{:?}", report.refused)
    };
    assert!(
        record.id.is_none() && (record.after.is_some() || record.before.is_some()),
        "{record:?}"
    );
    assert!(!manifest.complete);
    let lines = &contents(&folder)["Contacts.ndjson"];
    assert!(*lines == without(&expected["Contacts.ndjson"], &BTreeSet::from([bad])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_given_later_in_the_run_is_there_after_all() {
    let place = Place::new().await;
    let expected = place.undisturbed(contacts).await;
    let ids = guids(&place);
    for (number, (keys_too, bad)) in [(false, &ids[100..103]), (true, &ids[2_000..2_001])]
        .into_iter()
        .enumerate()
    {
        poison(&place, Fault::status(500), bad, keys_too);
        let sandbox = Arc::clone(&place.sandbox);
        let session = place.session().await;
        let export = contacts(&session).on_progress(move |progress| {
            if progress.records + 100 >= progress.expected.unwrap() {
                sandbox.clear_faults();
            }
        });
        let folder = place.folder(&number.to_string());
        let manifest = export.run(&folder).await.unwrap();
        assert!(manifest.complete, "{manifest:#?}");
        assert!(contents(&folder) == expected, "keys too: {keys_too}");
        place.sandbox.clear_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_larger_than_the_limit_is_listed_be_it_one_of_many_or_the_only_one() {
    let place = Place::new().await;
    let session = place.writer().await;
    // More than the client takes (512 KiB).
    let large = "x".repeat(700 << 10);
    let entry = SetEntry::create_with_id("Accounts", "77777777-0000-0000-0000-000000000000")
        .set("name", "Large")
        .set("description", large.clone());
    session.call(&entry).await.unwrap();
    let only = SetEntry::create_with_id("Leads", "88888888-0000-0000-0000-000000000000")
        .set("name", "Large")
        .set("description", large);
    session.call(&only).await.unwrap();
    // A module with this record alone.
    let list = GetEntryList::new("Leads").select(["id"]).max_results(1_000);
    for entry in session.call(&list).await.unwrap().entries {
        if !entry.id().starts_with("88888888") {
            session.call(&SetEntry::delete("Leads", entry.id())).await.unwrap();
        }
    }
    let folder = place.folder("export");
    let session = place.session().await;
    let export = session.export().modules(["Accounts", "Leads", "Notes"]).sessions(2);
    let manifest = export.run(&folder).await.unwrap();
    for (file, id) in [("Accounts.ndjson", "7"), ("Leads.ndjson", "8")] {
        let bad = refused(&manifest, file);
        assert_eq!(
            bad,
            BTreeSet::from([format!("{}-0000-0000-0000-000000000000", id.repeat(8))])
        );
        let report = manifest.file(file).unwrap();
        assert_eq!(Some(report.lines + 1), report.total_count, "{file}");
    }
    assert_eq!(manifest.file("Leads.ndjson").unwrap().lines, 0);
    assert!(manifest.file("Notes.ndjson").unwrap().refused.is_empty());
    assert!(!manifest.complete);
}

/// Whose records can be listed by their ids only.
#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_gives_no_record_is_left_out_and_the_others_are_there() {
    let place = Place::new().await;
    place.sandbox.fault(Fault::status(500).when(|request| {
        list_of(request).is_some_and(|list| list["module_name"] == "Contacts" && list["select_fields"] != json!(["id"]))
    }));
    place.sandbox.clear_requests();
    let session = place.session().await;
    let export = session.export().modules(["Contacts", "Accounts"]);
    let manifest = export.run(place.folder("export")).await.unwrap();
    assert!(
        place.sandbox.requests().len() < 1_500,
        "{}",
        place.sandbox.requests().len()
    );
    assert!(!manifest.complete);
    assert!(
        manifest
            .left_out
            .iter()
            .any(|left_out| left_out.module == "Contacts" && left_out.is_gap)
    );
    assert!(manifest.file("Accounts.ndjson").unwrap().lines > 0);
    assert!(!place.folder("export").join("Contacts.ndjson.part").exists());
}

fn emails(session: &Session) -> Export {
    session.export().modules(["Emails"]).page_size(5)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_an_email_that_cannot_be_given_is_listed_and_those_of_others_are_there() {
    let place = Place::new().await;
    let expected = place.undisturbed(emails).await;
    let ids: Vec<String> = exported::ids(&place.folder("undisturbed").join("Emails.ndjson"))
        .into_iter()
        .collect();
    assert!(ids.len() > 10, "{}", ids.len());
    let is_text = |request: &_| list_of(request).is_some_and(|list| list["module_name"] == "EmailText");
    let bad = format!("\"{}\"", ids[7]).into_bytes();
    let holds = move |body: &[u8]| body.windows(bad.len()).any(|window| window == bad);
    place
        .sandbox
        .fault(Fault::status(500).when(is_text).when_answered(holds));
    let folder = place.folder("export");
    let manifest = emails(&place.session().await).run(&folder).await.unwrap();
    assert_eq!(refused(&manifest, "Emails.ndjson"), BTreeSet::from([ids[7].clone()]));
    assert!(!manifest.complete);
    let bad = BTreeSet::from([ids[7].clone()]);
    assert!(without(&contents(&folder)["Emails.ndjson"], &bad) == without(&expected["Emails.ndjson"], &bad));
    // Its other fields are there.
    assert!(exported::ids(&folder.join("Emails.ndjson")).contains(&ids[7]));
    place.sandbox.clear_faults();

    // When no text comes, it is the server, and no e-mail is written without its text.
    place.sandbox.fault(Fault::status(500).when(is_text));
    let folder = place.folder("later");
    emails(&place.session().await).run(&folder).await.unwrap_err();
    place.sandbox.clear_faults();
    assert!(emails(&place.session().await).run(&folder).await.unwrap().complete);
    assert!(contents(&folder) == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_that_cannot_be_given_is_listed_and_the_others_are_there() {
    let place = Place::new().await;
    let session = place.session().await;
    let list = GetEntryList::new("Notes").select(["id"]).max_results(4);
    let notes = session.call(&list).await.unwrap().entries;
    let upload = place.folder("hello.txt");
    fs::write(&upload, "hello").unwrap();
    for note in &notes {
        session.upload_note_attachment(note.id(), &upload).await.unwrap();
    }
    for (number, fault) in [Fault::status(500), Fault::huge_body(1 << 20), broken()]
        .into_iter()
        .enumerate()
    {
        let bad = notes[1].id().to_owned();
        let is_bad = bad.clone();
        place.sandbox.fault(fault.when(move |request| {
            request.rest_method().as_deref() == Some("get_note_attachment")
                && request.rest_data().is_some_and(|data| data["id"] == is_bad.as_str())
        }));
        let folder = place.folder(&number.to_string());
        let export = session.export().modules(["Notes"]).files(true);
        let manifest = export.run(&folder).await.unwrap();
        assert_eq!(refused(&manifest, "files/Notes.ndjson"), BTreeSet::from([bad]));
        assert!(!manifest.complete);
        let there = fs::read_dir(folder.join("files/Notes")).unwrap().count();
        assert_eq!(there, notes.len() - 1);
        place.sandbox.clear_faults();
    }
}
