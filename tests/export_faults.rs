//! Whatever goes wrong on the way, an export ends with what an undisturbed one gives, or with an error from which it goes
//! on to that.

#[path = "support/exported.rs"]
mod exported;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use exported::{Place, contents, for_pages, is_page};
use sugar_oauth::records::export::Export;
use sugar_oauth::sandbox::{Fault, Flavour, SandboxBuilder, Trick};
use sugar_oauth::{ErrorKind, Session};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// As many pages as elsewhere, with fewer records: what is tested here goes by the page.
fn contacts(session: &Session) -> Export {
    exported::contacts(session).page_size(30)
}

fn builder() -> SandboxBuilder {
    exported::builder().records(0, 900)
}

async fn place() -> Place {
    Place::with(builder()).await
}

/// What can come instead of an answer, or of the whole of it.
fn faults() -> Vec<(&'static str, Fault)> {
    let json = |body: &[u8]| Fault::status(200).header(JSON.0, JSON.1).body(body);
    let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon</body></html>";
    let notice = "<br />\n<b>Notice</b>:  Undefined index: x in <b>/var/www/{a}.php</b> on line <b>12</b><br />\n";
    vec![
        ("no answer", Fault::stall(Duration::from_secs(3))),
        (
            "an answer that stops",
            Fault::stall_within_answer(300, Duration::from_secs(3)),
        ),
        ("a busy server", Fault::status(503)),
        ("502", Fault::status(502)),
        ("504", Fault::status(504).body(page)),
        ("Retry-After", Fault::status(503).header("Retry-After", "1")),
        ("a long Retry-After", Fault::status(503).header("Retry-After", "3600")),
        ("429", Fault::status(429)),
        ("a reset before the answer", Fault::reset_before_answer()),
        (
            "a reset before the answer, which was made",
            Fault::reset_before_answer().after_acting(),
        ),
        ("a reset within the answer", Fault::reset_within_answer(700)),
        ("a reset behind the answer", Fault::reset_after_answer()),
        ("a close within the answer", Fault::truncate(700)),
        ("broken gzip", Fault::broken_gzip()),
        ("an empty 500", Fault::status(500)),
        ("a page with 200", Fault::status(200).body(page)),
        ("a notice before the JSON", Fault::prefix(notice)),
        ("a byte order mark", Fault::prefix("\u{feff}")),
        ("nothing", Fault::empty()),
        ("half the JSON", Fault::rewrite(|body| body[..body.len() / 2].to_vec())),
        ("JSON that is none", json(b"{\"result_count\": 5, \"entry_list\": [}")),
        ("no UTF-8", json(b"{\"id\":\"\xff\xfe\"}")),
        ("a large answer", Fault::huge_body(16 << 20)),
        ("a gzip bomb", Fault::gzip_bomb(1 << 30)),
        ("null", json(b"null")),
        (
            "no session (11)",
            json(br#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#),
        ),
    ]
}

/// Runs to the end, started again as often as there are errors; how often that was.
async fn run_to_the_end(place: &Place, name: &str, what: &str) -> u32 {
    for errors in 0..20 {
        let session = match place.session_by(exported::TOKEN).await {
            Ok(session) => session,
            Err(error) => panic!("{what}: {error}"),
        };
        match contacts(&session).run(place.folder(name)).await {
            Ok(manifest) => {
                assert!(manifest.complete, "{what}: {manifest:#?}");
                return errors;
            }
            Err(error) => assert!(!error.message().is_empty(), "{what}"),
        }
    }
    panic!("{what}: no end");
}

/// Exports once with each fault, on some of the pages; gives how often each had to be started again. Most of the time is
/// waiting, so that several servers are exported at once.
async fn with_each(faults: Vec<(&'static str, Fault)>, pages: fn(u32) -> bool) -> Vec<(&'static str, u32)> {
    let waiting = std::sync::Mutex::new(faults.into_iter());
    let lane = async || {
        let place = place().await;
        let expected = place.undisturbed(contacts).await;
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().unwrap().next();
            let Some((what, fault)) = next else {
                break done;
            };
            place.sandbox.fault(for_pages(fault, pages));
            let name = done.len().to_string();
            let errors = run_to_the_end(&place, &name, what).await;
            assert!(contents(&place.folder(&name)) == expected, "{what}");
            place.sandbox.clear_faults();
            done.push((what, errors));
        }
    };
    futures_util::future::join_all((0..4).map(|_| lane())).await.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_the_middle_changes_nothing() {
    let done = with_each(faults(), |page| (12..15).contains(&page)).await;
    assert_eq!(done.len(), faults().len());
    assert!(done.iter().all(|(_, errors)| *errors == 0), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_every_fourth_page_changes_nothing() {
    let mut faults = faults();
    // One that the client does not wait for, and that takes no time.
    let takes_long = ["no answer", "an answer that stops", "Retry-After", "a gzip bomb"];
    faults.retain(|(what, _)| !takes_long.contains(what));
    let count = faults.len();
    assert_eq!(with_each(faults, |page| page % 4 == 3).await.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_an_error_that_names_it_and_the_export_goes_on_afterwards() {
    // At once, because each waits long.
    let outages = [
        ("a dead database", Fault::status(500), ErrorKind::HttpStatus),
        ("a proxy without its server", Fault::status(502), ErrorKind::HttpStatus),
        ("maintenance", Fault::status(200).body("<html>"), ErrorKind::NotTheApi),
        ("resets", Fault::reset_before_answer(), ErrorKind::Connect),
    ];
    let run = async |(what, fault, kind): (&str, Fault, ErrorKind)| {
        let place = place().await;
        let expected = place.undisturbed(contacts).await;
        // From the twelfth page on, whatever is asked.
        let pages = AtomicU32::new(0);
        place.sandbox.fault(fault.when(move |request| {
            let page = u32::from(is_page(request));
            pages.fetch_add(page, Ordering::SeqCst) + page > 12
        }));
        let folder = place.folder("export");
        let session = place.session().await;
        let error = contacts(&session).run(&folder).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{what}: {error}");
        let manifest = exported::manifest(&folder);
        assert!(manifest.finished.is_none() && !manifest.complete);
        let before = exported::ids(&folder.join("Contacts.ndjson.part"));
        assert!(before.len() >= 180, "{what}: {}", before.len());
        place.sandbox.clear_faults();
        place.sandbox.clear_requests();
        let manifest = contacts(&session).run(&folder).await.unwrap();
        assert!(manifest.complete, "{what}: {manifest:#?}");
        assert!(contents(&folder) == expected, "{what}");
        let pages = place
            .sandbox
            .requests()
            .iter()
            .filter(|request| is_page(request))
            .count();
        assert!(pages < 32, "{what}: {pages} pages were read again");
    };
    futures_util::future::join_all(outages.map(run)).await;
}

/// Short enough that the client has not given up, long enough that calls have: records are not reported as refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_a_few_seconds_refuses_no_record() {
    let place = place().await;
    let expected = place.undisturbed(contacts).await;
    for failures in [3_u32, 9, 18, 27, 40] {
        let (pages, lists) = (AtomicU32::new(0), AtomicU32::new(0));
        // So many requests for lists in a row fail, those of probes included.
        place.sandbox.fault(Fault::status(500).when(move |request| {
            let is_list = exported::list_of(request).is_some();
            let page = u32::from(is_page(request));
            let begun = pages.fetch_add(page, Ordering::SeqCst) + page > 12;
            is_list && begun && lists.fetch_add(1, Ordering::SeqCst) < failures
        }));
        let name = format!("short-{failures}");
        run_to_the_end(&place, &name, "a short outage").await;
        assert!(contents(&place.folder(&name)) == expected, "{failures} failures");
        place.sandbox.clear_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_and_started_again_is_gone_on_with() {
    let place = place().await;
    let expected = place.undisturbed(contacts).await;
    let Place { sandbox, root } = place;
    let folder = root.path().join("export");
    let port: u16 = sandbox.url().rsplit(':').next().unwrap().parse().unwrap();
    let place = Place { sandbox, root };
    let session = place.session().await;
    let Place { sandbox, root } = place;
    let stopping = std::sync::Mutex::new(Some(sandbox));
    let export = contacts(&session).on_progress(move |progress| {
        if progress.records >= 300 {
            // The last owner, on a thread that may wait.
            let sandbox = stopping.lock().unwrap().take();
            std::thread::spawn(move || drop(sandbox)).join().unwrap();
        }
    });
    let error = export.run(&folder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    let place = Place {
        sandbox: std::sync::Arc::new(builder().port(port).start().await.unwrap()),
        root,
    };
    let manifest = contacts(&place.session().await).run(&folder).await.unwrap();
    assert!(manifest.complete);
    assert!(contents(&folder) == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_of_2099_in_the_middle_are_not_believed() {
    let place = Place::with(builder().flavour(Flavour::Hostile)).await;
    place.sandbox.hostile(Trick::Nothing);
    let expected = place.undisturbed(contacts).await;
    let (sandbox, renewals) = (std::sync::Arc::clone(&place.sandbox), AtomicU32::new(0));
    let session = place.session().await;
    let export = contacts(&session).on_progress(move |progress| {
        if progress.records >= 300 {
            sandbox.hostile(Trick::DateFarAhead);
        }
        // Renewals are signed.
        if progress.records >= 600 && renewals.fetch_add(1, Ordering::SeqCst) == 0 {
            sandbox.expire_sessions();
        }
    });
    let folder = place.folder("export");
    let manifest = export.run(&folder).await.unwrap();
    assert!(manifest.complete);
    assert!(contents(&folder) == expected);
    let newest = place.sandbox.state().newest_timestamps[exported::CONSUMER.0];
    assert!(newest <= place.sandbox.clock().unix_time() + 2, "{newest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_an_hour_ahead_or_behind_is_exported_all_the_same() {
    for offset in [-3_600, 3_600] {
        let place = Place::with(builder().clock_offset(offset)).await;
        let expected = place.undisturbed(contacts).await;
        let sandbox = std::sync::Arc::clone(&place.sandbox);
        let once = AtomicU32::new(0);
        let session = place.session().await;
        let export = contacts(&session).on_progress(move |progress| {
            if progress.records >= 450 && once.fetch_add(1, Ordering::SeqCst) == 0 {
                sandbox.expire_sessions();
            }
        });
        let folder = place.folder("export");
        let manifest = export.run(&folder).await.unwrap();
        assert!(manifest.complete, "{offset}: {manifest:#?}");
        assert!(contents(&folder) == expected, "{offset}");
    }
}
