//! The protocol parameters of RFC 5849 section 3.1.

use std::fmt;

/// The `oauth_*` parameters of one request, other than the signature.
///
/// ```
/// use sugar_oauth::signing::OAuthParameters;
///
/// let leg_1 = OAuthParameters::new("CUSTOMKEY", "4572616e48616d6d", 1_795_251_265).callback("oob");
/// let leg_3 = OAuthParameters::new("CUSTOMKEY", "7d8f3e4a0a7b1c2d", 1_795_251_290)
///     .token("bf1492236fbe")
///     .verifier("3d07cb03515b");
/// # let _ = (leg_1, leg_3);
/// ```
#[must_use]
#[derive(Clone)]
pub struct OAuthParameters<'a> {
    pub(super) consumer_key: &'a str,
    pub(super) nonce: &'a str,
    pub(super) timestamp: u64,
    pub(super) token: Option<&'a str>,
    pub(super) callback: Option<&'a str>,
    pub(super) verifier: Option<&'a str>,
    pub(super) with_version: bool,
}

impl<'a> OAuthParameters<'a> {
    /// What every signed request has.
    ///
    /// `nonce` may never be used twice with the same key and is at most 32 characters on the server's side;
    /// `timestamp` is in seconds since 1970 and may never be older than the newest the server has seen of this key.
    pub fn new(consumer_key: &'a str, nonce: &'a str, timestamp: u64) -> Self {
        Self {
            consumer_key,
            nonce,
            timestamp,
            token: None,
            callback: None,
            verifier: None,
            with_version: true,
        }
    }

    /// Adds `oauth_token`: a request token or an access token.
    pub fn token(mut self, token: &'a str) -> Self {
        self.token = Some(token);
        self
    }

    /// Adds `oauth_callback`: a URL or `oob`.
    pub fn callback(mut self, callback: &'a str) -> Self {
        self.callback = Some(callback);
        self
    }

    /// Adds `oauth_verifier`.
    pub fn verifier(mut self, verifier: &'a str) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// Leaves out `oauth_version`, which the RFC makes optional.
    pub fn without_version(mut self) -> Self {
        self.with_version = false;
        self
    }
}

impl fmt::Debug for OAuthParameters<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OAuthParameters")
            .field("consumer_key", &self.consumer_key)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}
