//! The settings of a transport, and the HTTP clients that are made by them.

use std::fmt;
use std::time::Duration;

use reqwest::{Certificate, Identity, Proxy, redirect};
use zeroize::Zeroizing;

use super::Transport;
use crate::error::{Error, ErrorKind, Result};

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) total_timeout: Duration,
    pub(super) answer_limit: usize,
    pub(super) file_limit: u64,
    pub(super) logins_at_once: usize,
    pub(super) proxy: Option<Proxy>,
    pub(super) no_proxy: bool,
    pub(super) ca_certificates: Vec<Certificate>,
    pub(super) identity: Option<Identity>,
    pub(super) accept_invalid_certificates: bool,
}

impl Settings {
    pub(super) fn client(&self, secure: bool, direct: bool) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("sugar-oauth/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            // Servers close one sooner as a rule; what a burst of calls has opened is not to stay for minutes.
            .pool_idle_timeout(Duration::from_secs(15))
            // The other limits are kept by `Patience`.
            .connect_timeout(self.connect_timeout);
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
    pub(super) fn new() -> Self {
        Self {
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
        Transport::with(self.settings)
    }
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TransportBuilder").finish_non_exhaustive()
    }
}
