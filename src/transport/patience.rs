//! How long to wait for one answer.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

/// The limits of one request: on the server's silence, and on all of it.
///
/// The HTTP library could hold both, at the price of three timers for each request. Here one is set, and only where there
/// is something to wait for: an answer's body is mostly there as soon as its head.
pub(super) struct Patience {
    silence: Duration,
    whole: Duration,
    /// When the whole must be done, from the first wait on.
    end: Option<Instant>,
}

impl Patience {
    pub(super) fn new(silence: Duration, whole: Duration) -> Self {
        Self {
            silence,
            whole,
            end: None,
        }
    }

    /// Waits for what the server does next.
    ///
    /// # Errors
    /// When that takes too long.
    pub(super) async fn wait<F: Future>(&mut self, next: F) -> Result<F::Output, Elapsed> {
        let mut next = pin!(next);
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await {
            return Ok(done);
        }
        // Asking for the time is a good part of what a timer costs: once is enough.
        let now = Instant::now();
        let end = *self.end.get_or_insert_with(|| after(now, self.whole));
        timeout_at(after(now, self.silence).min(end), next).await
    }
}

/// A year hence for what no clock can count to.
fn after(now: Instant, wait: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + wait.min(YEAR)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn silence_and_the_whole_are_both_limited_however_large_the_other_is() {
        for (silence, whole) in [(MOMENT, Duration::MAX), (Duration::MAX, MOMENT)] {
            let mut patience = Patience::new(silence, whole);
            assert!(patience.wait(pending::<()>()).await.is_err());
        }
    }

    #[tokio::test]
    async fn what_is_there_is_taken_though_time_is_up_and_nothing_more_is_waited_for() {
        let mut patience = Patience::new(Duration::MAX, MOMENT);
        assert!(patience.wait(pending::<()>()).await.is_err());
        assert_eq!(patience.wait(ready(1)).await.unwrap(), 1);
        assert!(patience.wait(tokio::time::sleep(MOMENT)).await.is_err());
    }

    #[tokio::test]
    async fn silence_is_counted_anew_for_each_thing() {
        let mut patience = Patience::new(Duration::from_secs(60), Duration::MAX);
        for _ in 0..3 {
            assert!(patience.wait(tokio::time::sleep(MOMENT)).await.is_ok());
        }
    }
}
