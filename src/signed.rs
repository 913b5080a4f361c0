//! Direct calls: signed with the access token, without a session.

use std::fmt;

use serde_json::Value;

use crate::access_token::AccessToken;
use crate::client::{Client, SignedCall};
use crate::error::{Error, Result, Step};
use crate::oauth_access::honoured_by_calls;
use crate::rest::{Arguments, Envelope, Repeat};
use crate::session::{answered_null, raw_arguments};
use crate::signing::{Placement, SignedRequest, SigningKey};
use crate::v4_1::{Method, read_answer};

/// The exchange of an access token for a session, which a session does by itself.
const OAUTH_ACCESS: &str = "oauth_access";

/// Calls signed one by one with an access token.
///
/// For a single call now and then: each leaves two session files on the server and waits its turn with the shared
/// timestamp. For more, open a [`Session`](crate::Session). The server also refuses signed calls whose arguments hold
/// HTML entities, scripts and the like (`docs/server.md`).
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client, access_token: &sugar_oauth::AccessToken) -> sugar_oauth::Result<()> {
/// use serde_json::json;
/// use sugar_oauth::signing::Placement;
/// use sugar_oauth::{GetEntriesCount, Signed};
///
/// let signed: Signed = client.signed(access_token)?;
/// let contacts = signed.call(&GetEntriesCount::new("Contacts")).await?;
/// let raw = signed.call_raw("get_entries_count", json!({ "module_name": "Contacts", "query": "", "deleted": 0 })).await?;
/// assert_eq!(raw["result_count"], json!(contacts.to_string()));
///
/// // As the vendor's examples send it.
/// let in_the_query = signed.placement(Placement::Query);
/// # let _ = in_the_query;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is called yet"]
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

    /// Where the calls put their parameters. Default: where the client's settings say.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = honoured_by_calls(placement);
        self
    }

    /// Signs a call and gives it unsent, for curl or another program: a method as in [`call_raw`](Self::call_raw), or
    /// `oauth_access`, which opens a session and takes no arguments. The server is asked for its time first.
    ///
    /// The server takes it once, and only while it has seen no later timestamp of the same consumer key: any signed call
    /// of anyone with that key ends it (`docs/server.md`).
    ///
    /// ```no_run
    /// # async fn example(signed: &sugar_oauth::Signed) -> sugar_oauth::Result<()> {
    /// use serde_json::json;
    ///
    /// let request = signed.prepare_raw("get_user_id", json!({})).await?;
    /// println!("curl --data '{}' '{}'", request.body().unwrap_or_default(), request.url());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`call_raw`](Self::call_raw), for the name, the arguments and the server's time.
    pub async fn prepare_raw(&self, name: &str, arguments: Value) -> Result<SignedRequest> {
        let prepare = async {
            let rest_data = match name {
                OAUTH_ACCESS if arguments.as_object().is_none_or(serde_json::Map::is_empty) => None,
                OAUTH_ACCESS => return Err(Error::invalid_input("oauth_access takes no arguments")),
                _ => Some(raw_arguments(name, arguments)?.to_rest_data(Some(""))),
            };
            let call = self.signed_call(name, rest_data, Repeat::OnlyIfNothingWasSent);
            self.client.prepare_signed(&call).await
        };
        prepare.await.map_err(|error: Error| self.located(error, name))
    }

    async fn exchange(&self, name: &str, arguments: &Arguments, repeat: Repeat) -> Result<Envelope> {
        // The session argument must be there all the same, empty.
        let call = self.signed_call(name, Some(arguments.to_rest_data(Some(""))), repeat);
        let answer = self.client.send_signed(&call).await?;
        Envelope::read(&answer).map_err(|error| error.may_apply(repeat != Repeat::Harmless))
    }

    fn signed_call<'a>(&'a self, method: &'a str, rest_data: Option<String>, repeat: Repeat) -> SignedCall<'a> {
        SignedCall {
            step: Step::Call,
            method,
            version: self.client.shared.options.api_version.unwrap_or_default(),
            placement: self.placement,
            key: &self.key,
            token: Some(self.access_token.token()),
            callback: None,
            verifier: None,
            rest_data,
            repeat,
            limit: None,
        }
    }

    fn located(&self, error: Error, method: &str) -> Error {
        let secrets = [
            self.client.consumer_secret(),
            self.access_token.token(),
            self.access_token.secret().expose(),
        ];
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
