//! One renewal for all who wait.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, ErrorKind, Result};

/// A value that goes stale for everyone at once and is renewed by one caller while the others wait.
pub(crate) struct Renewal<T> {
    current: Mutex<Versioned<T>>,
    /// How many versions there are up to the newest that was good for something.
    served: AtomicU64,
    /// Held by whoever renews. The version it guards tells the waiters whether that has happened meanwhile.
    renewing: tokio::sync::Mutex<Option<Failed>>,
    /// Whether nothing can follow a failure: all later callers get it again, and nobody asks the server.
    is_final: fn(&Error) -> bool,
}

/// A value and how many came before it.
#[derive(Clone)]
pub(crate) struct Versioned<T> {
    pub(crate) value: T,
    pub(crate) version: u64,
}

/// The last renewal failed; whoever was already waiting for it shares its error instead of trying once more.
struct Failed {
    attempt: u64,
    error: Error,
}

impl<T: Clone> Renewal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            current: Mutex::new(Versioned { value, version: 0 }),
            served: AtomicU64::new(0),
            renewing: tokio::sync::Mutex::new(None),
            is_final: |_| false,
        }
    }

    /// A value whose renewal is given up for good after such a failure.
    pub(crate) fn until(value: T, is_final: fn(&Error) -> bool) -> Self {
        Self {
            is_final,
            ..Self::new(value)
        }
    }

    pub(crate) fn current(&self) -> Versioned<T> {
        self.lock().clone()
    }

    /// The value that followed `stale`: renewed by this call, or by another while this one waited.
    ///
    /// Cancellation-safe: when the renewing caller is dropped, the next waiter takes over.
    pub(crate) async fn renew<F, R>(&self, stale: &Versioned<T>, renew: F) -> Result<Versioned<T>>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<T>>,
    {
        let waited = self.renewing.try_lock().is_err();
        let mut failed = self.renewing.lock().await;
        let current = self.current();
        if current.version != stale.version {
            return Ok(current);
        }
        if let Some(failed) = failed
            .as_ref()
            .filter(|failed| failed.attempt == stale.version && (waited || (self.is_final)(&failed.error)))
        {
            return Err(failed.error.clone());
        }
        match renew().await {
            Ok(value) => {
                *failed = None;
                Ok(self.replace(value))
            }
            Err(error) => {
                *failed = Some(Failed {
                    attempt: stale.version,
                    error: error.clone(),
                });
                Err(error)
            }
        }
    }

    /// Notes that a value was good for something.
    pub(crate) fn note_served(&self, value: &Versioned<T>) {
        if !self.has_served(value) {
            self.served.fetch_max(value.version + 1, Ordering::Relaxed);
        }
    }

    /// Whether a value was good for something, for anyone.
    pub(crate) fn has_served(&self, value: &Versioned<T>) -> bool {
        self.served.load(Ordering::Relaxed) > value.version
    }

    /// The value after the renewal that runs now, if one does.
    pub(crate) async fn settled(&self) -> Versioned<T> {
        let _none_runs = self.renewing.lock().await;
        self.current()
    }

    /// Puts another value in the place of the current one.
    pub(crate) fn replace(&self, value: T) -> Versioned<T> {
        let mut current = self.lock();
        current.value = value;
        current.version += 1;
        current.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Versioned<T>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone + Send + 'static> Renewal<T> {
    /// As [`renew`](Self::renew), for values of which the server forgets the old one as soon as it gives the new one: a
    /// renewal that has begun runs to its end although the caller was dropped.
    pub(crate) async fn renew_to_the_end<F, R>(self: &Arc<Self>, stale: &Versioned<T>, renew: F) -> Result<Versioned<T>>
    where
        T: Sync,
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<T>> + Send + 'static,
    {
        let (this, stale) = (Arc::clone(self), stale.clone());
        let done = tokio::spawn(async move { this.renew(&stale, renew).await }).await;
        done.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::SessionGone,
                "the renewal was given up: it panicked, or the runtime ended",
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    async fn renew_at_once(results: fn(usize) -> Result<usize>) -> (usize, Vec<Result<usize>>) {
        let renewal = Arc::new(Renewal::new(0));
        let renewals = Arc::new(AtomicUsize::new(0));
        let stale = renewal.current();
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let (renewal, renewals, stale) = (Arc::clone(&renewal), Arc::clone(&renewals), stale.clone());
                tokio::spawn(async move {
                    let renew = || async {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        results(renewals.fetch_add(1, Ordering::SeqCst))
                    };
                    renewal.renew(&stale, renew).await.map(|renewed| renewed.value)
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        (renewals.load(Ordering::SeqCst), answers)
    }

    #[tokio::test]
    async fn sixty_four_waiters_share_one_renewal() {
        let (renewals, answers) = renew_at_once(|count| Ok(count + 7)).await;
        assert_eq!(renewals, 1);
        assert!(answers.into_iter().all(|answer| answer.unwrap() == 7));
    }

    #[tokio::test]
    async fn sixty_four_waiters_share_one_failure_and_a_later_caller_tries_again() {
        let (renewals, answers) = renew_at_once(|_| Err(Error::invalid_input("refused"))).await;
        assert_eq!(renewals, 1);
        assert!(answers.iter().all(Result::is_err));

        let renewal = Renewal::new(0);
        let stale = renewal.current();
        assert!(
            renewal
                .renew(&stale, || async { Err(Error::invalid_input("refused")) })
                .await
                .is_err()
        );
        assert_eq!(renewal.renew(&stale, || async { Ok(1) }).await.unwrap().value, 1);
    }

    #[tokio::test]
    async fn a_dropped_renewal_leaves_the_next_free() {
        let renewal = Renewal::new(0);
        let stale = renewal.current();
        let stuck = renewal.renew(&stale, std::future::pending);
        assert!(tokio::time::timeout(Duration::from_millis(10), stuck).await.is_err());
        assert_eq!(renewal.renew(&stale, || async { Ok(2) }).await.unwrap().value, 2);
    }

    #[tokio::test]
    async fn a_renewal_that_must_not_be_lost_outlives_its_caller() {
        let renewal = Arc::new(Renewal::new(0));
        let stale = renewal.current();
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let caller = renewal.renew_to_the_end(&stale, || async {
            let _ = wait.await;
            Ok(3)
        });
        assert!(tokio::time::timeout(Duration::from_millis(10), caller).await.is_err());
        go.send(()).unwrap();
        assert_eq!(renewal.settled().await.value, 3);
    }

    #[tokio::test]
    async fn after_a_final_failure_nobody_tries_again() {
        let renewal = Renewal::until(0, |error| error.kind() == ErrorKind::SessionGone);
        let stale = renewal.current();
        for (kind, tried) in [
            (ErrorKind::Timeout, true),
            (ErrorKind::SessionGone, true),
            (ErrorKind::Timeout, false),
        ] {
            let asked = AtomicUsize::new(0);
            let renew = || async {
                asked.fetch_add(1, Ordering::SeqCst);
                Err(Error::new(kind, "refused"))
            };
            assert!(renewal.renew(&stale, renew).await.is_err());
            assert_eq!(asked.load(Ordering::SeqCst) == 1, tried, "{kind:?}");
        }
    }
}
