//! How refusals look, and what they may mean.

use url::Url;

use crate::error::{Error, ErrorKind, Step};
use crate::printable::printable;
use crate::transport::Answer;

/// What `display_errors` lets through of the reason.
const EXCEPTION: &str = "Zend_Oauth_Exception: ";

/// Whether a signed call was refused: ANY failure of OAuth is an empty 500, or, with PHP's `display_errors` on, a 200
/// with a page that names an exception.
pub(crate) fn refused(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii();
    (answer.status == 500 && body.is_empty()) || (answer.is_html() && exception(body).is_some())
}

/// The reason of a refusal, where PHP's `display_errors` shows it: server text.
pub(crate) fn refusal_reason(answer: &Answer) -> Option<String> {
    exception(answer.body.trim_ascii()).filter(|_| answer.is_html())
}

/// Turns every status but 200 into an error; a signed call's refusal too.
///
/// # Errors
/// What the status means at this step.
pub(crate) fn check_status(answer: &Answer, url: &Url, step: Step, signed: bool) -> Result<(), Error> {
    if signed && refused(answer) {
        return Err(refusal(answer, step));
    }
    match answer.status {
        200 => Ok(()),
        300..=399 => Err(redirect(answer, url, "service/v4_1/rest.php")),
        401 | 407 => Err(status(answer, "the web server asks for a login of its own")
            .hint("a proxy or the web server wants HTTP authentication before the CRM; exempt service/ from it")),
        403 => Err(status(answer, "the web server forbids it")
            .hint("a firewall or a rule of the web server blocks service/v4_1/rest.php; have it allowed")),
        404 => Err(status(answer, "nothing is there")
            .hint("check the site URL, its path included (SuiteCRM 8 has the API under /legacy)")
            .hint("check that the instance still has service/v4_1/rest.php: one that has only REST v10 or v11 is asked with oauth2::Client, or --api v11 on the command line")),
        413 | 414 => Err(status(answer, "the request is too large for the web server")
            .hint("use the form placement instead of the query")
            .hint("send less at a time")),
        429 | 502..=504 => Err(status(answer, "the server is busy or its backend is down").hint("try again later")),
        500 if answer.body.starts_with(b"Database failure") => Err(status(answer, "the database refused the query")
            .hint("qualify every column with its table's name and check the spelling")
            .hint("see suitecrm.log or sugarcrm.log on the instance")),
        500 => Err(status(answer, "the server failed")
            .hint("check the names of the arguments: PHP 8 refuses unknown and missing ones")
            .hint("see the web server's and the instance's log")),
        _ => Err(status(answer, "the API does not use this status").hint("check that the URL is the CRM's site URL")),
    }
}

fn status(answer: &Answer, meaning: &str) -> Error {
    Error::new(
        ErrorKind::HttpStatus,
        format!("the server answered HTTP {}: {meaning}", answer.status),
    )
    .with_status(answer.status)
}

/// Where a redirect goes: names the origin of the target and no more: its query may hold what it was redirected with.
pub(crate) fn redirect(answer: &Answer, url: &Url, api: &str) -> Error {
    let target = answer.location.as_deref().and_then(|location| url.join(location).ok());
    let error = Error::new(ErrorKind::Redirect, String::new());
    let Some(target) = target.filter(|target| target.has_host()) else {
        return redirected(error, "elsewhere without saying where")
            .hint("open the site URL in a browser and use the address it ends at");
    };
    let origin = target.origin().ascii_serialization();
    let shown = printable(&origin);
    if origin == url.origin().ascii_serialization() {
        return redirected(error, "to another page of its own, perhaps a login page")
            .hint("check the site URL's path")
            .hint(format!("check that {api} is exempt from single sign-on"));
    }
    redirected(error, &format!("to {shown}"))
        .hint(format!("use {shown} as the site URL if that is your CRM"))
        .quoting(&origin)
}

fn redirected(error: Error, whereto: &str) -> Error {
    let message = format!("the server redirects {whereto}; redirects are not followed");
    Error::new(error.kind(), message)
}

/// The likely causes of a refusal, the likeliest first at each step.
fn refusal(answer: &Answer, step: Step) -> Error {
    let body = answer.body.trim_ascii();
    if let Some(reason) = exception(body) {
        let error = Error::new(
            ErrorKind::Refused,
            format!("the server refused the signed request: {}", printable(&reason)),
        )
        .quoting(&reason);
        return match reason.as_str() {
            "Consumer key invalid" => error.hint("check the consumer key under Admin > OAuth Keys"),
            "Invalid signature" => error.hint(SECRET).hint(PROXY),
            _ => error.hints_from(causes(step).iter().copied()),
        };
    }
    Error::new(
        ErrorKind::Refused,
        "the server refused the signed request and gives no reason (HTTP 500, empty), as it does for every one",
    )
    .hints_from(causes(step).iter().copied())
}

const SECRET: &str = "check consumer key and secret against Admin > OAuth Keys, letter by letter";
const PROXY: &str = "behind a proxy that ends TLS, set the signing URL to http:// with the host the server sees";
const BLOCKED: &str = "another program may have used the key with a clock ahead: the key works again when that time has passed, or use another key";
const DOCTOR: &str = "or let the doctor try all of these: `sugar-oauth doctor URL`, or sugar_oauth::doctor::Doctor";
const TOKEN_GONE: &str = "the token may have been revoked or have expired (request tokens live one day): walk again";

fn causes(step: Step) -> &'static [&'static str] {
    match step {
        Step::RequestToken => &[
            SECRET,
            PROXY,
            "on SugarCRM 6.5 the URL that the server sees must be the site_url of its config.php: use that, or have it corrected",
            BLOCKED,
            DOCTOR,
        ],
        Step::AccessToken => &[
            "check the verifier; a wrong one spends nothing, so the right one still works",
            "the person must have pressed Authorize on the page first",
            "the request token may have been exchanged already, or be older than a day: walk again",
            BLOCKED,
        ],
        Step::OauthAccess => &[TOKEN_GONE, SECRET, BLOCKED],
        _ => &[
            TOKEN_GONE,
            "open a session with oauth_access: calls with a session are not refused for their content",
            BLOCKED,
        ],
    }
}

/// The sentence after the exception's name.
fn exception(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let at = text.find(EXCEPTION)? + EXCEPTION.len();
    let reason: String = text[at..]
        .chars()
        .take_while(|&character| !matches!(character, '\n' | '<'))
        .collect();
    let reason = reason.split(" in ").next().unwrap_or_default().trim().to_owned();
    Some(reason)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn answer(status: u16, content_type: &str, location: Option<&str>, body: &str) -> Answer {
        Answer {
            status,
            content_type: content_type.to_owned(),
            location: location.map(str::to_owned),
            retry_after: None,
            date: None,
            heard: Instant::now(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn url() -> Url {
        "http://crm.example.com/service/v4_1/rest.php".parse().unwrap()
    }

    #[test]
    fn an_empty_500_to_a_signed_call_is_a_refusal_with_causes_by_step() {
        let empty = answer(500, "text/html; charset=utf-8", None, "");
        let error = check_status(&empty, &url(), Step::AccessToken, true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.hints()[0].contains("verifier"));
        let error = check_status(&empty, &url(), Step::RequestToken, true).unwrap_err();
        assert!(error.hints()[0].contains("consumer key and secret"));
        assert_eq!(
            check_status(&empty, &url(), Step::Call, false).unwrap_err().kind(),
            ErrorKind::HttpStatus
        );
    }

    #[test]
    fn display_errors_names_the_reason() {
        let page =
            "<br />\n<b>Fatal error</b>:  Uncaught Zend_Oauth_Exception: Consumer key invalid in /var/www/x.php:1";
        let error = check_status(&answer(200, "text/html", None, page), &url(), Step::RequestToken, true).unwrap_err();
        assert!(error.to_string().contains("Consumer key invalid."), "{error}");
        assert!(!error.to_string().contains("/var/www"));
    }

    #[test]
    fn a_redirect_names_the_targets_origin_and_not_its_query() {
        let to = answer(
            301,
            "text/html",
            Some("https://crm.example.com/index.php?oauth_token=hidden"),
            "",
        );
        let error = check_status(&to, &url(), Step::ServerInfo, false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect);
        assert!(error.to_string().contains("use https://crm.example.com as"), "{error}");
        assert!(!error.to_string().contains("hidden"));
        let inside = answer(302, "text/html", Some("/index.php?action=Login"), "");
        assert!(
            check_status(&inside, &url(), Step::Call, false)
                .unwrap_err()
                .to_string()
                .contains("login page")
        );
    }
}
