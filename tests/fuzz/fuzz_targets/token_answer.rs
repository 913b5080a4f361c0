//! The answers of the walk: a form or a JSON string with a token, and a JSON object with a session's id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::{Reply, session_id, token};
use sugar_oauth_fuzz::{fit_to_show, reply};

fuzz_target!(|data: &[u8]| {
    let Some(reply) = reply(data) else {
        return;
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_token = |text: &str| (1..=255).contains(&text.len()) && text.bytes().all(allowed);
    match token(reply) {
        Ok(read) => {
            assert!(is_token(&read.token) && is_token(&read.secret));
            // The JSON of what was read reads the same.
            let mut form = format!("oauth_token={}&oauth_token_secret={}", read.token, read.secret);
            if let Some(url) = &read.authorize_url {
                let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
                form = format!("{form}&authorize_url={url}");
            }
            let quoted = serde_json::to_vec(&form).expect("JSON");
            for again in [form.as_bytes(), &quoted] {
                assert_eq!(token(Reply::json(again)).expect("a token"), read);
            }
        }
        Err(error) => fit_to_show(&error),
    }
    match session_id(reply) {
        Ok(id) => assert!((1..=255).contains(&id.len()) && id.is_ascii() && !id.contains(char::is_whitespace)),
        Err(error) => fit_to_show(&error),
    }
});
