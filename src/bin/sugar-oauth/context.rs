//! What every command has: the options of all commands, the outputs, Ctrl-C, and the login that is meant.

use std::time::Duration;

use sugar_oauth::profile::{Credentials, Profile, Profiles};
use sugar_oauth::{AccessToken, Client, ClientBuilder, Instance, Session, Transport, printable};

use crate::arguments::Global;
use crate::failure::Failure;
use crate::input::variable;
use crate::output::Output;
use crate::terminal::Interrupt;

/// How long the goodbye to a server may take.
const GOODBYE: Duration = Duration::from_secs(5);

pub struct Context {
    pub global: Global,
    pub output: Output,
    pub interrupt: Interrupt,
}

#[allow(dead_code, reason = "each command uses a part of this")]
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
        let mut transport = Transport::builder();
        if let Some(path) = &self.global.ca_certificate {
            let pem = std::fs::read(path).map_err(|error| {
                let shown = printable(&path.display().to_string());
                Failure::usage(format!("--ca-certificate: {shown} cannot be read: {}", error.kind()))
            })?;
            let added = transport.ca_certificate_pem(&pem);
            transport = added.map_err(|error| Failure::input("--ca-certificate", &error))?;
        }
        Ok(Client::builder(instance)
            .transport(&transport.build())
            .allow_http(self.global.allows_http()))
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
