//! The HTTP clients, made when first needed, and their settings.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use http_body_util::StreamBody;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Certificate, Identity, Method, Proxy, redirect};
use zeroize::Zeroizing;

use super::turns::Turns;
use super::{Answer, Content, Credential, Incoming, Outgoing, SendFailure, Verb};
use crate::error::{Error, ErrorKind, Result};
use crate::instance::is_loopback;

const OAUTH_TOKEN: HeaderName = HeaderName::from_static("oauth-token");

/// Connections to instances. Cheap to clone; one can serve thousands of clients.
///
/// It belongs to the Tokio runtime in which it was first used: its connections are driven there.
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

#[derive(Clone)]
struct Settings {
    connect_timeout: Duration,
    read_timeout: Duration,
    total_timeout: Duration,
    answer_limit: usize,
    file_limit: u64,
    logins_at_once: usize,
    proxy: Option<Proxy>,
    no_proxy: bool,
    ca_certificates: Vec<Certificate>,
    identity: Option<Identity>,
    accept_invalid_certificates: bool,
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
        TransportBuilder {
            settings: Settings {
                connect_timeout: Duration::from_secs(10),
                read_timeout: Duration::from_secs(60),
                total_timeout: Duration::from_secs(15 * 60),
                answer_limit: 128 * 1024 * 1024,
                file_limit: 4 * 1024 * 1024 * 1024,
                logins_at_once: 8,
                proxy: None,
                no_proxy: false,
                ca_certificates: Vec::new(),
                identity: None,
                accept_invalid_certificates: false,
            },
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
        let mut builder = client.request(verb, request.url.clone());
        builder = match &request.content {
            Content::Nothing => builder,
            Content::Form(form) => builder
                .header(
                    CONTENT_TYPE,
                    HeaderValue::from_static("application/x-www-form-urlencoded"),
                )
                .body((*form).to_owned()),
            Content::Json(json) => builder
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body((*json).to_owned()),
            Content::Pieces(pieces) => builder
                .header(CONTENT_TYPE, pieces.content_type())
                // Known beforehand, so that the body is not sent in chunks, which some web servers do not take.
                .header(CONTENT_LENGTH, pieces.length())
                .body(reqwest::Body::wrap(StreamBody::new(
                    pieces.open().map_ok(hyper::body::Frame::data),
                ))),
        };
        if let Some(credential) = request.credential {
            let (name, value) = match credential {
                Credential::Authorization(value) => (AUTHORIZATION, value),
                Credential::OAuthToken(value) => (OAUTH_TOKEN, value),
            };
            let mut value = HeaderValue::from_str(value).map_err(|_| {
                SendFailure::before_sending(Error::invalid_input(format!(
                    "the header {name} would hold control characters"
                )))
            })?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        let response = builder.send().await.map_err(|error| {
            SendFailure::while_sending(&error.without_url(), request.url, self.is_proxied(request.url))
        })?;
        Ok(Incoming::new(response))
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

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Settings {
    fn client(&self, secure: bool, direct: bool) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("sugar-oauth/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.read_timeout)
            .timeout(self.total_timeout);
        if direct {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Someone else may install one between the question and this line; theirs is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        if secure {
            builder = builder
                .tls_certs_merge(self.ca_certificates.iter().cloned())
                .tls_danger_accept_invalid_certs(self.accept_invalid_certificates);
            if let Some(identity) = &self.identity {
                builder = builder.identity(identity.clone());
            }
        } else {
            builder = builder.tls_certs_only([]);
        }
        builder.build().map_err(|_| self.cannot_build(secure))
    }

    fn cannot_build(&self, secure: bool) -> Error {
        if secure && self.ca_certificates.is_empty() && self.identity.is_none() {
            return Error::new(
                ErrorKind::NoCaCertificates,
                "this machine has no CA certificates to check https with",
            )
            .hint("install the package ca-certificates")
            .hint("or give the server's CA with TransportBuilder::ca_certificate_pem");
        }
        Error::invalid_input("the certificates, the identity or the proxy of the transport cannot be used")
    }
}

/// Settings of a [`Transport`].
///
/// ```
/// use std::time::Duration;
/// use sugar_oauth::Transport;
///
/// // A slow instance with large files, behind a proxy.
/// let transport = Transport::builder()
///     .connect_timeout(Duration::from_secs(30))
///     .read_timeout(Duration::from_secs(300))
///     .total_timeout(Duration::from_secs(3600))
///     .answer_limit(512 * 1024 * 1024)
///     .file_limit(16 * 1024 * 1024 * 1024)
///     .proxy("http://proxy.example.com:3128")?
///     .build();
///
/// // An instance on this network, whatever the environment says of proxies.
/// let direct = Transport::builder().no_proxy().build();
/// # let _ = (transport, direct);
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[must_use = "settings do nothing until they are built"]
#[derive(Clone)]
pub struct TransportBuilder {
    settings: Settings,
}

impl TransportBuilder {
    /// How long a connection may take to open. Default: 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long the server may be silent, before the answer and within it. Default: 60 s.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.settings.read_timeout = timeout;
        self
    }

    /// How long one request may take in all. Default: 15 min.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.settings.total_timeout = timeout;
        self
    }

    /// The most bytes that an answer may have, counted after decompression. Default: 128 MiB.
    ///
    /// Answers of the walk itself have a limit of their own, 64 KiB.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.settings.answer_limit = bytes;
        self
    }

    /// The most bytes that a file may have which is received straight to disk
    /// ([`oauth2::Session::download`](crate::oauth2::Session::download)), counted after decompression. Default: 4 GiB.
    pub fn file_limit(mut self, bytes: u64) -> Self {
        self.settings.file_limit = bytes;
        self
    }

    /// How many may log in at one server at the same time: open or renew a session, or ask for tokens of OAuth 2. Others
    /// wait, in the order in which they came. At least 1. Default: 8.
    ///
    /// A server that restarts ends all sessions; a thousand renewals in the same second would keep it down. Whoever waits
    /// while as many in a row get no answer at all gets their error instead of a turn.
    ///
    /// ```
    /// // One server, five PHP workers, other users.
    /// let transport = sugar_oauth::Transport::builder().logins_at_once(3).build();
    /// ```
    pub fn logins_at_once(mut self, count: usize) -> Self {
        self.settings.logins_at_once = count;
        self
    }

    /// Sends all requests through this proxy, those to this machine included; otherwise the environment decides
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), and never for this machine.
    ///
    /// # Errors
    /// When the text is no URL of a proxy. The text, which may hold a password, is not repeated.
    pub fn proxy(mut self, url: &str) -> Result<Self> {
        let proxy = Proxy::all(url).map_err(|_| {
            Error::invalid_input("that is not the URL of a proxy").hint("give it as http://proxy.example.com:3128")
        })?;
        self.settings.proxy = Some(proxy);
        Ok(self)
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.settings.no_proxy = true;
        self.settings.proxy = None;
        self
    }

    /// Trusts a certificate authority besides the system's: one or more certificates in PEM.
    ///
    /// ```no_run
    /// # async fn example() -> sugar_oauth::Result<()> {
    /// use sugar_oauth::Transport;
    ///
    /// let pem = std::fs::read("/etc/ssl/our-own-ca.pem").expect("the CA's certificate");
    /// let transport = Transport::builder().ca_certificate_pem(&pem)?.build();
    /// # let _ = transport;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub fn ca_certificate_pem(mut self, pem: &[u8]) -> Result<Self> {
        let certificates = Certificate::from_pem_bundle(pem).unwrap_or_default();
        if certificates.is_empty() {
            return Err(Error::invalid_input("that is not a certificate in PEM")
                .hint("give a file that holds -----BEGIN CERTIFICATE-----"));
        }
        self.settings.ca_certificates.extend(certificates);
        Ok(self)
    }

    /// Shows a client certificate to servers that ask for one: certificate and private key in one PEM text.
    ///
    /// ```no_run
    /// # async fn example() -> sugar_oauth::Result<()> {
    /// use sugar_oauth::Transport;
    ///
    /// let pem = std::fs::read("client.pem").expect("certificate and key");
    /// let transport = Transport::builder().client_identity_pem(&pem)?.build();
    /// # let _ = transport;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When certificate or key is missing or cannot be read. The text is not repeated.
    pub fn client_identity_pem(mut self, pem: &[u8]) -> Result<Self> {
        let pem = Zeroizing::new(pem.to_vec());
        let identity = Identity::from_pem(&pem).map_err(|_| {
            Error::invalid_input("that is not a certificate with its private key in PEM")
                .hint("put the certificate chain and the unencrypted key into one text")
        })?;
        self.settings.identity = Some(identity);
        Ok(self)
    }

    /// Accepts ANY certificate, of anyone. Whoever is on the way can then read and change everything: tokens,
    /// session, password, data. For a test instance whose certificate cannot be had; otherwise use
    /// [`ca_certificate_pem`](Self::ca_certificate_pem).
    ///
    /// ```
    /// use sugar_oauth::Transport;
    ///
    /// // A throw-away instance with a certificate of its own making.
    /// let transport = Transport::builder().danger_accept_invalid_certificates().build();
    /// # let _ = transport;
    /// ```
    pub fn danger_accept_invalid_certificates(mut self) -> Self {
        self.settings.accept_invalid_certificates = true;
        self
    }

    /// Makes the transport. Connections and TLS come with the first call.
    pub fn build(self) -> Transport {
        Transport {
            shared: Arc::new(Shared {
                logins: Turns::new(self.settings.logins_at_once),
                settings: self.settings,
                clients: Default::default(),
            }),
        }
    }
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TransportBuilder").finish_non_exhaustive()
    }
}
