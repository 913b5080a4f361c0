//! The consumer: who asks, as the instance's administrator registered it under Admin > OAuth Keys.

use crate::error::{Error, Result};
use crate::secret::ConsumerSecret;

/// A consumer key and its secret, checked when made.
///
/// ```
/// use sugar_oauth::Consumer;
///
/// let consumer = Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?;
/// assert_eq!(consumer.key(), "CUSTOMKEY");
///
/// let error = Consumer::new("CUSTOMKEY", "CUSTOMSECRET ").unwrap_err();
/// assert!(error.to_string().starts_with("the consumer secret begins or ends with white space"));
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    key: String,
    secret: ConsumerSecret,
}

impl Consumer {
    /// The longest key or secret that is taken, in bytes. What is longer was pasted from the wrong place.
    ///
    /// The server's table of nonces keeps 32 characters of a key (`docs/server.md`); longer ones may share that table's rows.
    pub const LONGEST: usize = 255;

    /// Checks and keeps a consumer key and secret.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when either is empty, longer than
    /// [`LONGEST`](Self::LONGEST), or holds control characters or white space at its ends, which is what a careless
    /// paste leaves. The texts never repeat the secret.
    pub fn new(key: impl Into<String>, secret: impl Into<String>) -> Result<Self> {
        let key = key.into();
        let secret = ConsumerSecret::new(secret);
        check("key", &key)?;
        check("secret", secret.expose())?;
        Ok(Self { key, secret })
    }

    /// The consumer key (RFC 5849 section 3.1, `oauth_consumer_key`). Not secret, but names your integration.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The consumer secret.
    pub fn secret(&self) -> &ConsumerSecret {
        &self.secret
    }
}

fn check(what: &str, text: &str) -> Result<()> {
    let trouble = if text.is_empty() {
        "is empty"
    } else if text.len() > Consumer::LONGEST {
        "is longer than 255 bytes"
    } else if text.trim() != text {
        "begins or ends with white space"
    } else if text.chars().any(char::is_control) {
        "holds characters that cannot be printed"
    } else {
        return Ok(());
    };
    Err(
        Error::invalid_input(format!("the consumer {what} {trouble}")).hint(format!(
            "copy the consumer {what} again from Admin > OAuth Keys of the instance"
        )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_careless_paste_leaves_is_refused_without_repeating_it() {
        for (key, secret) in [
            ("", "s"),
            ("k", ""),
            ("k\n", "s"),
            ("k", " hidden"),
            ("k", "hid\u{7}den"),
            ("k", &"hidden".repeat(50)),
        ] {
            let error = Consumer::new(key, secret).unwrap_err().to_string();
            assert!(error.contains("Admin > OAuth Keys"), "{error}");
            assert!(!error.contains("hid"), "{error}");
        }
        assert!(Consumer::new("CUSTOMKEY", "pässwörd & spaces inside").is_ok());
    }
}
