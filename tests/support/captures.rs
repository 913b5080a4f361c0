//! Recorded exchanges with a real SuiteCRM 7.14.6, in `tests/captures`.
#![allow(dead_code, reason = "each test file uses a part of this")]

use super::raw_http::Answer;
use std::path::Path;

pub struct Capture {
    /// The request as bytes for the wire.
    pub request: Vec<u8>,
    pub answer: Answer,
}

pub fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/captures")
        .join(format!("{name}.txt"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn load(name: &str) -> Capture {
    let text = read(name);
    let (_, rest) = text.split_once("==== REQUEST ====\n").expect("a request");
    // The recorder set off each part by line breaks of its own.
    let (request, answer) = rest.split_once("\n\n==== RESPONSE ====\n").expect("an answer");
    Capture {
        request: request.as_bytes().to_vec(),
        answer: Answer::parse(answer.as_bytes()).expect("a captured answer"),
    }
}
