//! Who may use what lies in a folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// One that takes nothing away, a careful one, and one that takes away everything.
pub const UMASKS: [&str; 3] = ["000", "077", "777"];

/// How many files and folders are below a folder, and those that are not 0600 and 0700.
pub fn open_to_others(folder: &Path) -> (usize, Vec<String>) {
    let (mut count, mut open) = (0, Vec::new());
    for entry in fs::read_dir(folder).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        let there = fs::symlink_metadata(&path).expect("it is there");
        let (mode, wanted) = (
            there.permissions().mode() & 0o7777,
            if there.is_dir() { 0o700 } else { 0o600 },
        );
        count += 1;
        if mode != wanted {
            open.push(format!("{}: {mode:03o}", path.display()));
        }
        if there.is_dir() {
            let (below, more) = open_to_others(&path);
            count += below;
            open.extend(more);
        }
    }
    (count, open)
}

/// All that is below a folder, and so much is.
#[track_caller]
pub fn assert_for_this_user_alone(folder: &Path, least: usize, what: &str) {
    let (count, open) = open_to_others(folder);
    assert!(count >= least, "{what}: only {count} files and folders");
    assert!(open.is_empty(), "{what}: {open:?}");
}
