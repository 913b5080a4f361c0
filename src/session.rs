//! A session: what calls are made with, and how it comes back when the server has dropped it.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::access_token::AccessToken;
use crate::client::{Client, UnsignedCall};
use crate::error::{ApiError, Error, ErrorKind, Result, Step};
use crate::oauth_access::session_id;
use crate::renewal::{Renewal, Versioned};
use crate::rest::{Arguments, Envelope, Repeat, invalid_answer};
use crate::secret::{Password, SessionId};
use crate::transport::Answer;
use crate::v4_1::{
    AvailableModule, GetAvailableModules, GetEntriesCount, GetUserId, INVALID_SESSION, Method, read_answer,
};

mod login;
mod more;
mod raw;

pub(crate) use raw::raw_arguments;

use login::Encryption;

/// An open session. Cheap to clone; all clones share one session id.
///
/// When the server does not know the id any more (idle for 24 minutes, or called from another network), the session is
/// renewed once for all who wait, and the call is sent again: the server refuses before it acts. A call gives up when the
/// new session serves nobody, or when three in a row have ended under it. Dropping does not log out;
/// [`logout`](Self::logout) does, for all clones.
///
/// The server serves a session one request at a time: open more sessions from the same access token to work in parallel.
///
/// ```
/// use sugar_oauth::{AccessToken, Client, GetEntryList};
///
/// async fn names(client: &Client, access_token: &AccessToken) -> sugar_oauth::Result<Vec<String>> {
///     let session = client.oauth_access(access_token).await?;
///     println!("{} of {}", session.get_user_id().await?, session.get_entries_count("Contacts", "").await?);
///     let list = GetEntryList::new("Contacts").select(["last_name"]).max_results(10);
///     let page = session.call(&list).await?;
///     session.logout().await?;
///     Ok(page.entries.iter().filter_map(|entry| Some(entry.get("last_name")?.into_owned())).collect())
/// }
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    door: Door,
    id: Renewal<SessionId>,
    /// Set before the server is asked to end it: nobody renews it from then on.
    logged_out: AtomicBool,
    /// Set when the server has ended it.
    ended: AtomicBool,
}

/// How the session was opened, which is how it is renewed.
enum Door {
    OAuth(AccessToken),
    Login {
        user_name: String,
        password: Password,
        encryption: Encryption,
    },
    Given,
}

impl Client {
    /// Opens a session with the access token (method `oauth_access`). It renews itself.
    ///
    /// Cancellation-safe: a session that nobody uses ends by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with the likely causes: a revoked token, a wrong secret, a blocked key.
    pub async fn oauth_access(&self, access_token: &AccessToken) -> Result<Session> {
        let id = self.open_session(access_token).await?;
        Ok(Session::new(self, Door::OAuth(access_token.clone()), id))
    }

    /// A session from an id that was opened elsewhere. It cannot be renewed. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the text is no session id.
    pub fn session(&self, id: SessionId) -> Result<Session> {
        let id = session_id(Some(id.expose())).map_err(|error| error.kind_is(ErrorKind::InvalidInput))?;
        Ok(Session::new(self, Door::Given, id))
    }
}

/// How often the session may end under one call, each time after it has served others.
const RENEWALS: u32 = 3;

/// A refusal as a method judges it: `None` for `null`.
type SessionGone = fn(Option<&ApiError>) -> bool;

/// How an answer was read: by a reader of the caller's, or as JSON.
pub(crate) enum Read<R> {
    Quickly(R),
    Whole(Value),
}

impl Read<Infallible> {
    fn whole(self) -> Value {
        match self {
            Read::Whole(value) => value,
            Read::Quickly(never) => match never {},
        }
    }
}

impl Session {
    fn new(client: &Client, door: Door, id: SessionId) -> Self {
        Self {
            shared: Arc::new(Shared {
                client: client.clone(),
                door,
                id: Renewal::new(id),
                logged_out: AtomicBool::new(false),
                ended: AtomicBool::new(false),
            }),
        }
    }

    /// The session's id as it is now. Whoever has it acts as the user.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::SessionId;
    ///
    /// // For another program of the same user; it can use the session, and not renew it.
    /// let id: SessionId = session.id();
    /// let theirs = session.client().session(id)?;
    /// # let _ = theirs;
    /// # Ok(())
    /// # }
    /// ```
    pub fn id(&self) -> SessionId {
        self.shared.id.current().value
    }

    /// The client that opened it.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// Calls a method.
    ///
    /// # Errors
    /// [`ErrorKind::Api`] with the server's own error; [`ErrorKind::SessionGone`] when the session could not be renewed;
    /// and what a connection can meet. [`may_have_applied`](Error::may_have_applied) tells whether a write that failed
    /// here may have been done there.
    pub async fn call<M: Method>(&self, method: &M) -> Result<M::Answer> {
        let repeat = if M::REPEATABLE {
            Repeat::Harmless
        } else {
            Repeat::OnlyIfNothingWasSent
        };
        let answered = match method.check() {
            Ok(()) => {
                self.exchange(M::NAME, &method.arguments(), M::SESSION, repeat, M::session_gone)
                    .await
            }
            Err(error) => Err(error),
        };
        answered
            .and_then(|result| read_answer(method, result.whole()))
            .map_err(|error| self.located(method.explain(error), M::NAME))
    }

    /// The id of the user whom the session belongs to.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn get_user_id(&self) -> Result<String> {
        self.call(&GetUserId).await
    }

    /// The modules that the user may see.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// let writable = session.get_available_modules().await?;
    /// println!("{}", writable.iter().filter(|module| module.allows("edit") == Some(true)).count());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn get_available_modules(&self) -> Result<Vec<AvailableModule>> {
        self.call(&GetAvailableModules::all()).await
    }

    /// How many records of a module match a query; an empty query counts all.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn get_entries_count(&self, module_name: &str, query: &str) -> Result<u64> {
        self.call(&GetEntriesCount::new(module_name).query(query)).await
    }

    /// Ends the session on the server, for all clones; none of them renews it any more.
    ///
    /// An access token stays valid: it opens new sessions until it is deleted on the instance.
    ///
    /// # Errors
    /// What a connection can meet; a second `logout` then asks again. A session that the server did not know is no error.
    pub async fn logout(&self) -> Result<()> {
        self.shared.logged_out.store(true, Ordering::SeqCst);
        if self.shared.ended.load(Ordering::SeqCst) {
            return Ok(());
        }
        let id = self.id();
        self.end(&id)
            .await
            .map_err(|error| error.at(Step::Logout).without([id.expose()]))?;
        self.shared.ended.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// As [`exchange_quickly`](Self::exchange_quickly), for an answer that is read as JSON.
    fn exchange(
        &self,
        name: &str,
        arguments: &Arguments,
        with_session: bool,
        repeat: Repeat,
        session_gone: SessionGone,
    ) -> impl Future<Output = Result<Read<Infallible>>> {
        self.exchange_quickly(name, arguments, with_session, repeat, session_gone, |_| None)
    }

    /// Calls, renews the session if it is gone, calls again; more than once only if it has served calls meanwhile. An
    /// answer that `quick` can read is not read otherwise.
    async fn exchange_quickly<R>(
        &self,
        name: &str,
        arguments: &Arguments,
        with_session: bool,
        repeat: Repeat,
        session_gone: SessionGone,
        quick: impl Fn(&[u8]) -> Option<R>,
    ) -> Result<Read<R>> {
        let mut session = self.shared.id.current();
        let mut renewals = 0;
        loop {
            if self.shared.logged_out.load(Ordering::SeqCst) {
                return Err(Error::new(ErrorKind::SessionGone, "this session was logged out").hint("open a new one"));
            }
            let id = with_session.then_some(&session.value);
            let answer = self.send(name, arguments, id, repeat, Step::Call).await?;
            if let Some(read) = quick(&answer.body) {
                self.shared.id.note_served(&session);
                return Ok(Read::Quickly(read));
            }
            let envelope = Envelope::read(&answer).map_err(|error| error.may_apply(repeat != Repeat::Harmless))?;
            let refusal = match envelope {
                Envelope::Value(value) => {
                    self.shared.id.note_served(&session);
                    return Ok(Read::Whole(value));
                }
                Envelope::Null if !session_gone(None) => return Ok(Read::Whole(Value::Null)),
                Envelope::Null => None,
                Envelope::Error(error) => Some(error),
            };
            if !session_gone(refusal.as_ref()) {
                return Err(refusal.map_or_else(answered_null, Error::from_api));
            }
            // A new session that serves nobody is no accident.
            if renewals == RENEWALS || renewals > 0 && !self.shared.id.has_served(&session) {
                return Err(refusal.map_or_else(answered_null, gone_again));
            }
            // On the heap, both: every call would be as large as a renewal otherwise, and be moved about as such.
            session = Box::pin(self.renew(&session, refusal)).await?;
            renewals += 1;
            if self.shared.logged_out.load(Ordering::SeqCst) {
                // Logged out meanwhile: nobody would end the new one.
                let _ = Box::pin(self.end(&session.value)).await;
            }
        }
    }

    async fn renew(&self, stale: &Versioned<SessionId>, refusal: Option<ApiError>) -> Result<Versioned<SessionId>> {
        let Shared { client, door, id, .. } = &*self.shared;
        tracing::debug!("the server does not know the session any more");
        match door {
            Door::OAuth(access_token) => id.renew(stale, || client.open_session(access_token)).await,
            Door::Login {
                user_name,
                password,
                encryption,
            } => {
                id.renew(stale, || client.ask_login(user_name, password, *encryption))
                    .await
            }
            Door::Given => Err(refusal
                .map_or_else(answered_null, Error::from_api)
                .kind_is(ErrorKind::SessionGone)
                .hint("the id was given, so it cannot be renewed: open a session with oauth_access or login")),
        }
    }

    fn send(
        &self,
        name: &str,
        arguments: &Arguments,
        id: Option<&SessionId>,
        repeat: Repeat,
        step: Step,
    ) -> impl Future<Output = Result<Answer>> {
        self.shared.client.send(UnsignedCall {
            step,
            method: name,
            rest_data: arguments.to_rest_data(id.map(SessionId::expose)),
            repeat,
            limit: None,
        })
    }

    async fn end(&self, id: &SessionId) -> Result<()> {
        let none = Arguments::new();
        let answer = self
            .send("logout", &none, Some(id), Repeat::Harmless, Step::Logout)
            .await?;
        match Envelope::read(&answer)? {
            Envelope::Error(error) if error.number != INVALID_SESSION => Err(Error::from_api(error)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("client", &self.shared.client)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

pub(crate) fn answered_null() -> Error {
    invalid_answer("the server answered null, as it does when it cannot use the session or the arguments")
        .hint("check the names and the order of the arguments")
}

fn gone_again(refusal: ApiError) -> Error {
    Error::from_api(refusal)
        .kind_is(ErrorKind::SessionGone)
        .hint("the server drops a session as soon as it is opened: check that all requests reach it from one address")
        .hint("check that PHP on the instance can write its sessions")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Instance;

    /// It is moved several times before it is first polled. Room for a renewal in it would triple what that costs.
    #[test]
    fn a_call_is_a_small_future() {
        let client = Client::builder(Instance::parse("http://127.0.0.1:9").unwrap()).build();
        let session = client
            .session(SessionId::new("8aabe1eb2e1a91f6d7ec010d91d07b29"))
            .unwrap();
        let bytes = size_of_val(&session.call(&GetUserId));
        assert!(bytes <= 2048, "{bytes}");
    }
}
