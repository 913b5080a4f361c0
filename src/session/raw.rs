//! Calls by name.

use serde_json::Value;

use super::{Read, Session, SessionGone};
use crate::error::{Error, Result};
use crate::rest::{Arguments, Repeat};
use crate::v4_1::{GetServerInfo, INVALID_SESSION, Method};

impl Session {
    /// Calls a method that has no type here: its name, and its arguments without the session as a JSON object in the
    /// documented order. `null` is a result like any other.
    ///
    /// It is taken for a write: never sent again once it may have reached the server.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use serde_json::json;
    ///
    /// // A method that the instance's own developers added.
    /// let answer = session.call_raw("our_own_method", json!({ "module": "Accounts", "year": 2026 })).await?;
    /// println!("{answer}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`call`](Self::call); [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for the methods of the walk
    /// itself, which have functions of their own, and for arguments that are no object.
    pub async fn call_raw(&self, name: &str, arguments: Value) -> Result<Value> {
        let call = async {
            let arguments = raw_arguments(name, arguments)?;
            let gone: SessionGone = |refusal| refusal.is_some_and(|error| error.number == INVALID_SESSION);
            let with_session = name != GetServerInfo::NAME;
            self.exchange(name, &arguments, with_session, Repeat::OnlyIfNothingWasSent, gone)
                .await
                .map(Read::whole)
        };
        call.await.map_err(|error| self.located(error, name))
    }
}

/// Arguments for a method by name, which may be none of those that open, carry or end the walk.
pub(crate) fn raw_arguments(name: &str, arguments: Value) -> Result<Arguments> {
    let walks = matches!(name, "login" | "logout" | "seamless_login") || name.starts_with("oauth_");
    if walks {
        return Err(
            Error::invalid_input("this method belongs to the walk and has a function of its own")
                .hint("use Client::login, Client::request_token, Client::oauth_access or Session::logout"),
        );
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Error::invalid_input("that is not the name of a method"));
    }
    match arguments {
        Value::Object(named) => Ok(Arguments::from(named)),
        Value::Null => Ok(Arguments::new()),
        _ => Err(Error::invalid_input(
            "the arguments must be a JSON object, in the documented order",
        )),
    }
}
