//! `POST /bulk`: several requests in one.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{explained, may_have_acted, refusal_in};
use super::request::Request;
use super::session::to_json;
use super::tokens::Held;
use super::{RestPath, RestVersion, Session};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::rest::{Repeat, invalid_answer};
use crate::transport::Verb;

/// A part of a [`bulk`](Session::bulk).
///
/// `Debug` shows verb and module: the rest is record data.
///
/// ```
/// use serde_json::json;
/// use sugar_oauth::oauth2::BulkRequest;
///
/// let parts = [
///     BulkRequest::get("Contacts/filter", &[("max_num", "5")]),
///     BulkRequest::post("Accounts", &json!({"name": "Acme"}))?,
///     BulkRequest::put(["Accounts", "7f1c"], &json!({"industry": "Media"}))?,
///     BulkRequest::delete(["Accounts", "9b2d"]),
/// ];
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before `Session::bulk`"]
pub struct BulkRequest {
    verb: Verb,
    path: RestPath,
    query: Vec<(String, String)>,
    json: Option<String>,
}

/// What a part of a [`bulk`](Session::bulk) was answered.
///
/// ```no_run
/// # use sugar_oauth::oauth2::{BulkRequest, Session};
/// # async fn send(session: &Session, parts: &[BulkRequest]) -> sugar_oauth::Result<()> {
/// for answer in session.bulk(parts).await? {
///     match answer.result {
///         Ok(value) => println!("{}", value["id"]),
///         Err(error) => println!("HTTP {}: {error}", answer.status),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BulkAnswer {
    /// The part's own HTTP status.
    pub status: u16,
    /// Its contents, or its refusal, as a call of its own would have given them.
    pub result: Result<Value>,
}

impl fmt::Debug for BulkRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BulkRequest")
            .field("verb", &self.verb)
            .field("module", &self.path.name())
            .finish_non_exhaustive()
    }
}

impl BulkRequest {
    /// `GET`.
    pub fn get(path: impl Into<RestPath>, query: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            query: query.iter().map(own).collect(),
            ..Self::new(Verb::Get, path.into(), None)
        }
    }

    /// `POST`, with a body that becomes JSON.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the body cannot become JSON.
    pub fn post<B: Serialize + ?Sized>(path: impl Into<RestPath>, body: &B) -> Result<Self> {
        Ok(Self::new(Verb::Post, path.into(), Some(to_json(body)?)))
    }

    /// `PUT`, with a body that becomes JSON.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub fn put<B: Serialize + ?Sized>(path: impl Into<RestPath>, body: &B) -> Result<Self> {
        Ok(Self::new(Verb::Put, path.into(), Some(to_json(body)?)))
    }

    /// `DELETE`.
    pub fn delete(path: impl Into<RestPath>) -> Self {
        Self::new(Verb::Delete, path.into(), None)
    }

    fn new(verb: Verb, path: RestPath, json: Option<String>) -> Self {
        Self {
            verb,
            path,
            query: Vec::new(),
            json,
        }
    }

    fn name(&self) -> String {
        format!("{} {}", self.verb.name(), self.path.name())
    }

    /// As it stands in the list: the URL from the version on, the body as a text.
    fn to_json(&self, version: &RestVersion) -> Result<Value> {
        let mut url = format!("/{version}/{}", self.path.encoded()?);
        if !self.query.is_empty() {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            url = format!("{url}?{}", query.extend_pairs(&self.query).finish());
        }
        let mut part = json!({"url": url, "method": self.verb.name()});
        if let Some(json) = &self.json {
            part["data"] = json.as_str().into();
        }
        Ok(part)
    }
}

impl Session {
    /// Sends several requests in one (`POST /bulk`). The server runs them in their order, and one that is refused does not
    /// stop the others: each has an answer of its own, in the same order.
    ///
    /// ```
    /// # use sugar_oauth::oauth2::{Client, Platform};
    /// # use sugar_oauth::sandbox::{Flavour, Sandbox};
    /// # use sugar_oauth::{Instance, Password};
    /// use serde_json::json;
    /// use sugar_oauth::oauth2::BulkRequest;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::builder().flavour(Flavour::Sugar11).platform("data_migration").start().await?;
    /// # let client = Client::builder(Instance::parse(sandbox.url())?, Platform::new("data_migration")?).build();
    /// # let session = client.password(sandbox.user_name(), Password::new(sandbox.password())).await?;
    /// let answers = session
    ///     .bulk(&[
    ///         BulkRequest::post("Accounts", &json!({"name": "Acme"}))?,
    ///         BulkRequest::get(["Accounts", "not-there"], &[]),
    ///     ])
    ///     .await?;
    /// assert!(answers[0].result.is_ok());
    /// assert_eq!(answers[1].status, 404);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the whole was refused or got lost: as [`post`](Self::post). [`may_have_applied`](Error::may_have_applied) then
    /// means any number of its parts.
    pub async fn bulk(&self, requests: &[BulkRequest]) -> Result<Vec<BulkAnswer>> {
        let version = self.client().api_version();
        let parts: Vec<Value> = requests
            .iter()
            .map(|request| request.to_json(version))
            .collect::<Result<_>>()?;
        let path = RestPath::from("bulk");
        let json = to_json(&json!({"requests": parts}))?;
        let writes = requests.iter().any(|request| request.verb != Verb::Get);
        let request = Request {
            json: Some(&json),
            repeat: if writes {
                Repeat::OnlyIfNothingWasSent
            } else {
                Repeat::Harmless
            },
            ..Request::call(Verb::Post, &path)
        };
        let (answer, held) = self.exchange_with(&request).await?;
        self.parts(requests, answer, &held)
    }

    /// The answer of each request.
    pub(super) fn parts(&self, requests: &[BulkRequest], answer: Value, held: &Held) -> Result<Vec<BulkAnswer>> {
        let writes = requests.iter().any(|request| request.verb != Verb::Get);
        let unread = |told: String| {
            let error = invalid_answer(told).may_apply(writes);
            self.located(error, "POST bulk", held)
        };
        let Value::Array(answers) = answer else {
            return Err(unread("the answer to the bulk is no list".to_owned()));
        };
        if answers.len() != requests.len() {
            let (came, sent) = (answers.len(), requests.len());
            return Err(unread(format!(
                "the server answered {came} of {sent} requests of the bulk"
            )));
        }
        let parts = requests.iter().zip(answers);
        Ok(parts
            .map(|(request, answer)| self.part(request, answer, held))
            .collect())
    }

    fn part(&self, request: &BulkRequest, mut answer: Value, held: &Held) -> BulkAnswer {
        let status = match &answer["status"] {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        };
        let writes = request.verb != Verb::Get;
        let contents = answer.get_mut("contents").map(Value::take).unwrap_or_default();
        let refusal = refusal_in(status.unwrap_or(0), &contents);
        let acted = writes && status.is_none_or(|status| may_have_acted(status, refusal.as_ref()));
        let result = match (status, refusal) {
            (Some(200..=299), _) => Ok(contents),
            (Some(_), Some(refusal)) => Err(explained(refusal, Step::Call)),
            (Some(status), None) => Err(Error::new(
                ErrorKind::HttpStatus,
                format!("the server answered HTTP {status} to this part of the bulk"),
            )
            .with_status(status)),
            (None, _) => Err(invalid_answer("a part of the bulk has no status")),
        };
        BulkAnswer {
            status: status.unwrap_or(0),
            result: result.map_err(|error| self.located(error.may_apply(acted), &request.name(), held)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_ids_nor_data() {
        let part = BulkRequest::put(["Users", "id-1"], &json!({"user_hash": "secret-1"})).unwrap();
        let shown = format!("{part:?}");
        assert_eq!(shown, "BulkRequest { verb: Put, module: \"Users\", .. }");
        let part = BulkRequest::get("Contacts", &[("filter", "secret-2")]);
        assert!(!format!("{part:?}").contains("secret-2"));
    }
}
