//! Sending one request and getting its answer, again where that does no harm.

use std::time::Instant;

use super::{Client, RestPath};
use crate::error::{Error, Result, Step};
use crate::rest::{Backoff, Repeat};
use crate::transport::{Answer, Content, Credential, Outgoing, SendFailure, Verb};

/// A call below `rest/v11`.
pub(super) struct Request<'a> {
    pub(super) step: Step,
    pub(super) verb: Verb,
    pub(super) path: &'a RestPath,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) json: Option<&'a str>,
    pub(super) repeat: Repeat,
    pub(super) limit: Option<usize>,
}

impl Request<'_> {
    /// What errors and traces call it: the verb and the module, no id and no value.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.verb.name(), self.path.name())
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
        let url = request.path.url(self.instance(), self.api_version(), request.query)?;
        let outgoing = Outgoing {
            verb: request.verb,
            url: &url,
            content: request.json.map_or(Content::Nothing, Content::Json),
            credential: access_token.map(Credential::OAuthToken),
        };
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
