//! Bodies and addresses of e-mails. A list of Emails gives them empty; EmailText has them, by the e-mail's id.

use std::collections::HashMap;

use super::render::Instead;
use crate::error::{ErrorKind, Result};
use crate::filter::Filter;
use crate::session::Session;
use crate::v4_1::{Entry, GetEntryList};

const MODULE: &str = "EmailText";
const TABLE: &str = "emails_text";
const KEY: &str = "email_id";

/// What stands in the place of the empty fields, by the e-mail's id.
pub(super) async fn bodies(session: &Session, fields: &[String], ids: &[&str]) -> Result<HashMap<String, Instead>> {
    let texts = match texts(session, fields, ids).await {
        Ok(texts) => texts,
        Err(error) if ids.len() > 1 && is_about_a_record(error.kind()) => {
            let mut found = Vec::new();
            for id in ids {
                match texts_of_one(session, fields, id).await? {
                    Some(text) => found.push(text),
                    None => tracing::debug!("the server cannot give the text of an e-mail"),
                }
            }
            found
        }
        Err(error) => return Err(error),
    };
    let named = |entry: &Entry| {
        let value = |field: &String| Some((field.clone(), entry.get(field)?.into_owned()));
        Some((entry.get(KEY)?.into_owned(), fields.iter().filter_map(value).collect()))
    };
    let mut bodies: HashMap<String, Instead> = texts.iter().filter_map(named).collect();
    // The database joins ids without case.
    for &id in ids.iter().filter(|id| !id.is_empty()) {
        if !bodies.contains_key(id) {
            let same = bodies.keys().find(|known| known.eq_ignore_ascii_case(id)).cloned();
            if let Some(body) = same.and_then(|known| bodies.remove(&known)) {
                bodies.insert(id.to_owned(), body);
            }
        }
    }
    Ok(bodies)
}

async fn texts(session: &Session, fields: &[String], ids: &[&str]) -> Result<Vec<Entry>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let condition = Filter::on(TABLE)?.column(KEY)?.in_list(ids.iter().copied());
    let select = std::iter::once(KEY).chain(fields.iter().map(String::as_str));
    let list = GetEntryList::new(MODULE)
        .query(condition)
        .select(select)
        .max_results(ids.len() as u64);
    Ok(session.call(&list).await?.entries)
}

async fn texts_of_one(session: &Session, fields: &[String], id: &str) -> Result<Option<Entry>> {
    match texts(session, fields, &[id]).await {
        Ok(mut texts) => Ok(texts.pop()),
        Err(error) if is_about_a_record(error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether asking for fewer records may help.
fn is_about_a_record(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::HttpStatus
            | ErrorKind::InvalidAnswer
            | ErrorKind::TooLarge
            | ErrorKind::Timeout
            | ErrorKind::Refused
    )
}
