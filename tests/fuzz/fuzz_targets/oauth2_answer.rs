//! What a call of REST v11 is answered: its JSON, or an error that keeps the server's own words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sugar_oauth::fuzzing::oauth2_contents;
use sugar_oauth_fuzz::{fit_to_show, reply};

fuzz_target!(|data: &[u8]| {
    let Some(reply) = reply(data) else {
        return;
    };
    let body = reply
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(reply.body)
        .trim_ascii();
    let json: Option<Value> = serde_json::from_slice(body).ok();
    match oauth2_contents(reply) {
        Ok(value) => assert!(reply.status == 200 && Some(value) == json),
        Err(error) => {
            fit_to_show(&error);
            if let Some(refusal) = error.rest() {
                let json = json.expect("JSON");
                assert_eq!(json["error"], refusal.code.as_str());
                assert_eq!(refusal.status, reply.status);
            } else {
                assert!(reply.status != 200 || json.is_none());
            }
        }
    }
});
