//! A running sandbox.

use super::builder::SandboxBuilder;
use super::clock::Clock;
use super::flavour::Flavour;
use super::http;
use super::received::ReceivedRequest;
use super::rest::USER_ID;
use super::server::Server;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// A running practice instance. Dropping it stops it.
///
/// ```
/// use sugar_oauth::sandbox::Sandbox;
/// use sugar_oauth::{Callback, Client, Consumer, Instance, Verifier};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?;
/// let client = Client::new(Instance::parse(sandbox.url())?, consumer);
/// let request_token = client.request_token(Callback::OutOfBand).await?;
/// let verifier = sandbox.approve(request_token.token())?; // as a person in the browser would
/// let access_token = client.access_token(&request_token, &Verifier::new(verifier)).await?;
/// let session = client.oauth_access(&access_token).await?;
///
/// // The session dies; the client opens another by itself.
/// sandbox.expire_sessions();
/// session.get_user_id().await?;
/// // Without the access token it cannot.
/// sandbox.revoke_access_token(access_token.token());
/// sandbox.expire_sessions();
/// assert!(session.get_user_id().await.is_err());
/// println!("{} requests", sandbox.requests().len());
/// sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    server: Arc<Server>,
    /// Absent only while it is being stopped.
    runtime: Option<Runtime>,
    accepting: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a SuiteCRM 7 on 127.0.0.1, at a free port and with random credentials.
    ///
    /// # Errors
    /// If the system gives no socket or thread.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets one up.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    pub(crate) fn run(runtime: Runtime, listener: TcpListener, server: Arc<Server>) -> Self {
        let shared = server.clone();
        let accepting = runtime.spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, peer)) => {
                        tokio::spawn(http::serve(stream, peer, shared.clone()));
                    }
                    // Out of file handles: some may be free again soon.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        });
        Self {
            server,
            runtime: Some(runtime),
            accepting: Some(accepting),
        }
    }

    /// Stops it and waits until its port is free.
    pub async fn stop(mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            let _ = accepting.await;
        }
    }

    /// The site URL, to be given to the client: for example `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.server.config.url
    }

    /// The site URL that calls must be signed for, if it is not [`Sandbox::url`].
    pub fn signing_url(&self) -> Option<&str> {
        self.server.config.seen_as.as_deref()
    }

    /// The `site_url` of its configuration.
    pub fn site_url(&self) -> &str {
        &self.server.config.site_url
    }

    /// Which kind of instance it plays.
    pub fn flavour(&self) -> Flavour {
        self.server.config.flavour
    }

    /// The consumer key.
    pub fn consumer_key(&self) -> &str {
        self.server.config.consumers.first().map_or("", |(key, _)| key)
    }

    /// The consumer secret.
    pub fn consumer_secret(&self) -> &str {
        self.server.config.consumers.first().map_or("", |(_, secret)| secret)
    }

    /// The name of its user.
    pub fn user_name(&self) -> &str {
        &self.server.config.user_name
    }

    /// The password of its user.
    pub fn password(&self) -> &str {
        &self.server.config.password
    }

    /// Authorizes a request token, as a person at the authorize page would, and gives the verifier.
    ///
    /// # Errors
    /// If there is no such request token, or no longer.
    pub fn approve(&self, request_token: &str) -> Result<String, String> {
        let now = self.server.clock.unix_time();
        let authorized = self.server.data().tokens.authorize(request_token, USER_ID, now);
        authorized
            .and_then(|token| token.verifier)
            .ok_or_else(|| "there is no such request token".to_owned())
    }

    /// The server's clock.
    pub fn clock(&self) -> &Clock {
        &self.server.clock
    }

    /// Ends every session, as if none had been used for too long.
    pub fn expire_sessions(&self) {
        self.server.data().sessions.clear();
    }

    /// Ends every login by OAuth 2, as an administrator can: access tokens, refresh tokens and download tokens.
    ///
    /// ```no_run
    /// # use sugar_oauth::sandbox::Sandbox;
    /// # async fn end(sandbox: Sandbox, session: sugar_oauth::oauth2::Session) {
    /// sandbox.end_logins();
    /// assert!(session.me().await.is_err());
    /// # }
    /// ```
    pub fn end_logins(&self) {
        self.server.data().logins.clear();
    }

    /// Revokes an access token (or a request token); false if there is no such token.
    pub fn revoke_access_token(&self, token: &str) -> bool {
        self.server.data().tokens.revoke(token)
    }

    /// Forgets nonces and timestamps, so that an earlier timestamp is accepted again.
    ///
    /// ```no_run
    /// # use sugar_oauth::sandbox::Sandbox;
    /// # fn unblock(sandbox: Sandbox) {
    /// // A key that a timestamp from the future had blocked works again.
    /// sandbox.forget_nonces();
    /// assert!(sandbox.state().newest_timestamps.is_empty());
    /// # }
    /// ```
    pub fn forget_nonces(&self) {
        self.server.data().nonces.clear();
    }

    /// The address that requests seem to come from, from now on; 127.0.0.1 at first.
    ///
    /// ```no_run
    /// # fn move_away(sandbox: sugar_oauth::sandbox::Sandbox) {
    /// // Sessions are bound to the address they were opened from.
    /// sandbox.set_client_address([203, 0, 113, 7].into());
    /// # }
    /// ```
    pub fn set_client_address(&self, address: Ipv4Addr) {
        self.server.data().client_address = address;
    }

    /// Takes the file of a note or document revision away and leaves its record, as backups and moves
    /// of instances do; false if there was no file.
    ///
    /// ```no_run
    /// # fn lose(sandbox: sugar_oauth::sandbox::Sandbox, note_id: &str) {
    /// assert!(sandbox.lose_file(note_id));
    /// assert!(sandbox.stored_file(note_id).is_none());
    /// # }
    /// ```
    pub fn lose_file(&self, id: &str) -> bool {
        self.server.data().uploads.remove(id)
    }

    /// The requests received so far, oldest first; of more than 50,000 only the newest.
    ///
    /// ```no_run
    /// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
    /// sandbox.clear_requests();
    /// // … what is to be seen …
    /// let writes = sandbox.requests().iter().filter(|request| request.rest_method().as_deref() == Some("set_entry")).count();
    /// assert_eq!(writes, 1);
    /// # }
    /// ```
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.server.requests().iter().cloned().collect()
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.server.requests().clear();
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for its threads would block the caller's runtime.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("url", &self.url())
            .field("flavour", &self.flavour())
            .finish_non_exhaustive()
    }
}
