//! Questions about one module that the server may not be able to answer: is it the module, or the server?

use std::time::Duration;

use super::manifest::LeftOut;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

/// How often a question is asked, each time with the retries of every call.
pub(super) const ATTEMPTS: u32 = 3;
pub(super) const PAUSE: Duration = Duration::from_millis(300);

/// Why a module or a link is not exported.
#[derive(Debug)]
pub(super) struct NotGiven {
    pub(super) reason: String,
    /// Whether it is the server's own word, or a rule, and no failure.
    pub(super) is_refusal: bool,
    /// Whether the connection failed rather than the module, so that it may well be readable.
    pub(super) is_doubtful: bool,
}

impl NotGiven {
    /// What the server or a rule says.
    pub(super) fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_refusal: true,
            is_doubtful: false,
        }
    }

    /// The line in the manifest.
    pub(super) fn left_out(self, module: &str, is_asked_for: bool) -> LeftOut {
        LeftOut {
            module: module.to_owned(),
            reason: self.reason,
            is_gap: is_asked_for || self.is_doubtful,
        }
    }
}

/// Asks, and again after a failure. A module that the server does not give, while it answers otherwise, is no error.
///
/// # Errors
/// What the server fails with when it gives nothing else either.
pub(super) async fn ask<T, F: Future<Output = Result<T>>>(
    session: &Session,
    question: impl Fn() -> F,
) -> Result<std::result::Result<T, NotGiven>> {
    let mut attempt = 1;
    let error = loop {
        match question().await {
            Ok(answer) => return Ok(Ok(answer)),
            Err(error) if may_fail_with_one_module(&error) && error.api().is_none() && attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            Err(error) => break error,
        }
    };
    not_given(session, error).await.map(Err)
}

/// What a failure means for a module.
///
/// # Errors
/// The failure itself, when it is not about the module.
pub(super) async fn not_given(session: &Session, error: Error) -> Result<NotGiven> {
    if error.api().is_some() {
        return Ok(NotGiven::because(error.message()));
    }
    if !may_fail_with_one_module(&error) || session.get_user_id().await.is_err() {
        return Err(error);
    }
    let is_doubtful = is_of_the_way(&error);
    Ok(NotGiven {
        reason: error.message().to_owned(),
        is_refusal: false,
        is_doubtful,
    })
}

/// Whether a failure may lie in what was asked for.
pub(super) fn may_fail_with_one_module(error: &Error) -> bool {
    let kinds = matches!(
        error.kind(),
        ErrorKind::Api | ErrorKind::HttpStatus | ErrorKind::InvalidAnswer | ErrorKind::NotTheApi | ErrorKind::TooLarge
    );
    kinds || is_of_the_way(error)
}

/// Whether it is the connection or something between that failed: it says little of the module.
fn is_of_the_way(error: &Error) -> bool {
    let busy = matches!(error.http_status(), Some(429 | 502..=504));
    busy || matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout)
}
