//! Whatever the umask: each file that the examples write is mode 0600, each folder 0700. What `--save` writes is in
//! `process_save.rs`, what the program writes in `cli/umask.rs`.
#![cfg(unix)]

#[path = "support/modes.rs"]
mod modes;
mod process;

use std::path::Path;

use modes::{UMASKS, assert_for_this_user_alone};
use process::Walkthrough;

/// Runs an example on its practice instance, and looks at all that it left.
fn leaves_private_files(example: &str, arguments: &[&str], least: usize, umasks: &[&str]) {
    for umask in umasks {
        let place = tempfile::tempdir().expect("a folder");
        let argument = |argument: &&str| match *argument {
            "FILE" => place.path().join("file").into_os_string(),
            other => other.into(),
        };
        let ended = Walkthrough::of(example)
            .args(arguments.iter().map(argument))
            .env("TMPDIR", place.path().to_str().expect("UTF-8"))
            .under(&format!("umask {umask}"))
            .run();
        assert_eq!(ended.status, Some(0), "{example}, umask {umask}: {}", ended.errors);
        assert_for_this_user_alone(place.path(), least, &format!("{example}, umask {umask}"));
    }
}

#[test]
fn an_export() {
    let arguments = ["Accounts", "Notes", "--links", "--files", "--out", "FILE"];
    leaves_private_files("export", &arguments, 4, &UMASKS);
}

#[test]
fn an_export_that_names_no_folder() {
    leaves_private_files("export", &["Accounts"], 2, &UMASKS);
}

#[test]
fn how_far_changes_were_followed() {
    leaves_private_files("changes", &["Contacts", "--once", "--state", "FILE"], 1, &UMASKS);
}

#[test]
fn a_migrations_ledger_and_report() {
    leaves_private_files(
        "migrate",
        &["--unmapped", "leave", "--ledger", "FILE"],
        2,
        &["000", "777"],
    );
}

#[test]
fn a_migrations_ledger_that_nobody_named() {
    leaves_private_files("migrate", &["--unmapped", "leave"], 2, &UMASKS[..1]);
}

/// A ledger that others could read is closed to them, by the run that goes on with it.
#[test]
fn a_ledger_that_others_could_read() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().expect("a folder");
    let ledger = place.path().join("ledger");
    std::fs::write(&ledger, "").expect("it can be written");
    std::fs::set_permissions(&ledger, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    let ended = Walkthrough::of("migrate")
        .args([
            "--unmapped".as_ref(),
            "leave".as_ref(),
            "--ledger".as_ref(),
            ledger.as_os_str(),
        ])
        .run();
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    assert_for_this_user_alone(place.path(), 2, "a ledger of mode 644");
}

/// What is looked for here can be found.
#[test]
fn a_file_that_others_can_read_is_found() {
    let place = tempfile::tempdir().expect("a folder");
    std::fs::write(place.path().join("open"), "").expect("it can be written");
    let open: &Path = place.path();
    assert_eq!(modes::open_to_others(open).1.len(), 1);
}
