//! Turns: a few at a time log in at one server, the others wait in the order in which they came.
//!
//! A server that restarts ends all sessions at once. Whoever holds a thousand of them must not knock a thousand times in
//! the same second.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use crate::error::{Error, ErrorKind, Result};

/// The servers at which somebody logs in or waits to.
pub(super) struct Turns {
    at_once: usize,
    servers: Mutex<HashMap<String, Attended>>,
}

/// A server and how many are there, those who wait included; the last one leaves nothing behind.
struct Attended {
    server: Arc<Server>,
    present: usize,
}

struct Server {
    places: Semaphore,
    silence: Mutex<Silence>,
}

/// Turns that got no answer.
#[derive(Default)]
struct Silence {
    /// All of them.
    turns: usize,
    /// Those since the last answer.
    in_a_row: usize,
    last: Option<Error>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            at_once: at_once.clamp(1, Semaphore::MAX_PERMITS),
            servers: Mutex::default(),
        }
    }

    /// Waits for a turn at the server and takes it.
    ///
    /// Cancellation-safe: dropped, it leaves its place to the next.
    ///
    /// # Errors
    /// Those of `log_in`; and without a turn the last of them, when meanwhile as many in a row as may be there at once got
    /// no answer.
    pub(super) async fn take<T>(&self, origin: String, log_in: impl Future<Output = Result<T>>) -> Result<T> {
        let visit = self.visit(origin);
        let silent_before = lock(&visit.server.silence).turns;
        // It is never closed.
        let _place = visit.server.places.acquire().await.ok();
        if let Some(error) = self.silent_since(&visit.server, silent_before) {
            return Err(error);
        }
        let outcome = log_in.await;
        visit.server.note(outcome.as_ref().err());
        outcome
    }

    fn silent_since(&self, server: &Server, before: usize) -> Option<Error> {
        let silence = lock(&server.silence);
        let meanwhile = silence.in_a_row.min(silence.turns - before);
        (meanwhile >= self.at_once).then(|| silence.last.clone())?
    }

    fn visit(&self, origin: String) -> Visit<'_> {
        let mut servers = lock(&self.servers);
        let attended = servers.entry(origin.clone()).or_insert_with(|| Attended {
            server: Arc::new(Server {
                places: Semaphore::new(self.at_once),
                silence: Mutex::default(),
            }),
            present: 0,
        });
        attended.present += 1;
        Visit {
            server: Arc::clone(&attended.server),
            turns: self,
            origin,
        }
    }
}

impl Server {
    fn note(&self, error: Option<&Error>) {
        // Texts of these kinds hold nothing that a server said to one client only.
        let unanswered =
            error.filter(|error| matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Tls));
        let mut silence = lock(&self.silence);
        match unanswered {
            Some(error) => {
                silence.turns += 1;
                silence.in_a_row += 1;
                silence.last = Some(error.clone());
            }
            None => silence.in_a_row = 0,
        }
    }
}

struct Visit<'a> {
    turns: &'a Turns,
    origin: String,
    server: Arc<Server>,
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let mut servers = lock(&self.turns.servers);
        if let Some(attended) = servers.get_mut(&self.origin) {
            attended.present -= 1;
            if attended.present == 0 {
                servers.remove(&self.origin);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    const SERVER: &str = "https://crm.example.com";

    fn unanswered() -> Error {
        Error::new(ErrorKind::Connect, "refused the connection")
    }

    /// A hundred turns of 5 ms each at these servers: how many were there at once at most, and what came of each.
    async fn hundred(
        turns: &Arc<Turns>,
        origin: fn(usize) -> String,
        outcome: fn(usize) -> Result<()>,
    ) -> (usize, Vec<Result<()>>) {
        let there = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                let (turns, there) = (Arc::clone(turns), Arc::clone(&there));
                tokio::spawn(async move {
                    let log_in = async {
                        let now = there.0.fetch_add(1, Ordering::SeqCst) + 1;
                        there.1.fetch_max(now, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        there.0.fetch_sub(1, Ordering::SeqCst);
                        outcome(number)
                    };
                    turns.take(origin(number), log_in).await
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        assert!(lock(&turns.servers).is_empty(), "something stays behind");
        (there.1.load(Ordering::SeqCst), outcomes)
    }

    #[tokio::test]
    async fn so_many_are_at_a_server_at_once_and_all_have_their_turn() {
        for (at_once, most) in [(0, 1), (1, 1), (4, 4)] {
            let turns = Arc::new(Turns::new(at_once));
            let (there, outcomes) = hundred(&turns, |_| SERVER.to_owned(), |_| Ok(())).await;
            assert!((1..=most).contains(&there), "{there}");
            assert!(outcomes.iter().all(Result::is_ok));
        }
    }

    #[tokio::test]
    async fn servers_do_not_wait_for_each_other() {
        let turns = Arc::new(Turns::new(4));
        let (there, _) = hundred(&turns, |number| format!("https://{}.example", number % 5), |_| Ok(())).await;
        assert!((5..=20).contains(&there), "{there}");
    }

    #[tokio::test]
    async fn those_who_wait_for_a_server_that_does_not_answer_are_told_and_a_newcomer_tries() {
        let turns = Arc::new(Turns::new(4));
        let tried = AtomicUsize::new(0);
        let silent = || async {
            tried.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            Err::<(), _>(unanswered())
        };
        let all = futures_util::future::join_all((0..100).map(|_| turns.take(SERVER.to_owned(), silent()))).await;
        assert!(all.into_iter().all(|one| one.unwrap_err().kind() == ErrorKind::Connect));
        // Those who are let in while the others leave may begin before the fourth failure is noted.
        let before = tried.load(Ordering::SeqCst);
        assert!((4..=8).contains(&before), "{before}");
        assert!(turns.take(SERVER.to_owned(), silent()).await.is_err());
        assert_eq!(tried.load(Ordering::SeqCst), before + 1);
    }

    #[tokio::test]
    async fn failures_between_successes_and_refusals_concern_nobody_else() {
        let turns = Arc::new(Turns::new(4));
        let (_, outcomes) = hundred(
            &turns,
            |_| SERVER.to_owned(),
            |number| {
                if number % 2 == 0 { Ok(()) } else { Err(unanswered()) }
            },
        )
        .await;
        assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 50);
        let refused = |_| Err(Error::new(ErrorKind::Refused, "refused"));
        let (_, outcomes) = hundred(&turns, |_| SERVER.to_owned(), refused).await;
        assert!(
            outcomes
                .into_iter()
                .all(|one| one.unwrap_err().kind() == ErrorKind::Refused)
        );
    }

    #[tokio::test]
    async fn a_turn_that_is_given_up_is_the_next_one_s() {
        let turns = Turns::new(1);
        let stuck = turns.take(SERVER.to_owned(), std::future::pending::<Result<()>>());
        assert!(tokio::time::timeout(Duration::from_millis(10), stuck).await.is_err());
        assert!(turns.take(SERVER.to_owned(), async { Ok(()) }).await.is_ok());
        assert!(lock(&turns.servers).is_empty());
    }
}
