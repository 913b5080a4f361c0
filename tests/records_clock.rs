//! Changes since a moment when clocks are put back or forward between the passes: nothing is lost.

#[path = "support/crowd.rs"]
mod crowd;

use std::collections::BTreeSet;
use std::time::Duration;

use crowd::{Crowd, guids};
use serde_json::{Value, json};
use sugar_oauth::UtcTime;
use sugar_oauth::records::Watermark;
use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};
use sugar_oauth::v4_1::SetEntry;

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;
/// Instead of the number of a record that the practice instance has from the beginning.
const OLD: usize = 99;

/// A server with a clock that is moved, and an integration that keeps its watermark as text.
struct Followed {
    crowd: Crowd,
    ids: Vec<String>,
    /// How far the server's clock is ahead of what the test began with.
    server: i64,
    /// How much time has passed, of which this machine's clock knows.
    passed: i64,
    stored: Value,
}

impl Followed {
    async fn new() -> Self {
        Self::on(Crowd::by_password(guids(8), 0).await).await
    }

    async fn on(crowd: Crowd) -> Self {
        // The records of the beginning are old.
        crowd.sandbox.clock().set_offset(48 * HOUR);
        let since = crowd.session.client().server_info().await.unwrap().gmt_time.unwrap();
        let mut followed = Self {
            crowd,
            ids: guids(8).collect(),
            server: 48 * HOUR,
            passed: 0,
            stored: serde_json::to_value(Watermark::since(since)).unwrap(),
        };
        assert_eq!(followed.pass().await, BTreeSet::new());
        followed
    }

    /// Time passes.
    fn wait(&mut self, seconds: i64) {
        self.passed += seconds;
        self.put(seconds);
    }

    /// The server's clock is put forward or back.
    fn put(&mut self, seconds: i64) {
        self.server += seconds;
        self.crowd.sandbox.clock().set_offset(self.server);
    }

    async fn write(&self, number: usize, name: &str) {
        let entry = SetEntry::update("Accounts", self.ids[number].as_str()).set("name", name);
        self.crowd.session.call(&entry).await.unwrap();
    }

    /// A pass: which of the records came. The test's minutes take no time, so that the watermark is made to look as
    /// long ago as it is.
    async fn pass(&mut self) -> BTreeSet<usize> {
        if let Some(here) = self.stored.pointer_mut("/clocks/here") {
            let time = UtcTime::parse(here.as_str().unwrap()).unwrap();
            *here = json!(UtcTime::from_unix_seconds(time.unix_seconds() - self.passed).to_string());
        }
        self.passed = 0;
        let from: Watermark = serde_json::from_value(self.stored.clone()).unwrap();
        let mut changes = self.crowd.session.records("Accounts").select(["name"]).changes(from);
        let mut found = BTreeSet::new();
        while let Some(page) = changes.next_page().await.unwrap() {
            for change in page.changes {
                let number = self.ids.iter().position(|id| id == change.entry.id());
                assert!(
                    found.insert(number.unwrap_or(OLD)) || number.is_none(),
                    "twice in one pass"
                );
            }
        }
        self.stored = serde_json::to_value(changes.watermark()).unwrap();
        found
    }
}

fn only(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    numbers.into_iter().collect()
}

#[tokio::test]
async fn a_server_clock_that_is_put_back_between_passes_loses_nothing() {
    // The pass comes when the server's time still lies before the watermark, and when it has gone past it again.
    for pause in [5, 12, 30, 59, 61, 90, 300] {
        let mut followed = Followed::new().await;
        followed.wait(5 * MINUTE);
        assert_eq!(followed.pass().await, only([]));
        followed.put(-HOUR);
        followed.write(0, "at once").await;
        followed.wait(pause * MINUTE / 2);
        followed.write(1, "in the middle").await;
        followed.wait(pause * MINUTE / 2);
        followed.write(2, "at the end").await;
        assert_eq!(followed.pass().await, only([0, 1, 2]), "{pause} minutes");
        // The new time is the usual one now.
        for number in 3..6 {
            followed.wait(5 * MINUTE);
            followed.write(number, "later").await;
            assert_eq!(followed.pass().await, only([number]), "{pause} minutes");
        }
    }
}

#[tokio::test]
async fn a_first_pass_whose_beginning_the_clock_is_put_back_behind_loses_nothing() {
    let mut followed = Followed::new().await;
    for back in [20, 100, 200, 400] {
        followed.put(-back);
        followed.write(0, &format!("{back}")).await;
        followed.wait(back / 2);
        assert_eq!(followed.pass().await, only([0]), "{back} seconds");
    }
}

#[tokio::test]
async fn a_server_clock_that_was_an_hour_ahead_for_a_while_loses_nothing() {
    let mut followed = Followed::new().await;
    followed.wait(5 * MINUTE);
    followed.put(HOUR);
    followed.write(0, "ahead").await;
    assert_eq!(followed.pass().await, only([0]));
    followed.wait(5 * MINUTE);
    followed.write(1, "ahead, and not read").await;
    followed.put(-HOUR);
    followed.write(2, "right again").await;
    followed.wait(10 * MINUTE);
    // The first lies in the server's future, as does the second, which comes when its time is there.
    assert_eq!(followed.pass().await, only([2]));
    let mut found = BTreeSet::new();
    for _ in 0..12 {
        followed.wait(5 * MINUTE);
        found.extend(followed.pass().await);
    }
    assert!(found.contains(&1), "{found:?}");
}

#[tokio::test]
async fn a_clock_that_is_put_back_during_a_pass_loses_nothing() {
    let mut followed = Followed::new().await;
    followed.wait(20 * MINUTE);
    for number in 0..4 {
        followed.write(number, "before").await;
        followed.wait(1);
    }
    let from: Watermark = serde_json::from_value(followed.stored.clone()).unwrap();
    let mut changes = followed.crowd.session.records("Accounts").page_size(2).changes(from);
    assert_eq!(changes.next_page().await.unwrap().unwrap().changes.len(), 2);
    followed.stored = serde_json::to_value(changes.watermark()).unwrap();
    assert!(changes.watermark().is_within_a_pass());
    followed.passed = 0;
    followed.put(-HOUR);
    followed.write(5, "put back").await;
    followed.wait(10 * MINUTE);
    // The pass is gone on with, and does not look back.
    let passed = followed.passed;
    followed.passed = 0;
    assert_eq!(followed.pass().await, only([2, 3]));
    followed.passed = passed;
    assert!(followed.pass().await.contains(&5));
}

#[tokio::test]
async fn this_machines_clock_may_be_wrong_as_long_as_the_servers_is_not_put_back() {
    for wrong in [-2 * HOUR, 2 * HOUR] {
        let mut followed = Followed::new().await;
        followed.wait(20 * MINUTE);
        followed.write(0, "before").await;
        followed.wait(10 * MINUTE);
        assert_eq!(followed.pass().await, only([0]));
        followed.wait(5 * MINUTE);
        followed.write(1, "new").await;
        followed.passed += wrong;
        // Put forward it looks as if the server's had been put back: what came within these hours may come again.
        let found = followed.pass().await;
        assert!(found == only([1]) || wrong > 0 && found == only([0, 1]), "{found:?}");
        followed.wait(5 * MINUTE);
        followed.write(2, "newer").await;
        assert_eq!(followed.pass().await, only([2]));
    }
    // Both put back, and the server's time lies before the last pass: by how much cannot be told.
    let mut followed = Followed::new().await;
    followed.wait(5 * MINUTE);
    assert_eq!(followed.pass().await, only([]));
    followed.put(-10 * HOUR);
    followed.write(0, "put back").await;
    followed.wait(5 * HOUR);
    followed.passed -= 10 * HOUR;
    assert_eq!(followed.pass().await, only([0]));
}

#[tokio::test]
async fn a_date_header_of_2099_does_not_matter() {
    let sandbox = Sandbox::builder().flavour(Flavour::Hostile).start().await.unwrap();
    sandbox.hostile(Trick::Nothing);
    let mut followed = Followed::on(Crowd::on(sandbox, guids(8)).await).await;
    followed.crowd.sandbox.hostile(Trick::DateFarAhead);
    for number in 0..3 {
        followed.wait(5 * MINUTE);
        followed.write(number, "changed").await;
        assert_eq!(followed.pass().await, only([number]));
        assert!(!followed.stored.to_string().contains("2099"), "{}", followed.stored);
    }
    let lists = followed.crowd.lists();
    assert!(!lists.is_empty() && lists.iter().all(|list| !list.to_string().contains("2099")));
}

#[tokio::test]
async fn a_year_of_2099_in_between_costs_no_change() {
    let mut followed = Followed::new().await;
    followed.wait(5 * MINUTE);
    followed.put(70 * 365 * 24 * HOUR);
    assert_eq!(followed.pass().await, only([]));
    followed.put(-70 * 365 * 24 * HOUR);
    followed.wait(MINUTE);
    followed.write(0, "right again").await;
    followed.wait(30 * MINUTE);
    assert_eq!(followed.pass().await, only([0]));
}

#[tokio::test]
async fn a_watermark_without_clocks_is_read_and_gets_them() {
    let mut followed = Followed::new().await;
    let now = followed.crowd.sandbox.clock().unix_time();
    let before = |seconds: i64| UtcTime::from_unix_seconds(now - seconds).to_string();
    followed.write(0, "new").await;
    followed.stored = json!({"since": before(60), "given": {"x": {"changed": before(50), "digest": "0011"}}});
    assert_eq!(followed.pass().await, only([0]));
    assert!(followed.stored["clocks"]["server"].is_string());
    assert!(followed.stored["clocks"]["here"].is_string());
    // Nothing says how long ago it was, only that the clock has been put back.
    followed.stored = json!({"since": before(-HOUR)});
    assert_eq!(followed.pass().await, only([0]));
    // Within a pass.
    let pass = json!({"until": before(-10), "after": null});
    followed.stored = json!({"since": before(60), "pass": pass});
    assert_eq!(followed.pass().await, only([0]));
}

#[tokio::test]
async fn hostile_watermarks_are_errors_or_harmless() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "{\"since\"",
        r#"{"since":5}"#,
        r#"{"since":"yesterday"}"#,
        r#"{"since":"2026-02-30 00:00:00"}"#,
        r#"{"since":"2026-11-21 08:54:25' OR 1=1"}"#,
        r#"{"since":"-2026-11-21 08:54:25"}"#,
        r#"{"since":"2026-11-21 08:54:25","until":"x"}"#,
        r#"{"since":"2026-11-21 08:54:25","pass":{}}"#,
        r#"{"since":"2026-11-21 08:54:25","pass":{"until":"x","after":null}}"#,
        r#"{"since":"2026-11-21 08:54:25","pass":{"until":null,"after":["one"]}}"#,
        r#"{"since":"2026-11-21 08:54:25","clocks":{"server":"2026-11-21 08:54:25"}}"#,
        r#"{"since":"2026-11-21 08:54:25","clocks":{"server":"now","here":"now"}}"#,
        r#"{"since":"2026-11-21 08:54:25","clocks":["2026-11-21 08:54:25","2026-11-21"]}"#,
        r#"{"since":"2026-11-21 08:54:25","given":{"id":"x"}}"#,
    ] {
        assert!(serde_json::from_str::<Watermark>(text).is_err(), "{text}");
    }
    let (first, last) = ("0000-01-01 00:00:00", "9999-12-31 23:59:59");
    let mut followed = Followed::new().await;
    for (since, server, here) in [
        (first, first, first),
        (first, last, last),
        (last, first, first),
        (last, last, first),
        (last, first, last),
        (last, last, last),
    ] {
        let clocks = json!({"server": server, "here": here});
        followed.stored = json!({"since": since, "clocks": clocks});
        let from: Watermark = serde_json::from_value(followed.stored.clone()).unwrap();
        // To the end, and what is stored then can be read again.
        for overlap in [Duration::ZERO, Duration::MAX] {
            let records = followed.crowd.session.records("Accounts").select(["name"]);
            let mut changes = records.changes(from.clone()).overlap(overlap);
            while changes.next_page().await.unwrap().is_some() {}
            let stored = serde_json::to_string(changes.watermark()).unwrap();
            assert!(serde_json::from_str::<Watermark>(&stored).is_ok(), "{stored}");
        }
        // And no change that is made from now on is lost.
        followed.pass().await;
        followed.wait(10 * MINUTE);
        followed.write(7, &format!("{since} {server} {here}")).await;
        assert!(followed.pass().await.contains(&7), "{since} {server} {here}");
    }
    // What stands in it reaches a query only as a text.
    let quoted = json!({"until": last, "after": ["2020-01-01' OR '1'='1", "\\' OR '1'='1"]});
    followed.stored = json!({"since": first, "pass": quoted});
    followed.crowd.sandbox.clear_requests();
    let from: Watermark = serde_json::from_value(followed.stored.clone()).unwrap();
    let mut changes = followed.crowd.session.records("Accounts").changes(from);
    let _ = changes.next_page().await;
    let query = followed.crowd.lists()[0]["query"].as_str().unwrap().to_owned();
    assert!(!query.contains("01-01' OR") && !query.contains("\\' OR"), "{query}");
}
