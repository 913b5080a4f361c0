//! The new instance: what is asked of it, and what is written to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sugar_oauth::oauth2::{BulkRequest, Session, Upload};
use sugar_oauth::{Error, ErrorKind};

use crate::Failure;
use crate::carry::Tries;
use crate::convert::Converted;
use crate::source::User;

/// Records a page of a list.
const PAGE: usize = 100;

#[derive(Clone)]
pub struct Target {
    session: Session,
}

pub struct TargetField {
    pub kind: String,
    /// The module at the other end of a link, where it is told.
    pub module: String,
}

/// What came of a write.
pub enum Answer {
    /// The record as it is stored.
    Done(Value),
    /// It was not done and will not be.
    Refused(String),
    /// It may have been done, or could not be done at the moment.
    Unclear(String),
}

impl From<Result<Value, Error>> for Answer {
    fn from(result: Result<Value, Error>) -> Self {
        match result {
            Ok(stored) => Self::Done(stored),
            Err(error) => {
                let why = error
                    .rest()
                    .map_or_else(|| error.message().to_owned(), ToString::to_string);
                if may_pass(&error) {
                    Self::Unclear(why)
                } else {
                    Self::Refused(why)
                }
            }
        }
    }
}

/// Whether trying again may help: no answer, or one that tells of the moment and not of the request.
pub fn may_pass(error: &Error) -> bool {
    let of_the_moment = |status: u16| matches!(status, 401 | 408 | 429 | 500..);
    match error.rest() {
        // The session has tried all it can; a password is not sent again, for wrong ones lock a user out.
        _ if error.kind() == ErrorKind::SessionGone => false,
        Some(refusal) => of_the_moment(refusal.status),
        None => match error.http_status() {
            Some(status) => of_the_moment(status),
            None => matches!(
                error.kind(),
                ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::InvalidAnswer
            ),
        },
    }
}

impl Target {
    pub fn new(session: Session) -> Self {
        Self { session }
    }

    /// The fields of these modules, link fields among them.
    pub async fn modules(&self, names: &[&str]) -> Result<BTreeMap<String, BTreeMap<String, TargetField>>, Failure> {
        let filter = names.join(",");
        let query = [("type_filter", "modules"), ("module_filter", filter.as_str())];
        let metadata = self.session.get("metadata", &query).await?;
        let mut modules = BTreeMap::new();
        for name in names {
            let fields = metadata["modules"][*name]["fields"].as_object();
            let field = |(name, field): (&String, &Value)| {
                let kind = field["type"].as_str()?.to_owned();
                let module = field["module"].as_str().unwrap_or_default().to_owned();
                Some((name.clone(), TargetField { kind, module }))
            };
            modules.insert(
                (*name).to_owned(),
                fields.into_iter().flatten().filter_map(field).collect(),
            );
        }
        Ok(modules)
    }

    /// What a list offers; `None` for a field that has no list.
    pub async fn options(&self, module: &str, field: &str) -> Result<Option<BTreeSet<String>>, Failure> {
        match self.session.get([module, "enum", field], &[]).await {
            Ok(Value::Object(options)) => Ok(Some(options.into_iter().map(|(value, _)| value).collect())),
            Ok(_) => Ok(None),
            Err(error) if error.rest().is_some_and(|refusal| (400..500).contains(&refusal.status)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub async fn users(&self) -> Result<Vec<User>, Failure> {
        let records = self.list("Users", "id,user_name,email").await?;
        let user = |user: &Value| {
            let addresses = user["email"].as_array().into_iter().flatten();
            let mut primary = addresses.filter(|address| address["primary_address"] == true);
            let email = primary.next().and_then(|address| address["email_address"].as_str());
            Some(User {
                id: user["id"].as_str()?.to_owned(),
                name: user["user_name"].as_str()?.to_owned(),
                email: email.unwrap_or_default().to_owned(),
            })
        };
        Ok(records.iter().filter_map(user).collect())
    }

    /// ISO codes by id.
    pub async fn currencies(&self) -> Result<BTreeMap<String, String>, Failure> {
        let records = self.list("Currencies", "id,iso4217").await?;
        let pair = |currency: &Value| {
            Some((
                currency["id"].as_str()?.to_owned(),
                currency["iso4217"].as_str()?.to_owned(),
            ))
        };
        Ok(records.iter().filter_map(pair).collect())
    }

    async fn list(&self, module: &str, fields: &str) -> Result<Vec<Value>, Failure> {
        let (size, mut offset) = (PAGE.to_string(), 0);
        let mut records = Vec::new();
        loop {
            let from = offset.to_string();
            let query = [
                ("fields", fields),
                ("max_num", size.as_str()),
                ("offset", from.as_str()),
                ("order_by", "id"),
            ];
            let mut page = self.session.get(module, &query).await?;
            let Some(Value::Array(list)) = page.get_mut("records").map(Value::take) else {
                return Err(Failure::own(format!("the target's list of {module} cannot be read")));
            };
            let next = page["next_offset"].as_i64().unwrap_or(-1);
            let is_end = next < 0 || list.is_empty();
            records.extend(list);
            if is_end {
                return Ok(records);
            }
            if next <= offset {
                return Err(Failure::own(format!(
                    "the target's list of {module} goes round in circles"
                )));
            }
            offset = next;
        }
    }

    /// Those of these records that are on the target.
    pub async fn existing<'a>(
        &self,
        module: &str,
        records: impl IntoIterator<Item = &'a Converted>,
    ) -> Result<BTreeSet<String>, Failure> {
        let ids: Vec<&str> = records.into_iter().map(|record| record.target_id.as_str()).collect();
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let look = |id: &&str| BulkRequest::get([module, *id], &[("fields", "id")]);
        let requests: Vec<BulkRequest> = ids.iter().map(look).collect();
        let mut tries = Tries::default();
        loop {
            match self.session.bulk(&requests).await {
                Ok(answers) if answers.iter().all(|answer| matches!(answer.status, 200 | 404)) => {
                    let there = ids.iter().zip(&answers).filter(|(_, answer)| answer.status == 200);
                    return Ok(there.map(|(id, _)| (*id).to_owned()).collect());
                }
                Ok(_) if !tries.are_left() => {
                    return Err(Failure::own(format!(
                        "the target does not say which {module} are there"
                    )));
                }
                Err(error) if !tries.are_left() || !may_pass(&error) => return Err(error.into()),
                _ => tries.wait().await,
            }
        }
    }

    /// Writes, in one request. An error means that any of it may have been done.
    pub async fn write(&self, requests: &[BulkRequest]) -> Result<Vec<Answer>, Error> {
        let answers = self.session.bulk(requests).await?;
        Ok(answers.into_iter().map(|answer| Answer::from(answer.result)).collect())
    }

    /// Sends a note's attachment, in the place of one that it has.
    pub async fn upload(&self, note: &str, file: &Upload) -> Result<Value, Error> {
        self.session.upload("Notes", note, "filename", file).await
    }

    pub async fn close(&self) {
        // It ends by itself if this fails.
        let _ = self.session.logout().await;
    }
}
