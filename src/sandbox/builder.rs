//! How a sandbox is set up.

use super::clock::Clock;
use super::flavour::Flavour;
use super::handle::Sandbox;
use super::random::hex;
use super::rest::USER_ID;
use super::server::{Config, Server};
use super::v11::{Lifetimes, Settings};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};

/// The site URL that [`Flavour::StaleSiteUrl`] was configured with.
const STALE_SITE_URL: &str = "http://crm-before-the-move.example";

/// Accounts and contacts, unless other numbers are given.
const RECORDS: (usize, usize) = (60, 300);

/// Sets up a [`Sandbox`]. Made by [`Sandbox::builder`].
///
/// ```
/// use std::time::Duration;
///
/// use sugar_oauth::sandbox::{Flavour, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder()
///     .flavour(Flavour::Sugar11)
///     .user("migration", "a password")
///     .platform("data_migration")
///     .oauth2_key("migration", Some("the key's secret"))
///     .keep_dates_and_authors(true)
///     .token_lifetimes(Duration::from_secs(60), Duration::from_secs(600))
///     .start()
///     .await?;
/// assert_eq!((sandbox.flavour(), sandbox.user_name()), (Flavour::Sugar11, "migration"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing runs before `start`"]
pub struct SandboxBuilder {
    flavour: Flavour,
    port: u16,
    consumers: Vec<(String, String)>,
    user: Option<(String, String)>,
    owner_only_user: Option<(String, String)>,
    clock: Clock,
    access_tokens: Vec<(String, String)>,
    sessions: Vec<String>,
    site_url: Option<String>,
    seen_as: Option<String>,
    records: Option<(usize, usize)>,
    oauth2: Settings,
}

impl SandboxBuilder {
    /// Which kind of instance to play; [`Flavour::SuiteCrm7`] unless given.
    pub fn flavour(mut self, flavour: Flavour) -> Self {
        self.flavour = flavour;
        self
    }

    /// The port on 127.0.0.1; 0, the default, takes any free one.
    ///
    /// ```no_run
    /// # async fn start() -> std::io::Result<()> {
    /// use sugar_oauth::sandbox::Sandbox;
    ///
    /// // The same at every start.
    /// let sandbox = Sandbox::builder().port(8080).consumer("CUSTOMKEY", "CUSTOMSECRET").user("admin", "admin").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A consumer key and its secret; random unless given. Given more than once, all of them are
    /// known and [`Sandbox::consumer_key`] tells the first.
    pub fn consumer(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.consumers.push((key.into(), secret.into()));
        self
    }

    /// The login of the one user; `admin` and a random password unless given.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.user = Some((name.into(), password.into()));
        self
    }

    /// The login of a second user, who is no administrator and whose role shows only records assigned to that user:
    /// lists leave the others out, though `get_entries_count` counts them.
    ///
    /// ```no_run
    /// # async fn start() -> std::io::Result<()> {
    /// use sugar_oauth::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().owner_only_user("sally", "a password").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn owner_only_user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.owner_only_user = Some((name.into(), password.into()));
        self
    }

    /// An access token that is valid from the start, with its secret; of the first consumer.
    ///
    /// ```no_run
    /// # async fn walk_back() -> Result<(), Box<dyn std::error::Error>> {
    /// use sugar_oauth::sandbox::Sandbox;
    /// use sugar_oauth::{AccessToken, TokenSecret};
    ///
    /// // Without the walk.
    /// let sandbox = Sandbox::builder().access_token("bf1a2b3c4d5e", "5b05d09a0b7e").session("already-open").start().await?;
    /// let access_token = AccessToken::from_parts("bf1a2b3c4d5e", TokenSecret::new("5b05d09a0b7e"))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn access_token(mut self, token: impl Into<String>, secret: impl Into<String>) -> Self {
        self.access_tokens.push((token.into(), secret.into()));
        self
    }

    /// The id of a session that is open from the start.
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.sessions.push(id.into());
        self
    }

    /// How many seconds the server's clock is ahead of the machine's (negative: behind).
    pub fn clock_offset(self, seconds: i64) -> Self {
        self.clock.set_offset(seconds);
        self
    }

    /// The `site_url` of the instance's configuration: what `authorize_url` begins with, and where
    /// a 6.5 takes `oauth_request_token`. The sandbox's own URL unless given.
    ///
    /// ```no_run
    /// # async fn start() -> std::io::Result<()> {
    /// use sugar_oauth::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().site_url("http://crm-before-the-move.example").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn site_url(mut self, url: impl Into<String>) -> Self {
        self.site_url = Some(url.into());
        self
    }

    /// The site URL that the server sees in requests, as behind a proxy that changes `Host`,
    /// scheme or path. Signatures are checked against it, and [`Sandbox::signing_url`] tells it.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    /// use sugar_oauth::sandbox::Sandbox;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().seen_as("http://10.0.0.5/crm").start().await?;
    /// let mut instance = Instance::parse(sandbox.url())?;
    /// if let Some(url) = sandbox.signing_url() {
    ///     instance = instance.with_signing_url(url)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn seen_as(mut self, url: impl Into<String>) -> Self {
        self.seen_as = Some(url.into());
        self
    }

    /// So many generated accounts and contacts, deleted ones among them, though not fewer than those with odd ids; 60 and
    /// 300 unless given, and no records at all on [`Flavour::Sugar11`]. The same numbers give the same records.
    ///
    /// They are made by [`start`](Self::start): 200,000 contacts take it about two seconds in a release build, ten in a
    /// debug build.
    ///
    /// ```no_run
    /// # async fn many() -> std::io::Result<()> {
    /// use sugar_oauth::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().records(1_000, 20_000).clock_offset(-3_600).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn records(mut self, accounts: usize, contacts: usize) -> Self {
        self.records = Some((accounts, contacts));
        self
    }

    /// Registers a platform for OAuth 2, as an administrator does; `base`, `mobile` and `portal` are there.
    pub fn platform(mut self, name: impl Into<String>) -> Self {
        self.oauth2.platforms.push(name.into());
        self
    }

    /// The setting `disable_unknown_platform`: whether a login by OAuth 2 from a platform that is not registered is
    /// refused. On unless given.
    ///
    /// ```no_run
    /// # async fn start() -> std::io::Result<()> {
    /// use sugar_oauth::sandbox::{Flavour, Sandbox};
    ///
    /// let open = Sandbox::builder().flavour(Flavour::Sugar11).disable_unknown_platform(false).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn disable_unknown_platform(mut self, refuse: bool) -> Self {
        self.oauth2.any_platform = !refuse;
        self
    }

    /// Registers a client id for OAuth 2, beside the built-in `sugar`. With a secret, every request for a token has to
    /// name it.
    pub fn oauth2_key(mut self, client_id: impl Into<String>, secret: Option<&str>) -> Self {
        self.oauth2.keys.push((client_id.into(), secret.map(str::to_owned)));
        self
    }

    /// Whether the record API of v10 and v11 keeps `date_entered`, `date_modified`, `created_by` and
    /// `modified_user_id` where a request names them. Otherwise, as on an instance that nobody has set up for an
    /// import, it passes them over.
    pub fn keep_dates_and_authors(mut self, keep: bool) -> Self {
        self.oauth2.keeps_dates_and_authors = keep;
        self
    }

    /// How long access tokens and refresh tokens of OAuth 2 live, in whole seconds; 3,600 s and 1,209,600 s unless given.
    pub fn token_lifetimes(mut self, access: Duration, refresh: Duration) -> Self {
        self.oauth2.lifetimes = Lifetimes::of(access, refresh);
        self
    }

    /// Starts it, on a thread of its own: it answers also while the caller blocks.
    ///
    /// # Errors
    /// If the port is taken or the system gives no socket or thread.
    pub async fn start(self) -> io::Result<Sandbox> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox")
            .enable_all()
            .build()?;
        let entered = runtime.enter();
        let listening = self.listen();
        drop(entered);
        let (listener, address) = match listening {
            Ok(listening) => listening,
            Err(error) => {
                // Dropping it here would wait for its threads, which a runtime's task must not.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let config = self.config(&format!("http://{address}"));
        let server = Arc::new(Server::new(config, self.clock.clone()));
        self.implant(&server);
        Ok(Sandbox::run(runtime, listener, server))
    }

    /// As many connections may wait to be accepted as at Apache's default.
    fn listen(&self) -> io::Result<(TcpListener, SocketAddr)> {
        let socket = TcpSocket::new_v4()?;
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, self.port).into())?;
        let listener = socket.listen(511)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    fn implant(&self, server: &Server) {
        let now = server.clock.milliseconds();
        let mut data = server.data();
        let key = server.config.consumers.first().map_or("", |(key, _)| key);
        for (token, secret) in &self.access_tokens {
            data.tokens.implant_access(token, secret, key, USER_ID, now / 1000);
        }
        let address = data.client_address;
        for id in &self.sessions {
            data.sessions.implant(id, USER_ID, address, now);
        }
    }

    fn config(&self, origin: &str) -> Config {
        let url = format!("{origin}{}", self.flavour.site_path());
        let consumers = match self.consumers.is_empty() {
            true => vec![(hex(16), hex(32))],
            false => self.consumers.clone(),
        };
        let (user_name, password) = self.user.clone().unwrap_or_else(|| ("admin".to_owned(), hex(16)));
        let stale = || (self.flavour == Flavour::StaleSiteUrl).then(|| STALE_SITE_URL.to_owned());
        Config {
            flavour: self.flavour,
            consumers,
            user_name,
            password,
            owner_only_user: self.owner_only_user.clone(),
            site_url: self.site_url.clone().or_else(stale).unwrap_or_else(|| url.clone()),
            seen_as: self.seen_as.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
            url,
            records: self
                .records
                .or_else(|| (self.flavour != Flavour::Sugar11).then_some(RECORDS)),
            oauth2: self.oauth2.clone(),
        }
    }
}
