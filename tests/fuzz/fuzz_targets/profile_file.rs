//! A profile's file and its entry in a keyring: credentials for no other origin than theirs, and no secret in an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::{credentials_in_keyring, profile, written_profile};
use sugar_oauth_fuzz::fit_to_show;

fuzz_target!(|data: &[u8]| {
    let (read, credentials) = match profile(data) {
        Ok(read) => read,
        Err(error) => return fit_to_show(&error),
    };
    let Some(credentials) = credentials else {
        return;
    };
    match credentials {
        Ok(credentials) => {
            // In fields that nobody reads there may be anything.
            let text = String::from_utf8_lossy(data);
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(json["secrets"]["origin"], read.instance().origin());
            let text = written_profile(&read, &credentials).expect("JSON");
            let (again, same) = profile(&text).expect("its own text");
            assert_eq!(again, read);
            let same = same.expect("credentials").expect("its own credentials");
            assert_eq!(written_profile(&again, &same).expect("JSON"), text);
            let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
            let entry = json["secrets"].to_string();
            credentials_in_keyring(entry.as_bytes(), &read).expect("the same in a keyring");
        }
        Err(error) => fit_to_show(&error),
    }
});
