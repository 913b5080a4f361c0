//! Leg 1: the request token.

use std::fmt;

use url::Url;

use crate::authorize_url::AuthorizeUrl;
use crate::client::{Client, SignedCall, WALK_LIMIT};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::instance::ApiVersion;
use crate::rest::{Repeat, TokenAnswer, check_token};
use crate::secret::TokenSecret;

/// The longest callback that the server keeps whole, in bytes.
const LONGEST_CALLBACK: usize = 255;

/// Where the server sends the person, with the verifier, after they have authorized (RFC 5849 section 2.1).
///
/// `Debug` shows the URL's origin only: whoever knows the rest can bring a listener a verifier of their own.
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
/// use sugar_oauth::Callback;
///
/// // A web application: the browser comes back with the verifier.
/// let callback = Callback::Url("https://app.example.com/crm/authorized?user=7".parse().expect("a URL"));
/// let request_token = client.request_token(callback).await?;
///
/// // A terminal: the person copies it.
/// let request_token = client.request_token(Callback::OutOfBand).await?;
/// # let _ = request_token;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Callback {
    /// Nowhere: the page shows the verifier for the person to copy (`oob`).
    OutOfBand,
    /// To this URL; a query of its own is kept, and the server adds `oauth_verifier` and `oauth_token` to it.
    Url(Url),
}

impl Callback {
    fn as_str(&self) -> &str {
        match self {
            Callback::OutOfBand => "oob",
            Callback::Url(url) => url.as_str(),
        }
    }

    fn check(&self) -> Result<()> {
        if self.as_str().len() > LONGEST_CALLBACK {
            return Err(Error::invalid_input(
                "the callback is longer than the 255 characters that the server keeps",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Callback::OutOfBand => formatter.write_str("OutOfBand"),
            Callback::Url(url) => write!(formatter, "Url({}/…)", url.origin().ascii_serialization()),
        }
    }
}

/// A token that a person can authorize. It lives one day.
///
/// Borrowed by the exchange, so that a mistyped verifier costs nothing. For web applications, which do leg 1 and leg 3 in
/// different requests, it goes [to parts](Self::into_parts) and comes back [from parts](Self::from_parts).
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
/// use sugar_oauth::{Callback, RequestToken, Verifier};
///
/// let request_token = client.request_token(Callback::OutOfBand).await?;
/// // A web application keeps it with the person's own session, until the browser is back.
/// let (token, secret) = request_token.into_parts();
/// let request_token = RequestToken::from_parts(client, token, secret)?;
/// let access_token = client.access_token(&request_token, &Verifier::new("3d07cb03515b")).await?;
/// # let _ = access_token;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RequestToken {
    token: String,
    secret: TokenSecret,
    authorize_url: AuthorizeUrl,
}

impl RequestToken {
    /// The token. Not secret by itself: it is part of the authorize URL.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The secret to sign the exchange with.
    pub fn secret(&self) -> &TokenSecret {
        &self.secret
    }

    /// Leg 2: where to send the person.
    pub fn authorize_url(&self) -> &AuthorizeUrl {
        &self.authorize_url
    }

    /// Token and secret, to be kept until the person comes back. Keep the secret as you keep passwords.
    pub fn into_parts(self) -> (String, TokenSecret) {
        (self.token, self.secret)
    }

    /// A request token that was kept as parts; its authorize URL is the instance's own page.
    ///
    /// # Errors
    /// When token or secret could not have come from a server: characters outside `[A-Za-z0-9._~-]`, empty or over 255.
    pub fn from_parts(client: &Client, token: impl Into<String>, secret: TokenSecret) -> Result<Self> {
        let token = token.into();
        check_token(&token)
            .and_then(|()| check_token(secret.expose()))
            .map_err(|error| error.kind_is(ErrorKind::InvalidInput).at(Step::RequestToken))?;
        let authorize_url = AuthorizeUrl::of_instance(client.instance(), &token);
        Ok(Self {
            token,
            secret,
            authorize_url,
        })
    }
}

impl fmt::Debug for RequestToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestToken")
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Leg 1: asks for a request token (RFC 5849 section 2.1, method `oauth_request_token`).
    ///
    /// The server's clock is asked for first. Where v4_1 refuses, v4 is tried, which is how SugarCRM 6.5 is known.
    /// Cancellation-safe: an unused request token dies within a day.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with the likely causes; [`ErrorKind::Callback`] when the server does not confirm the
    /// callback; [`ErrorKind::Api`] from an instance without OAuth methods; and what a connection can meet.
    pub async fn request_token(&self, callback: Callback) -> Result<RequestToken> {
        let secrets = self.signer()?.consumer.secret().expose();
        self.ask_request_token(&callback)
            .await
            .map_err(|error| error.at(Step::RequestToken).without([secrets]))
    }

    async fn ask_request_token(&self, callback: &Callback) -> Result<RequestToken> {
        callback.check()?;
        let answer = match self.shared.options.api_version {
            Some(version) => self.request_token_from(version, callback).await?,
            None => match self.request_token_from(ApiVersion::V4_1, callback).await {
                Err(refusal) if refusal.kind() == ErrorKind::Refused => {
                    tracing::debug!("v4_1 refuses the request token; trying v4, as for SugarCRM 6.5");
                    // Both refused: the causes of the first are the likelier.
                    self.request_token_from(ApiVersion::V4, callback)
                        .await
                        .map_err(|_| refusal)?
                }
                other => other?,
            },
        };
        if !answer.callback_confirmed && !self.shared.options.allow_unconfirmed_callback {
            return Err(Error::new(
                ErrorKind::Callback,
                "the server does not confirm the callback, so it does not tie the verifier to this walk",
            )
            .hint("update the instance: this is the first OAuth 1.0, which a stranger can abuse")
            .hint("to go on all the same: ClientBuilder::allow_unconfirmed_callback"));
        }
        let offered = answer.authorize_url.as_deref();
        let authorize_url = AuthorizeUrl::choose(
            self.instance(),
            &self.shared.options.authorize_origins,
            offered,
            &answer.token,
        );
        Ok(RequestToken {
            token: answer.token,
            secret: answer.secret,
            authorize_url,
        })
    }

    async fn request_token_from(&self, version: ApiVersion, callback: &Callback) -> Result<TokenAnswer> {
        let answer = self
            .send_signed(&SignedCall {
                step: Step::RequestToken,
                method: "oauth_request_token",
                version,
                placement: self.shared.options.placement,
                key: &self.signer()?.key,
                token: None,
                callback: Some(callback.as_str()),
                verifier: None,
                rest_data: None,
                repeat: Repeat::Harmless,
                limit: Some(WALK_LIMIT),
            })
            .await?;
        TokenAnswer::read(&answer).map_err(|error| match error.api() {
            Some(_) => error
                .hint("the instance has no OAuth methods: log in by user name and password (Client::login)")
                .hint("or update it: SugarCRM has them from 6.5.25 on"),
            None => error,
        })
    }
}
