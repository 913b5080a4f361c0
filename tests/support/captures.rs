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

/// A call recorded in short form: what was asked with a session, and the body of the answer.
pub struct ShortCapture {
    pub method: String,
    pub rest_data: serde_json::Value,
    pub body: String,
}

/// Reads a capture in short form. `ids` are pairs of a recorded id and the one that stands for it here,
/// in the question and in the answer.
pub fn short(name: &str, ids: &[(&str, &str)]) -> ShortCapture {
    let mut text = read(name);
    for (recorded, here) in ids {
        text = text.replace(recorded, here);
    }
    let line = |start: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(start))
            .unwrap_or_else(|| panic!("{name}: no {start}"))
    };
    let rest_data = serde_json::from_str(line("rest_data=")).expect("JSON");
    let (_, answer) = text.split_once("\n\nHTTP/").expect("an answer");
    let (_, body) = answer.split_once("\n\n").expect("a body");
    ShortCapture {
        method: line("method=").to_owned(),
        rest_data,
        body: body.trim_end_matches('\n').to_owned(),
    }
}
