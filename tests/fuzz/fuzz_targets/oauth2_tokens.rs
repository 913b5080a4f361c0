//! The answer to a grant of OAuth 2: tokens that fit into a header, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::UtcTime;
use sugar_oauth::fuzzing::oauth2_tokens;
use sugar_oauth_fuzz::{fit_to_show, reply};

fuzz_target!(|data: &[u8]| {
    let Some(reply) = reply(data) else {
        return;
    };
    let tokens = match oauth2_tokens(reply) {
        Ok(tokens) => tokens,
        Err(error) => return fit_to_show(&error),
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let is_token = |text: &str| text.len() <= 4096 && text.bytes().all(allowed);
    assert!(is_token(tokens.access_token.expose()) && !tokens.access_token.expose().is_empty());
    assert!(
        tokens
            .refresh_token
            .is_none_or(|token| is_token(token.expose()) && !token.expose().is_empty())
    );
    assert!(tokens.download_token.is_none_or(|token| is_token(token.expose())));
    let year = UtcTime::now().unix_seconds() + 367 * 24 * 60 * 60;
    for end in [tokens.expires_at, tokens.refresh_expires_at].into_iter().flatten() {
        assert!(end.unix_seconds() <= year && end.unix_seconds() > 1_700_000_000);
    }
});
