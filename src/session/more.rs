//! More sessions like this one, calls whose answers are read by the caller, and what their failures may say.

use super::{Door, Read, Session};
use crate::error::{Error, Result, Step};
use crate::rest::Repeat;
use crate::v4_1::Method;

impl Session {
    /// Opens another session in the way that this one was opened; `None` for one whose id was given.
    ///
    /// # Errors
    /// As [`Client::oauth_access`](crate::Client::oauth_access) and [`Client::login`](crate::Client::login).
    pub(crate) async fn sibling(&self) -> Result<Option<Session>> {
        let client = self.client();
        match &self.shared.door {
            Door::OAuth(access_token) => client.oauth_access(access_token).await.map(Some),
            Door::Login {
                user_name,
                password,
                encryption,
            } => client
                .login_with(user_name.clone(), password.clone(), *encryption)
                .await
                .map(Some),
            Door::Given => Ok(None),
        }
    }

    /// Calls a method that only reads. An answer that `quick` can read from its bytes is not read otherwise.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub(crate) async fn read_quickly<M: Method, R>(
        &self,
        method: &M,
        quick: impl Fn(&[u8]) -> Option<R>,
    ) -> Result<Read<R>> {
        let call = async {
            method.check()?;
            self.exchange_quickly(
                M::NAME,
                &method.arguments(),
                M::SESSION,
                Repeat::Harmless,
                M::session_gone,
                quick,
            )
            .await
        };
        call.await.map_err(|error| self.located(error, M::NAME))
    }

    /// Names method and step of a failure, without the secrets that a server may have repeated.
    pub(super) fn located(&self, error: Error, method: &str) -> Error {
        let door = match &self.shared.door {
            Door::OAuth(access_token) => access_token.secret().expose(),
            Door::Login { password, .. } => password.expose(),
            Door::Given => "",
        };
        let (id, consumer) = (self.id(), self.client().consumer_secret());
        error
            .at(Step::Call)
            .in_method(method)
            .without([id.expose(), door, consumer])
    }
}
