//! Logins by OAuth 2: one for a user and platform, with its three tokens.

use super::Lifetimes;
use crate::sandbox::random::guid;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The user's id.
    pub(super) user: String,
    pub(super) platform: String,
    pub(super) client_id: String,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    pub(super) download_token: String,
    /// When the tokens were given, in milliseconds since 1970.
    given_at: i64,
    lifetimes: Lifetimes,
}

/// A login by OAuth 2.
///
/// ```no_run
/// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
/// for login in sandbox.state().logins {
///     println!("{} on {}, for {:?}", login.user, login.platform, login.access_left);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginState {
    /// The id of its user.
    pub user: String,
    /// Its platform, for example `base`.
    pub platform: String,
    /// The client id that it was opened with.
    pub client_id: String,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The token for files.
    pub download_token: String,
    /// How long the access token can still be used by the server's clock; zero when it has expired.
    pub access_left: Duration,
    /// How long the refresh token can still be used.
    pub refresh_left: Duration,
}

/// The oldest first.
#[derive(Debug, Default)]
pub(crate) struct Logins(Vec<Login>);

impl Logins {
    /// Logs a user in, which ends the login of that user and platform before it.
    pub(super) fn open(
        &mut self,
        user: &str,
        platform: &str,
        client_id: &str,
        lifetimes: Lifetimes,
        now: i64,
    ) -> Login {
        self.0
            .retain(|login| (login.user.as_str(), login.platform.as_str()) != (user, platform));
        let login = Login {
            user: user.to_owned(),
            platform: platform.to_owned(),
            client_id: client_id.to_owned(),
            access_token: guid(),
            refresh_token: guid(),
            download_token: guid(),
            given_at: now,
            lifetimes,
        };
        self.0.push(login.clone());
        login
    }

    /// Gives a login new tokens. The access token and download token before them end with the refresh token, which the
    /// documents leave open.
    pub(super) fn renew(&mut self, refresh_token: &str, platform: &str, client_id: &str, now: i64) -> Option<Login> {
        let old = self.0.iter().find(|login| {
            login.refresh_token == refresh_token
                && login.platform == platform
                && login.client_id == client_id
                && login.left(login.lifetimes.refresh, now) > 0
        })?;
        let (user, lifetimes) = (old.user.clone(), old.lifetimes);
        Some(self.open(&user, platform, client_id, lifetimes, now))
    }

    /// The login of an access token that has not expired.
    pub(super) fn with_access(&self, token: &str, now: i64) -> Option<&Login> {
        let mut logins = self.0.iter();
        logins.find(|login| login.access_token == token && login.left(login.lifetimes.access, now) > 0)
    }

    /// The login of a download token. It lives as long as the refresh token, which the documents leave open.
    pub(super) fn with_download(&self, token: &str, now: i64) -> Option<&Login> {
        self.living(now).find(|login| login.download_token == token)
    }

    pub(super) fn close(&mut self, access_token: &str) {
        self.0.retain(|login| login.access_token != access_token);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Logins that can be used or renewed.
    pub(crate) fn living(&self, now: i64) -> impl Iterator<Item = &Login> {
        self.0
            .iter()
            .filter(move |login| login.left(login.lifetimes.refresh, now) > 0)
    }
}

impl Login {
    /// Milliseconds that a token of so many seconds still lives.
    fn left(&self, seconds: i64, now: i64) -> i64 {
        self.given_at + seconds * 1000 - now
    }

    pub(crate) fn state(&self, now: i64) -> LoginState {
        let left = |seconds| Duration::from_millis(u64::try_from(self.left(seconds, now)).unwrap_or_default());
        LoginState {
            user: self.user.clone(),
            platform: self.platform.clone(),
            client_id: self.client_id.clone(),
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
            download_token: self.download_token.clone(),
            access_left: left(self.lifetimes.access),
            refresh_left: left(self.lifetimes.refresh),
        }
    }
}
