//! Exports in hard times: servers that do not count, sessions and tokens that end, others that write, runs beside each
//! other, modules that cannot be read.

#[path = "support/exported.rs"]
mod exported;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use exported::{OTHER_TOKEN, Place, TOKEN, contacts, contents};
use serde_json::Value;
use sugar_oauth::records::export::Completeness;
use sugar_oauth::sandbox::{Fault, ReceivedRequest, Sandbox};
use sugar_oauth::v4_1::SetEntry;
use sugar_oauth::{ErrorKind, Session};

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

/// The other ways in which the server says that a session is gone: error 10 where modules are asked for, `null` elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_all_die_with_error_10_and_null_lose_nothing() {
    let place = Place::with(exported::builder().records(0, 800)).await;
    // All modules, which only get_available_modules names.
    let everything = |session: &Session| session.export().sessions(3).page_size(50);
    let expected = place.undisturbed(everything).await;
    assert!(expected.len() > 10, "{:?}", expected.keys());
    let dead = Arc::new(Mutex::new(BTreeSet::new()));
    let is_dead = |dead: &Arc<Mutex<BTreeSet<String>>>| {
        let dead = Arc::clone(dead);
        move |request: &ReceivedRequest| {
            let session = request
                .rest_data()
                .and_then(|data| data["session"].as_str().map(str::to_owned));
            session.is_some_and(|session| dead.lock().unwrap().contains(&session))
        }
    };
    let kill = |dead: &Mutex<BTreeSet<String>>, sandbox: &Sandbox| {
        let open = sandbox.state().sessions.into_iter().map(|session| session.id);
        dead.lock().unwrap().extend(open);
    };
    let invalid_login = br#"{"name":"Invalid Login","number":10,"description":"Login attempt failed"}"#;
    let answered = [Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0))];
    for (body, of_modules) in [(&invalid_login[..], true), (b"null", false)] {
        let (is_dead, answered) = (is_dead(&dead), Arc::clone(&answered[usize::from(of_modules)]));
        let (first_dead, sandbox) = (Arc::clone(&dead), Arc::clone(&place.sandbox));
        let fault = Fault::status(200).header("Content-Type", "application/json").body(body);
        place.sandbox.fault(fault.when(move |request| {
            let asks_for_modules = request.rest_method().as_deref() == Some("get_available_modules");
            if of_modules && asks_for_modules && answered.load(Ordering::SeqCst) == 0 {
                kill(&first_dead, &sandbox);
            }
            let meant = asks_for_modules == of_modules && is_dead(request);
            answered.fetch_add(u64::from(meant), Ordering::SeqCst);
            meant
        }));
    }
    let session = place.session().await;
    // When the modules are asked for, and then again and again, all three at once.
    let (died, sandbox, all) = (AtomicU64::new(0), Arc::clone(&place.sandbox), Arc::clone(&dead));
    let export = everything(&session).on_progress(move |progress| {
        let before = died.load(Ordering::SeqCst);
        if progress.records >= (before + 1) * 200 {
            died.store(before + 1, Ordering::SeqCst);
            kill(&all, &sandbox);
        }
    });
    let folder = place.folder("export");
    let manifest = export.run(&folder).await.unwrap();
    assert!(manifest.complete, "{manifest:#?}");
    assert!(contents(&folder) == expected);
    let [nulls, tens] = answered.map(|count| count.load(Ordering::SeqCst));
    assert!(tens == 1 && nulls >= 8, "{tens} and {nulls}");
}

/// Writers at random: each record is there as it was at some time during the export.
#[tokio::test(flavor = "multi_thread")]
async fn what_exists_throughout_is_there_once_whatever_others_write() {
    let place = Place::new().await;
    let before = place.undisturbed(contacts).await;
    let records = |lines: &[Vec<u8>]| -> BTreeMap<String, Value> {
        let read = |line: &Vec<u8>| serde_json::from_slice::<Value>(line).unwrap();
        let records = lines.iter().map(read);
        records
            .map(|record| (record["id"].as_str().unwrap().to_owned(), record))
            .collect()
    };
    let before = records(&before["Contacts.ndjson"]);
    let guids: Vec<String> = before.keys().filter(|id| id.len() == 36).cloned().collect();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut state = 0x9E37_79B9_7F4A_7C15 ^ seed;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let writer = place.writer().await;
    place.sandbox.work(|_| Duration::from_millis(3));
    // What was written: deleted ids, and what each may say.
    let writing = Arc::new(AtomicBool::new(true));
    let go_on = Arc::clone(&writing);
    let writes = tokio::spawn(async move {
        let (mut deleted, mut said) = (BTreeSet::new(), BTreeMap::<String, Vec<String>>::new());
        for number in 0.. {
            if !go_on.load(Ordering::SeqCst) {
                break;
            }
            let id = &guids[random(guids.len())];
            let text = format!("write {number}");
            let entry = match random(3) {
                0 => {
                    deleted.insert(id.clone());
                    SetEntry::delete("Contacts", id.as_str())
                }
                // One that is deleted is left alone: writing it is another story.
                1 if deleted.contains(id) => continue,
                1 => {
                    said.entry(id.clone()).or_default().push(text.clone());
                    SetEntry::update("Contacts", id.as_str()).set("description", text)
                }
                _ => {
                    let id = format!("{:08x}-0000-0000-0000-{number:012}", random(1 << 32));
                    said.entry(id.clone()).or_default().push(text.clone());
                    SetEntry::create_with_id("Contacts", id).set("description", text)
                }
            };
            writer.call(&entry).await.unwrap();
        }
        (deleted, said)
    });
    let folder = place.folder("export");
    let export = contacts(&place.session().await).page_size(20);
    export.run(&folder).await.unwrap();
    writing.store(false, Ordering::SeqCst);
    let (deleted, said) = writes.await.unwrap();
    assert!(deleted.len() > 5 && said.len() > 10, "too few writes");
    exported::ids(&folder.join("Contacts.ndjson"));
    let there = records(&contents(&folder)["Contacts.ndjson"]);
    for (id, record) in &before {
        if !there.contains_key(id) {
            assert!(deleted.contains(id), "{id} is lost, seed {seed}");
        }
        if !said.contains_key(id) && there.contains_key(id) {
            assert_eq!(&there[id], record, "seed {seed}");
        }
    }
    for (id, record) in &there {
        let description = record["description"].as_str().unwrap_or_default();
        let was = before.get(id).is_some_and(|old| old == record);
        let is = said
            .get(id)
            .is_some_and(|texts| texts.iter().any(|text| text == description));
        assert!(was || is, "{record} was never so, seed {seed}");
    }
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

/// What fails when a module begins may be the server, and not the module.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_down_when_a_module_begins_is_an_error_and_leaves_none_out() {
    let accounts_and_leads = |session: &Session| session.export().modules(["Accounts", "Leads"]).fields(["name"]);
    let place = Place::with(exported::builder().records(0, 100)).await;
    let expected = place.undisturbed(accounts_and_leads).await;
    let is_down = AtomicBool::new(false);
    place.sandbox.fault(Fault::status(500).when(move |request| {
        let of_leads = exported::list_of(request).is_some_and(|list| list["module_name"] == "Leads");
        is_down.fetch_or(of_leads && exported::is_page(request), Ordering::SeqCst) || is_down.load(Ordering::SeqCst)
    }));
    let (session, folder) = (place.session().await, place.folder("export"));
    let error = accounts_and_leads(&session).run(&folder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus, "{error}");
    place.sandbox.clear_faults();
    let manifest = accounts_and_leads(&session).run(&folder).await.unwrap();
    assert!(manifest.complete && manifest.left_out.is_empty(), "{manifest:#?}");
    assert!(contents(&folder) == expected);
}
