//! Sending a call and getting its answer: with or without a signature, and again where that does no harm.

use std::time::{Duration, Instant};

use super::Client;
use crate::clock::{Ticket, nonce};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::instance::ApiVersion;
use crate::rest::{Backoff, Repeat, check_status, cleaned_by_server, form, parameters};
use crate::signing::{OAuthParameters, Placement, SignedRequest, SigningKey, Target, sign};
use crate::transport::{Answer, Outgoing, SendFailure};

/// A call that carries no signature.
pub(crate) struct UnsignedCall<'a> {
    pub(crate) step: Step,
    pub(crate) method: &'a str,
    pub(crate) rest_data: String,
    pub(crate) repeat: Repeat,
    pub(crate) limit: Option<usize>,
}

/// A call that is signed, afresh each time it is sent.
pub(crate) struct SignedCall<'a> {
    pub(crate) step: Step,
    pub(crate) method: &'a str,
    pub(crate) version: ApiVersion,
    pub(crate) placement: Placement,
    pub(crate) key: &'a SigningKey,
    pub(crate) token: Option<&'a str>,
    pub(crate) callback: Option<&'a str>,
    pub(crate) verifier: Option<&'a str>,
    pub(crate) rest_data: Option<String>,
    pub(crate) repeat: Repeat,
    pub(crate) limit: Option<usize>,
}

impl Client {
    /// Sends a call by POST and returns its answer if the status is 200.
    pub(crate) async fn send(&self, call: UnsignedCall<'_>) -> Result<Answer> {
        let url = &self.shared.rest_url;
        let form = form(call.method, &call.rest_data);
        let request = Outgoing::legacy(url, Some(&form), None);
        let mut backoff = Backoff::new(call.repeat);
        let answer = loop {
            let outcome = self.attempt(call.step, call.method, &request, call.limit).await;
            match backoff.wait(&outcome) {
                Some(wait) => pause(call.step, call.method, wait).await,
                None => break outcome.map_err(|failure| given_up(failure, call.repeat))?,
            }
        };
        check_status(&answer, url, call.step, false).map_err(|error| {
            // A proxy's 502 says nothing of what the server behind it did; a refusal by 4xx does.
            let acted = call.repeat == Repeat::OnlyIfNothingWasSent && answer.status >= 500;
            error.may_apply(acted)
        })?;
        Ok(answer)
    }

    /// Signs a call with the next timestamp, sends it and returns its answer if the server accepted it.
    pub(crate) async fn send_signed(&self, call: &SignedCall<'_>) -> Result<Answer> {
        let instance = &self.shared.instance;
        let (url, signing_url) = (instance.rest_url(call.version), instance.signing_url(call.version));
        self.learn_server_time().await?;
        let mut backoff = Backoff::signed(call.repeat);
        let answer = loop {
            let outcome = self.attempt_signed(call, &url, &signing_url).await?;
            match backoff.wait(&outcome) {
                Some(wait) => pause(call.step, call.method, wait).await,
                None => break outcome.map_err(|failure| given_up(failure, call.repeat))?,
            }
        };
        check_status(&answer, &url, call.step, true).map_err(|error| explain_refusal(error, call, &answer))?;
        Ok(answer)
    }

    async fn attempt_signed(
        &self,
        call: &SignedCall<'_>,
        url: &url::Url,
        signing_url: &url::Url,
    ) -> Result<std::result::Result<Answer, SendFailure>> {
        // The ticket is held until the answer has come.
        let (signed, _ticket) = self.sign(call, url, signing_url).await?;
        if let Some(observer) = &self.shared.options.observer {
            (observer.0)(&signed);
        }
        let request = Outgoing::legacy(signed.url(), signed.body(), signed.authorization());
        Ok(self.attempt(call.step, call.method, &request, call.limit).await)
    }

    /// Signs a call that someone else sends.
    pub(crate) async fn prepare_signed(&self, call: &SignedCall<'_>) -> Result<SignedRequest> {
        let instance = &self.shared.instance;
        self.learn_server_time().await?;
        let (url, signing_url) = (instance.rest_url(call.version), instance.signing_url(call.version));
        self.sign(call, &url, &signing_url).await.map(|(signed, _)| signed)
    }

    async fn sign(
        &self,
        call: &SignedCall<'_>,
        url: &url::Url,
        signing_url: &url::Url,
    ) -> Result<(SignedRequest, Ticket)> {
        let signer = self.signer()?;
        let ticket = signer.clock.ticket(self.shared.options.tolerated_clock_lead).await?;
        let nonce = nonce()?;
        let mut oauth = OAuthParameters::new(signer.consumer.key(), &nonce, ticket.timestamp());
        if let Some(token) = call.token {
            oauth = oauth.token(token);
        }
        if let Some(callback) = call.callback {
            oauth = oauth.callback(callback);
        }
        if let Some(verifier) = call.verifier {
            oauth = oauth.verifier(verifier);
        }
        let target = Target::new(call.placement.http_method(), url).signed_for(signing_url);
        let parameters = parameters(call.method, call.rest_data.clone());
        let signed = sign(call.key, &target, &oauth, &parameters, call.placement);
        Ok((signed, ticket))
    }

    async fn attempt(
        &self,
        step: Step,
        method: &str,
        request: &Outgoing<'_>,
        limit: Option<usize>,
    ) -> std::result::Result<Answer, SendFailure> {
        self.check_exposure(step == Step::Login)
            .map_err(SendFailure::before_sending)?;
        // Asking for the time costs more than the rest of this function: only where somebody listens.
        let started = tracing::enabled!(tracing::Level::DEBUG).then(Instant::now);
        let result = self.shared.transport.send(request, limit).await;
        let elapsed = started.map(|started| started.elapsed());
        match &result {
            Ok(answer) => {
                let (status, bytes) = (answer.status, answer.body.len());
                tracing::debug!(%step, method, status, bytes, elapsed = elapsed.map(tracing::field::debug), "answered");
                if let (Some(signer), Some(date)) = (&self.shared.signer, answer.date) {
                    signer.clock.learn_date(date, answer.heard);
                }
            }
            Err(failure) => {
                tracing::debug!(%step, method, kind = ?failure.error.kind(), elapsed = elapsed.map(tracing::field::debug), "no answer")
            }
        }
        result
    }

    /// Asks for the server's time where it is not known or in doubt, once for all who wait.
    async fn learn_server_time(&self) -> Result<()> {
        let clock = &self.signer()?.clock;
        let lead = self.shared.options.tolerated_clock_lead;
        if !clock.must_ask(lead) {
            return Ok(());
        }
        let _asking = clock.asking.lock().await;
        if !clock.must_ask(lead) {
            return Ok(());
        }
        match self.server_info().await {
            Ok(_) => Ok(()),
            // It answered as the API does, so its Date header has told the time.
            Err(error) if error.kind() == ErrorKind::Api => Ok(()),
            Err(error) => Err(error),
        }
    }
}

async fn pause(step: Step, method: &str, wait: Duration) {
    tracing::debug!(%step, method, ?wait, "sending again");
    tokio::time::sleep(wait).await;
}

fn given_up(failure: SendFailure, repeat: Repeat) -> Error {
    failure
        .error
        .may_apply(repeat == Repeat::OnlyIfNothingWasSent && !failure.nothing_sent)
}

fn explain_refusal(error: Error, call: &SignedCall<'_>, answer: &Answer) -> Error {
    let silent = error.kind() == ErrorKind::Refused;
    // A refused exchange spends nothing. But PHP that died within a write looks like a refusal.
    let acted = answer.status >= 500
        && call.repeat == Repeat::OnlyIfNothingWasSent
        && !(silent && call.step == Step::AccessToken);
    let error = error.may_apply(acted);
    match call.rest_data.as_deref().and_then(cleaned_by_server).filter(|_| silent) {
        Some(found) => error.first_hint(format!(
            "the arguments hold {found}, which the server rewrites before it checks the signature: use a session"
        )),
        None => error,
    }
}
