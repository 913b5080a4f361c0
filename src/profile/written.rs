//! A profile as it stands in its file, and secrets as they stand there or in the keyring.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Api, Credentials, Place, Profile, User, name};
use crate::access_token::AccessToken;
use crate::consumer::Consumer;
use crate::error::{Error, ErrorKind, Result};
use crate::instance::Instance;
use crate::oauth2::{self, ClientSecret, DownloadToken, Platform, RefreshToken, RestVersion, Tokens};
use crate::secret::TokenSecret;
use crate::utc::UtcTime;

/// The number of this form. Another means that another version of this crate wrote it.
const FORM: u32 = 1;
/// The longest id or name of a user that is kept, in bytes.
const LONGEST_USER: usize = 255;

/// A profile's file.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    form: u32,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signing_url: Option<String>,
    api: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    consumer_key: String,
    user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    since: String,
    /// The entry of the keyring, if the secrets lie there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyring: Option<String>,
    /// The secrets, if they lie here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secrets: Option<Secrets>,
}

/// Secrets, with the origin that they are for.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    origin: String,
    consumer_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consumer_secret: Option<Zeroized>,
    token: Zeroized,
    /// OAuth 1.0a only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_secret: Option<Zeroized>,
    /// From here on OAuth 2 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroized>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    download_token: Option<Zeroized>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<String>,
}

/// Text that is overwritten when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
struct Zeroized(Zeroizing<String>);

impl From<String> for Zeroized {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<Zeroized> for String {
    fn from(text: Zeroized) -> Self {
        text.0.as_str().to_owned()
    }
}

impl Clone for Zeroized {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Written {
    pub(super) fn new(profile: &Profile, secrets: Option<Secrets>) -> Self {
        let without_slash = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
        Self {
            form: FORM,
            url: without_slash(profile.instance.site_url()),
            signing_url: profile.instance.signing_site().map(without_slash),
            api: profile.api.name().to_owned(),
            platform: match &profile.api {
                Api::V4_1 => None,
                Api::Rest { platform, .. } => Some(platform.name().to_owned()),
            },
            consumer_key: profile.consumer_key.clone(),
            user_id: profile.user.id.clone(),
            user_name: profile.user.name.clone(),
            since: profile.since.to_string(),
            keyring: match &profile.place {
                Place::Keyring { entry } => Some(entry.clone()),
                Place::File(_) | Place::Nowhere => None,
            },
            secrets,
        }
    }

    pub(super) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let bytes =
            serde_json::to_vec_pretty(self).map_err(|_| Error::invalid_input("the profile cannot be written"))?;
        Ok(Zeroizing::new(bytes))
    }

    /// Reads a file. `shown` is its path, for errors.
    pub(super) fn read(bytes: &[u8], shown: &str) -> Result<Self> {
        /// What every form has.
        #[derive(Deserialize)]
        struct Any {
            form: u32,
        }
        // serde's own text repeats what it found, which may be a secret.
        let damaged =
            |error: serde_json::Error| damaged(shown, &format!("line {}, column {}", error.line(), error.column()));
        let any: Any = serde_json::from_slice(bytes).map_err(damaged)?;
        if any.form != FORM {
            return Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "{shown} was written by another version of this program (form {})",
                    any.form
                ),
            )
            .hint("use that version, or log in anew"));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// The profile and the secrets, if they stand here.
    pub(super) fn into_profile(
        self,
        name: &str,
        path: &std::path::Path,
        shown: &str,
    ) -> Result<(Profile, Option<Secrets>)> {
        let bad = |what: &str| damaged(shown, what);
        let mut instance = Instance::parse(&self.url).map_err(|_| bad("`url`"))?;
        if let Some(url) = &self.signing_url {
            instance = instance.with_signing_url(url).map_err(|_| bad("`signing_url`"))?;
        }
        let api = match (self.api.as_str(), self.platform) {
            ("v4_1", None) => Api::V4_1,
            (version, Some(platform)) => Api::Rest {
                version: RestVersion::new(version).map_err(|_| bad("`api`"))?,
                platform: Platform::new(platform).map_err(|_| bad("`platform`"))?,
            },
            _ => return Err(bad("`api` or `platform`")),
        };
        // The checks of a consumer are those of its key.
        Consumer::new(self.consumer_key.as_str(), "any").map_err(|_| bad("`consumer_key`"))?;
        let user_fits = |text: &str| !text.is_empty() && text.len() <= LONGEST_USER;
        if !user_fits(&self.user_id) || !self.user_name.as_deref().is_none_or(user_fits) {
            return Err(bad("`user_id` or `user_name`"));
        }
        let since = UtcTime::parse(&self.since).ok_or_else(|| bad("`since`"))?;
        let place = match (self.keyring, &self.secrets) {
            (Some(entry), None) => Place::Keyring { entry },
            (None, Some(_)) => Place::File(path.to_owned()),
            _ => return Err(bad("either `keyring` or `secrets` has to be there")),
        };
        let profile = Profile {
            name: name::checked(name)?,
            instance,
            api,
            consumer_key: self.consumer_key,
            user: User {
                id: self.user_id,
                name: self.user_name,
            },
            since,
            place,
        };
        Ok((profile, self.secrets))
    }
}

impl Secrets {
    pub(super) fn new(profile: &Profile, credentials: &Credentials) -> Self {
        let zeroized = |text: &str| Zeroized::from(text.to_owned());
        let empty = Self {
            origin: profile.instance.origin(),
            consumer_key: profile.consumer_key.clone(),
            consumer_secret: None,
            token: zeroized(""),
            token_secret: None,
            refresh_token: None,
            download_token: None,
            expires_at: None,
            refresh_expires_at: None,
        };
        match credentials {
            Credentials::OAuth1 { consumer, access_token } => Self {
                consumer_key: consumer.key().to_owned(),
                consumer_secret: Some(zeroized(consumer.secret().expose())),
                token: zeroized(access_token.token()),
                token_secret: Some(zeroized(access_token.secret().expose())),
                ..empty
            },
            Credentials::OAuth2 { client_secret, tokens } => Self {
                consumer_secret: client_secret.as_ref().map(|secret| zeroized(secret.expose())),
                token: zeroized(tokens.access_token.expose()),
                refresh_token: tokens.refresh_token.as_ref().map(|token| zeroized(token.expose())),
                download_token: tokens.download_token.as_ref().map(|token| zeroized(token.expose())),
                expires_at: tokens.expires_at.map(|at| at.to_string()),
                refresh_expires_at: tokens.refresh_expires_at.map(|at| at.to_string()),
                ..empty
            },
        }
    }

    pub(super) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = serde_json::to_vec(self).map_err(|_| Error::invalid_input("the secrets cannot be written"))?;
        Ok(Zeroizing::new(bytes))
    }

    pub(super) fn from_bytes(bytes: &[u8], shown: &str) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|_| damaged(shown, "it holds no credentials"))
    }

    /// The credentials, if they are for this profile.
    pub(super) fn into_credentials(self, profile: &Profile, shown: &str) -> Result<Credentials> {
        if self.origin != profile.instance.origin() || self.consumer_key != profile.consumer_key {
            return Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "the credentials of the profile {} were made for another origin or consumer key than its own, {}",
                    profile.name,
                    profile.instance.origin()
                ),
            )
            .hint("log in anew: credentials are given out for no other origin than theirs"));
        }
        match &profile.api {
            Api::V4_1 => self.into_oauth1(shown),
            Api::Rest { .. } => self.into_oauth2(shown),
        }
    }

    fn into_oauth1(self, shown: &str) -> Result<Credentials> {
        let (Some(consumer_secret), Some(token_secret)) = (self.consumer_secret, self.token_secret) else {
            return Err(damaged(shown, "a secret is missing"));
        };
        let consumer = Consumer::new(self.consumer_key, consumer_secret.0.as_str())
            .map_err(|_| damaged(shown, "`consumer_secret`"))?;
        let access_token = AccessToken::from_parts(self.token.0.as_str(), TokenSecret::new(token_secret.0.as_str()))
            .map_err(|_| damaged(shown, "`token` or `token_secret`"))?;
        Ok(Credentials::OAuth1 { consumer, access_token })
    }

    /// What is in the tokens is checked where they are used: `oauth2::Client::session`.
    fn into_oauth2(self, shown: &str) -> Result<Credentials> {
        let time = |text: Option<String>| match text {
            Some(text) => UtcTime::parse(&text)
                .map(Some)
                .ok_or_else(|| damaged(shown, "`expires_at`")),
            None => Ok(None),
        };
        let mut tokens = Tokens::new(
            oauth2::AccessToken::new(self.token.0.as_str()),
            self.refresh_token.map(|token| RefreshToken::new(token.0.as_str())),
        );
        tokens.download_token = self.download_token.map(|token| DownloadToken::new(token.0.as_str()));
        tokens.expires_at = time(self.expires_at)?;
        tokens.refresh_expires_at = time(self.refresh_expires_at)?;
        Ok(Credentials::OAuth2 {
            client_secret: self.consumer_secret.map(|secret| ClientSecret::new(secret.0.as_str())),
            tokens,
        })
    }
}

fn damaged(shown: &str, what: &str) -> Error {
    Error::new(ErrorKind::Storage, format!("{shown} is damaged: {what}")).hint("remove it, and log in anew")
}
