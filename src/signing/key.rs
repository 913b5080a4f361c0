//! The HMAC key: prepared once, used for every call that the same credentials sign.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::encode::pieces;
use crate::secret::{ConsumerSecret, TokenSecret};

/// The state of HMAC-SHA1 with the key of RFC 5849 section 3.4.2 taken in.
///
/// Signing clones the state instead of hashing the key again. The state is as secret as the key; its memory is
/// overwritten when it is dropped, and `Debug` prints nothing of it.
///
/// ```
/// use sugar_oauth::ConsumerSecret;
/// use sugar_oauth::signing::SigningKey;
///
/// // Compares a base string that a server logged with what it was sent.
/// let key = SigningKey::new(&ConsumerSecret::new("CUSTOMSECRET"), None);
/// let signature = key.signature("POST&http%3A%2F%2Flocalhost%2F&a%3D1");
/// assert_eq!(signature.len(), 28);
/// ```
#[derive(Clone)]
pub struct SigningKey {
    state: Hmac<Sha1>,
}

impl SigningKey {
    /// Prepares the key from the consumer secret and, once there is one, the token's secret.
    ///
    /// A call without a token is signed with the consumer secret and an empty token secret.
    pub fn new(consumer_secret: &ConsumerSecret, token_secret: Option<&TokenSecret>) -> Self {
        let length = consumer_secret.expose().len() + token_secret.map_or(0, |secret| secret.expose().len());
        // Room for all of it encoded: growing would leave a copy behind that nothing overwrites.
        let mut key = Zeroizing::new(String::with_capacity(3 * length + 1));
        key.extend(pieces(consumer_secret.expose()));
        key.push('&');
        if let Some(secret) = token_secret {
            key.extend(pieces(secret.expose()));
        }
        Self::from_bytes(key.as_bytes())
    }

    pub(super) fn unkeyed() -> Self {
        Self::from_bytes(&[])
    }

    fn from_bytes(key: &[u8]) -> Self {
        Self {
            // HMAC takes a key of any length (RFC 2104), so this cannot fail.
            state: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
        }
    }

    /// The signature of a base string, in Base64.
    pub fn signature(&self, base_string: &str) -> String {
        self.signature_of(base_string.as_bytes())
    }

    #[inline]
    pub(super) fn signature_of(&self, base_string: &[u8]) -> String {
        let mut state = self.state.clone();
        state.update(base_string);
        BASE64_STANDARD.encode(state.finalize().into_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}
