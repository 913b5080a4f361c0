//! The steps of a walk.

use std::fmt;

/// Where in the walk an [`Error`](crate::Error) happened.
///
/// ```
/// use sugar_oauth::{Error, Step};
///
/// /// Where a walk has to begin again.
/// fn what_now(error: &Error) -> &'static str {
///     match error.step() {
///         Some(Step::RequestToken) => "check consumer key and secret",
///         Some(Step::AccessToken) => "enter the code again",
///         Some(Step::OauthAccess) => "the access token was revoked: walk again",
///         _ => "see the message",
///     }
/// }
/// # let _ = what_now;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Asking the server who it is and what time it has (`get_server_info`).
    ServerInfo,
    /// Leg 1: the request token (`oauth_request_token`).
    RequestToken,
    /// Leg 2: the authorize page in the person's browser.
    Authorize,
    /// Leg 3: the verifier for an access token (`oauth_access_token`).
    AccessToken,
    /// The access token for a session (`oauth_access`).
    OauthAccess,
    /// A session by user name and password (`login`).
    Login,
    /// A session of REST v10 or v11 by user name and password (grant `password`).
    PasswordGrant,
    /// New tokens of REST v10 or v11 (grant `refresh_token`).
    RefreshGrant,
    /// A call of an API method.
    Call,
    /// The end of a session (`logout`).
    Logout,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Step::ServerInfo => "get_server_info",
            Step::RequestToken => "request token",
            Step::Authorize => "authorize",
            Step::AccessToken => "access token",
            Step::OauthAccess => "oauth_access",
            Step::Login => "login",
            Step::PasswordGrant => "password grant",
            Step::RefreshGrant => "refresh grant",
            Step::Call => "call",
            Step::Logout => "logout",
        })
    }
}
