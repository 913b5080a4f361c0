//! What a bulk is answered: an answer of its own for each part, or an error for the whole.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::{Reply, instance, oauth2_bulk};
use sugar_oauth::oauth2::{AccessToken, Client, Platform, Session, Tokens};
use sugar_oauth_fuzz::fit_to_show;

const TOKEN: &str = "802b64c0-5eac-8431-a541-5342d38ac527";

static SESSION: LazyLock<Session> = LazyLock::new(|| {
    let client = Client::builder(instance(), Platform::new("fuzzing").expect("a platform")).build();
    client
        .session(Tokens::new(AccessToken::new(TOKEN), None))
        .expect("a session")
});

fuzz_target!(|data: &[u8]| {
    let parts = match oauth2_bulk(Reply::json(data), &SESSION) {
        Ok(parts) => parts,
        Err(error) => {
            // A write was among them.
            assert!(error.may_have_applied() || error.rest().is_some() || !format!("{error}").contains("bulk"));
            return fit_to_show(&error);
        }
    };
    assert_eq!(parts.len(), 2);
    let json: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
    for (number, part) in parts.into_iter().enumerate() {
        match part.result {
            Ok(contents) => {
                assert!((200..300).contains(&part.status));
                if json.is_array() {
                    assert_eq!(contents, json[number]["contents"]);
                }
            }
            Err(error) => {
                assert!(!(200..300).contains(&part.status));
                assert!(number == 1 || !error.may_have_applied(), "a read");
                assert!(!error.to_string().contains(TOKEN));
                fit_to_show(&error);
            }
        }
    }
});
