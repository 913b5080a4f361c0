//! The JSON envelope, with what badly kept instances put before it, and refusals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sugar_oauth::fuzzing::{Read, Reply, envelope, reason};
use sugar_oauth_fuzz::{fit_to_show, reply};

const NOTICE: &str = "<br />\n<b>Notice</b>:  Undefined index: {x} in <b>/var/www/a.php</b> on line <b>1</b><br />\n";

fuzz_target!(|data: &[u8]| {
    let Some(reply) = reply(data) else {
        return;
    };
    for signed in [false, true] {
        if let Err(error) = envelope(reply, signed) {
            fit_to_show(&error);
        }
    }
    if let Some(reason) = reason(reply) {
        // Bytes that are no UTF-8 become three each.
        assert!(reason.len() <= 3 * reply.body.len() && !reason.contains(['\n', '<']));
    }
    let Ok(value) = serde_json::from_slice::<Value>(reply.body) else {
        return;
    };
    let read = |body: &[u8]| envelope(Reply::json(body), false).expect("JSON");
    let plain = read(reply.body);
    match &plain {
        Read::Null => assert!(value.is_null()),
        Read::Error(error) => assert!(value.is_object() && error.number != 0),
        Read::Value(read) => assert_eq!(read, &value),
    }
    // What stands before it changes nothing.
    let json = std::str::from_utf8(reply.body).expect("JSON").trim();
    assert_eq!(read(format!("\u{feff}\n{json}\n").as_bytes()), plain);
    if json.starts_with(['{', '[']) && !json.contains('\n') {
        for between in ["", "\u{feff}", "\n"] {
            assert_eq!(read(format!("{NOTICE}{between}{json}").as_bytes()), plain);
        }
    }
});
