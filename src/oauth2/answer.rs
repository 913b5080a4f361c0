//! How answers read, and what refusals may mean.

use serde_json::Value;
use url::Url;

use crate::error::{Error, ErrorKind, RestError, RestErrorCode, Result, Step};
use crate::rest::{invalid_answer, redirect};
use crate::transport::Answer;

/// Reads an answer: the JSON of a success, or why it is none.
pub(super) fn read(answer: &Answer, url: &Url, step: Step) -> Result<Value> {
    check(answer, url, step)?;
    let body = body(answer);
    if body.is_empty() {
        return Err(invalid_answer("the answer is empty"));
    }
    serde_json::from_slice(body).map_err(|_| not_json(answer))
}

/// Turns every status but 2xx into an error.
pub(super) fn check(answer: &Answer, url: &Url, step: Step) -> Result<()> {
    if let 200..=299 = answer.status {
        return Ok(());
    }
    if let Some(refusal) = refusal(answer.status, body(answer)) {
        return Err(explained(refusal, step));
    }
    Err(match answer.status {
        300..=399 => redirect(answer, url, "rest/"),
        401 | 407 => status(answer, "the web server asks for a login of its own")
            .hint("a proxy or the web server wants HTTP authentication before the CRM; exempt rest/ from it"),
        403 => status(answer, "the web server forbids it")
            .hint("a firewall or a rule of the web server blocks rest/; have it allowed"),
        404 | 405 => no_rest(status(answer, "nothing of REST v10 or v11 is there")),
        413 | 414 => status(answer, "the request is too large for the web server").hint("send less at a time"),
        429 | 502..=504 => status(answer, "the server is busy or its backend is down").hint("try again later"),
        500 => status(answer, "the server failed").hint("see the web server's log and sugarcrm.log on the instance"),
        _ => status(answer, "the API does not use this status").hint("check that the URL is the CRM's site URL"),
    })
}

/// The refusal that a body holds.
pub(super) fn refusal(status: u16, body: &[u8]) -> Option<RestError> {
    refusal_in(status, &serde_json::from_slice(body).ok()?)
}

/// The refusal that an answer's JSON is.
pub(super) fn refusal_in(status: u16, value: &Value) -> Option<RestError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    Some(RestError {
        status,
        code: RestErrorCode::from_name(text("error")?),
        message: text("error_message")
            .or_else(|| text("error_description"))
            .unwrap_or_default()
            .to_owned(),
    })
}

/// Whether a server that answered so may have acted on a write. A proxy's 502 says nothing of what the server behind it
/// did; a refusal by 4xx does.
pub(super) fn may_have_acted(status: u16, refusal: Option<&RestError>) -> bool {
    status >= 500 && refusal.is_none_or(|refusal| refusal.code != RestErrorCode::Maintenance)
}

/// The refusal as an error that says what to try.
pub(super) fn explained(refusal: RestError, step: Step) -> Error {
    let (code, at_grant) = (
        refusal.code.clone(),
        matches!(step, Step::PasswordGrant | Step::RefreshGrant),
    );
    let of_platform = refusal.message.to_ascii_lowercase().contains("platform");
    let error = Error::from_rest(refusal);
    match code {
        RestErrorCode::InvalidParameter | RestErrorCode::Other(_) if at_grant && of_platform => {
            error.hint(PLATFORM).hint("check the platform's spelling")
        }
        RestErrorCode::NeedLogin | RestErrorCode::InvalidGrant if step == Step::PasswordGrant => error
            .hint("check user name and password")
            .hint("look whether the user is active and not locked out after wrong passwords: Admin > User Management")
            .hint("users of single sign-on have no password here: make a user for the integration"),
        RestErrorCode::NeedLogin | RestErrorCode::InvalidGrant if step == Step::RefreshGrant => error
            .hint("log in again: the refresh token has expired, or was used before, and each can be used once")
            .hint("look whether another program logs in as the same user with the same platform, which ends the earlier login: give each a platform of its own"),
        RestErrorCode::NeedLogin | RestErrorCode::InvalidGrant => error.hint("log in again"),
        RestErrorCode::InvalidClient | RestErrorCode::UnauthorizedClient => error
            .hint("check client id and secret against Admin > OAuth Keys; its OAuth version must be 2.0")
            .hint("the client id sugar, which every instance knows, has no secret"),
        RestErrorCode::UnsupportedGrantType => error.hint("the instance may log in by single sign-on only: ask its administrator"),
        RestErrorCode::Maintenance => error.hint("try again later: only administrators are let in at present"),
        RestErrorCode::NotAuthorized => error.hint("give the user a role that may do this"),
        RestErrorCode::NotFound => error.kind_is(ErrorKind::NotFound).hint("check module and id, and that the user may see the record"),
        RestErrorCode::NoMethod => error
            .hint("check the path, and the version: newer paths need a newer v11_N")
            .hint("no module is called so: names are those of the URL, such as Contacts"),
        RestErrorCode::EditConflict => error.hint("read the record again, and write on what it holds now"),
        _ if at_grant && of_platform => error.hint(PLATFORM),
        _ => error,
    }
}

const PLATFORM: &str = "have the platform registered: Admin > Configure API Platforms";

/// An answer of 2xx that is no JSON.
fn not_json(answer: &Answer) -> Error {
    let is_page = answer.is_html() || body(answer).starts_with(b"<");
    if !is_page {
        return invalid_answer("the answer is not JSON, or was cut off");
    }
    no_rest(
        Error::new(ErrorKind::NotTheApi, "a web page answered instead of REST v10 or v11")
            .hint("look at the site in a browser: it may be in maintenance, or want a login of its own"),
    )
}

fn no_rest(error: Error) -> Error {
    error
        .hint("check the site URL, its path included, and the version")
        .hint("SuiteCRM, and SugarCRM up to 6.5, have service/v4_1/rest.php (OAuth 1.0a) and no rest/: ask them with sugar_oauth::Client, or --api v4_1 on the command line")
}

fn status(answer: &Answer, meaning: &str) -> Error {
    Error::new(
        ErrorKind::HttpStatus,
        format!("the server answered HTTP {}: {meaning}", answer.status),
    )
    .with_status(answer.status)
}

fn body(answer: &Answer) -> &[u8] {
    answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body)
        .trim_ascii()
}
