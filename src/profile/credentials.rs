//! What a profile is worth.

use crate::access_token::AccessToken;
use crate::consumer::Consumer;
use crate::oauth2::{ClientSecret, Tokens};

/// The secrets of a profile. `Debug` shows no part of them.
///
/// ```
/// use sugar_oauth::profile::Credentials;
/// use sugar_oauth::{AccessToken, Consumer, TokenSecret};
///
/// # fn main() -> sugar_oauth::Result<()> {
/// let credentials = Credentials::OAuth1 {
///     consumer: Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?,
///     access_token: AccessToken::from_parts("bf1a2b3c4d5e", TokenSecret::new("5b05d09a0b7e"))?,
/// };
/// let shown = format!("{credentials:?}");
/// assert!(!shown.contains("CUSTOMSECRET") && !shown.contains("5b05d09a0b7e"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Of OAuth 1.0a: who asks, and the access token that a person gave.
    OAuth1 {
        /// Consumer key and secret.
        consumer: Consumer,
        /// The access token.
        access_token: AccessToken,
    },
    /// Of OAuth 2: the secret of the client id, if it has one, and the tokens of a login.
    OAuth2 {
        /// The secret of the client id.
        client_secret: Option<ClientSecret>,
        /// The tokens as they were kept last; [`Profiles::keep_renewed`](super::Profiles::keep_renewed) keeps them new.
        tokens: Tokens,
    },
}
