//! Request tokens and access tokens.

use crate::sandbox::random::hex;
use std::collections::HashMap;

/// A request token lives one day.
const REQUEST_TOKEN_LIFE: i64 = 24 * 3600;

/// The column for the callback holds so many characters; longer text is cut.
const CALLBACK_COLUMN: usize = 255;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Request,
    Access,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) token: String,
    pub(crate) secret: String,
    pub(crate) kind: TokenKind,
    pub(crate) consumer_key: String,
    pub(crate) callback: Option<String>,
    /// Set when a person has authorized a request token.
    pub(crate) verifier: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) created_at: i64,
}

impl Token {
    /// What the two token calls answer.
    pub(crate) fn as_form(&self) -> String {
        format!("oauth_token={}&oauth_token_secret={}", self.token, self.secret)
    }
}

/// All tokens. A request token that was exchanged is gone.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<String, Token>);

impl Tokens {
    pub(crate) fn request(&mut self, consumer_key: &str, callback: &str, now: i64) -> Token {
        let callback = Some(callback).filter(|callback| !callback.is_empty() && *callback != "oob");
        self.add(Token {
            token: hex(12),
            secret: hex(12),
            kind: TokenKind::Request,
            consumer_key: consumer_key.to_owned(),
            callback: callback.map(|callback| callback.chars().take(CALLBACK_COLUMN).collect()),
            verifier: None,
            user: None,
            created_at: now,
        })
    }

    /// Spends a request token for an access token of the same consumer and user.
    pub(crate) fn exchange(&mut self, request: &Token, now: i64) -> Token {
        self.0.remove(&request.token);
        self.add(Token {
            token: hex(12),
            secret: hex(12),
            kind: TokenKind::Access,
            callback: None,
            verifier: None,
            created_at: now,
            ..request.clone()
        })
    }

    /// Makes a known access token valid.
    pub(crate) fn implant_access(&mut self, token: &str, secret: &str, consumer_key: &str, user: &str, now: i64) {
        self.add(Token {
            token: token.to_owned(),
            secret: secret.to_owned(),
            kind: TokenKind::Access,
            consumer_key: consumer_key.to_owned(),
            callback: None,
            verifier: None,
            user: Some(user.to_owned()),
            created_at: now,
        });
    }

    fn add(&mut self, token: Token) -> Token {
        self.0.insert(token.token.clone(), token.clone());
        token
    }

    /// A token that still lives.
    pub(crate) fn find(&mut self, token: &str, now: i64) -> Option<&mut Token> {
        let found = self.0.get(token)?;
        if found.kind == TokenKind::Request && now - found.created_at > REQUEST_TOKEN_LIFE {
            self.0.remove(token);
            return None;
        }
        self.0.get_mut(token)
    }

    /// What a person's yes does: the token gets a verifier, in place of one it may have had.
    pub(crate) fn authorize(&mut self, token: &str, user: &str, now: i64) -> Option<Token> {
        let token = self.find(token, now).filter(|token| token.kind == TokenKind::Request)?;
        token.verifier = Some(hex(12));
        token.user = Some(user.to_owned());
        Some(token.clone())
    }

    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.0.values()
    }
}
