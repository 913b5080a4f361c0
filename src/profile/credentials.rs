//! What a profile is worth.

use crate::access_token::AccessToken;
use crate::consumer::Consumer;

/// The secrets of a profile. `Debug` shows no part of them.
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
}
