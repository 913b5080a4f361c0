//! `POST /oauth2/token` with its two grants, and the end: `POST /oauth2/logout`.

use std::time::Instant;

use serde::Serialize;
use zeroize::Zeroizing;

use super::answer::{check, read};
use super::request::Request;
use super::tokens::Held;
use super::{Client, RefreshToken, RestPath, Tokens};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::rest::Repeat;
use crate::secret::Password;
use crate::transport::Verb;

/// The status of a refused access token.
pub(super) const UNAUTHORIZED: u16 = 401;

/// The most bytes that an answer of these calls may have.
const LIMIT: usize = 64 * 1024;

const SPENT: &str = "log in again: an earlier answer got lost on the way, and the refresh token was spent for it";

/// The arguments in the order of the vendor's documents.
#[derive(Serialize)]
struct Arguments<'a> {
    grant_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    platform: &'a str,
}

#[derive(Serialize)]
struct End<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    platform: &'a str,
}

impl Client {
    /// Asks for tokens by user name and password. It may be sent again: a second login ends the first, which nobody has.
    pub(super) async fn password_grant(&self, user_name: &str, password: &Password) -> Result<Held> {
        if self.platform().is_base() {
            tracing::warn!(
                "logging in with the platform base ends the browser session of the same user: register a platform of \
                 its own for this program"
            );
        }
        let arguments = self.arguments(Some((user_name, password)), None);
        let granted = self.ask(Step::PasswordGrant, &arguments).await;
        granted.map_err(|error| error.without([password.expose(), self.client_secret().unwrap_or_default()]))
    }

    /// Asks for tokens by a refresh token, repeating client id and platform.
    ///
    /// When its answer is lost the same token is sent again. If the server had acted, it refuses that one; nothing is
    /// worse then than it was, for the new tokens were lost with the answer.
    pub(super) async fn refresh_grant(&self, refresh_token: &RefreshToken) -> Result<Held> {
        let arguments = self.arguments(None, Some(refresh_token));
        let granted = self.ask(Step::RefreshGrant, &arguments).await;
        let mut held = granted
            .map_err(|error| error.without([refresh_token.expose(), self.client_secret().unwrap_or_default()]))?;
        // A server that gives no new one leaves the old one in force (RFC 6749 section 6).
        held.tokens.refresh_token.get_or_insert_with(|| refresh_token.clone());
        Ok(held)
    }

    fn arguments(&self, user: Option<(&str, &Password)>, refresh_token: Option<&RefreshToken>) -> Zeroizing<String> {
        let secrets = [
            refresh_token.map(RefreshToken::expose),
            self.client_secret(),
            user.map(|(name, _)| name),
            user.map(|(_, password)| password.expose()),
        ];
        let values = secrets.into_iter().flatten().map(str::len).sum::<usize>();
        let arguments = Arguments {
            grant_type: if user.is_some() { "password" } else { "refresh_token" },
            refresh_token: refresh_token.map(RefreshToken::expose),
            client_id: self.client_id(),
            client_secret: self.client_secret(),
            username: user.map(|(name, _)| name),
            password: user.map(|(_, password)| password.expose()),
            platform: self.platform().name(),
        };
        to_json(
            &arguments,
            values + self.client_id().len() + self.platform().name().len(),
        )
    }

    async fn ask(&self, step: Step, arguments: &str) -> Result<Held> {
        let path = RestPath::from("oauth2/token");
        let asked = Instant::now();
        let mut lost = false;
        let granted = async {
            let request = oauth2_call(step, &path, arguments);
            let answer = self.send_noting(&request, None, &mut lost).await?;
            let url = request.url(self)?;
            check(&answer, &url, step)?;
            // What is no JSON at all is told as such.
            Held::read(&answer, asked).map_err(|error| read(&answer, &url, step).err().unwrap_or(error))
        };
        let granted: Result<Held> = self.transport().in_turn(self.instance().site_url(), granted).await;
        granted.map_err(|error| match error.rest() {
            Some(_) if lost && step == Step::RefreshGrant => error.at(step).first_hint(SPENT),
            _ => error.at(step),
        })
    }

    /// Ends a login. `false` when the server did not know the access token.
    pub(super) async fn end(&self, tokens: &Tokens) -> Result<bool> {
        let path = RestPath::from("oauth2/logout");
        let refresh_token = tokens.refresh_token.as_ref().map(RefreshToken::expose);
        let end = End {
            refresh_token,
            platform: self.platform().name(),
        };
        let arguments = to_json(&end, refresh_token.map_or(0, str::len) + end.platform.len());
        let ended = async {
            let request = oauth2_call(Step::Logout, &path, &arguments);
            let answer = self.send(&request, Some(tokens.access_token.expose())).await?;
            if answer.status == UNAUTHORIZED {
                return Ok(false);
            }
            let url = request.url(self)?;
            match read(&answer, &url, Step::Logout)?.get("success") {
                Some(serde_json::Value::Bool(false)) => Err(Error::new(
                    ErrorKind::NotDone,
                    "the server says that it did not log out",
                )),
                _ => Ok(true),
            }
        };
        ended
            .await
            .map_err(|error: Error| error.at(Step::Logout).without(tokens.secrets()))
    }
}

fn oauth2_call<'a>(step: Step, path: &'a RestPath, arguments: &'a str) -> Request<'a> {
    Request {
        step,
        verb: Verb::Post,
        path,
        query: &[],
        json: Some(arguments),
        pieces: None,
        repeat: Repeat::Harmless,
        limit: Some(LIMIT),
    }
}

/// What arguments with so many bytes of values become.
fn to_json(arguments: &impl Serialize, values: usize) -> Zeroizing<String> {
    // Room for all of it escaped: growing would leave a copy behind that nothing overwrites.
    let mut json = Zeroizing::new(Vec::with_capacity(512 + 6 * values));
    // Texts under names of our own: that cannot fail.
    let written = serde_json::to_writer(&mut *json, arguments);
    debug_assert!(written.is_ok());
    Zeroizing::new(String::from_utf8(std::mem::take(&mut *json)).unwrap_or_default())
}
