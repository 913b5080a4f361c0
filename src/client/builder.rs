//! A client's settings, each with what it risks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{Client, Shared, Signer};
use crate::clock::RequestClock;
use crate::consumer::Consumer;
use crate::error::{Error, Result};
use crate::instance::{ApiVersion, Instance};
use crate::signing::{Placement, SignedRequest, SigningKey};
use crate::transport::{Exposed, Exposure, Transport};

#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) exposure: Exposure,
    pub(crate) allow_unconfirmed_callback: bool,
    pub(crate) authorize_origins: Vec<String>,
    /// `None`: v4_1, and for the request token v4 when v4_1 refuses it.
    pub(crate) api_version: Option<ApiVersion>,
    pub(crate) placement: Placement,
    pub(crate) tolerated_clock_lead: Duration,
    pub(crate) observer: Option<Observer>,
}

/// Sees each signed request before it is sent.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&SignedRequest) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}

/// Settings of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use sugar_oauth::signing::Placement;
/// use sugar_oauth::{ApiVersion, Client, Consumer, Instance, Transport};
///
/// // One transport for the clients of all users.
/// let transport = Transport::new();
/// let client = Client::builder(Instance::parse("https://crm.example.com")?)
///     .consumer(Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?)
///     .transport(&transport)
///     .allow_authorize_origin("https://sso.example.com")?
///     .api_version(ApiVersion::V4_1)
///     .placement(Placement::Header)
///     .tolerated_clock_lead(Duration::from_secs(60))
///     .build();
/// # let _ = client;
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[must_use = "settings do nothing until they are built"]
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    instance: Instance,
    consumer: Option<Consumer>,
    transport: Option<Transport>,
    options: Options,
}

impl ClientBuilder {
    pub(super) fn new(instance: Instance) -> Self {
        Self {
            instance,
            consumer: None,
            transport: None,
            options: Options {
                exposure: Exposure::default(),
                allow_unconfirmed_callback: false,
                authorize_origins: Vec::new(),
                api_version: None,
                placement: Placement::Form,
                tolerated_clock_lead: Duration::from_secs(300),
                observer: None,
            },
        }
    }

    /// Who asks. Without one there are no signed calls: only [`Client::login`] and [`Client::session`].
    pub fn consumer(mut self, consumer: Consumer) -> Self {
        self.consumer = Some(consumer);
        self
    }

    /// Connections shared with other clients. Default: the client's own.
    pub fn transport(mut self, transport: &Transport) -> Self {
        self.transport = Some(transport.clone());
        self
    }

    /// Says yes to plain `http://` to another machine. Default: no.
    ///
    /// Whoever is on the way then reads the token secrets, the session id, the password typed at the login page and all
    /// data, and can forge answers: nothing but the request's parameters is signed.
    ///
    /// ```
    /// use sugar_oauth::{Client, Instance};
    ///
    /// // A test machine on a network of one's own.
    /// let client = Client::builder(Instance::parse("http://crm.test")?).allow_http(true).build();
    /// # let _ = client;
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn allow_http(mut self, yes: bool) -> Self {
        self.options.exposure.allow_http = yes;
        self
    }

    /// Says yes to sending a password over plain `http://` to another machine, which [`allow_http`](Self::allow_http)
    /// alone does not. Default: no.
    ///
    /// ```
    /// use sugar_oauth::{Client, Instance};
    ///
    /// let client = Client::builder(Instance::parse("http://crm.test")?)
    ///     .allow_http(true)
    ///     .allow_password_over_http(true)
    ///     .build();
    /// # let _ = client;
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn allow_password_over_http(mut self, yes: bool) -> Self {
        self.options.exposure.allow_password_over_http = yes;
        self
    }

    /// Goes on when the server does not confirm the callback (RFC 5849 section 2.1). Default: no.
    ///
    /// Such a server speaks the first OAuth 1.0, where a stranger can make someone authorize the stranger's token.
    ///
    /// ```
    /// use sugar_oauth::{Client, Consumer, Instance};
    ///
    /// let client = Client::builder(Instance::parse("https://old.example.com")?)
    ///     .consumer(Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?)
    ///     .allow_unconfirmed_callback(true)
    ///     .build();
    /// # let _ = client;
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn allow_unconfirmed_callback(mut self, yes: bool) -> Self {
        self.options.allow_unconfirmed_callback = yes;
        self
    }

    /// Accepts the server's `authorize_url` on this origin besides the instance's own. Default: none other.
    ///
    /// # Errors
    /// When the text is not an `http` or `https` URL.
    pub fn allow_authorize_origin(mut self, url: &str) -> Result<Self> {
        let origin = Url::parse(url)
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default();
        if !origin.starts_with("http://") && !origin.starts_with("https://") {
            return Err(Error::invalid_input("that is not the URL of a site").hint("give https://crm.example.com"));
        }
        self.options.authorize_origins.push(origin);
        Ok(self)
    }

    /// Uses this version of the API for everything. Default: v4_1, and v4 for the request token when v4_1 refuses it,
    /// as SugarCRM 6.5 does.
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.options.api_version = Some(version);
        self
    }

    /// Where signed calls put their parameters. Default: the form.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.options.placement = placement;
        self
    }

    /// How far the server's clock may be ahead of this machine's before signing is refused. Default: 5 min.
    ///
    /// The server takes any future timestamp and then refuses everyone with that consumer key until the time has come: a
    /// forged answer must not be able to do that for long.
    pub fn tolerated_clock_lead(mut self, lead: Duration) -> Self {
        self.options.tolerated_clock_lead = lead;
        self
    }

    /// Shows each signed request before it is sent, repeated ones too: for teaching, and for comparing base strings when a
    /// server refuses. Default: nobody looks.
    ///
    /// A request holds tokens, a verifier and record data: show it to the person who asks, keep it out of logs. The
    /// observer must not block.
    ///
    /// ```
    /// use sugar_oauth::{Client, Consumer, Instance};
    ///
    /// let client = Client::builder(Instance::parse("https://crm.example.com")?)
    ///     .consumer(Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?)
    ///     .observe_signed(|request| eprintln!("{}", request.base_string()))
    ///     .build();
    /// # let _ = client;
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn observe_signed(mut self, observer: impl Fn(&SignedRequest) + Send + Sync + 'static) -> Self {
        self.options.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// Makes the client. Nothing is sent yet.
    pub fn build(self) -> Client {
        let rest_url = self.instance.rest_url(ApiVersion::V4_1);
        let signer = self.consumer.map(|consumer| Signer {
            key: SigningKey::new(consumer.secret(), None),
            clock: RequestClock::shared(rest_url.as_str(), consumer.key()),
            consumer,
        });
        Client {
            shared: Arc::new(Shared {
                rest_url: self.instance.rest_url(self.options.api_version.unwrap_or_default()),
                instance: self.instance,
                signer,
                transport: self.transport.unwrap_or_default(),
                options: self.options,
            }),
        }
    }
}

impl Client {
    /// Whether the caller has said yes to all that this transport would expose.
    pub(crate) fn check_exposure(&self, with_password: bool) -> Result<()> {
        let Shared {
            instance,
            transport,
            options,
            ..
        } = &*self.shared;
        options.exposure.check(instance, transport, &EXPOSED, with_password)
    }
}

const EXPOSED: Exposed = Exposed {
    everything: "token secrets, session id, the password typed at the login page and all data",
    instead_of_password: "use https://, or walk the OAuth legs, which send no password of yours from here",
};
