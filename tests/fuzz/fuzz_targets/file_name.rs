//! Names of files as a server gives them: one component, visible, and short enough for every file system.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::{Component, Path};
use sugar_oauth::files::safe_file_name;
use sugar_oauth::fuzzing::file_name;
use sugar_oauth_fuzz::is_safe_to_show;

fuzz_target!(|text: &str| {
    check(text);
    if let Some(named) = file_name(text) {
        assert!(!named.is_empty() && named.len() <= 3 * text.len());
        check(&named);
    }
});

fn check(text: &str) {
    let name = safe_file_name(text);
    let mut components = Path::new(&name).components();
    assert!(matches!(components.next(), Some(Component::Normal(_))), "{name:?}");
    assert_eq!(components.next(), None, "{name:?}");
    assert!((1..=200).contains(&name.len()), "{name:?}");
    assert!(
        is_safe_to_show(&name) && !name.contains(['\n', '\\', ':', '*', '?', '"', '<', '>', '|']),
        "{name:?}"
    );
    assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
    assert_eq!(safe_file_name(&name), name);
}
