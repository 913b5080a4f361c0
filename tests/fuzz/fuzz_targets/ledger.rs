//! The ledger of the example `migrate`: opened again it says the same, and half a line at its end is cut off.
#![no_main]

#[path = "../../../examples/common/failure.rs"]
#[allow(dead_code, reason = "the example's own")]
mod failure;
#[path = "../../../examples/migrate/ledger.rs"]
#[allow(dead_code, reason = "the example's own")]
mod ledger;
#[path = "../../../src/bin/sugar-oauth/terminal/text.rs"]
#[allow(dead_code, reason = "the examples' own")]
mod terminal;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use failure::Failure;
use ledger::Ledger;
use libfuzzer_sys::fuzz_target;
use sugar_oauth_fuzz::is_safe_to_show;

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("sugar-oauth-fuzz-ledger-{}", std::process::id())));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("a file");
    let open = || Ledger::open(&FILE, "https://crm.example.com", "https://new.example.com");
    let told = |ledger: &Ledger| {
        (
            ledger.is_carried(&["Accounts", "1"]),
            ledger.is_carried(&["Contacts.accounts", "1", "2"]),
            ledger.may_be_there("Accounts", "1"),
            ledger.is_lacking("Accounts", "1", "parent_id"),
            ledger.is_surveyed("digest"),
        )
    };
    match open() {
        Ok(ledger) => {
            let first = told(&ledger);
            drop(ledger);
            let kept = fs::read(&*FILE).expect("a file");
            assert_eq!(kept.last(), Some(&b'\n'));
            assert!(data.starts_with(&kept) || data.iter().all(|&byte| byte != b'\n'));
            let again = open().unwrap_or_else(|failure| panic!("{failure}"));
            assert_eq!(told(&again), first);
        }
        Err(failure) => {
            assert!(is_safe_to_show(&failure.to_string()), "{failure}");
            assert_eq!(
                fs::read(&*FILE).expect("a file"),
                data,
                "what cannot be read is left as it is"
            );
        }
    }
});
