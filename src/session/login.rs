//! The bare exchange of a user name and a password for a session id.

use md5::{Digest, Md5};
use serde_json::Value;

use super::Encryption;
use crate::client::{Client, UnsignedCall, WALK_LIMIT};
use crate::error::{Error, Result, Step};
use crate::oauth_access::session_id;
use crate::rest::{Arguments, Envelope, Repeat, invalid_answer};
use crate::secret::{Password, SessionId};

impl Client {
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
