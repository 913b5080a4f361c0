//! A profile's file and its entry in a keyring: credentials for no other origin than theirs, and no secret in an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use sugar_oauth::fuzzing::{credentials_in_keyring, profile, written_profile};
use sugar_oauth_fuzz::fit_to_show;

/// What is looked at here. In fields that nobody reads there may be anything.
#[derive(Deserialize)]
struct File {
    secrets: Secrets,
}

#[derive(Deserialize)]
struct Secrets {
    origin: String,
}

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
            let file: File = serde_json::from_slice(data).expect("a file");
            assert_eq!(file.secrets.origin, read.instance().origin());
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
