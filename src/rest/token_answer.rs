//! The answer of the two token calls: a form, or that form as one JSON string.

use crate::error::{Error, ErrorKind};
use crate::secret::TokenSecret;
use crate::transport::Answer;

use super::envelope::{Envelope, invalid_answer};

/// The longest token or secret that is taken. Real ones have 12 characters.
const LONGEST: usize = 255;

/// A token pair and what came with it.
pub(crate) struct TokenAnswer {
    pub(crate) token: String,
    pub(crate) secret: TokenSecret,
    pub(crate) callback_confirmed: bool,
    pub(crate) authorize_url: Option<String>,
}

impl TokenAnswer {
    /// Reads an answer of HTTP status 200.
    ///
    /// # Errors
    /// The API's own error, or why this is no answer with tokens. Values are never repeated: they may be secrets.
    pub(crate) fn read(answer: &Answer) -> Result<Self, Error> {
        let text = std::str::from_utf8(&answer.body)
            .map_err(|_| invalid_answer("the answer is not text in UTF-8"))?
            .trim_start_matches('\u{feff}')
            .trim();
        let form = match text.lines().last().filter(|line| line.starts_with("oauth_token=")) {
            Some(form) => form.to_owned(),
            None => match Envelope::read(answer)? {
                Envelope::Value(serde_json::Value::String(form)) => form,
                Envelope::Error(error) => return Err(Error::from_api(error)),
                _ => return Err(no_token()),
            },
        };
        Self::from_form(&form)
    }

    fn from_form(form: &str) -> Result<Self, Error> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(form).map_err(|_| invalid_answer("the answer with the tokens is malformed"))?;
        let mut values = pairs.iter().filter(|(name, _)| name == "oauth_token");
        let (Some((_, token)), None) = (values.next(), values.next()) else {
            return Err(no_token());
        };
        let value = |wanted: &str| {
            pairs
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str())
        };
        let secret = value("oauth_token_secret").ok_or_else(no_token)?;
        check_token(token)?;
        check_token(secret)?;
        Ok(Self {
            token: token.clone(),
            secret: TokenSecret::new(secret),
            callback_confirmed: value("oauth_callback_confirmed") == Some("true"),
            authorize_url: value("authorize_url").map(str::to_owned),
        })
    }
}

/// Refuses a token or secret outside `[A-Za-z0-9._~-]{1,255}`: it ends up in URLs, forms and files.
pub(crate) fn check_token(text: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(allowed) {
        return Err(invalid_answer(
            "a token holds characters that no token of this API has, or is empty or too long",
        ));
    }
    Ok(())
}

fn no_token() -> Error {
    Error::new(ErrorKind::InvalidAnswer, "the answer holds no token").hint("check that the URL is the CRM's site URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_captured_answer_reads_plain_and_quoted() {
        let captured = "oauth_token=fac1ce87d940&oauth_token_secret=a206dfa9bb0a&oauth_callback_confirmed=true&authorize_url=http%3A%2F%2F127.0.0.1%3A8080%2Findex.php%3Fmodule%3DOAuthTokens%26action%3Dauthorize";
        let answer = TokenAnswer::from_form(captured).ok().unwrap();
        assert_eq!(answer.token, "fac1ce87d940");
        assert_eq!(answer.secret.expose(), "a206dfa9bb0a");
        assert!(answer.callback_confirmed);
        assert_eq!(
            answer.authorize_url.as_deref(),
            Some("http://127.0.0.1:8080/index.php?module=OAuthTokens&action=authorize")
        );
    }

    #[test]
    fn tokens_that_could_be_anything_else_are_refused() {
        for token in ["", "a'b", "a%0Ab", "%24(id)", "a%20b", "%C3%A5", &"a".repeat(256)] {
            let form = format!("oauth_token={token}&oauth_token_secret=s");
            assert!(TokenAnswer::from_form(&form).is_err(), "{token}");
            let form = format!("oauth_token=t&oauth_token_secret={token}");
            assert!(TokenAnswer::from_form(&form).is_err(), "{token}");
        }
        assert!(TokenAnswer::from_form("oauth_token=a&oauth_token=b&oauth_token_secret=s").is_err());
        assert!(TokenAnswer::from_form("oauth_token=a").is_err());
    }
}
