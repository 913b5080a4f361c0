//! A refusal of REST v10 or v11.

use std::fmt;

use crate::printable::printable;

/// A refusal of REST v10 or v11 in its own words: a status of 3xx, 4xx or 5xx and `{"error":…,"error_message":…}`.
///
/// The texts are the server's, exactly: escape them before they reach a terminal.
///
/// ```
/// use sugar_oauth::{Error, RestError};
///
/// /// What Sugar itself said, for a log of one's own.
/// fn said(error: &Error) -> Option<String> {
///     let RestError { status, code, .. } = error.rest()?;
///     Some(format!("{status} {}", code.as_str()))
/// }
/// # let _ = said;
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestError {
    /// The HTTP status it came with; in a `bulk`, the part's own.
    pub status: u16,
    /// What the server calls it: `error`.
    pub code: RestErrorCode,
    /// The server's sentence about it (`error_message`; `error_description` in RFC 6749); empty where it gave none.
    pub message: String,
}

/// The value of `error` in a refusal: those of Sugar's REST API and of RFC 6749 section 5.2.
///
/// ```
/// use sugar_oauth::{Error, RestErrorCode};
///
/// /// Whether to read the record again and repeat the change.
/// fn is_conflict(error: &Error) -> bool {
///     error.rest().is_some_and(|refusal| refusal.code == RestErrorCode::EditConflict)
/// }
/// assert_eq!(RestErrorCode::EditConflict.as_str(), "edit_conflict");
/// # let _ = is_conflict;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RestErrorCode {
    /// `need_login`: no access token, one that the server does not know (any more), or a wrong password.
    NeedLogin,
    /// `invalid_grant`: the refresh token, the access token or the password is not (or no longer) good.
    InvalidGrant,
    /// `invalid_client`: no OAuth key of this client id, or not with this secret.
    InvalidClient,
    /// `unauthorized_client`: this client id may not use this grant.
    UnauthorizedClient,
    /// `unsupported_grant_type`: the server does not know this grant.
    UnsupportedGrantType,
    /// `invalid_request`: an argument of the token call is missing or malformed.
    InvalidRequest,
    /// `invalid_scope`: this crate sends no scope.
    InvalidScope,
    /// `maintenance`: nobody but administrators is let in at present.
    Maintenance,
    /// `not_authorized`: the user may not do this.
    NotAuthorized,
    /// `not_found`: no such record, module or link, or the user may not see it.
    NotFound,
    /// `no_method`: nothing of this API answers to the path.
    NoMethod,
    /// `missing_parameter`: an argument is missing.
    MissingParameter,
    /// `invalid_parameter`: an argument's value is refused, an unknown platform among them.
    InvalidParameter,
    /// `edit_conflict`: somebody else changed the record meanwhile.
    EditConflict,
    /// Any other, exactly as sent.
    Other(String),
}

const CODES: [(&str, RestErrorCode); 14] = [
    ("need_login", RestErrorCode::NeedLogin),
    ("invalid_grant", RestErrorCode::InvalidGrant),
    ("invalid_client", RestErrorCode::InvalidClient),
    ("unauthorized_client", RestErrorCode::UnauthorizedClient),
    ("unsupported_grant_type", RestErrorCode::UnsupportedGrantType),
    ("invalid_request", RestErrorCode::InvalidRequest),
    ("invalid_scope", RestErrorCode::InvalidScope),
    ("maintenance", RestErrorCode::Maintenance),
    ("not_authorized", RestErrorCode::NotAuthorized),
    ("not_found", RestErrorCode::NotFound),
    ("no_method", RestErrorCode::NoMethod),
    ("missing_parameter", RestErrorCode::MissingParameter),
    ("invalid_parameter", RestErrorCode::InvalidParameter),
    ("edit_conflict", RestErrorCode::EditConflict),
];

impl RestErrorCode {
    pub(crate) fn from_name(name: &str) -> Self {
        let known = CODES.into_iter().find(|(known, _)| *known == name);
        known.map_or_else(|| RestErrorCode::Other(name.to_owned()), |(_, code)| code)
    }

    /// The value as the server sends it.
    pub fn as_str(&self) -> &str {
        if let RestErrorCode::Other(name) = self {
            return name;
        }
        let known = CODES.iter().find(|(_, code)| code == self);
        known.map_or("", |(name, _)| name)
    }
}

impl RestError {
    pub(super) fn without(&mut self, secret: &str) {
        self.message = self.message.replace(secret, "[secret]");
        if let RestErrorCode::Other(name) = &mut self.code {
            *name = name.replace(secret, "[secret]");
        }
    }
}

impl fmt::Display for RestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (HTTP {})", printable(self.code.as_str()), self.status)?;
        if !self.message.is_empty() {
            write!(formatter, ": {}", printable(&self.message))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_as_it_was_sent() {
        for (name, code) in CODES {
            assert_eq!(RestErrorCode::from_name(name), code);
            assert_eq!(code.as_str(), name);
        }
        assert_eq!(
            RestErrorCode::from_name("metadata_out_of_date").as_str(),
            "metadata_out_of_date"
        );
    }
}
