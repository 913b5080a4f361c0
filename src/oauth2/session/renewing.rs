//! How a session comes by new tokens, once for all who wait.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::{Session, Shared};
use crate::error::{Error, ErrorKind, RestErrorCode, Result, Step};
use crate::oauth2::Tokens;
use crate::oauth2::tokens::Held;
use crate::renewal::Versioned;
use crate::secret::Password;

/// How long and how often it is waited for a renewal of another process: two minutes, longer than any takes that is not
/// stopped.
const PAUSE: Duration = Duration::from_millis(20);
const MOST_PAUSES: u32 = 6_000;

pub(super) type Observer = Arc<dyn Fn(&Tokens) + Send + Sync>;
type Provided = Pin<Box<dyn Future<Output = Option<Password>> + Send>>;

/// Where the tokens of a session are kept, so that another process that keeps the same login uses them, too. It blocks.
pub(crate) trait Keeper: Send + Sync {
    /// Begins a renewal; `None` while another process is at one.
    fn turn(&self) -> Option<Box<dyn Turn>>;

    /// Begins one although another process is at one.
    fn turn_all_the_same(&self) -> Box<dyn Turn>;
}

/// A renewal during which no other process renews the same login. It ends when this is dropped.
pub(crate) trait Turn: Send {
    /// The tokens that another process has kept since these were had.
    fn newer_than(&self, tokens: &Tokens) -> Option<Tokens>;

    /// Keeps new tokens.
    fn keep(&self, tokens: &Tokens);
}

/// How to log in again.
pub(super) struct Door {
    pub(super) user_name: String,
    pub(super) provider: Box<dyn Fn() -> Provided + Send + Sync>,
}

impl Session {
    /// The tokens, renewed if their end is near.
    pub(in crate::oauth2) async fn fresh(&self) -> Result<Versioned<Arc<Held>>> {
        self.check_open()?;
        let held = self.shared.held.current();
        if !held.value.is_ageing() || !self.shared.can_renew(&held.value) {
            return Ok(held);
        }
        match self.renew(&held).await {
            Ok(renewed) => Ok(renewed),
            // The server has the last word on whether this one still works.
            Err(error) if held.value.has_ended() => Err(error),
            Err(_) => Ok(held),
        }
    }

    pub(in crate::oauth2) async fn renew(&self, stale: &Versioned<Arc<Held>>) -> Result<Versioned<Arc<Held>>> {
        let (shared, old) = (Arc::clone(&self.shared), Arc::clone(&stale.value));
        let renewal = Arc::clone(&self.shared.held);
        renewal
            .renew_to_the_end(stale, move || async move { shared.renewed(&old).await })
            .await
    }

    /// As [`renew`](Self::renew), once more after a logout has begun.
    pub(super) async fn renew_to_end_it(&self, stale: &Versioned<Arc<Held>>) -> Result<Versioned<Arc<Held>>> {
        let (shared, old) = (Arc::clone(&self.shared), Arc::clone(&stale.value));
        let renewal = Arc::clone(&self.shared.held);
        renewal
            .renew_to_the_end(stale, move || async move { shared.last(&old).await })
            .await
    }

    pub(in crate::oauth2) fn check_open(&self) -> Result<()> {
        if self.shared.logged_out.load(Ordering::SeqCst) {
            return Err(logged_out());
        }
        Ok(())
    }
}

impl Shared {
    pub(super) fn can_renew(&self, held: &Held) -> bool {
        self.door.is_some() || held.tokens.refresh_token.is_some()
    }

    /// The tokens that follow: those that another process has kept, else by the refresh token, or by the password where
    /// there is a provider.
    async fn renewed(&self, old: &Arc<Held>) -> Result<Arc<Held>> {
        if self.logged_out.load(Ordering::SeqCst) {
            return Err(logged_out());
        }
        self.follow(old, self.door.as_ref()).await
    }

    /// The tokens that are ended at a logout, where the server has forgotten the access token.
    pub(super) async fn last(&self, old: &Arc<Held>) -> Result<Arc<Held>> {
        self.follow(old, None).await
    }

    async fn follow(&self, old: &Arc<Held>, door: Option<&Door>) -> Result<Arc<Held>> {
        tracing::debug!("the access token has ended, or is about to");
        let (turn, kept) = self.turn(old).await;
        let kept = kept.and_then(|tokens| Held::restored(tokens).ok()).map(Arc::new);
        if let Some(kept) = kept.as_ref().filter(|kept| !kept.has_ended()) {
            tracing::debug!("another process has renewed them");
            drop(turn);
            self.show(&kept.tokens);
            return Ok(Arc::clone(kept));
        }
        let old = kept.as_ref().unwrap_or(old);
        let refreshed = match &old.tokens.refresh_token {
            Some(refresh_token) => self.client.refresh_grant(refresh_token).await,
            None => Err(Error::new(
                ErrorKind::SessionGone,
                "the access token has ended, and there is no refresh token",
            )
            .hint("log in again")),
        };
        let held = match (refreshed, door) {
            (Ok(held), _) => held,
            (Err(error), Some(door)) if is_refused(&error) || error.kind() == ErrorKind::SessionGone => {
                self.log_in(door).await?
            }
            (Err(error), _) => return Err(gone_if_refused(error)),
        };
        let held = Arc::new(held);
        if let Some(turn) = turn {
            let held = Arc::clone(&held);
            // It says itself where it fails.
            let _ = spawn_blocking(move || turn.keep(&held.tokens)).await;
        }
        self.show(&held.tokens);
        Ok(held)
    }

    /// Waits for the renewals of other processes, where the tokens are kept: the turn, and tokens newer than these.
    async fn turn(&self, old: &Arc<Held>) -> (Option<Box<dyn Turn>>, Option<Tokens>) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(keeper) = keeper else {
            return (None, None);
        };
        let mut pauses = 0;
        loop {
            let (keeper, old) = (Arc::clone(&keeper), Arc::clone(old));
            let begun = spawn_blocking(move || {
                let turn = match pauses < MOST_PAUSES {
                    true => keeper.turn()?,
                    // Stopped in the middle, perhaps.
                    false => keeper.turn_all_the_same(),
                };
                let newer = turn.newer_than(&old.tokens);
                Some((Some(turn), newer))
            });
            match begun.await {
                Ok(Some(begun)) => return begun,
                Ok(None) => tokio::time::sleep(PAUSE).await,
                Err(_) => return (None, None),
            }
            pauses += 1;
        }
    }

    /// Shows new tokens to the observer.
    pub(super) fn show(&self, tokens: &Tokens) {
        let observer = self.observer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(observer) = observer {
            // The tokens are the only good ones: a panic must not lose them.
            if catch_unwind(AssertUnwindSafe(|| observer(tokens))).is_err() {
                tracing::warn!("the observer of renewals panicked");
            }
        }
    }

    async fn log_in(&self, door: &Door) -> Result<Held> {
        tracing::debug!("the refresh token is refused, logging in again");
        let Some(password) = (door.provider)().await else {
            return Err(Error::new(
                ErrorKind::SessionGone,
                "the refresh token is refused, and the provider gave no password",
            )
            .at(Step::PasswordGrant)
            .hint("log in again"));
        };
        self.client
            .password_grant(&door.user_name, &password)
            .await
            .map_err(gone_if_refused)
    }
}

/// Whether the server has refused a grant for good, as it does to a spent refresh token or a wrong password.
pub(super) fn is_refused(error: &Error) -> bool {
    let code = error
        .rest()
        .filter(|refusal| refusal.status < 500)
        .map(|refusal| &refusal.code);
    matches!(code, Some(RestErrorCode::NeedLogin | RestErrorCode::InvalidGrant))
}

pub(super) fn gone_if_refused(error: Error) -> Error {
    if is_refused(&error) {
        error.kind_is(ErrorKind::SessionGone)
    } else {
        error
    }
}

pub(super) fn logged_out() -> Error {
    Error::new(ErrorKind::SessionGone, "this session was logged out").hint("log in again")
}
