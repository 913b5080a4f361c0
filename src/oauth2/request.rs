//! Sending one request and getting its answer, again where that does no harm.

use std::time::Instant;

use url::Url;

use super::{Client, RestPath};
use crate::error::{Error, Result, Step};
use crate::rest::{Backoff, Repeat};
use crate::transport::{Answer, Content, Credential, Incoming, Outgoing, Pieces, SendFailure, Verb};

/// A call below `rest/v11`.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) step: Step,
    pub(super) verb: Verb,
    pub(super) path: &'a RestPath,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) json: Option<&'a str>,
    pub(super) pieces: Option<&'a dyn Pieces>,
    pub(super) repeat: Repeat,
    pub(super) limit: Option<usize>,
}

impl<'a> Request<'a> {
    /// A call of a session, to be filled.
    pub(super) fn call(verb: Verb, path: &'a RestPath) -> Self {
        Self {
            step: Step::Call,
            verb,
            path,
            query: &[],
            json: None,
            pieces: None,
            repeat: if verb == Verb::Get {
                Repeat::Harmless
            } else {
                Repeat::OnlyIfNothingWasSent
            },
            limit: None,
        }
    }

    /// What errors and traces call it: the verb and the module, no id and no value.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.verb.name(), self.path.name())
    }

    pub(super) fn url(&self, client: &Client) -> Result<Url> {
        self.path.url(client.instance(), client.api_version(), self.query)
    }

    fn outgoing<'b>(&'b self, url: &'b Url, access_token: Option<&'b str>) -> Outgoing<'b> {
        let content = match (self.json, self.pieces) {
            (Some(json), _) => Content::Json(json),
            (None, Some(pieces)) => Content::Pieces(pieces),
            (None, None) => Content::Nothing,
        };
        Outgoing {
            verb: self.verb,
            url,
            content,
            credential: access_token.map(Credential::OAuthToken),
        }
    }
}

impl Client {
    /// Sends a request and returns its answer, whatever its status.
    ///
    /// # Errors
    /// Why there is none, and whether the server may have acted on it.
    pub(super) async fn send(&self, request: &Request<'_>, access_token: Option<&str>) -> Result<Answer> {
        self.send_noting(request, access_token, &mut false).await
    }

    /// As [`send`](Self::send); notes whether a request got lost on the way there or back before the answer came.
    pub(super) async fn send_noting(
        &self,
        request: &Request<'_>,
        access_token: Option<&str>,
        lost: &mut bool,
    ) -> Result<Answer> {
        self.check_exposure(request.step == Step::PasswordGrant)?;
        let url = request.url(self)?;
        let outgoing = request.outgoing(&url, access_token);
        let mut backoff = Backoff::new(request.repeat);
        loop {
            let outcome = self.attempt(request, &outgoing).await;
            *lost |= match &outcome {
                Ok(answer) => matches!(answer.status, 502..=504),
                Err(failure) => !failure.nothing_sent,
            };
            match backoff.wait(&outcome) {
                Some(wait) => {
                    tracing::debug!(step = %request.step, method = request.name(), ?wait, "sending again");
                    tokio::time::sleep(wait).await;
                }
                None => return outcome.map_err(|failure| given_up(failure, request.repeat)),
            }
        }
    }

    /// Sends a request whose answer is to be streamed; a busy server is not asked again.
    pub(super) async fn open(&self, request: &Request<'_>, token: &str) -> Result<Incoming> {
        self.check_exposure(false)?;
        let (started, url) = (Instant::now(), request.url(self)?);
        let opened = self.transport().open(&request.outgoing(&url, Some(token))).await;
        let (step, method, elapsed) = (request.step, request.name(), started.elapsed());
        match &opened {
            Ok(incoming) => tracing::debug!(%step, method, status = incoming.head.status, ?elapsed, "answered"),
            Err(failure) => tracing::debug!(%step, method, kind = ?failure.error.kind(), ?elapsed, "no answer"),
        }
        opened.map_err(|failure| failure.error)
    }

    async fn attempt(
        &self,
        request: &Request<'_>,
        outgoing: &Outgoing<'_>,
    ) -> std::result::Result<Answer, SendFailure> {
        let (started, step, method) = (Instant::now(), request.step, request.name());
        let result = self.transport().send(outgoing, request.limit).await;
        let elapsed = started.elapsed();
        match &result {
            Ok(answer) => {
                tracing::debug!(%step, method, status = answer.status, bytes = answer.body.len(), ?elapsed, "answered");
            }
            Err(failure) => tracing::debug!(%step, method, kind = ?failure.error.kind(), ?elapsed, "no answer"),
        }
        result
    }
}

fn given_up(failure: SendFailure, repeat: Repeat) -> Error {
    failure
        .error
        .may_apply(repeat == Repeat::OnlyIfNothingWasSent && !failure.nothing_sent)
}
