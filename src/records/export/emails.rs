//! Bodies and addresses of e-mails. A list of Emails gives them empty; EmailText has them, by the e-mail's id.

use std::collections::HashMap;

use super::asking;
use super::manifest::Refused;
use super::render::Instead;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::session::Session;
use crate::v4_1::{Entry, GetEntryList};

const MODULE: &str = "EmailText";
const TABLE: &str = "emails_text";
const KEY: &str = "email_id";
/// How many texts of a page may fail before the first one comes.
const HOPE: usize = 10;
const NO_TEXT: &str = "the server gives no text of any e-mail";

/// What stands in the place of the empty fields, by the e-mail's id; and the e-mails whose text the server cannot give.
pub(super) async fn bodies(
    session: &Session,
    fields: &[String],
    ids: &[&str],
) -> Result<(HashMap<String, Instead>, Vec<Refused>)> {
    let (texts, refused) = match texts(session, fields, ids).await {
        Ok(texts) => (texts, Vec::new()),
        Err(error) if asking::may_fail_with_one_module(&error) && error.api().is_none() => {
            one_by_one(session, fields, ids, &error).await?
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
    Ok((bodies, refused))
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

async fn one_by_one(
    session: &Session,
    fields: &[String],
    ids: &[&str],
    error: &Error,
) -> Result<(Vec<Entry>, Vec<Refused>)> {
    let (mut found, mut refused, mut answered) = (Vec::new(), Vec::new(), false);
    for id in ids {
        match asking::ask(session, || async move { texts(session, fields, &[id]).await }).await? {
            Ok(text) => {
                answered = true;
                found.extend(text);
            }
            Err(why) => {
                let why = format!("its text cannot be read: {}", why.reason);
                refused.push(Refused::in_part(id, why));
            }
        }
        if !answered && refused.len() >= HOPE {
            return Err(error.clone().first_hint(NO_TEXT));
        }
    }
    let any = GetEntryList::new(MODULE).select([KEY]).max_results(1);
    if !answered && session.call(&any).await.is_err() {
        return Err(error.clone().first_hint(NO_TEXT));
    }
    Ok((found, refused))
}
