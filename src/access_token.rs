//! Leg 3: the verifier for an access token.

use std::fmt;

use crate::client::{Client, SignedCall, WALK_LIMIT};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::request_token::RequestToken;
use crate::rest::{Repeat, TokenAnswer, check_token};
use crate::secret::{TokenSecret, Verifier};
use crate::signing::SigningKey;

/// What a person's yes is worth: it never expires and opens sessions without them, until someone deletes it on the
/// instance (Admin > OAuth Keys > the key > its tokens).
///
/// Keep it as you keep passwords: token and secret [go to parts](Self::into_parts) and
/// [come back from parts](Self::from_parts).
///
/// ```
/// use sugar_oauth::AccessToken;
///
/// # fn walked() -> sugar_oauth::Result<AccessToken> {
/// #     AccessToken::from_parts("bf1492236fbe", sugar_oauth::TokenSecret::new("5b05d09a0b7e"))
/// # }
/// let (token, secret) = walked()?.into_parts();
/// // … kept by your own means, and in the next run:
/// let access_token = AccessToken::from_parts(token, secret)?;
/// assert_eq!(access_token.token(), "bf1492236fbe");
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    token: String,
    secret: TokenSecret,
}

impl AccessToken {
    /// An access token that was kept as parts.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when token or secret could not have come from a server: characters outside
    /// `[A-Za-z0-9._~-]`, empty or over 255.
    pub fn from_parts(token: impl Into<String>, secret: TokenSecret) -> Result<Self> {
        let token = token.into();
        check_token(&token)
            .and_then(|()| check_token(secret.expose()))
            .map_err(|error| error.kind_is(ErrorKind::InvalidInput).at(Step::AccessToken))?;
        Ok(Self { token, secret })
    }

    /// Token and secret.
    pub fn into_parts(self) -> (String, TokenSecret) {
        (self.token, self.secret)
    }

    /// The token (`oauth_token`).
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The secret to sign with.
    pub fn secret(&self) -> &TokenSecret {
        &self.secret
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AccessToken")
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Leg 3: exchanges the verifier for an access token (RFC 5849 section 2.3, method `oauth_access_token`).
    ///
    /// A wrong verifier spends nothing: call again with the right one. Not cancellation-safe: if the future is dropped
    /// after the request was sent, the request token may be spent and the access token lost, and the walk begins anew.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with the likely causes, the verifier first. With
    /// [`may_have_applied`](Error::may_have_applied) the answer was lost and the request token may be spent.
    pub async fn access_token(&self, request_token: &RequestToken, verifier: &Verifier) -> Result<AccessToken> {
        let consumer_secret = self.signer()?.consumer.secret();
        self.exchange(request_token, verifier).await.map_err(|error| {
            error.at(Step::AccessToken).without([
                consumer_secret.expose(),
                request_token.secret().expose(),
                verifier.expose(),
            ])
        })
    }

    async fn exchange(&self, request_token: &RequestToken, verifier: &Verifier) -> Result<AccessToken> {
        if verifier.expose().is_empty() {
            return Err(Error::invalid_input("the verifier is empty").hint("paste the code from the authorize page"));
        }
        let signer = self.signer()?;
        let answer = self
            .send_signed(&SignedCall {
                step: Step::AccessToken,
                method: "oauth_access_token",
                version: self.shared.options.api_version.unwrap_or_default(),
                placement: self.shared.options.placement,
                key: &SigningKey::new(signer.consumer.secret(), Some(request_token.secret())),
                token: Some(request_token.token()),
                callback: None,
                verifier: Some(verifier.expose()),
                rest_data: None,
                repeat: Repeat::OnlyIfNothingWasSent,
                limit: Some(WALK_LIMIT),
            })
            .await
            .map_err(|error| match error.may_have_applied() {
                true => error.first_hint("begin again with a new request token: this one may be spent"),
                false => error,
            })?;
        if answer.body.trim_ascii().is_empty() {
            return Err(Error::new(ErrorKind::InvalidAnswer, "the server answered with nothing")
                .hint("that is how it treats an access token in the place of a request token: walk from leg 1"));
        }
        let answer = TokenAnswer::read(&answer)?;
        Ok(AccessToken {
            token: answer.token,
            secret: answer.secret,
        })
    }
}
