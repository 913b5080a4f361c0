//! The three tokens of a login, and when they end.

use std::fmt;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::rest::invalid_answer;
use crate::secret::secret;
use crate::transport::Answer;
use crate::utc::UtcTime;

secret! {
    /// The secret of an OAuth key (Admin > OAuth Keys), for REST v10 and v11: `client_secret`.
    ///
    /// ```
    /// use sugar_oauth::oauth2::ClientSecret;
    ///
    /// let secret = ClientSecret::new("from a store of secrets");
    /// assert_eq!(secret.expose(), "from a store of secrets");
    /// assert_eq!(format!("{secret:?}"), "ClientSecret(…)");
    /// ```
    ClientSecret
}

secret! {
    /// What calls are made with: whoever has it acts as the user until it ends.
    ///
    /// ```
    /// use sugar_oauth::oauth2::{AccessToken, Tokens};
    ///
    /// // A token that another program gave, without one to renew it with.
    /// let tokens = Tokens::new(AccessToken::new("3d07cb03-515b-4c1e-8f65-0d2d5c8b9f10"), None);
    /// assert_eq!(tokens.access_token.expose().len(), 36);
    /// ```
    AccessToken
}

secret! {
    /// What new tokens are had with. The server ends it when it gives them.
    ///
    /// ```no_run
    /// # async fn come_back(client: sugar_oauth::oauth2::Client, kept: &str) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::oauth2::RefreshToken;
    ///
    /// let session = client.refresh(&RefreshToken::new(kept)).await?;
    /// # Ok(())
    /// # }
    /// ```
    RefreshToken
}

secret! {
    /// What files are received with.
    ///
    /// ```
    /// use sugar_oauth::oauth2::DownloadToken;
    ///
    /// assert_eq!(format!("{:?}", DownloadToken::new("77aa")), "DownloadToken(…)");
    /// ```
    DownloadToken
}

/// The most characters of a token. Those of the documents have 36; signed ones, which some identity services give, some
/// hundreds.
const LONGEST_TOKEN: usize = 4096;
/// The longest that a lifetime is believed to be.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// How long before its end an access token is renewed, unless it lives too short for that.
const MARGIN: Duration = Duration::from_secs(60);

/// The tokens of one login, to keep and to come back with: [`Client::session`](super::Client::session).
///
/// With every renewal the server ends the refresh token before: keep the newest, which
/// [`Session::on_renewal`](super::Session::on_renewal) gives. Times are this machine's, counted from when the tokens were
/// asked for.
///
/// ```
/// use sugar_oauth::UtcTime;
/// use sugar_oauth::oauth2::{AccessToken, DownloadToken, RefreshToken, Tokens};
///
/// // As they were kept.
/// let mut tokens = Tokens::new(AccessToken::new("3d07…"), Some(RefreshToken::new("9b1c…")));
/// tokens.download_token = Some(DownloadToken::new("77aa…"));
/// tokens.expires_at = UtcTime::parse("2026-11-21 09:54:25");
/// // What is printed of them holds no token.
/// assert!(!format!("{tokens:?}").contains("3d07"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// `access_token`.
    pub access_token: AccessToken,
    /// `refresh_token`, where the server gave one.
    pub refresh_token: Option<RefreshToken>,
    /// `download_token`, where the server gave one.
    pub download_token: Option<DownloadToken>,
    /// When the access token ends (`expires_in`); `None` where the server did not say, or not believably.
    pub expires_at: Option<UtcTime>,
    /// When the refresh token ends (`refresh_expires_in`); `None` as above.
    pub refresh_expires_at: Option<UtcTime>,
    /// `scope`, which the server leaves `null`.
    pub scope: Option<String>,
}

impl Tokens {
    /// Tokens from storage; set the other fields as they were kept. Nothing is checked yet.
    pub fn new(access_token: AccessToken, refresh_token: Option<RefreshToken>) -> Self {
        Self {
            access_token,
            refresh_token,
            download_token: None,
            expires_at: None,
            refresh_expires_at: None,
            scope: None,
        }
    }

    /// Every secret in it, to blot out.
    pub(super) fn secrets(&self) -> [&str; 3] {
        [
            self.access_token.expose(),
            self.refresh_token.as_ref().map_or("", RefreshToken::expose),
            self.download_token.as_ref().map_or("", DownloadToken::expose),
        ]
    }

    fn check(&self) -> Result<()> {
        let mut given = self.secrets().into_iter().skip(1).filter(|token| !token.is_empty());
        check_token(self.access_token.expose())?;
        given.try_for_each(check_token)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tokens")
            .field("expires_at", &self.expires_at)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .finish_non_exhaustive()
    }
}

/// Tokens in use, with their end on the clock that nobody sets.
pub(super) struct Held {
    pub(super) tokens: Tokens,
    life: Option<Life>,
    /// Whether they come from storage: then the server may have forgotten them since.
    pub(super) was_kept: bool,
}

#[derive(Clone, Copy)]
struct Life {
    begun: Instant,
    lasts: Duration,
}

/// What `POST /oauth2/token` answers.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: Option<String>,
    refresh_token: Option<String>,
    download_token: Option<String>,
    scope: Option<Value>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_expires_in: Value,
}

impl Held {
    /// Reads an answer of status 200 to a request that was sent at `asked`. Nothing of it is repeated in an error.
    pub(super) fn read(answer: &Answer, asked: Instant) -> Result<Self> {
        let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
        let read: TokenAnswer = serde_json::from_slice(body).map_err(|_| no_tokens())?;
        if read.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(invalid_answer("the tokens are not of the type bearer"));
        }
        let (lasts, refresh_lasts) = (lifetime(&read.expires_in), lifetime(&read.refresh_expires_in));
        let since = asked.elapsed();
        let ends = |lasts: Duration| {
            let left = i64::try_from(lasts.saturating_sub(since).as_secs()).unwrap_or(0);
            UtcTime::from_unix_seconds(UtcTime::now().unix_seconds() + left)
        };
        let tokens = Tokens {
            access_token: AccessToken::new(read.access_token),
            refresh_token: read.refresh_token.map(RefreshToken::new),
            download_token: read.download_token.map(DownloadToken::new),
            expires_at: lasts.map(ends),
            refresh_expires_at: refresh_lasts.map(ends),
            scope: read.scope.as_ref().and_then(Value::as_str).map(str::to_owned),
        };
        if tokens
            .refresh_token
            .as_ref()
            .is_some_and(|token| token.expose().is_empty())
        {
            return Err(no_tokens());
        }
        tokens.check()?;
        let life = lasts.map(|lasts| Life { begun: asked, lasts });
        Ok(Self {
            tokens,
            life,
            was_kept: false,
        })
    }

    /// Tokens that were kept: how long they last is told by this machine's clock.
    pub(super) fn restored(tokens: Tokens) -> Result<Self> {
        tokens.check().map_err(|error| error.kind_is(ErrorKind::InvalidInput))?;
        let life = tokens.expires_at.map(|at| {
            let left = at.unix_seconds().saturating_sub(UtcTime::now().unix_seconds());
            Life {
                begun: Instant::now(),
                lasts: Duration::from_secs(u64::try_from(left).unwrap_or(0)).min(LONGEST),
            }
        });
        Ok(Self {
            tokens,
            life,
            was_kept: true,
        })
    }

    /// Whether it is time for a renewal: a minute before the end, or when nine tenths have gone by.
    pub(super) fn is_ageing(&self) -> bool {
        self.life
            .is_some_and(|life| life.begun.elapsed() + MARGIN.min(life.lasts / 10) >= life.lasts)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.life.is_some_and(|life| life.begun.elapsed() >= life.lasts)
    }
}

/// Seconds as a number or its text. Nothing is known of what is absent, negative or zero; what is longer than a year is
/// taken for a year.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    if !seconds.is_finite() || seconds < 1.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds).map_or(LONGEST, |lasts| lasts.min(LONGEST)))
}

/// Bearer tokens are of these characters (RFC 6750 section 2.1); others could end a header.
pub(super) fn check_token(token: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || token.len() > LONGEST_TOKEN || !token.bytes().all(allowed) {
        return Err(invalid_answer(
            "a token holds characters that no bearer token has, or is empty or too long",
        ));
    }
    Ok(())
}

fn no_tokens() -> Error {
    Error::new(
        ErrorKind::InvalidAnswer,
        "the answer holds no tokens, or none that can be read",
    )
    .hint("check that the URL is the CRM's site URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the vendor's document of `POST /oauth2/token` shows it.
    const DOCUMENTED: &str = r#"{"access_token":"802b64c0-5eac-8431-a541-5342d38ac527","expires_in":3600,"token_type":"bearer","scope":null,"refresh_token":"85053198-24b1-4521-b1a1-5342d382e0b7","refresh_expires_in":1209600,"download_token":"8c9b5461-0d95-8d87-6084-5342d357b39e"}"#;

    fn read(body: &str, asked: Instant) -> Result<Held> {
        let answer = Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            location: None,
            retry_after: None,
            date: None,
            heard: asked,
            body: body.as_bytes().to_vec(),
        };
        Held::read(&answer, asked)
    }

    fn with(name: &str, value: Value) -> String {
        let mut answer: Value = serde_json::from_str(DOCUMENTED).unwrap();
        answer[name] = value;
        answer.to_string()
    }

    #[test]
    fn the_documented_answer_is_read_whole() {
        let now = UtcTime::now().unix_seconds();
        let tokens = read(DOCUMENTED, Instant::now()).ok().unwrap().tokens;
        assert_eq!(tokens.access_token.expose(), "802b64c0-5eac-8431-a541-5342d38ac527");
        assert_eq!(
            tokens.refresh_token.unwrap().expose(),
            "85053198-24b1-4521-b1a1-5342d382e0b7"
        );
        assert_eq!(
            tokens.download_token.unwrap().expose(),
            "8c9b5461-0d95-8d87-6084-5342d357b39e"
        );
        assert_eq!(tokens.scope, None);
        let left = |at: Option<UtcTime>| at.unwrap().unix_seconds() - now;
        assert!((3599..=3602).contains(&left(tokens.expires_at)));
        assert!((1_209_599..=1_209_602).contains(&left(tokens.refresh_expires_at)));
    }

    #[test]
    fn a_life_counts_from_when_it_was_asked_for() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
        for (lasts, asked_ago, ageing, ended) in
            [(300, 100, false, false), (100, 91, true, false), (100, 100, true, true)]
        {
            let held = read(&with("expires_in", lasts.into()), ago(asked_ago)).ok().unwrap();
            assert_eq!(
                (held.is_ageing(), held.has_ended()),
                (ageing, ended),
                "{lasts} {asked_ago}"
            );
        }
    }

    #[test]
    fn absurd_lifetimes_are_bounded() {
        for absurd in [
            Value::Null,
            (-5).into(),
            0.into(),
            "soon".into(),
            "nan".into(),
            true.into(),
        ] {
            let held = read(&with("expires_in", absurd.clone()), Instant::now()).ok().unwrap();
            assert!(!held.is_ageing() && held.tokens.expires_at.is_none(), "{absurd}");
        }
        let year = UtcTime::now().unix_seconds() + 367 * 24 * 60 * 60;
        for absurd in [u64::MAX.into(), Value::from(1e300), "99999999999999999999".into()] {
            let held = read(&with("refresh_expires_in", absurd.clone()), Instant::now())
                .ok()
                .unwrap();
            assert!(
                held.tokens.refresh_expires_at.unwrap().unix_seconds() < year,
                "{absurd}"
            );
        }
        assert_eq!(lifetime(&"3600".into()), Some(Duration::from_secs(3600)));
        let mut kept = Tokens::new(AccessToken::new("a"), None);
        kept.expires_at = Some(UtcTime::from_unix_seconds(i64::MAX));
        assert!(!Held::restored(kept.clone()).ok().unwrap().is_ageing());
        kept.expires_at = Some(UtcTime::from_unix_seconds(i64::MIN));
        assert!(Held::restored(kept).ok().unwrap().has_ended());
    }

    #[test]
    fn tokens_that_could_be_anything_else_are_refused() {
        for name in ["access_token", "refresh_token", "download_token"] {
            for token in ["a b", "a\r\nX: y", "ü", "'", "a;b", &"a".repeat(4097)] {
                assert!(
                    read(&with(name, token.into()), Instant::now()).is_err(),
                    "{name} {token:?}"
                );
            }
        }
        for body in [
            "",
            "null",
            "[]",
            "{}",
            "\"a\"",
            "<html>",
            &with("access_token", "".into()),
        ] {
            assert!(read(body, Instant::now()).is_err(), "{body}");
        }
        assert!(read(&with("refresh_token", "".into()), Instant::now()).is_err());
        assert!(read(&with("token_type", "mac".into()), Instant::now()).is_err());
        assert!(Held::restored(Tokens::new(AccessToken::new("a b"), None)).is_err());
        let signed = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln-_=", "a".repeat(2000));
        assert!(read(&with("access_token", signed.into()), Instant::now()).is_ok());
    }
}
