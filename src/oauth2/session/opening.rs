//! How a session is opened: by password, by a refresh token, with tokens that were kept.

use std::future::Future;

use super::Session;
use super::renewing::{Door, gone_if_refused};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::oauth2::tokens::{Held, check_token};
use crate::oauth2::{Client, RefreshToken, Tokens};
use crate::secret::Password;

impl Client {
    /// Logs in by user name and password (grant `password`).
    ///
    /// It ends the login that the same user had with the same [`Platform`](crate::oauth2::Platform). The password is not kept:
    /// when the refresh token is refused one day, the session has ended.
    ///
    /// ```no_run
    /// # async fn log_in(client: sugar_oauth::oauth2::Client) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::Password;
    ///
    /// let session = client.password("admin", Password::new("the password that was asked for")).await?;
    /// println!("{}", session.me().await?["current_user"]["full_name"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::rest`] with `need_login` or `invalid_grant` for a wrong password or a locked user, `invalid_client` for
    /// an unknown client id or secret, `invalid_parameter` for a platform that is not registered, `maintenance`;
    /// [`ErrorKind::PlainHttp`] over plain http without
    /// [`allow_password_over_http`](crate::oauth2::ClientBuilder::allow_password_over_http); and what a connection can meet.
    pub async fn password(&self, user_name: impl Into<String>, password: Password) -> Result<Session> {
        let held = self.password_grant(&user_name.into(), &password).await?;
        Ok(Session::new(self, None, held))
    }

    /// As [`password`](Self::password), with a provider that is asked for the password now, and again whenever the
    /// refresh token is refused: the session then logs in anew. `None` from the provider ends the session, and so does a
    /// password that the server refuses: it is not sent again, for wrong passwords lock a user out. All calls wait while the
    /// provider is asked.
    ///
    /// ```no_run
    /// # async fn log_in(client: sugar_oauth::oauth2::Client) -> sugar_oauth::Result<()> {
    /// # async fn from_the_vault() -> Option<String> { None }
    /// use sugar_oauth::Password;
    ///
    /// // A service that runs longer than a refresh token lives.
    /// let session = client
    ///     .password_with("integration", || async { from_the_vault().await.map(Password::new) })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`password`](Self::password); [`ErrorKind::InvalidInput`] when the provider gives none.
    pub async fn password_with<P, F>(&self, user_name: impl Into<String>, provider: P) -> Result<Session>
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Option<Password>> + Send + 'static,
    {
        let user_name = user_name.into();
        let password = provider()
            .await
            .ok_or_else(|| Error::invalid_input("the provider gave no password").at(Step::PasswordGrant))?;
        let held = self.password_grant(&user_name, &password).await?;
        let door = Door {
            user_name,
            provider: Box::new(move || Box::pin(provider())),
        };
        Ok(Session::new(self, Some(door), held))
    }

    /// Comes back with a refresh token (grant `refresh_token`). The server ends it: keep the new one, from
    /// [`Session::tokens`] and [`Session::on_renewal`].
    ///
    /// Not cancellation-safe: dropped while the answer is on its way, the old token may be spent and the new one lost.
    ///
    /// ```no_run
    /// # async fn come_back(client: sugar_oauth::oauth2::Client, kept: String) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::oauth2::RefreshToken;
    ///
    /// let session = client.refresh(&RefreshToken::new(kept)).await?;
    /// let next_time = session.tokens().refresh_token;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::SessionGone`] with [`Error::rest`] when the token has expired or was used before; otherwise as
    /// [`password`](Self::password).
    pub async fn refresh(&self, refresh_token: &RefreshToken) -> Result<Session> {
        check_token(refresh_token.expose()).map_err(|error| error.kind_is(ErrorKind::InvalidInput))?;
        let held = self.refresh_grant(refresh_token).await.map_err(gone_if_refused)?;
        Ok(Session::new(self, None, held))
    }

    /// A session with tokens that were kept. Nothing is sent yet.
    ///
    /// ```no_run
    /// # fn come_back(client: sugar_oauth::oauth2::Client, kept: sugar_oauth::oauth2::Tokens) -> sugar_oauth::Result<()> {
    /// let session = client.session(kept)?;
    /// session.on_renewal(|tokens| { /* keep them */ });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when a text is no token.
    pub fn session(&self, tokens: Tokens) -> Result<Session> {
        Ok(Session::new(self, None, Held::restored(tokens)?))
    }
}
