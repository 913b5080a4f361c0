//! For `tests/fuzz`.

use std::time::Instant;

use serde_json::Value;
use url::Url;

use super::answer::{check, read};
use super::tokens::Held;
use super::{BulkAnswer, BulkRequest, Session, Tokens, files};
use crate::error::{Result, Step};
use crate::instance::Instance;
use crate::transport::Answer;

/// The name that a `Content-Disposition` gives a file.
pub fn file_name(disposition: &str) -> Option<String> {
    files::file_name(disposition)
}

fn url(instance: &Instance) -> Url {
    instance.site_url().join("rest/v11/").expect("a URL")
}

/// The tokens in the answer to a grant.
///
/// # Errors
/// As a grant.
pub(crate) fn tokens(answer: &Answer, instance: &Instance) -> Result<Tokens> {
    check(answer, &url(instance), Step::PasswordGrant)?;
    Held::read(answer, Instant::now()).map(|held| held.tokens)
}

/// What a call was answered.
///
/// # Errors
/// As every call.
pub(crate) fn contents(answer: &Answer, instance: &Instance) -> Result<Value> {
    read(answer, &url(instance), Step::Call)
}

/// What the parts of a bulk were answered: a read and a write.
///
/// # Errors
/// As a bulk.
pub(crate) fn bulk(answer: &Answer, session: &Session) -> Result<Vec<BulkAnswer>> {
    let requests = [
        BulkRequest::get("Contacts", &[]),
        BulkRequest::delete(["Contacts", "1"]),
    ];
    let value = contents(answer, session.client().instance())?;
    session.parts(&requests, value, &session.tokens_in_use())
}
