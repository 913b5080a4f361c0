//! Refusals: a status, a code and a text.
//!
//! The documents name the codes `need_login`, `invalid_grant` and `invalid_client` and the statuses 4xx, and 401 for an
//! access token; the other codes, the exact statuses and all texts are choices.

use crate::sandbox::http::Response;
use serde_json::json;
use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) message: Cow<'static, str>,
}

impl Refusal {
    pub(super) const NEED_LOGIN: Self = Self::fixed(401, "need_login", "No valid authentication for user.");
    pub(super) const WRONG_LOGIN: Self =
        Self::fixed(401, "need_login", "You must specify a valid username and password.");
    pub(super) const ACCESS_TOKEN: Self = Self::fixed(401, "invalid_grant", "The access token provided is invalid.");
    /// RFC 6749, section 5.2, wants a 400.
    pub(super) const REFRESH_TOKEN: Self = Self::fixed(400, "invalid_grant", "Invalid refresh token");
    pub(super) const INVALID_CLIENT: Self = Self::fixed(400, "invalid_client", "The client credentials are invalid");
    pub(super) const GRANT_TYPE: Self = Self::fixed(400, "unsupported_grant_type", "This grant type is not supported");
    pub(super) const PLATFORM: Self = Self::fixed(
        422,
        "invalid_parameter",
        "This platform is not registered. An administrator registers it under Configure API Platforms.",
    );
    pub(super) const NO_JSON: Self = Self::fixed(422, "invalid_parameter", "The body is not a JSON object");
    pub(super) const INCORRECT_VERSION: Self =
        Self::fixed(404, "incorrect_version", "The version of the API is not supported");
    pub(super) const NO_METHOD: Self =
        Self::fixed(404, "no_method", "There is no such path, or not with this HTTP method");
    pub(super) const NOT_AUTHORIZED: Self =
        Self::fixed(403, "not_authorized", "You are not authorized to perform this action.");

    const fn fixed(status: u16, error: &'static str, message: &'static str) -> Self {
        Self {
            status,
            error,
            message: Cow::Borrowed(message),
        }
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::told(422, "missing_parameter", format!("Missing parameter: {name}"))
    }

    pub(super) fn invalid(message: String) -> Self {
        Self::told(422, "invalid_parameter", message)
    }

    pub(super) fn not_found(message: String) -> Self {
        Self::told(404, "not_found", message)
    }

    fn told(status: u16, error: &'static str, message: String) -> Self {
        Self {
            status,
            error,
            message: Cow::Owned(message),
        }
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        json!({ "error": self.error, "error_message": self.message })
    }

    pub(super) fn into_response(self) -> Response {
        Response::new(self.status, "application/json", self.to_json().to_string())
            .header("Cache-Control", "no-store, no-cache, must-revalidate")
            .header("Pragma", "no-cache")
    }
}
