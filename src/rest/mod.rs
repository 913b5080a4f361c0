//! The API's envelope: how a call is written, how an answer reads and how refusals look.

mod arguments;
mod envelope;
mod refusal;
mod retry;
mod token_answer;

pub use arguments::Arguments;
pub(crate) use arguments::{cleaned_by_server, form, parameters};
pub(crate) use envelope::{Envelope, invalid_answer};
pub(crate) use refusal::{check_status, redirect, refusal_reason, refused};
pub(crate) use retry::{Backoff, Repeat};
pub(crate) use token_answer::{TokenAnswer, check_token};
