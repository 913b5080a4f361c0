//! Sessions: PHP's session files, one for each login.

use super::random::hex;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::sync::Mutex as AsyncMutex;

/// `session.gc_maxlifetime` in milliseconds: unused for longer, a session is gone.
const LIFETIME: i64 = 1_440_000;

/// Whose session it is and how it is bound.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) address: Ipv4Addr,
    last_used: i64,
    /// PHP holds the session file for the whole of a request.
    pub(crate) lock: Arc<AsyncMutex<()>>,
}

/// All sessions of one kind, by id.
#[derive(Debug, Default)]
pub(crate) struct Sessions(HashMap<String, Session>);

impl Sessions {
    /// Opens a session and gives its id.
    pub(crate) fn open(&mut self, user: &str, address: Ipv4Addr, now: i64) -> String {
        let id = hex(32);
        self.implant(&id, user, address, now);
        id
    }

    /// Opens a session with a known id.
    pub(crate) fn implant(&mut self, id: &str, user: &str, address: Ipv4Addr, now: i64) {
        let session = Session {
            user: user.to_owned(),
            address,
            last_used: now,
            lock: Arc::default(),
        };
        self.0.insert(id.to_owned(), session);
    }

    /// The lock of a session, if there is such a session.
    pub(crate) fn lock_of(&self, id: &str) -> Option<Arc<AsyncMutex<()>>> {
        self.0.get(id).map(|session| session.lock.clone())
    }

    /// The user of a living session, which this use keeps alive. A call from a network other than
    /// the one it was opened from destroys it.
    pub(crate) fn use_from(&mut self, id: &str, address: Ipv4Addr, now: i64) -> Option<String> {
        let session = self.0.get_mut(id)?;
        let same_network = session.address.octets()[..3] == address.octets()[..3];
        if now - session.last_used > LIFETIME || !same_network {
            self.0.remove(id);
            return None;
        }
        session.last_used = now;
        Some(session.user.clone())
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.0.remove(id);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Sessions that still live, with the milliseconds since their last use.
    pub(crate) fn living(&self, now: i64) -> impl Iterator<Item = (&String, &Session, i64)> {
        let with_age = self
            .0
            .iter()
            .map(move |(id, session)| (id, session, now - session.last_used));
        with_age.filter(|(_, _, idle)| *idle <= LIFETIME)
    }
}

/// Whether PHP takes this text as a session id.
pub(crate) fn is_session_id(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-,".contains(&byte))
}
