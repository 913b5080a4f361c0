//! The check of a signed request, in the server's order.

use super::signature::{base_string, sign};
use super::{Nonces, Token, TokenKind, Tokens};
use crate::sandbox::php::cleaning;
use crate::sandbox::php::form::{Field, Fields, raw_url_decode};
use crate::sandbox::received::ReceivedRequest;

/// Why a signed request was refused. The server tells only a page with `display_errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    TokenMissing,
    InvalidRequest,
    ConsumerKeyInvalid,
    TokenInvalid,
    InvalidSignature,
}

impl Problem {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Problem::TokenMissing => "Missing parameter: oauth_token",
            Problem::InvalidRequest => "Invalid request",
            Problem::ConsumerKeyInvalid => "Consumer key invalid",
            Problem::TokenInvalid => "Token invalid",
            Problem::InvalidSignature => "Invalid signature",
        }
    }
}

/// A request whose signature is right.
pub(crate) struct Checked {
    pub(crate) consumer_key: String,
    /// Absent where a request token is asked for.
    pub(crate) token: Option<Token>,
    pub(crate) callback: String,
}

/// What the check needs to know beside the request.
pub(crate) struct Check<'a> {
    pub(crate) request: &'a ReceivedRequest,
    /// Scheme, host, port and path as the server sees them.
    pub(crate) url: &'a str,
    pub(crate) needs_token: bool,
    /// Keys and their secrets.
    pub(crate) consumers: &'a [(String, String)],
    pub(crate) now: i64,
}

/// Checks a signed request. Once all parameters are there, nonce and timestamp are spent whatever comes after.
pub(crate) fn check(check: &Check<'_>, nonces: &mut Nonces, tokens: &mut Tokens) -> Result<Checked, Problem> {
    let mut parameters = signed_parameters(check.request);
    let text = |name: &str| parameters.text(name).into_owned();
    let consumer_key = text("oauth_consumer_key");
    let (signature, method, nonce, timestamp) = (
        text("oauth_signature"),
        text("oauth_signature_method"),
        text("oauth_nonce"),
        text("oauth_timestamp"),
    );
    // PHP's `empty` also holds for "0".
    let required = [&consumer_key, &signature, &method, &nonce, &timestamp];
    if required.iter().any(|value| value.is_empty() || *value == "0") {
        return Err(Problem::InvalidRequest);
    }
    if check.needs_token && parameters.get("oauth_token").is_none() {
        return Err(Problem::TokenMissing);
    }
    if !nonces.record(&consumer_key, &nonce, php_integer(&timestamp)) {
        return Err(Problem::InvalidRequest);
    }
    let consumer = check.consumers.iter().find(|(key, _)| *key == consumer_key);
    let (_, consumer_secret) = consumer.ok_or(Problem::ConsumerKeyInvalid)?;
    let token = match check.needs_token {
        true => Some(usable_token(&parameters, &consumer_key, tokens, check.now).ok_or(Problem::TokenInvalid)?),
        false => None,
    };
    let callback = text("oauth_callback");
    parameters.remove("oauth_signature");
    let mut pairs: Vec<(&[u8], &[u8])> = Vec::new();
    for (name, value) in parameters.iter() {
        match value {
            Field::Text(value) if !cleaning::would_change(value) => pairs.push((name, value)),
            _ => return Err(Problem::InvalidSignature),
        }
    }
    let base = base_string(&check.request.method, check.url, &pairs);
    let token_secret = token.as_ref().map_or("", |token| token.secret.as_str());
    match sign(&method, &base, consumer_secret, token_secret) {
        Some(expected) if expected == signature => Ok(Checked {
            consumer_key,
            token,
            callback,
        }),
        _ => Err(Problem::InvalidSignature),
    }
}

/// The token of the request, if it may sign: an access token, or an authorized request token
/// together with its verifier.
fn usable_token(parameters: &Fields, consumer_key: &str, tokens: &mut Tokens, now: i64) -> Option<Token> {
    let token = tokens.find(&parameters.text("oauth_token"), now)?;
    let verified = match token.kind {
        TokenKind::Access => true,
        TokenKind::Request => token.verifier.as_deref() == Some(&*parameters.text("oauth_verifier")),
    };
    (verified && token.consumer_key == consumer_key).then(|| token.clone())
}

/// Query, form body and `Authorization` header, each covering the ones before.
fn signed_parameters(request: &ReceivedRequest) -> Fields {
    let mut parameters = request.get.clone();
    parameters.merge(&request.post);
    let header = request.header("Authorization").unwrap_or_default();
    let Some((scheme, rest)) = header.split_once(' ') else {
        return parameters;
    };
    if !scheme.eq_ignore_ascii_case("OAuth") {
        return parameters;
    }
    for part in rest.split(',') {
        let Some((name, value)) = part.trim().split_once('=') else {
            continue;
        };
        if name != "realm" {
            let value = value.trim().trim_matches('"');
            parameters.set(
                raw_url_decode(name.as_bytes()),
                Field::Text(raw_url_decode(value.as_bytes())),
            );
        }
    }
    parameters
}

/// PHP's `(int) "12abc"`.
fn php_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && matches!(c, '-' | '+'))));
    text[..end.map_or(text.len(), |(at, _)| at)].parse().unwrap_or(0)
}
