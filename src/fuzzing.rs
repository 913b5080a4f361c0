//! Readers that are private otherwise, for the targets in `tests/fuzz`.

use std::time::Instant;

use serde_json::Value;
use url::Url;

pub use crate::callback::fuzzing::verifier;
pub use crate::oauth2::fuzzing::file_name;
pub use crate::profile::fuzzing::{credentials_in_keyring, profile, written as written_profile};
pub use crate::records::export::fuzzing::{checkpoint, checkpoint_with_digest, exported};
pub use crate::records::fuzzing::{ReadPage, Twice, entries, lines, pass_from, scan_from};

use crate::authorize_url::AuthorizeUrl;
use crate::error::{ApiError, Result, Step};
use crate::instance::Instance;
use crate::oauth2::{BulkAnswer, Session, Tokens};
use crate::rest::{Envelope, TokenAnswer, check_status, refusal_reason};
use crate::transport::Answer;

/// An HTTP answer.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`.
    pub content_type: &'a str,
    /// Its `Location`.
    pub location: Option<&'a str>,
    /// Its body, decompressed.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// JSON, with status 200.
    pub fn json(body: &'a [u8]) -> Self {
        Self {
            status: 200,
            content_type: "application/json; charset=utf-8",
            location: None,
            body,
        }
    }

    fn answer(self) -> Answer {
        Answer {
            status: self.status,
            content_type: self.content_type.to_ascii_lowercase(),
            location: self.location.map(str::to_owned),
            retry_after: None,
            date: None,
            heard: Instant::now(),
            body: self.body.to_vec(),
        }
    }
}

/// Where every reply comes from.
pub fn instance() -> Instance {
    Instance::parse("https://crm.example.com/crm").expect("a URL")
}

fn url() -> Url {
    "https://crm.example.com/crm/service/v4_1/rest.php"
        .parse()
        .expect("a URL")
}

/// What an answer of v4_1 was read as.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// `null`.
    Null,
    /// The API's own error.
    Error(ApiError),
    /// A result.
    Value(Value),
}

/// The answer to a call, signed or not.
///
/// # Errors
/// As every call.
pub fn envelope(reply: Reply<'_>, signed: bool) -> Result<Read> {
    let answer = reply.answer();
    check_status(&answer, &url(), Step::Call, signed)?;
    Ok(match Envelope::read(&answer)? {
        Envelope::Null => Read::Null,
        Envelope::Error(error) => Read::Error(error),
        Envelope::Value(value) => Read::Value(value),
    })
}

/// What a refusal shows of its reason.
pub fn reason(reply: Reply<'_>) -> Option<String> {
    refusal_reason(&reply.answer())
}

/// What a token call gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The token.
    pub token: String,
    /// Its secret.
    pub secret: String,
    /// The server's page for leg 2.
    pub authorize_url: Option<String>,
}

/// The answer to one of the two token calls.
///
/// # Errors
/// As these calls.
pub fn token(reply: Reply<'_>) -> Result<Token> {
    let answer = reply.answer();
    check_status(&answer, &url(), Step::RequestToken, true)?;
    let read = TokenAnswer::read(&answer)?;
    Ok(Token {
        token: read.token,
        secret: read.secret.expose().to_owned(),
        authorize_url: read.authorize_url,
    })
}

/// The session's id in the answer to `oauth_access`.
///
/// # Errors
/// As that call.
pub fn session_id(reply: Reply<'_>) -> Result<String> {
    let answer = reply.answer();
    check_status(&answer, &url(), Step::OauthAccess, true)?;
    crate::oauth_access::read_session(&answer).map(|id| id.expose().to_owned())
}

/// The page to open for leg 2, where these other origins are allowed.
pub fn authorize_url(allowed: &[String], offered: Option<&str>, token: &str) -> AuthorizeUrl {
    AuthorizeUrl::choose(&instance(), allowed, offered, token)
}

/// The tokens in the answer to a grant of OAuth 2.
///
/// # Errors
/// As a grant.
pub fn oauth2_tokens(reply: Reply<'_>) -> Result<Tokens> {
    crate::oauth2::fuzzing::tokens(&reply.answer(), &instance())
}

/// What a call of REST v11 was answered.
///
/// # Errors
/// As every call.
pub fn oauth2_contents(reply: Reply<'_>) -> Result<Value> {
    crate::oauth2::fuzzing::contents(&reply.answer(), &instance())
}

/// What the parts of a bulk were answered: a read and a write.
///
/// # Errors
/// As a bulk.
pub fn oauth2_bulk(reply: Reply<'_>, session: &Session) -> Result<Vec<BulkAnswer>> {
    crate::oauth2::fuzzing::bulk(&reply.answer(), session)
}
