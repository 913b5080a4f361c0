//! A user name and a password for a session.

use md5::{Digest, Md5};
use serde_json::Value;

use super::{Door, Session};
use crate::client::{Client, UnsignedCall, WALK_LIMIT};
use crate::error::{Error, Result, Step};
use crate::oauth_access::session_id;
use crate::rest::{Arguments, Envelope, Repeat, invalid_answer};
use crate::secret::{Password, SessionId};

/// How `login` carries the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// As its MD5 digest, which is as good as the password to whoever reads it.
    Md5,
    /// As it is, for instances that ask LDAP or another directory.
    Plain,
}

impl Client {
    /// Opens a session by user name and password (method `login`), for instances without OAuth. It renews itself, so the
    /// password stays in memory.
    ///
    /// The password travels as its MD5 digest, which lets in whoever reads it.
    ///
    /// # Errors
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) with number 10 for a wrong name or password;
    /// [`ErrorKind::PlainHttp`](crate::ErrorKind::PlainHttp) over plain http without
    /// [`allow_password_over_http`](crate::ClientBuilder::allow_password_over_http).
    pub async fn login(&self, user_name: impl Into<String>, password: Password) -> Result<Session> {
        self.login_with(user_name.into(), password, Encryption::Md5).await
    }

    /// As [`login`](Self::login), with the password as it is (`encryption` `PLAIN`): instances that ask a directory such
    /// as LDAP need it so.
    ///
    /// ```no_run
    /// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::Password;
    ///
    /// let session = client.login_plain("j.smith@corp.example.com", Password::new("…")).await?;
    /// # let _ = session;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub async fn login_plain(&self, user_name: impl Into<String>, password: Password) -> Result<Session> {
        self.login_with(user_name.into(), password, Encryption::Plain).await
    }

    pub(super) async fn login_with(
        &self,
        user_name: String,
        password: Password,
        encryption: Encryption,
    ) -> Result<Session> {
        let id = self.ask_login(&user_name, &password, encryption).await?;
        let door = Door::Login {
            user_name,
            password,
            encryption,
        };
        Ok(Session::new(self, door, id))
    }

    /// The bare exchange.
    pub(super) async fn ask_login(
        &self,
        user_name: &str,
        password: &Password,
        encryption: Encryption,
    ) -> Result<SessionId> {
        let digest = Password::new(hex(&Md5::digest(password.expose())));
        let user_auth = match encryption {
            Encryption::Md5 => serde_json::json!({"user_name": user_name, "password": digest.expose()}),
            Encryption::Plain => {
                serde_json::json!({"user_name": user_name, "password": password.expose(), "encryption": "PLAIN"})
            }
        };
        let arguments = Arguments::new()
            .with("user_auth", user_auth)
            .with("application", "sugar-oauth")
            .with("name_value_list", Value::Array(Vec::new()));
        let open = async {
            let answer = self
                .send(UnsignedCall {
                    step: Step::Login,
                    method: "login",
                    rest_data: arguments.to_rest_data(None),
                    repeat: Repeat::Harmless,
                    limit: Some(WALK_LIMIT),
                })
                .await?;
            match Envelope::read(&answer)? {
                Envelope::Value(value) => session_id(value.get("id").and_then(Value::as_str)),
                Envelope::Error(error) => Err(Error::from_api(error)
                    .hint("check user name and password")
                    .hint("if the instance asks LDAP, use Client::login_plain")),
                Envelope::Null => Err(invalid_answer("the server answered null instead of a session")),
            }
        };
        let opened = self.shared.transport.in_turn(self.instance().site_url(), open).await;
        opened.map_err(|error: Error| error.at(Step::Login).without([password.expose(), digest.expose()]))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
