//! How far changes have been read, as it is stored: a pass from it ends, and what was given out does not come again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::UtcTime;
use sugar_oauth::fuzzing::pass_from;
use sugar_oauth::records::Watermark;

fuzz_target!(|data: &[u8]| {
    let Ok(stored) = serde_json::from_slice::<Watermark>(data) else {
        return;
    };
    let text = serde_json::to_string(&stored).expect("JSON");
    assert_eq!(serde_json::from_str::<Watermark>(&text).expect("its own text"), stored);
    let here = UtcTime::from_unix_seconds(1_800_000_000);
    for server in [None, Some(here), Some(UtcTime::from_unix_seconds(0))] {
        for overlap in [0, 900, i64::MAX] {
            let mut watermark = stored.clone();
            let is_new = pass_from(&mut watermark, server, here, overlap);
            assert!(!watermark.is_within_a_pass());
            if let (Some(server), false) = (server, stored.is_within_a_pass()) {
                assert!(!is_new, "{text}");
                assert!(watermark.time() <= stored.time().max(server), "{text}");
            }
            // It can be stored again, and read.
            let text = serde_json::to_string(&watermark).expect("JSON");
            assert_eq!(
                serde_json::from_str::<Watermark>(&text).expect("its own text"),
                watermark
            );
        }
    }
});
