//! The client: an instance, a platform, a client id, and settings.

use std::fmt;
use std::sync::Arc;

use super::{ClientSecret, Platform, RestVersion};
use crate::error::{Error, Result};
use crate::instance::Instance;
use crate::transport::{Exposed, Exposure, Transport};

/// The client id that every instance knows: the server makes its OAuth key at the first login.
const SUGAR: &str = "sugar";

/// What logs in to REST v10 and v11. Cheap to clone.
///
/// ```
/// use sugar_oauth::Instance;
/// use sugar_oauth::oauth2::{Client, Platform};
///
/// # fn main() -> sugar_oauth::Result<()> {
/// let crm = Instance::parse("https://crm.example.com")?;
/// let client = Client::builder(crm, Platform::new("data_migration")?).build();
/// assert_eq!(client.client_id(), "sugar");
/// assert_eq!(client.api_version().as_str(), "v11");
/// assert_eq!(client.platform().name(), "data_migration");
/// assert_eq!(client.instance().site_url().as_str(), "https://crm.example.com/");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<ClientBuilder>,
}

/// Settings of a [`Client`].
///
/// ```
/// use sugar_oauth::oauth2::{Client, ClientSecret, Platform};
/// use sugar_oauth::{Instance, Transport};
///
/// # fn main() -> sugar_oauth::Result<()> {
/// // An OAuth key of the integration's own, and connections that other clients use too.
/// let transport = Transport::new();
/// let crm = Instance::parse("https://crm.example.com")?;
/// let client = Client::builder(crm, Platform::new("data_migration")?)
///     .api_version("v11_20")?
///     .client_id("migration", Some(ClientSecret::new("the key's secret")))?
///     .transport(&transport)
///     .build();
/// assert_eq!(client.api_version().as_str(), "v11_20");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is made before `build`"]
pub struct ClientBuilder {
    instance: Instance,
    platform: Platform,
    version: RestVersion,
    client_id: String,
    client_secret: Option<ClientSecret>,
    omit_client_secret: bool,
    transport: Transport,
    exposure: Exposure,
}

const EXPOSED: Exposed = Exposed {
    everything: "access token, refresh token, client secret and all data",
    instead_of_password: "use https://, or come back with tokens that were kept: oauth2::Client::session",
};

impl Client {
    /// Settings to change before building. The platform is your choice to make: see [`Platform`].
    pub fn builder(instance: Instance, platform: Platform) -> ClientBuilder {
        ClientBuilder {
            instance,
            platform,
            version: RestVersion::default(),
            client_id: SUGAR.to_owned(),
            client_secret: None,
            omit_client_secret: false,
            transport: Transport::new(),
            exposure: Exposure::default(),
        }
    }

    /// The instance.
    pub fn instance(&self) -> &Instance {
        &self.shared.instance
    }

    /// The platform.
    pub fn platform(&self) -> &Platform {
        &self.shared.platform
    }

    /// The version of the API that is asked.
    pub fn api_version(&self) -> &RestVersion {
        &self.shared.version
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.shared.client_id
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.shared.transport
    }

    /// `client_secret` as it is sent: empty without a secret, `None` where it is left out.
    pub(super) fn client_secret(&self) -> Option<&str> {
        match &self.shared.client_secret {
            Some(secret) => Some(secret.expose()),
            None if self.shared.omit_client_secret => None,
            None => Some(""),
        }
    }

    pub(super) fn check_exposure(&self, with_password: bool) -> Result<()> {
        let settings = &*self.shared;
        settings
            .exposure
            .check(&settings.instance, &settings.transport, &EXPOSED, with_password)
    }
}

impl ClientBuilder {
    /// Asks this version: `v10`, `v11` or `v11_N`. Default: `v11`.
    ///
    /// # Errors
    /// As [`RestVersion::new`].
    pub fn api_version(mut self, version: &str) -> Result<Self> {
        self.version = RestVersion::new(version)?;
        Ok(self)
    }

    /// The OAuth key of your own (Admin > OAuth Keys), with its secret if it has one. Default: `sugar`, which every
    /// instance knows and which has none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the id is empty, longer than 255 bytes or holds
    /// control characters or white space at its ends.
    pub fn client_id(mut self, id: impl Into<String>, secret: Option<ClientSecret>) -> Result<Self> {
        let id = id.into();
        if id.is_empty() || id.len() > 255 || id.trim() != id || id.chars().any(char::is_control) {
            return Err(Error::invalid_input(
                "the client id is empty or too long, or holds what a careless paste leaves",
            )
            .hint("copy the consumer key again from Admin > OAuth Keys of the instance"));
        }
        self.client_id = id;
        self.client_secret = secret;
        Ok(self)
    }

    /// Leaves `client_secret` out where there is none. Default: it is sent empty, as in the vendor's documents.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    /// use sugar_oauth::oauth2::{Client, Platform};
    ///
    /// # fn main() -> sugar_oauth::Result<()> {
    /// let crm = Instance::parse("https://crm.example.com")?;
    /// let client = Client::builder(crm, Platform::new("data_migration")?)
    ///     .client_id("a-public-client", None)?
    ///     .omit_client_secret(true)
    ///     .build();
    /// # Ok(())
    /// # }
    /// ```
    pub fn omit_client_secret(mut self, yes: bool) -> Self {
        self.omit_client_secret = yes;
        self
    }

    /// Connections shared with other clients. Default: the client's own.
    pub fn transport(mut self, transport: &Transport) -> Self {
        self.transport = transport.clone();
        self
    }

    /// Says yes to plain `http://` to another machine. Default: no.
    ///
    /// Whoever is on the way then reads the tokens, with which they act as the user, the client secret and all data, and
    /// can forge answers: nothing is signed.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    /// use sugar_oauth::oauth2::{Client, Platform};
    ///
    /// # fn main() -> sugar_oauth::Result<()> {
    /// // A machine in the same closed network.
    /// let crm = Instance::parse("http://10.0.0.5/crm")?;
    /// let client = Client::builder(crm, Platform::new("data_migration")?).allow_http(true).build();
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_http(mut self, yes: bool) -> Self {
        self.exposure.allow_http = yes;
        self
    }

    /// Says yes to sending the password over plain `http://` to another machine, which [`allow_http`](Self::allow_http)
    /// alone does not. Default: no.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    /// use sugar_oauth::oauth2::{Client, Platform};
    ///
    /// # fn main() -> sugar_oauth::Result<()> {
    /// let crm = Instance::parse("http://10.0.0.5/crm")?;
    /// let client = Client::builder(crm, Platform::new("data_migration")?)
    ///     .allow_http(true)
    ///     .allow_password_over_http(true)
    ///     .build();
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_password_over_http(mut self, yes: bool) -> Self {
        self.exposure.allow_password_over_http = yes;
        self
    }

    /// Makes the client. Nothing is sent yet.
    pub fn build(self) -> Client {
        Client { shared: Arc::new(self) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.describe("Client", formatter)
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("ClientBuilder", formatter)
    }
}

impl ClientBuilder {
    fn describe(&self, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct(name)
            .field("site", &self.instance.site_url().as_str())
            .field("version", &self.version.as_str())
            .field("platform", &self.platform.name())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
