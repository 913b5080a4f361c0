//! Direct calls: signed with the access token, without a session.

use std::fmt;

use serde_json::Value;

use crate::access_token::AccessToken;
use crate::client::{Client, SignedCall};
use crate::error::{Error, Result, Step};
use crate::oauth_access::honoured_by_calls;
use crate::rest::{Arguments, Envelope, Repeat};
use crate::session::{answered_null, raw_arguments};
use crate::signing::{Placement, SigningKey};
use crate::v4_1::{Method, read_answer};

/// Calls signed one by one with an access token.
///
/// For a single call now and then: each leaves two session files on the server and waits its turn with the shared
/// timestamp. For more, open a [`Session`](crate::Session). The server also refuses signed calls whose arguments hold
/// HTML entities, scripts and the like (`docs/server.md`).
#[derive(Clone)]
pub struct Signed {
    client: Client,
    access_token: AccessToken,
    key: SigningKey,
    placement: Placement,
}

impl Client {
    /// Calls signed with this access token, no session needed.
    ///
    /// # Errors
    /// When this client has no consumer.
    pub fn signed(&self, access_token: &AccessToken) -> Result<Signed> {
        Ok(Signed {
            key: SigningKey::new(self.signer()?.consumer.secret(), Some(access_token.secret())),
            client: self.clone(),
            access_token: access_token.clone(),
            placement: honoured_by_calls(self.shared.options.placement),
        })
    }
}

impl Signed {
    /// Calls a method that the server takes signed; for another the program does not compile.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the likely causes; otherwise as
    /// [`Session::call`](crate::Session::call).
    pub async fn call<M: Method>(&self, method: &M) -> Result<M::Answer> {
        const {
            assert!(M::SIGNED, "the server does not take this method signed");
        }
        let repeat = if M::REPEATABLE {
            Repeat::Harmless
        } else {
            Repeat::OnlyIfNothingWasSent
        };
        let call = async {
            method.check()?;
            match self.exchange(M::NAME, &method.arguments(), repeat).await? {
                Envelope::Value(value) => read_answer(method, value),
                Envelope::Null if !M::session_gone(None) => read_answer(method, Value::Null),
                Envelope::Null => Err(answered_null()),
                Envelope::Error(error) => Err(Error::from_api(error)),
            }
        };
        call.await.map_err(|error| self.located(method.explain(error), M::NAME))
    }

    /// Calls a method that has no type here; see [`Session::call_raw`](crate::Session::call_raw).
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_raw(&self, name: &str, arguments: Value) -> Result<Value> {
        let call = async {
            let arguments = raw_arguments(name, arguments)?;
            match self.exchange(name, &arguments, Repeat::OnlyIfNothingWasSent).await? {
                Envelope::Value(value) => Ok(value),
                Envelope::Null => Ok(Value::Null),
                Envelope::Error(error) => Err(Error::from_api(error)),
            }
        };
        call.await.map_err(|error| self.located(error, name))
    }

    async fn exchange(&self, name: &str, arguments: &Arguments, repeat: Repeat) -> Result<Envelope> {
        let answer = self
            .client
            .send_signed(&SignedCall {
                step: Step::Call,
                method: name,
                version: self.client.shared.options.api_version.unwrap_or_default(),
                placement: self.placement,
                key: &self.key,
                token: Some(self.access_token.token()),
                callback: None,
                verifier: None,
                // The session argument must be there all the same, empty.
                rest_data: Some(arguments.to_rest_data(Some(""))),
                repeat,
                limit: None,
            })
            .await?;
        Envelope::read(&answer).map_err(|error| error.may_apply(repeat != Repeat::Harmless))
    }

    fn located(&self, error: Error, method: &str) -> Error {
        let secrets = [self.client.consumer_secret(), self.access_token.secret().expose()];
        error.at(Step::Call).in_method(method).without(secrets)
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Signed")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
