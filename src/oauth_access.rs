//! The access token for a session id: the bare exchange. [`Session`](crate::Session) opens and renews through it.

use crate::access_token::AccessToken;
use crate::client::{Client, SignedCall, WALK_LIMIT};
use crate::error::{Error, Result, Step};
use crate::rest::{Envelope, Repeat, invalid_answer};
use crate::secret::SessionId;
use crate::signing::{Placement, SigningKey};
use crate::transport::Answer;

impl Client {
    /// Opens a session on the server (method `oauth_access`) and returns its id.
    pub(crate) async fn open_session(&self, access_token: &AccessToken) -> Result<SessionId> {
        let consumer_secret = self.signer()?.consumer.secret();
        let site = self.instance().site_url();
        let opened = self
            .shared
            .transport
            .in_turn(site, self.ask_session(access_token))
            .await;
        opened.map_err(|error| {
            error.at(Step::OauthAccess).without([
                consumer_secret.expose(),
                access_token.token(),
                access_token.secret().expose(),
            ])
        })
    }

    async fn ask_session(&self, access_token: &AccessToken) -> Result<SessionId> {
        let key = SigningKey::new(self.signer()?.consumer.secret(), Some(access_token.secret()));
        let answer = self
            .send_signed(&SignedCall {
                step: Step::OauthAccess,
                method: "oauth_access",
                version: self.shared.options.api_version.unwrap_or_default(),
                placement: honoured_by_calls(self.shared.options.placement),
                key: &key,
                token: Some(access_token.token()),
                callback: None,
                verifier: None,
                rest_data: None,
                repeat: Repeat::Harmless,
                limit: Some(WALK_LIMIT),
            })
            .await?;
        read_session(&answer)
    }
}

/// Reads an answer of HTTP status 200.
pub(crate) fn read_session(answer: &Answer) -> Result<SessionId> {
    match Envelope::read(answer)? {
        Envelope::Value(value) => session_id(value.get("id").and_then(|id| id.as_str())),
        Envelope::Error(error) => Err(Error::from_api(error)),
        Envelope::Null => Err(invalid_answer("the server answered null instead of a session")),
    }
}

/// Apart from the two token calls the server looks for OAuth only when `oauth_token` is a request parameter
/// (`docs/server.md`), so what was to go in the header goes in the form.
pub(crate) fn honoured_by_calls(placement: Placement) -> Placement {
    match placement {
        Placement::Header => Placement::Form,
        other => other,
    }
}

/// Takes a session id as PHP makes them, so that it can go into a form or a file without surprise.
pub(crate) fn session_id(id: Option<&str>) -> Result<SessionId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b',');
    match id {
        Some(id) if !id.is_empty() && id.len() <= 255 && id.bytes().all(allowed) => Ok(SessionId::new(id)),
        _ => Err(invalid_answer("the answer holds no session id")),
    }
}
