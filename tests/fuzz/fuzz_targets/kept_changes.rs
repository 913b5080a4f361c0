//! The file of the example `changes`: what is read is written the same.
#![no_main]

#[path = "../../../examples/common/failure.rs"]
#[allow(dead_code, reason = "the example's own")]
mod failure;
#[path = "../../../examples/common/private_file.rs"]
#[allow(dead_code, reason = "the example's own")]
mod private_file;
#[path = "../../../examples/changes/state.rs"]
#[allow(dead_code, reason = "the example's own")]
mod state;
#[path = "../../../src/bin/sugar-oauth/terminal/text.rs"]
#[allow(dead_code, reason = "the examples' own")]
mod terminal;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use state::State;
use sugar_oauth_fuzz::is_safe_to_show;

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("sugar-oauth-fuzz-changes-{}", std::process::id())));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("a file");
    let state = State::new(&FILE, "https://crm.example.com", "Contacts").unwrap_or_else(|failure| panic!("{failure}"));
    match state.read() {
        Ok(watermark) => {
            let watermark = watermark.expect("a file is there");
            state.write(&watermark).unwrap_or_else(|failure| panic!("{failure}"));
            let again = state.read().unwrap_or_else(|failure| panic!("{failure}"));
            assert_eq!(again, Some(watermark));
        }
        Err(failure) => {
            let told = failure.to_string();
            assert!(is_safe_to_show(&told), "{told:?}");
            assert_eq!(
                fs::read(&*FILE).expect("a file"),
                data,
                "what cannot be read is left as it is"
            );
        }
    }
});
