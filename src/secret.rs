//! A type of its own for every secret, so that none is printed, kept or passed as another by accident.

use crate::error::{Error, Result};

macro_rules! secret {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        ///
        /// `Debug` prints no part of it, there is no `Display`, and its memory is overwritten when it is dropped.
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(::zeroize::Zeroizing<::std::string::String>);

        impl $name {
            /// Takes the secret over as it is.
            pub fn new(secret: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(::zeroize::Zeroizing::new(secret.into()))
            }

            /// The secret itself. Keep it out of logs, command lines and error texts.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

pub(crate) use secret;

secret! {
    /// The secret that belongs to a consumer key (Admin > OAuth Keys).
    ///
    /// ```
    /// use sugar_oauth::ConsumerSecret;
    ///
    /// let secret = ConsumerSecret::new("CUSTOMSECRET");
    /// assert_eq!(format!("{secret:?}"), "ConsumerSecret(…)");
    /// assert_eq!(secret.expose(), "CUSTOMSECRET");
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    ConsumerSecret
}

secret! {
    /// The secret of a request token or of an access token.
    ///
    /// ```
    /// use sugar_oauth::{AccessToken, TokenSecret};
    ///
    /// // As it was kept.
    /// let access_token = AccessToken::from_parts("bf1492236fbe", TokenSecret::new("5b05d09a0b7e"))?;
    /// assert_eq!(access_token.secret().expose(), "5b05d09a0b7e");
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    TokenSecret
}

secret! {
    /// The code that the authorize page shows, or sends to the callback (RFC 5849 section 2.2, `oauth_verifier`).
    ///
    /// ```
    /// use sugar_oauth::Verifier;
    ///
    /// // Whatever the person pasted: the code, or the address that the browser ended at.
    /// let code = Verifier::from_input(" 3d07cb03515b\n")?;
    /// let address = Verifier::from_input("http://127.0.0.1:9/cb?oauth_token=bf1492236fbe&oauth_verifier=3d07cb03515b")?;
    /// assert_eq!(code, address);
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    Verifier
}

secret! {
    /// The id of an open session: whoever has it acts as the user.
    ///
    /// ```no_run
    /// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::SessionId;
    ///
    /// // A session that another program has open.
    /// let session = client.session(SessionId::new("6b27832e0115eec82b6086f18d9b2f6d"))?;
    /// println!("{}", session.get_user_id().await?);
    /// # Ok(())
    /// # }
    /// ```
    SessionId
}

secret! {
    /// A user's password, for instances without OAuth.
    ///
    /// ```no_run
    /// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::Password;
    ///
    /// let password = Password::new(std::env::var("CRM_PASSWORD").unwrap_or_default());
    /// let session = client.login("admin", password).await?;
    /// # let _ = session;
    /// # Ok(())
    /// # }
    /// ```
    Password
}

impl Verifier {
    /// Reads what a person pasted: the code itself, the whole callback URL that holds it, or that URL's query.
    ///
    /// White space around it, and inside a code that was copied with a line break, is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no code in the text.
    pub fn from_input(input: &str) -> Result<Self> {
        let input: String = input.split_whitespace().collect();
        let is_address = input.contains("://") || input.contains('?') || input.contains("oauth_verifier=");
        let code = if is_address {
            let query = input.split_once('?').map_or(input.as_str(), |(_, query)| query);
            let query = query.split('#').next().unwrap_or_default();
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "oauth_verifier")
                .map(|(_, value)| value.into_owned())
                .ok_or_else(|| {
                    Error::invalid_input("the pasted URL holds no oauth_verifier")
                        .hint("paste the code from the page, or the whole address after authorizing")
                })?
        } else {
            input
        };
        if code.is_empty() {
            return Err(Error::invalid_input("the verifier is empty")
                .hint("paste the code that the page shows under `Token authorization code:`"));
        }
        if code.len() > 255 || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                Error::invalid_input("that is not a verifier: a verifier is one short word")
                    .hint("paste the code that the page shows under `Token authorization code:`"),
            );
        }
        Ok(Self::new(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_no_part_of_the_secret() {
        assert_eq!(format!("{:?}", TokenSecret::new("5b05d09a0b7e")), "TokenSecret(…)");
    }

    #[test]
    fn a_verifier_is_read_from_a_code_or_from_the_callback_url() {
        for input in [
            "3d07cb03515b",
            " 3d07cb03515b\r\n",
            "http://127.0.0.1:9/cb?state=1&oauth_verifier=3d07cb03515b&oauth_token=bf",
            "127.0.0.1:9/cb?oauth_verifier=3d07cb03515b&oauth_token=bf#",
            "http://127.0.0.1:9/cb?oauth_token=bf&oauth_ver\nifier=3d07cb03515b",
            "oauth_verifier=3d07cb03515b&oauth_token=bf",
        ] {
            assert_eq!(Verifier::from_input(input).unwrap().expose(), "3d07cb03515b");
        }
        for input in [
            "",
            "  ",
            "http://127.0.0.1:9/cb?oauth_token=bf",
            "http://x/?oauth_verifier=",
            "http://127.0.0.1:9/cb",
            "https://crm.example.com/index.php?module=OAuthTokens&action=authorize&token=bf",
        ] {
            assert!(Verifier::from_input(input).is_err(), "{input:?}");
        }
    }
}
