//! One renewal for all who wait.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// A value that goes stale for everyone at once and is renewed by one caller while the others wait.
pub(crate) struct Renewal<T> {
    current: Mutex<Versioned<T>>,
    /// Held by whoever renews. The version it guards tells the waiters whether that has happened meanwhile.
    renewing: tokio::sync::Mutex<Option<Failed>>,
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
    error: crate::error::Error,
}

impl<T: Clone> Renewal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            current: Mutex::new(Versioned { value, version: 0 }),
            renewing: tokio::sync::Mutex::new(None),
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
            .filter(|failed| waited && failed.attempt == stale.version)
        {
            return Err(failed.error.clone());
        }
        match renew().await {
            Ok(value) => {
                *failed = None;
                let mut current = self.lock();
                current.value = value;
                current.version += 1;
                Ok(current.clone())
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Versioned<T>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::error::Error;

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
}
