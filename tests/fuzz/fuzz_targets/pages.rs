//! A page of records, by the reader of bytes and by the reader that makes a tree: where the first reads it, both say the
//! same, as records and as lines.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sugar_oauth::fuzzing::{Read, Reply, Twice, entries, envelope, exported, lines};

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let key = ["id", "email_id", "a"][usize::from(choice) % 3];
    let tree = match envelope(Reply::json(body), false) {
        Ok(Read::Value(value)) => Some(value),
        _ => None,
    };
    same(entries(body, key, tree.clone()), body);
    same(lines(body, key, tree.clone()), body);
    let fields = ["name", "id", "a", "email_id", "date_modified"].map(str::to_owned);
    for (csv, safe) in [(false, false), (true, false), (true, true)] {
        let twice = exported(body, &fields, csv, safe, tree.clone());
        if let (false, Some((rows, ..))) = (csv, &twice.0) {
            for line in rows.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"{")) {
                serde_json::from_slice::<Value>(line).expect("a line of NDJSON");
            }
        }
        same(twice, body);
    }
});

fn same<R: Debug + PartialEq>((quick, whole): Twice<R>, body: &[u8]) {
    let Some(quick) = quick else {
        return;
    };
    let whole = whole.expect("a result").expect("a page");
    assert_eq!(quick, whole, "{}", String::from_utf8_lossy(body));
}
