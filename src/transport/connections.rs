//! Connections, made when first needed, and what is sent over them.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};

use futures_util::TryStreamExt as _;
use http_body_util::StreamBody;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};

use super::builder::{Settings, TransportBuilder};
use super::patience::Patience;
use super::turns::Turns;
use super::{Answer, Content, Credential, Incoming, Outgoing, SendFailure, Verb};
use crate::error::{Error, Result};
use crate::instance::is_loopback;

const OAUTH_TOKEN: HeaderName = HeaderName::from_static("oauth-token");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Connections to instances. Cheap to clone; one can serve thousands of clients.
///
/// It belongs to the Tokio runtime in which it was first used: its connections are driven there. Where the process has no
/// default provider of cryptography for rustls yet, the first call installs `ring`.
///
/// ```
/// use sugar_oauth::{Client, Consumer, Instance, Transport};
///
/// // A thousand users of one application: one pool of connections.
/// let transport = Transport::new();
/// let crm = Instance::parse("https://crm.example.com")?;
/// for key in ["KEY1", "KEY2"] {
///     let client = Client::builder(crm.clone()).consumer(Consumer::new(key, "SECRET")?).transport(&transport).build();
/// #   let _ = client;
/// }
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    /// By scheme and by whether a proxy is heeded: the client for https is made at the first https call only, because
    /// it fails on a machine without CA certificates, where http to this machine still works.
    clients: [OnceLock<Result<reqwest::Client>>; 4],
    logins: Turns,
}

impl Default for Transport {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport {
    /// A transport with the default settings: those that [`TransportBuilder`]'s methods name.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings to change before building.
    pub fn builder() -> TransportBuilder {
        TransportBuilder::new()
    }

    pub(super) fn with(settings: Settings) -> Self {
        Self {
            shared: Arc::new(Shared {
                logins: Turns::new(settings.logins_at_once),
                settings,
                clients: Default::default(),
            }),
        }
    }

    /// Whether requests to a plain `http` URL would pass through a proxy that the caller set.
    pub(crate) fn has_explicit_proxy(&self) -> bool {
        self.shared.settings.proxy.is_some()
    }

    /// Sends a request and reads its answer, whatever its status, up to `limit` bytes or the general limit.
    pub(crate) async fn send(
        &self,
        request: &Outgoing<'_>,
        limit: Option<usize>,
    ) -> std::result::Result<Answer, SendFailure> {
        let general = self.shared.settings.answer_limit;
        let incoming = self.open(request).await?;
        incoming.read(limit.map_or(general, |limit| limit.min(general))).await
    }

    /// Logs in at the server of this URL as soon as it has its turn there: see
    /// [`logins_at_once`](TransportBuilder::logins_at_once).
    ///
    /// # Errors
    /// Those of `log_in`, its own or one that others had just now.
    pub(crate) async fn in_turn<T>(&self, url: &url::Url, log_in: impl Future<Output = Result<T>>) -> Result<T> {
        let origin = url.origin().ascii_serialization();
        self.shared.logins.take(origin, log_in).await
    }

    /// The most bytes that a file may have.
    pub(crate) fn file_limit(&self) -> u64 {
        self.shared.settings.file_limit
    }

    /// Sends a request. The answer's body is still to come.
    pub(crate) async fn open(&self, request: &Outgoing<'_>) -> std::result::Result<Incoming, SendFailure> {
        let client = self.client(request).map_err(SendFailure::before_sending)?;
        let verb = match request.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
        };
        // Made in place: the library's own builder moves a request of some 300 bytes at each step.
        let mut sent = reqwest::Request::new(verb, request.url.clone());
        let headers = sent.headers_mut();
        let body = match &request.content {
            Content::Nothing => None,
            Content::Form(form) => {
                headers.insert(CONTENT_TYPE, FORM);
                Some(reqwest::Body::from((*form).to_owned()))
            }
            Content::Json(json) => {
                headers.insert(CONTENT_TYPE, JSON);
                Some(reqwest::Body::from((*json).to_owned()))
            }
            Content::Pieces(pieces) => {
                headers.insert(CONTENT_TYPE, header_value(&CONTENT_TYPE, pieces.content_type())?);
                // Known beforehand, so that the body is not sent in chunks, which some web servers do not take.
                headers.insert(CONTENT_LENGTH, HeaderValue::from(pieces.length()));
                let frames = pieces.open().map_ok(hyper::body::Frame::data);
                Some(reqwest::Body::wrap(StreamBody::new(frames)))
            }
        };
        if let Some(credential) = request.credential {
            let (name, value) = match credential {
                Credential::Authorization(value) => (AUTHORIZATION, value),
                Credential::OAuthToken(value) => (OAUTH_TOKEN, value),
            };
            let mut value = header_value(&name, value)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        *sent.body_mut() = body;
        let Settings {
            read_timeout,
            total_timeout,
            ..
        } = self.shared.settings;
        let mut patience = Patience::new(read_timeout, total_timeout);
        let proxied = || self.is_proxied(request.url);
        let response = patience.wait(client.execute(sent)).await;
        let response = response
            .map_err(|_| SendFailure::no_answer_in_time(request.url, proxied()))?
            .map_err(|error| SendFailure::while_sending(&error.without_url(), request.url, proxied()))?;
        Ok(Incoming::new(response, patience))
    }

    /// Whether no proxy is asked for this URL, whatever the environment says.
    fn is_direct(&self, url: &url::Url) -> bool {
        self.shared.settings.no_proxy || is_loopback(url) && self.shared.settings.proxy.is_none()
    }

    /// Whether a proxy stands between: one that the caller set, or one of the environment, which the HTTP library asks in
    /// the same way.
    pub(crate) fn is_proxied(&self, url: &url::Url) -> bool {
        let of_environment = || {
            let target = url.as_str().parse::<hyper::http::Uri>();
            target.is_ok_and(|target| Matcher::from_system().intercept(&target).is_some())
        };
        !self.is_direct(url) && (self.shared.settings.proxy.is_some() || of_environment())
    }

    fn client(&self, request: &Outgoing<'_>) -> Result<&reqwest::Client> {
        let secure = request.url.scheme() == "https";
        let direct = self.is_direct(request.url);
        let slot = &self.shared.clients[usize::from(secure) * 2 + usize::from(direct)];
        slot.get_or_init(|| self.shared.settings.client(secure, direct))
            .as_ref()
            .map_err(Clone::clone)
    }
}

fn header_value(name: &HeaderName, value: &str) -> std::result::Result<HeaderValue, SendFailure> {
    HeaderValue::from_str(value).map_err(|_| {
        SendFailure::before_sending(Error::invalid_input(format!(
            "the header {name} would hold control characters"
        )))
    })
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}
