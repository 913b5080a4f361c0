//! Tokens that change: kept where the profile's credentials lie, and renewed by one process at a time.

use std::sync::Arc;

use super::lock::Lock;
use super::store::Profiles;
use super::{Credentials, Profile};
use crate::error::{ErrorKind, Result};
use crate::oauth2::{self, ClientSecret, Keeper, Tokens, Turn};

impl Profiles {
    /// Keeps new credentials where those before lie, unless the profile was removed or logged in anew meanwhile. `false`
    /// says that nothing was kept.
    ///
    /// ```no_run
    /// # use sugar_oauth::profile::{Credentials, Profile, Profiles};
    /// # fn keep(profiles: &Profiles, profile: &Profile, new: &Credentials) -> sugar_oauth::Result<()> {
    /// if !profiles.renew(profile, new)? {
    ///     println!("{} has been logged out, or logged in anew", profile.name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn renew(&self, profile: &Profile, credentials: &Credentials) -> Result<bool> {
        let _lock = self.lock(profile.name())?;
        self.renew_alone(profile, credentials)
    }

    fn renew_alone(&self, profile: &Profile, credentials: &Credentials) -> Result<bool> {
        match self.is_the_same(profile)? {
            true => self.put(profile, credentials).map(|()| true),
            false => Ok(false),
        }
    }

    /// Whether the profile is there, and was not logged in anew.
    fn is_the_same(&self, profile: &Profile) -> Result<bool> {
        match self.get(profile.name()) {
            Ok(now) => Ok(now == *profile),
            Err(error) if error.kind() == ErrorKind::NotLoggedIn => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Keeps the tokens of a session of OAuth 2 whenever it renews them: the server ends the refresh token before.
    ///
    /// Programs that run at once on the same profile renew one after the other: the second finds the tokens that the first
    /// has kept, and uses them. [`on_renewal`](oauth2::Session::on_renewal) shows tokens that were found so, too. Where the
    /// folder or the keyring fails, a `tracing` event says so and the session goes on: the next login has to be a new one.
    ///
    /// ```no_run
    /// # async fn open() -> sugar_oauth::Result<()> {
    /// use sugar_oauth::oauth2::Client;
    /// use sugar_oauth::profile::{Api, Credentials, Profiles};
    ///
    /// let profiles = Profiles::of_this_user()?;
    /// let profile = profiles.choose(None)?;
    /// if let (Api::Rest { platform, .. }, Credentials::OAuth2 { client_secret, tokens }) =
    ///     (profile.api(), profiles.credentials(&profile)?)
    /// {
    ///     let client = Client::builder(profile.instance().clone(), platform.clone())
    ///         .client_id(profile.consumer_key(), client_secret.clone())?
    ///         .build();
    ///     let session = client.session(tokens)?;
    ///     profiles.keep_renewed(&profile, client_secret, &session);
    ///     println!("{}", session.me().await?["current_user"]["full_name"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep_renewed(&self, profile: &Profile, client_secret: Option<ClientSecret>, session: &oauth2::Session) {
        session.kept_by(Arc::new(Kept(Arc::new(KeptProfile {
            profiles: self.clone(),
            profile: profile.clone(),
            client_secret,
        }))));
    }
}

/// The profile in which a session's tokens are kept.
struct Kept(Arc<KeptProfile>);

struct KeptProfile {
    profiles: Profiles,
    profile: Profile,
    client_secret: Option<ClientSecret>,
}

struct KeptTurn {
    kept: Arc<KeptProfile>,
    _lock: Option<Lock>,
}

impl Keeper for Kept {
    fn turn(&self) -> Option<Box<dyn Turn>> {
        match self.0.profiles.try_lock(self.0.profile.name()) {
            Ok(Some(lock)) => Some(self.turn_with(Some(lock))),
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "the profile cannot be locked");
                Some(self.turn_with(None))
            }
        }
    }

    fn turn_all_the_same(&self) -> Box<dyn Turn> {
        self.turn_with(None)
    }
}

impl Kept {
    fn turn_with(&self, lock: Option<Lock>) -> Box<dyn Turn> {
        Box::new(KeptTurn {
            kept: Arc::clone(&self.0),
            _lock: lock,
        })
    }
}

impl Turn for KeptTurn {
    fn newer_than(&self, tokens: &Tokens) -> Option<Tokens> {
        let KeptProfile { profiles, profile, .. } = &*self.kept;
        let kept = match profiles.is_the_same(profile) {
            Ok(true) => profiles.credentials(profile),
            Ok(false) => return None,
            Err(error) => Err(error),
        };
        match kept {
            Ok(Credentials::OAuth2 { tokens: kept, .. }) => is_newer(&kept, tokens).then_some(kept),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "the tokens that are kept cannot be read");
                None
            }
        }
    }

    fn keep(&self, tokens: &Tokens) {
        let KeptProfile {
            profiles,
            profile,
            client_secret,
        } = &*self.kept;
        let credentials = Credentials::OAuth2 {
            client_secret: client_secret.clone(),
            tokens: tokens.clone(),
        };
        match profiles.renew_alone(profile, &credentials) {
            Ok(true) => tracing::debug!("the renewed tokens are kept"),
            Ok(false) => tracing::debug!("the profile is gone or new: the renewed tokens are not kept"),
            Err(error) => tracing::warn!(kind = ?error.kind(), "the renewed tokens could not be kept"),
        }
    }
}

/// Whether tokens were given after others. What is kept is older only where it could not be written.
fn is_newer(kept: &Tokens, held: &Tokens) -> bool {
    let differ = kept.access_token != held.access_token || kept.refresh_token != held.refresh_token;
    differ
        && kept
            .expires_at
            .zip(held.expires_at)
            .is_none_or(|(kept, held)| kept >= held)
}
