//! A signer of the tests' own, by RFC 5849: neither the crate's nor the sandbox's.
#![allow(dead_code, reason = "each test file uses a part of this")]

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

pub type Pairs = Vec<(String, String)>;

pub fn percent(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = |byte: u8| {
        if unreserved(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(escaped).collect()
}

pub fn form(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    encoded.join("&")
}

/// A nonce that no other call in this process had.
pub fn nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("nonce{:08}", COUNT.fetch_add(1, Ordering::Relaxed))
}

pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    i64::try_from(now.as_secs()).expect("a time before 2262")
}

/// What signs; each field may be set wrong.
#[derive(Clone, Debug)]
pub struct Signer {
    pub key: String,
    pub secret: String,
    pub token: Option<(String, String)>,
    pub method: &'static str,
    pub nonce: Option<String>,
    pub timestamp: Option<i64>,
    pub version: bool,
    /// Parameters that are left out of the request and of what is signed.
    pub without: Vec<&'static str>,
}

impl Signer {
    pub fn new(key: &str, secret: &str) -> Self {
        Self {
            key: key.to_owned(),
            secret: secret.to_owned(),
            token: None,
            method: "HMAC-SHA1",
            nonce: None,
            timestamp: None,
            version: true,
            without: Vec::new(),
        }
    }

    pub fn token(mut self, token: &str, secret: &str) -> Self {
        self.token = Some((token.to_owned(), secret.to_owned()));
        self
    }

    /// The parameters together with `oauth_*`, signature included.
    pub fn sign(&self, http_method: &str, url: &str, parameters: &[(&str, &str)]) -> Pairs {
        let mut all: Pairs = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut add = |name: &str, value: String| all.push((name.to_owned(), value));
        add("oauth_consumer_key", self.key.clone());
        add("oauth_signature_method", self.method.to_owned());
        add("oauth_nonce", self.nonce.clone().unwrap_or_else(nonce));
        add("oauth_timestamp", self.timestamp.unwrap_or_else(now).to_string());
        if self.version {
            add("oauth_version", "1.0".to_owned());
        }
        if let Some((token, _)) = &self.token {
            add("oauth_token", token.clone());
        }
        all.retain(|(name, _)| !self.without.contains(&name.as_str()));
        let mut encoded: Pairs = all
            .iter()
            .map(|(name, value)| (percent(name), percent(value)))
            .collect();
        encoded.sort();
        let joined: Vec<String> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let base = format!("{http_method}&{}&{}", percent(url), percent(&joined.join("&")));
        let token_secret = self.token.as_ref().map_or("", |(_, secret)| secret);
        let key = format!("{}&{}", percent(&self.secret), percent(token_secret));
        let base64 = base64::engine::general_purpose::STANDARD;
        let signature = match self.method {
            "HMAC-SHA256" => {
                let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("any key");
                base64.encode(mac.chain_update(&base).finalize().into_bytes())
            }
            "PLAINTEXT" => key,
            _ => {
                let mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).expect("any key");
                base64.encode(mac.chain_update(&base).finalize().into_bytes())
            }
        };
        if !self.without.contains(&"oauth_signature") {
            all.push(("oauth_signature".to_owned(), signature));
        }
        all
    }
}

/// Parts the `oauth_*` parameters off into an `Authorization` header.
pub fn into_header(pairs: Pairs) -> (String, Pairs) {
    let (oauth, rest): (Pairs, Pairs) = pairs.into_iter().partition(|(name, _)| name.starts_with("oauth_"));
    let parts: Vec<String> = oauth
        .iter()
        .map(|(name, value)| format!("{}=\"{}\"", percent(name), percent(value)))
        .collect();
    (format!("OAuth {}", parts.join(", ")), rest)
}
