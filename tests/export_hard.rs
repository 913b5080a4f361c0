//! Exports in hard times: servers that do not count, sessions and tokens that end, others that write, runs beside each
//! other, modules that cannot be read.

#[path = "support/exported.rs"]
mod exported;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use exported::{OTHER_TOKEN, Place, TOKEN, contacts, contents};
use sugar_oauth::ErrorKind;
use sugar_oauth::records::export::Completeness;
use sugar_oauth::sandbox::Fault;
use sugar_oauth::v4_1::SetEntry;

fn text(body: &[u8]) -> String {
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_count_is_told() {
    let place = Place::new().await;
    let expected = place.undisturbed(contacts).await;
    let uncounted: [fn(&str) -> String; 2] = [|_| String::from(r#""total_count":-1,"#), |_| String::new()];
    for (number, instead) in uncounted.into_iter().enumerate() {
        place.sandbox.fault(
            Fault::rewrite(move |body| {
                let body = text(&body);
                let Some(at) = body.find(r#""total_count":"#) else {
                    return body.into_bytes();
                };
                let end = at + body[at..].find(',').unwrap() + 1;
                format!("{}{}{}", &body[..at], instead(&body[at..end]), &body[end..]).into_bytes()
            })
            .on_method("get_entry_list"),
        );
        let folder = place.folder(&number.to_string());
        let manifest = contacts(&place.session().await).run(&folder).await.unwrap();
        let report = manifest.file("Contacts.ndjson").unwrap();
        assert_eq!(report.completeness, Completeness::ServerDoesNotCount);
        assert_eq!(report.total_count, None);
        assert!(contents(&folder) == expected);
        place.sandbox.clear_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_all_die_at_once_are_each_renewed_once() {
    let place = Place::new().await;
    let expected = place.undisturbed(contacts).await;
    for (deaths, every) in [(1_u64, 1_500), (5, 500)] {
        let session = place.session().await;
        place.sandbox.clear_requests();
        let (died, sandbox) = (AtomicU64::new(0), Arc::clone(&place.sandbox));
        let export = contacts(&session).on_progress(move |progress| {
            let before = died.load(Ordering::SeqCst);
            if before < deaths && progress.records >= (before + 1) * every {
                died.store(before + 1, Ordering::SeqCst);
                sandbox.expire_sessions();
            }
        });
        let folder = place.folder(&deaths.to_string());
        let manifest = export.run(&folder).await.unwrap();
        assert!(manifest.complete);
        assert!(contents(&folder) == expected);
        let requests = place.sandbox.requests();
        let opened = requests
            .iter()
            .filter(|request| request.rest_method().as_deref() == Some("oauth_access"))
            .count() as u64;
        // Two further sessions, and each of the three once a death.
        assert!(
            opened > deaths && opened <= 2 + 3 * deaths,
            "{opened} for {deaths} deaths"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_named_and_another_one_ends_with_the_same() {
    let place = Place::new().await;
    let expected = place.undisturbed(contacts).await;
    let folder = place.folder("export");
    let session = place.session_by(TOKEN).await.unwrap();
    let sandbox = Arc::clone(&place.sandbox);
    let export = contacts(&session).on_progress(move |progress| {
        if progress.records >= 1_000 {
            sandbox.revoke_access_token(TOKEN.0);
            sandbox.expire_sessions();
        }
    });
    let error = export.run(&folder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.to_string().contains("revoked"), "{error}");
    let before = exported::ids(&folder.join("Contacts.ndjson.part")).len();
    assert!(before >= 1_000, "{before}");
    let session = place.session_by(OTHER_TOKEN).await.unwrap();
    assert!(contacts(&session).run(&folder).await.unwrap().complete);
    assert!(contents(&folder) == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exists_throughout_is_there_once_whatever_others_write() {
    let place = Place::new().await;
    place.undisturbed(contacts).await;
    let all: Vec<String> = exported::ids(&place.folder("undisturbed").join("Contacts.ndjson"))
        .into_iter()
        .filter(|id| id.len() == 36)
        .collect();
    let writer = place.writer().await;
    place.sandbox.work(|_| Duration::from_millis(3));
    let (deleted, changed) = (all[..].iter().step_by(17), all[1..].iter().step_by(13));
    let gone: Vec<String> = deleted.cloned().collect();
    let writes: Vec<(String, String)> = gone.iter().cloned().zip(changed.cloned()).collect();
    let writing = tokio::spawn(async move {
        for (number, (delete, change)) in writes.iter().enumerate() {
            let new = format!("{:08x}-0000-0000-0000-000000000000", number * 0x1700_0000 % 0xffff_ffff);
            let entries = [
                SetEntry::delete("Contacts", delete.as_str()),
                SetEntry::update("Contacts", change.as_str()).set("description", "changed meanwhile"),
                SetEntry::create_with_id("Contacts", format!("{}{number:04}", &new[..32])).set("last_name", "New"),
            ];
            for entry in entries {
                let _ = writer.call(&entry).await;
            }
        }
    });
    let folder = place.folder("export");
    contacts(&place.session().await)
        .page_size(20)
        .run(&folder)
        .await
        .unwrap();
    writing.abort();
    let there = exported::ids(&folder.join("Contacts.ndjson"));
    let lost: Vec<&String> = all
        .iter()
        .filter(|id| !gone.contains(id) && !there.contains(*id))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_in_the_folder_is_refused_and_the_first_goes_on() {
    let place = Place::new().await;
    let expected = place.undisturbed(contacts).await;
    let folder = place.folder("export");
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    place.sandbox.work(|_| Duration::from_millis(80));
    let first = contacts(&place.session().await).on_progress(move |_| {
        let _ = sender.send(());
    });
    let at = folder.clone();
    let first = tokio::spawn(async move { first.run(at).await });
    receiver.recv().await.unwrap();
    let error = contacts(&place.session().await).run(&folder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("another run"), "{error}");
    assert!(error.to_string().contains(folder.to_str().unwrap()), "{error}");
    place.sandbox.work(|_| Duration::ZERO);
    assert!(first.await.unwrap().unwrap().complete);
    assert!(contents(&folder) == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_fails_for_a_moment_is_not_left_out_and_one_that_fails_for_good_is_told() {
    let place = Place::new().await;
    let of_leads = |request: &sugar_oauth::sandbox::ReceivedRequest| {
        request.rest_data().is_some_and(|data| data["module_name"] == "Leads")
    };
    for (fault, times) in [
        (Fault::status(503), 6),
        (Fault::status(500), 2),
        (Fault::reset_before_answer(), 6),
    ] {
        place.sandbox.fault(fault.when(of_leads).times(times));
        let plan = place.session().await.export().plan().await.unwrap();
        assert!(plan.modules.iter().any(|module| module.module == "Leads"), "{times}");
        place.sandbox.clear_faults();
    }
    place.sandbox.fault(Fault::status(500).when(of_leads));
    let session = place.session().await;
    let named = session.export().modules(["Leads", "Accounts"]);
    let manifest = named.run(place.folder("named")).await.unwrap();
    assert!(
        manifest
            .left_out
            .iter()
            .any(|left_out| left_out.module == "Leads" && left_out.is_gap)
    );
    assert!(!manifest.complete && !exported::manifest(&place.folder("named")).complete);
    assert!(manifest.file("Accounts.ndjson").unwrap().lines > 0);
    place.sandbox.clear_faults();
    // The whole server: an error, and nothing is left out.
    place.sandbox.fault(Fault::status(503));
    assert!(named.run(place.folder("down")).await.is_err());
}
