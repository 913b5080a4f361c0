//! The one door by which requests leave: only these few are ever sent, and only to the instance's own origin.

use std::time::{Duration, Instant};

use url::Url;

use crate::client::{Client, WALK_LIMIT};
use crate::clock::nonce;
use crate::error::{Error, ErrorKind};
use crate::instance::ApiVersion;
use crate::printable::printable;
use crate::rest::parameters;
use crate::signing::{OAuthParameters, Target, sign};
use crate::transport::{Answer, Outgoing, SendFailure};

/// No request of an examination takes longer, however slowly the answer trickles.
const PATIENCE: Duration = Duration::from_secs(20);

/// The description of the SOAP service is larger than the walk's answers.
const DESCRIPTION_LIMIT: usize = 2 * 1024 * 1024;

pub(super) type Outcome = Result<Answer, SendFailure>;

pub(super) struct Probe<'a> {
    pub(super) client: &'a Client,
}

impl Probe<'_> {
    /// The site URL, its path ending in `/`.
    pub(super) fn site(&self) -> &Url {
        self.client.instance().site_url()
    }

    /// Asks who the server is, at a site URL of the instance's origin.
    pub(super) async fn server_info(&self, site: &Url, version: ApiVersion) -> Outcome {
        let url = rest_url(site, version)?;
        let form = parameters("get_server_info", Some("[]".to_owned())).to_form();
        self.send(&url, Some(&form), WALK_LIMIT).await
    }

    /// Asks for a session without any token: where the method is known, that is refused by name, and nothing is done.
    pub(super) async fn unsigned_oauth_access(&self, version: ApiVersion) -> Outcome {
        let url = rest_url(self.site(), version)?;
        let form = parameters("oauth_access", None).to_form();
        self.send(&url, Some(&form), WALK_LIMIT).await
    }

    /// Asks the OAuth 2 API of newer Sugars for a sign of life, without a token.
    pub(super) async fn ping(&self, version: &str) -> Outcome {
        let url = below(self.site(), &format!("rest/{version}/ping"))?;
        self.send(&url, None, WALK_LIMIT).await
    }

    /// Fetches the public description of the SOAP service, which tells the `site_url` of the configuration.
    pub(super) async fn soap_description(&self, version: ApiVersion) -> Outcome {
        let mut url = rest_url(self.site(), version)?;
        url.set_path(&url.path().replace("rest.php", "soap.php"));
        url.set_query(Some("wsdl"));
        self.send(&url, None, DESCRIPTION_LIMIT).await
    }

    /// Asks for a request token, signed for a site URL. Once: the same is never sent again here.
    ///
    /// The timestamp is the shared clock's: never later than the server's own time, never earlier than the last.
    pub(super) async fn request_token(&self, version: ApiVersion, signing_site: &Url) -> Outcome {
        let shared = &self.client.shared;
        let (url, signing_url) = (rest_url(self.site(), version)?, rest_url(signing_site, version)?);
        let signer = self.client.signer().map_err(SendFailure::before_sending)?;
        let ticket = signer.clock.ticket(shared.options.tolerated_clock_lead).await;
        let ticket = ticket.map_err(SendFailure::before_sending)?;
        let nonce = nonce().map_err(SendFailure::before_sending)?;
        let oauth = OAuthParameters::new(signer.consumer.key(), &nonce, ticket.timestamp()).callback("oob");
        let placement = shared.options.placement;
        let target = Target::new(placement.http_method(), &url).signed_for(&signing_url);
        let parameters = parameters("oauth_request_token", None);
        let signed = sign(&signer.key, &target, &oauth, &parameters, placement);
        if let Some(observer) = &shared.options.observer {
            (observer.0)(&signed);
        }
        let request = Outgoing::legacy(signed.url(), signed.body(), signed.authorization());
        self.transmit(&request, WALK_LIMIT).await
    }

    /// Server text as it may be shown: without the consumer secret, should the server repeat it, and escaped.
    pub(super) fn quote(&self, text: &str) -> String {
        match self.client.consumer_secret() {
            "" => printable(text),
            secret => printable(&text.replace(secret, "[secret]")),
        }
    }

    /// An error's message, which shows server text escaped.
    pub(super) fn message(&self, error: Error) -> String {
        error.without([self.client.consumer_secret()]).message().to_owned()
    }

    async fn send(&self, url: &Url, form: Option<&str>, limit: usize) -> Outcome {
        let request = Outgoing::legacy(url, form, None);
        self.transmit(&request, limit).await
    }

    async fn transmit(&self, request: &Outgoing<'_>, limit: usize) -> Outcome {
        if request.url.origin() != self.site().origin() {
            return Err(SendFailure::before_sending(Error::invalid_input(
                "that is another origin",
            )));
        }
        self.client.check_exposure(false).map_err(SendFailure::before_sending)?;
        let started = Instant::now();
        let sent = self.client.shared.transport.send(request, Some(limit));
        let outcome = match tokio::time::timeout(PATIENCE, sent).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendFailure::after_sending(Error::new(
                ErrorKind::Timeout,
                format!("no whole answer within {} s", PATIENCE.as_secs()),
            ))),
        };
        let (path, elapsed) = (request.url.path(), started.elapsed());
        match &outcome {
            Ok(answer) => {
                tracing::debug!(
                    path,
                    status = answer.status,
                    bytes = answer.body.len(),
                    ?elapsed,
                    "answered"
                );
                if let (Some(signer), Some(date)) = (&self.client.shared.signer, answer.date) {
                    signer.clock.learn_date(date, answer.heard);
                }
            }
            Err(failure) => tracing::debug!(path, kind = ?failure.error.kind(), ?elapsed, "no answer"),
        }
        outcome
    }
}

/// `rest.php` below a site URL.
pub(super) fn rest_url(site: &Url, version: ApiVersion) -> Result<Url, SendFailure> {
    below(
        site,
        match version {
            ApiVersion::V4_1 => "service/v4_1/rest.php",
            ApiVersion::V4 => "service/v4/rest.php",
        },
    )
}

fn below(site: &Url, path: &str) -> Result<Url, SendFailure> {
    let cannot = |_| SendFailure::before_sending(Error::invalid_input("that is no URL to ask"));
    site.join(path).map_err(cannot)
}
