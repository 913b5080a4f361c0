//! An export's checkpoint, behind its digest and with it: what is read is written the same, and no file leaves the folder.
#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::{checkpoint, checkpoint_with_digest};
use sugar_oauth_fuzz::fit_to_show;

fuzz_target!(|data: &[u8]| {
    check(checkpoint(data));
    if let Ok(text) = std::str::from_utf8(data) {
        check(checkpoint_with_digest(text));
    }
});

fn check(read: sugar_oauth::Result<(Vec<String>, String)>) {
    match read {
        Ok((files, text)) => {
            for file in &files {
                let mut depth = 0;
                for part in Path::new(file).components() {
                    assert!(matches!(part, Component::Normal(_)), "{file}");
                    depth += 1;
                }
                assert!(
                    depth > 0 && !file.starts_with('/') && !file.split('/').any(|part| part == ".."),
                    "{file}"
                );
            }
            let again = checkpoint(text.as_bytes()).expect("its own text");
            assert_eq!(again, (files, text));
        }
        Err(error) => fit_to_show(&error),
    }
}
