//! A session: what calls are made with, and how it renews itself.

mod opening;
mod renewing;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use renewing::{Door, Observer, is_refused};
pub(crate) use renewing::{Keeper, Turn};

use super::answer::{check, may_have_acted, read, refusal};
use super::grant::UNAUTHORIZED;
use super::request::Request;
use super::tokens::Held;
use super::{Client, RestPath, Tokens};
use crate::error::{Error, ErrorKind, Result, Step};
use crate::renewal::{Renewal, Versioned};
use crate::rest::Repeat;
use crate::transport::{Answer, Verb};

/// So many access tokens are tried for one call.
const MOST_TOKENS: u32 = 4;

/// An open session. Cheap to clone; all clones share the tokens.
///
/// Its tokens are renewed a minute before the access token ends, and when the server refuses it (401): once for all who
/// wait, whose calls are sent again, for the server refuses before it acts. A renewal that has begun runs to its end
/// although the call that began it was dropped, because the server ends the old refresh token as it gives the new one.
/// When the refresh token is refused, every call gets that error, and nothing more is sent; a session with a provider
/// ([`Client::password_with`]) logs in again instead. Dropping does not log out; [`logout`](Self::logout) does, for all
/// clones.
///
/// ```
/// use serde_json::json;
/// use sugar_oauth::oauth2::{Client, Platform};
/// use sugar_oauth::sandbox::{Flavour, Sandbox};
/// use sugar_oauth::{Instance, Password};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().flavour(Flavour::Sugar11).platform("data_migration").start().await?;
/// let client = Client::builder(Instance::parse(sandbox.url())?, Platform::new("data_migration")?).build();
/// let session = client.password(sandbox.user_name(), Password::new(sandbox.password())).await?;
///
/// let made = session.post("Contacts", &json!({"last_name": "Doe"})).await?;
/// let id = made["id"].as_str().ok_or("an id")?;
/// session.put(["Contacts", id], &json!({"first_name": "Jane"})).await?;
/// let read = session.get(["Contacts", id], &[("fields", "first_name,last_name")]).await?;
/// assert_eq!(read["first_name"], "Jane");
/// session.delete(["Contacts", id]).await?;
/// session.logout().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    door: Option<Door>,
    held: Arc<Renewal<Arc<Held>>>,
    observer: Mutex<Option<Observer>>,
    keeper: Mutex<Option<Arc<dyn Keeper>>>,
    /// Set before the server is asked to end it: nobody renews it from then on.
    logged_out: AtomicBool,
    /// Set when the server has ended it.
    ended: AtomicBool,
}

impl Session {
    fn new(client: &Client, door: Option<Door>, held: Held) -> Self {
        Self {
            shared: Arc::new(Shared {
                client: client.clone(),
                door,
                held: Arc::new(Renewal::until(Arc::new(held), |error| {
                    error.kind() == ErrorKind::SessionGone
                })),
                observer: Mutex::new(None),
                keeper: Mutex::new(None),
                logged_out: AtomicBool::new(false),
                ended: AtomicBool::new(false),
            }),
        }
    }

    /// The client that opened it.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// The tokens as they are now. Whoever has them acts as the user.
    ///
    /// ```no_run
    /// # fn keep(session: &sugar_oauth::oauth2::Session) {
    /// // To be stored where no one else can read it; `profile` does that.
    /// let tokens = session.tokens();
    /// println!("the access token ends at {:?}", tokens.expires_at);
    /// # }
    /// ```
    pub fn tokens(&self) -> Tokens {
        self.shared.held.current().value.tokens.clone()
    }

    /// Shows every new set of tokens, before any call is made with it: for a program that keeps them. It takes the place
    /// of an observer set before. It must not block.
    ///
    /// Keep them: the server has ended the refresh token before, and who has only that must log in again.
    ///
    /// ```no_run
    /// # fn store(_: &sugar_oauth::oauth2::Tokens) -> std::io::Result<()> { Ok(()) }
    /// # fn keep(session: &sugar_oauth::oauth2::Session) {
    /// session.on_renewal(|tokens| {
    ///     if let Err(error) = store(tokens) {
    ///         eprintln!("the new tokens are not kept: {error}");
    ///     }
    /// });
    /// # }
    /// ```
    pub fn on_renewal(&self, observer: impl Fn(&Tokens) + Send + Sync + 'static) {
        *self.shared.observer.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(observer));
    }

    /// Keeps new tokens where other processes look for them, too.
    pub(crate) fn kept_by(&self, keeper: Arc<dyn Keeper>) {
        *self.shared.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper);
    }

    /// `GET`: reads. It is sent again on connection errors, timeouts and a busy server, as all reads are.
    ///
    /// # Errors
    /// [`Error::rest`] with the server's refusal, [`ErrorKind::NotFound`] for what is not there,
    /// [`ErrorKind::SessionGone`] when the session could not be renewed, and what a connection can meet.
    pub async fn get(&self, path: impl Into<RestPath>, query: &[(&str, &str)]) -> Result<Value> {
        self.call(Verb::Get, &path.into(), query, None).await
    }

    /// `POST`: writes, with a body that becomes JSON. It is never sent again once it may have reached the server.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`may_have_applied`](Error::may_have_applied) tells whether a write that failed here may
    /// have been done there.
    pub async fn post<B: Serialize + ?Sized>(&self, path: impl Into<RestPath>, body: &B) -> Result<Value> {
        self.call(Verb::Post, &path.into(), &[], Some(to_json(body)?)).await
    }

    /// `PUT`: changes, with a body that becomes JSON. As [`post`](Self::post).
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn put<B: Serialize + ?Sized>(&self, path: impl Into<RestPath>, body: &B) -> Result<Value> {
        self.call(Verb::Put, &path.into(), &[], Some(to_json(body)?)).await
    }

    /// `DELETE`. As [`post`](Self::post), without a body.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn delete(&self, path: impl Into<RestPath>) -> Result<Value> {
        self.call(Verb::Delete, &path.into(), &[], None).await
    }

    /// Who is logged in: `GET /me`.
    ///
    /// ```no_run
    /// # async fn who(session: &sugar_oauth::oauth2::Session) -> sugar_oauth::Result<()> {
    /// println!("{}", session.me().await?["current_user"]["full_name"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn me(&self) -> Result<Value> {
        self.get("me", &[]).await
    }

    /// Whether the session works: `GET /ping`.
    ///
    /// ```no_run
    /// # async fn check(session: &sugar_oauth::oauth2::Session) {
    /// match session.ping().await {
    ///     Ok(()) => println!("the login works"),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn ping(&self) -> Result<()> {
        self.get("ping", &[]).await.map(drop)
    }

    /// Ends the login on the server, for all clones; none of them renews it any more.
    ///
    /// A renewal that runs is waited for. The refresh token is named too, so that it ends as well. Where the server has
    /// forgotten the access token, the login is renewed once to be ended; where the refresh token is refused too, it had
    /// ended before. Dropped in the middle, a renewal that has begun runs to its end, and a second `logout` ends what it
    /// brought.
    ///
    /// # Errors
    /// What a connection can meet; a second `logout` then asks again.
    pub async fn logout(&self) -> Result<()> {
        let Shared { client, held, .. } = &*self.shared;
        self.shared.logged_out.store(true, Ordering::SeqCst);
        let newest = held.settled().await;
        if self.shared.ended.load(Ordering::SeqCst) {
            return Ok(());
        }
        let known = client.end(&newest.value.tokens).await?;
        if !known && newest.value.tokens.refresh_token.is_some() {
            match self.renew_to_end_it(&newest).await {
                Ok(last) => client.end(&last.value.tokens).await.map(drop)?,
                Err(error) if is_refused(&error) || error.kind() == ErrorKind::SessionGone => {}
                Err(error) => return Err(error.at(Step::Logout)),
            }
        }
        self.shared.ended.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn call(&self, verb: Verb, path: &RestPath, query: &[(&str, &str)], json: Option<String>) -> Result<Value> {
        let request = Request {
            query,
            json: json.as_deref(),
            ..Request::call(verb, path)
        };
        self.exchange(&request).await
    }

    /// Sends a call and reads its answer.
    pub(super) async fn exchange(&self, request: &Request<'_>) -> Result<Value> {
        self.exchange_with(request).await.map(|(value, _)| value)
    }

    /// As [`exchange`](Self::exchange); tells the tokens that the answer was had with, too.
    pub(super) async fn exchange_with(&self, request: &Request<'_>) -> Result<(Value, Arc<Held>)> {
        let mut held = self.tokens_in_use();
        let called = async {
            held = self.fresh().await?.value;
            let url = request.url(self.client())?;
            let writes = request.repeat == Repeat::OnlyIfNothingWasSent;
            let answer = self.authorized(request, &mut held).await?;
            check(&answer, &url, request.step).map_err(|error| {
                let refused = refusal(answer.status, &answer.body);
                error.may_apply(writes && may_have_acted(answer.status, refused.as_ref()))
            })?;
            read(&answer, &url, request.step).map_err(|error| error.may_apply(writes))
        };
        let called: Result<Value> = called.await;
        match called {
            Ok(value) => Ok((value, held)),
            Err(error) => Err(self.located(error, &request.name(), &held)),
        }
    }

    /// Sends a call with the access token, renews if that is refused, sends it again.
    async fn authorized(&self, request: &Request<'_>, held: &mut Arc<Held>) -> Result<Answer> {
        let mut tokens = 1;
        loop {
            self.check_open()?;
            let current = self.shared.held.current();
            *held = Arc::clone(&current.value);
            let token = held.tokens.access_token.expose();
            let answer = self.client().send(request, Some(token)).await?;
            if answer.status != UNAUTHORIZED {
                return Ok(answer);
            }
            if self.is_refused_for_good(&current, tokens) || !self.shared.can_renew(held) {
                return refused_for_good(answer, tokens > 1);
            }
            self.renew(&current).await?;
            tokens += 1;
        }
    }

    /// Whether no other token is tried after so many that were refused, this one the last: the server gave it for the
    /// call, and it is still the newest. One that was replaced while the call was under way had to be refused.
    pub(super) fn is_refused_for_good(&self, refused: &Versioned<Arc<Held>>, tokens: u32) -> bool {
        let is_newest = self.shared.held.current().version == refused.version;
        tokens >= MOST_TOKENS || (tokens > 1 && is_newest && !refused.value.was_kept)
    }

    pub(super) fn tokens_in_use(&self) -> Arc<Held> {
        self.shared.held.current().value
    }

    /// Names the call of a failure, without the secrets that a server may have repeated.
    pub(super) fn located(&self, error: Error, method: &str, held: &Held) -> Error {
        let newest = self.tokens_in_use();
        let secret = self.client().client_secret().unwrap_or_default();
        error
            .at(Step::Call)
            .in_method(method)
            .without(held.tokens.secrets())
            .without(newest.tokens.secrets().into_iter().chain([secret]))
    }
}

/// The refusal of a token that cannot be renewed, or was just given. Where it is not the API's, whoever reads the answer
/// says so.
fn refused_for_good(answer: Answer, renewed: bool) -> Result<Answer> {
    let Some(refused) = refusal(answer.status, &answer.body) else {
        return Ok(answer);
    };
    let error = Error::from_rest(refused).kind_is(ErrorKind::SessionGone);
    Err(match renewed {
        true => error
            .hint("the server refuses an access token that it has just given: look whether another program logs in as the same user with the same platform")
            .hint("check that the instance can keep its sessions"),
        false => error.hint("log in again: there is no refresh token to renew it with"),
    })
}

pub(super) fn to_json<B: Serialize + ?Sized>(body: &B) -> Result<String> {
    serde_json::to_string(body).map_err(|_| Error::invalid_input("the body cannot be written as JSON"))
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("client", &self.shared.client)
            .field("tokens", &self.tokens_in_use().tokens)
            .finish_non_exhaustive()
    }
}
