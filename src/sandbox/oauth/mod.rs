//! The provider's side of OAuth 1.0a: nonces, tokens, and the signature check.

mod nonces;
mod provider;
mod signature;
mod tokens;

pub(crate) use nonces::Nonces;
pub(crate) use provider::{Check, Checked, Problem, check};
pub(crate) use signature::encode;
pub(crate) use tokens::{Token, TokenKind, Tokens};
