//! Where the examples' programs lie.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

/// An example's program, built if it is not there or older than its sources.
pub fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<Mutex<Vec<String>>> = OnceLock::new();
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps");
    let program = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut built = BUILT
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if !built.iter().any(|done| done == name) {
        if modified(&program).is_none_or(|built| built < newest_source()) {
            build(name, profile);
        }
        built.push(name.to_owned());
    }
    program
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn newest_source() -> SystemTime {
    fn newest(path: &Path) -> Option<SystemTime> {
        if !path.is_dir() {
            return modified(path);
        }
        let entries = std::fs::read_dir(path).ok()?;
        entries.filter_map(|entry| newest(&entry.ok()?.path())).max()
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let newest = ["src", "examples"]
        .iter()
        .filter_map(|folder| newest(&root.join(folder)))
        .max();
    newest.expect("the sources are there")
}

/// `cargo test` has built all examples; `cargo test --test NAME` has not.
fn build(name: &str, profile: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--example", name]);
    cargo
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    cargo.arg("--target-dir").arg(profile.parent().expect("target"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success(), "{name} does not build");
}
