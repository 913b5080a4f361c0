//! When a call may be sent again, and how long to wait first.

use std::time::Duration;

use super::refusal::refused;
use crate::transport::{Answer, SendFailure};

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// A server that asks for more patience than this gets an error instead, which says so.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What sending a call twice could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing: reads, the request token, `oauth_access`.
    Harmless,
    /// Something, so it is sent again only if no byte of it was sent: writes, and the exchange of a verifier, whose
    /// lost answer has spent the token.
    OnlyIfNothingWasSent,
}

/// Counts the attempts of one call.
pub(crate) struct Backoff {
    repeat: Repeat,
    attempts: u32,
    /// Whether a silent refusal may be answered by a fresh signature.
    may_sign_afresh: bool,
}

impl Backoff {
    pub(crate) fn new(repeat: Repeat) -> Self {
        Self {
            repeat,
            attempts: 1,
            may_sign_afresh: false,
        }
    }

    /// For calls that are signed anew each time they are sent.
    ///
    /// A refusal without a word is then tried once more: another program with the same consumer key may have been a
    /// second ahead.
    pub(crate) fn signed(repeat: Repeat) -> Self {
        Self {
            may_sign_afresh: repeat == Repeat::Harmless,
            ..Self::new(repeat)
        }
    }

    /// How long to wait before sending again; `None` to take what came.
    pub(crate) fn wait(&mut self, outcome: &Result<Answer, SendFailure>) -> Option<Duration> {
        match outcome {
            Ok(answer) if self.may_sign_afresh && refused(answer) => {
                self.may_sign_afresh = false;
                Some(Duration::ZERO)
            }
            Ok(answer) => self.after_answer(answer),
            Err(failure) => self.after_failure(failure),
        }
    }

    fn after_failure(&mut self, failure: &SendFailure) -> Option<Duration> {
        let allowed = failure.nothing_sent || self.repeat == Repeat::Harmless;
        (allowed && failure.transient).then(|| self.next(None))?
    }

    fn after_answer(&mut self, answer: &Answer) -> Option<Duration> {
        let busy = matches!(answer.status, 502..=504);
        (busy && self.repeat == Repeat::Harmless).then(|| self.next(answer.retry_after))?
    }

    fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.attempts >= ATTEMPTS || asked.is_some_and(|wait| wait > LONGEST_WAIT) {
            return None;
        }
        let wait = FIRST_WAIT * 2_u32.pow(self.attempts - 1);
        self.attempts += 1;
        Some(asked.unwrap_or(Duration::ZERO).max(wait.mul_f64(jitter())))
    }
}

/// Between a half and one, so that many clients do not come back in step.
fn jitter() -> f64 {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    0.5 + f64::from(random) / f64::from(u32::MAX) / 2.0
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn answer(status: u16, retry_after: Option<u64>) -> Answer {
        Answer {
            status,
            content_type: String::new(),
            location: None,
            retry_after: retry_after.map(Duration::from_secs),
            date: None,
            heard: Instant::now(),
            body: Vec::new(),
        }
    }

    #[test]
    fn a_busy_server_is_asked_four_times_in_all_with_growing_waits() {
        let mut backoff = Backoff::new(Repeat::Harmless);
        let waits: Vec<_> = std::iter::from_fn(|| backoff.wait(&Ok(answer(503, None)))).collect();
        assert_eq!(waits.len(), 3);
        assert!(waits[2] >= Duration::from_millis(400) && waits[2] <= Duration::from_millis(800));
    }

    #[test]
    fn retry_after_is_obeyed_up_to_a_minute() {
        assert_eq!(
            Backoff::new(Repeat::Harmless).wait(&Ok(answer(503, Some(7)))),
            Some(Duration::from_secs(7))
        );
        assert_eq!(Backoff::new(Repeat::Harmless).wait(&Ok(answer(503, Some(3600)))), None);
    }

    #[test]
    fn what_may_have_acted_is_never_sent_again() {
        let mut backoff = Backoff::signed(Repeat::OnlyIfNothingWasSent);
        assert_eq!(backoff.wait(&Ok(answer(503, None))), None);
        assert_eq!(backoff.wait(&Ok(answer(500, None))), None);
    }

    #[test]
    fn a_silent_refusal_is_signed_afresh_once() {
        let mut backoff = Backoff::signed(Repeat::Harmless);
        assert_eq!(backoff.wait(&Ok(answer(500, None))), Some(Duration::ZERO));
        assert_eq!(backoff.wait(&Ok(answer(500, None))), None);
        assert_eq!(Backoff::new(Repeat::Harmless).wait(&Ok(answer(500, None))), None);
    }
}
