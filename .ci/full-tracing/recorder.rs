//! What the instrumented copy hears, in one file for each process and kind of thing. Only `.ci/full-tracing/run` builds
//! this; no program that leaves the project holds any of it.

use std::fmt::Arguments;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const FOLDER: &str = env!("FULL_TRACING_FOLDER");

pub enum Kind {
    Event,
    Error,
    Output,
    /// A secret that a practice instance gave out or was set up with.
    Issued,
    /// A secret whose memory the client has overwritten: all that it held, whoever issued it.
    Held,
}

static FILES: [Mutex<Option<File>>; 5] = [const { Mutex::new(None) }; 5];
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// Writes a line at once: the process may be killed.
pub fn note(kind: Kind, text: Arguments<'_>) {
    let name = match kind {
        Kind::Event => "events",
        Kind::Error => "errors",
        Kind::Output => "outputs",
        Kind::Issued => "issued",
        Kind::Held => "held",
    };
    let line = format!("{text}\n");
    let Ok(mut file) = FILES[kind as usize].lock() else {
        return;
    };
    let file = file.get_or_insert_with(|| {
        let path = format!("{FOLDER}/{name}/{}", std::process::id());
        let opened = OpenOptions::new().append(true).create(true).open(path);
        opened.expect("the folder of the run is there")
    });
    file.write_all(line.as_bytes()).expect("the disk has room");
}

pub fn issued(kind: &str, secret: &str) {
    note(Kind::Issued, format_args!("{kind} {secret}"));
}

pub fn held(secret: &[u8]) {
    if let Ok(secret) = std::str::from_utf8(secret) {
        note(Kind::Held, format_args!("held {secret}"));
    }
}

/// What a program wrote that a test has run.
pub fn output(output: &Output) {
    text(&output.stdout);
    text(&output.stderr);
}

pub fn text(text: &[u8]) {
    note(Kind::Output, format_args!("{}", String::from_utf8_lossy(text)));
}

/// Where temporary folders are made.
pub fn temporary() -> PathBuf {
    Path::new(FOLDER).join("tmp")
}

/// Keeps a temporary folder that is about to be removed, elsewhere, so that it is gone where it was.
pub fn keep(folder: &Path) {
    let number = KEPT.fetch_add(1, Ordering::Relaxed);
    let _ = std::fs::rename(folder, format!("{FOLDER}/files/{}-{number}", std::process::id()));
}
