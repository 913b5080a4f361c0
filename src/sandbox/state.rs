//! What a sandbox knows, as a snapshot.

use super::Sandbox;
use super::oauth::TokenKind;
use super::v11::LoginState;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

/// A snapshot of what the server knows, secrets included.
///
/// ```no_run
/// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
/// let state = sandbox.state();
/// println!("{} sessions, {} nonces", state.sessions.len(), state.nonces);
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct State {
    /// Request tokens that were not exchanged, expired or revoked, in the order of their age.
    pub request_tokens: Vec<RequestTokenState>,
    /// Access tokens that were not revoked.
    pub access_tokens: Vec<AccessTokenState>,
    /// Sessions that can be used.
    pub sessions: Vec<SessionState>,
    /// Logins by OAuth 2 that can be used or renewed, in the order in which they began.
    pub logins: Vec<LoginState>,
    /// How many nonces are recorded, those of refused requests included.
    pub nonces: usize,
    /// The newest timestamp of each consumer key, known or not.
    pub newest_timestamps: BTreeMap<String, i64>,
    /// How many session files were written so far: one for each login, two for each signed call
    /// other than the two token calls.
    pub session_files: u64,
}

/// A request token.
///
/// ```no_run
/// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
/// let waiting = sandbox.state().request_tokens.into_iter().find(|token| token.verifier.is_none());
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestTokenState {
    /// The token.
    pub token: String,
    /// Its secret.
    pub secret: String,
    /// The callback that came with it, cut to 255 characters; none for `oob`.
    pub callback: Option<String>,
    /// The verifier, once a person has authorized it.
    pub verifier: Option<String>,
}

/// An access token.
///
/// ```no_run
/// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
/// for token in sandbox.state().access_tokens {
///     sandbox.revoke_access_token(&token.token);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessTokenState {
    /// The token.
    pub token: String,
    /// Its secret.
    pub secret: String,
    /// The id of the user who authorized it.
    pub user: Option<String>,
}

/// A session.
///
/// ```no_run
/// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
/// let idle = sandbox.state().sessions.iter().map(|session| session.idle).max();
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionState {
    /// Its id.
    pub id: String,
    /// The id of its user.
    pub user: String,
    /// The address that it was opened from.
    pub address: Ipv4Addr,
    /// How long it was not used, by the server's clock.
    pub idle: Duration,
}

impl Sandbox {
    /// What the server knows now.
    pub fn state(&self) -> State {
        let server = self.server();
        let now = server.clock.milliseconds();
        let data = server.data();
        let mut tokens: Vec<_> = data.tokens.iter().collect();
        tokens.sort_by_key(|token| token.created_at);
        let request_tokens = tokens.iter().filter(|token| token.kind == TokenKind::Request);
        let access_tokens = tokens.iter().filter(|token| token.kind == TokenKind::Access);
        State {
            request_tokens: request_tokens
                .map(|token| RequestTokenState {
                    token: token.token.clone(),
                    secret: token.secret.clone(),
                    callback: token.callback.clone(),
                    verifier: token.verifier.clone(),
                })
                .collect(),
            access_tokens: access_tokens
                .map(|token| AccessTokenState {
                    token: token.token.clone(),
                    secret: token.secret.clone(),
                    user: token.user.clone(),
                })
                .collect(),
            sessions: data
                .sessions
                .living(now)
                .map(|(id, session, idle)| SessionState {
                    id: id.clone(),
                    user: session.user.clone(),
                    address: session.address,
                    idle: Duration::from_millis(u64::try_from(idle).unwrap_or_default()),
                })
                .collect(),
            logins: data.logins.living(now).map(|login| login.state(now)).collect(),
            nonces: data.nonces.count(),
            newest_timestamps: data.nonces.newest_timestamps(),
            session_files: data.session_files,
        }
    }
}
