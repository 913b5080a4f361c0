//! What every command has: the options of all commands, the outputs, Ctrl-C, and the login that is meant.

use std::time::Duration;

use sugar_oauth::oauth2::{self, ClientSecret};
use sugar_oauth::profile::{Api, Credentials, Profile, Profiles};
use sugar_oauth::{AccessToken, Client, ClientBuilder, Instance, Session, Transport, printable};

use crate::environment::variable;
use crate::failure::Failure;
use crate::global::Global;
use crate::output::Output;
use crate::terminal::{Interrupt, reason};

/// How long the goodbye to a server may take.
const GOODBYE: Duration = Duration::from_secs(5);

pub struct Context {
    /// The command line as clap knows it.
    pub program: fn() -> clap::Command,
    pub global: Global,
    pub output: Output,
    pub interrupt: Interrupt,
}

impl Context {
    /// The user's profiles.
    pub fn profiles(&self) -> Result<Profiles, Failure> {
        Ok(Profiles::of_this_user()?)
    }

    /// The profile that is meant: `--profile`, `SUGAR_PROFILE`, the default one, the only one.
    ///
    /// # Errors
    /// When there is none (status 3), or `SUGAR_URL` names another site than the profile's (status 2).
    pub fn profile(&self) -> Result<Profile, Failure> {
        let profile = self.profiles()?.choose(self.global.profile.as_deref())?;
        if let Some(url) = variable("SUGAR_URL")? {
            profile
                .check_url(&url)
                .map_err(|error| Failure::input("SUGAR_URL", &error))?;
        }
        Ok(profile)
    }

    /// A profile's credentials. A keyring may ask the person to unlock it, so this can be interrupted.
    pub async fn credentials(&self, profile: &Profile) -> Result<Credentials, Failure> {
        let (profiles, profile) = (self.profiles()?, profile.clone());
        self.blocking(move || profiles.credentials(&profile)).await
    }

    /// Work that blocks, on a thread of its own, given up on Ctrl-C.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> sugar_oauth::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        match self.interrupt.or(tokio::task::spawn_blocking(work)).await? {
            Ok(result) => Ok(result?),
            Err(_) => Err(Failure::failed("a thread of this program has died")),
        }
    }

    /// A client's settings, as the options of all commands have them.
    pub fn client_builder(&self, instance: Instance) -> Result<ClientBuilder, Failure> {
        Ok(Client::builder(instance)
            .transport(&self.transport()?)
            .allow_http(self.global.allows_http()))
    }

    fn transport(&self) -> Result<Transport, Failure> {
        let mut transport = Transport::builder();
        if let Some(path) = &self.global.ca_certificate {
            let pem = std::fs::read(path).map_err(|error| {
                let shown = printable(&path.display().to_string());
                Failure::usage(format!("--ca-certificate: {shown} cannot be read: {}", reason(&error)))
            })?;
            let added = transport.ca_certificate_pem(&pem);
            transport = added.map_err(|error| Failure::input("--ca-certificate", &error))?;
        }
        Ok(transport.build())
    }

    /// The client and the access token of the profile that is meant, for calls that are signed.
    pub async fn client(&self) -> Result<(Client, AccessToken), Failure> {
        self.client_of(&self.profile()?).await
    }

    /// The client and the access token of a profile.
    pub async fn client_of(&self, profile: &Profile) -> Result<(Client, AccessToken), Failure> {
        match self.credentials(profile).await? {
            Credentials::OAuth1 { consumer, access_token } => {
                let builder = self.client_builder(profile.instance().clone())?;
                Ok((builder.consumer(consumer).build(), access_token))
            }
            _ => Err(Failure::usage(format!(
                "the profile {} is for the API {}, which does not know this command",
                profile.name(),
                profile.api().name()
            ))
            .hint("give a profile that was logged in with --api v4_1")),
        }
    }

    /// Settings of a client for REST v10 and v11, as the options of all commands have them.
    pub fn rest_client_builder(
        &self,
        instance: Instance,
        api: &Api,
        client_id: &str,
        client_secret: Option<ClientSecret>,
    ) -> Result<oauth2::ClientBuilder, Failure> {
        let Api::Rest { version, platform } = api else {
            return Err(Failure::usage("this profile is for the API v4_1"));
        };
        let builder = oauth2::Client::builder(instance, platform.clone())
            .api_version(version.as_str())?
            .client_id(client_id, client_secret)?;
        Ok(builder
            .transport(&self.transport()?)
            .allow_http(self.global.allows_http()))
    }

    /// A session of a profile for REST v10 and v11. Tokens that it renews are kept.
    pub async fn rest_session_of(&self, profile: &Profile) -> Result<oauth2::Session, Failure> {
        let Credentials::OAuth2 { client_secret, tokens } = self.credentials(profile).await? else {
            return Err(Failure::usage(format!(
                "the profile {} is for the API v4_1",
                profile.name()
            )));
        };
        let (site, id) = (profile.instance().clone(), profile.consumer_key());
        let builder = self.rest_client_builder(site, profile.api(), id, client_secret.clone())?;
        let session = builder.build().session(tokens)?;
        self.profiles()?.keep_renewed(profile, client_secret, &session);
        Ok(session)
    }

    /// Ends a login by OAuth 2 on the server.
    pub async fn end(&self, session: &oauth2::Session) -> bool {
        matches!(tokio::time::timeout(GOODBYE, session.logout()).await, Ok(Ok(())))
    }

    /// Opens a session of the profile that is meant, works with it, and logs it out, whatever comes.
    pub async fn with_session<T>(&self, work: impl AsyncFnOnce(Session) -> Result<T, Failure>) -> Result<T, Failure> {
        let (client, access_token) = self.client().await?;
        self.with_session_of(&client, &access_token, work).await
    }

    /// The same for a client and an access token.
    pub async fn with_session_of<T>(
        &self,
        client: &Client,
        access_token: &AccessToken,
        work: impl AsyncFnOnce(Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let session = match self.interrupt.or_after(client.oauth_access(access_token)).await {
            Ok(session) => session?,
            Err((interrupted, late)) => {
                if let Some(Ok(session)) = late {
                    goodbye(&session).await;
                }
                return Err(interrupted.into());
            }
        };
        let done = self.interrupt.or(work(session.clone())).await;
        let closed = goodbye(&session).await;
        match done {
            Ok(done) => done,
            Err(interrupted) if closed => Err(Failure::from(interrupted).and("the session was logged out")),
            Err(interrupted) => Err(Failure::from(interrupted).and("the session could not be logged out")),
        }
    }
}

/// Closes a session. One that stays open ends by itself.
async fn goodbye(session: &Session) -> bool {
    matches!(tokio::time::timeout(GOODBYE, session.logout()).await, Ok(Ok(())))
}
