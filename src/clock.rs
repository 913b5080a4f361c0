//! The timestamps and nonces that a server accepts.
//!
//! Per consumer key the server refuses every signed request that is older than the newest it has seen, by as little
//! as one second, and it takes a future timestamp at its word: everyone with that key is then shut out until that time
//! has passed (`docs/server.md`). So signed calls in flight share one timestamp, which advances only when none is in
//! flight; after a second, newcomers wait for the drain. And a timestamp is never later than the server's own clock,
//! nor earlier than the last one sent.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::error::{Error, ErrorKind, Result};
use crate::utc::UtcTime;

/// How long a timestamp is shared by newcomers.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// How far the `Date` header may be from `gmt_time` before the server is asked again: both are cut to seconds.
const TOLERANCE: i64 = 2;

/// The clock of one consumer key at one instance.
pub(crate) struct RequestClock {
    /// Under which it is registered.
    key: Arc<Key>,
    state: Mutex<State>,
    drained: Notify,
    /// Held by whoever asks the server for its time, so that one answer serves all.
    pub(crate) asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    server: Option<ServerTime>,
    /// A `Date` header that contradicted `gmt_time`: ask before the next signature.
    doubted: Option<ServerTime>,
    /// How far the `Date` header was ahead of `gmt_time` when that was asked: some proxy writes it. It is subtracted, so
    /// that a jump of both (this machine slept, the server's clock was set) is still seen.
    date_lead: i64,
    last_sent: i64,
    in_flight: usize,
    opened: Option<Instant>,
}

/// What the server's clock said, and when: a lower bound of its time from then on.
#[derive(Clone, Copy)]
struct ServerTime {
    seconds: i64,
    heard: Instant,
    from_gmt_time: bool,
}

impl ServerTime {
    fn at(&self, moment: Instant) -> i64 {
        let since = moment.saturating_duration_since(self.heard).as_secs();
        self.seconds.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

/// The URL of an instance's API, and a consumer key.
type Key = (String, String);

/// The clocks in use: the last owner of one takes it out.
static REGISTRY: LazyLock<Mutex<HashMap<Arc<Key>, Weak<RequestClock>>>> = LazyLock::new(Mutex::default);

impl RequestClock {
    /// The one clock of this process for an instance and a consumer key.
    pub(crate) fn shared(rest_url: &str, consumer_key: &str) -> Arc<Self> {
        let key = Arc::new((rest_url.to_owned(), consumer_key.to_owned()));
        let mut registry = lock(&REGISTRY);
        if let Some(clock) = registry.get(&key).and_then(Weak::upgrade) {
            return clock;
        }
        let clock = Arc::new(Self::new(Arc::clone(&key)));
        registry.insert(key, Arc::downgrade(&clock));
        clock
    }

    fn new(key: Arc<Key>) -> Self {
        Self {
            key,
            state: Mutex::new(State::default()),
            drained: Notify::new(),
            asking: tokio::sync::Mutex::new(()),
        }
    }

    /// Whether `get_server_info` is to be asked before the next signature.
    pub(crate) fn must_ask(&self, tolerated_lead: Duration) -> bool {
        let state = lock(&self.state);
        match state.server {
            None => true,
            Some(server) => state.doubted.is_some() || lead(server.at(Instant::now())) > tolerated_lead,
        }
    }

    /// Learns from `gmt_time` of `get_server_info`: PHP's own clock, the one that counts.
    pub(crate) fn learn_gmt_time(&self, time: UtcTime, heard: Instant) {
        let mut state = lock(&self.state);
        let seconds = time.unix_seconds();
        if let Some(date) = state.doubted.take() {
            let ahead = date.at(heard) - seconds;
            state.date_lead = if ahead > TOLERANCE { ahead } else { 0 };
        }
        let keep = state
            .server
            .is_some_and(|server| server.from_gmt_time && (0..=TOLERANCE).contains(&(server.at(heard) - seconds)));
        if !keep {
            state.server = Some(ServerTime {
                seconds,
                heard,
                from_gmt_time: true,
            });
        }
    }

    /// Learns from the `Date` header of an answer of the instance's own origin.
    pub(crate) fn learn_date(&self, time: UtcTime, heard: Instant) {
        let mut state = lock(&self.state);
        let date = |lead: i64, from_gmt_time: bool| ServerTime {
            seconds: time.unix_seconds() - lead,
            heard,
            from_gmt_time,
        };
        match state.server {
            Some(server) if server.from_gmt_time => {
                let ahead = date(state.date_lead, true).seconds - server.at(heard);
                if ahead > TOLERANCE {
                    state.doubted = Some(date(0, false));
                } else if ahead > 0 {
                    state.server = Some(date(state.date_lead, true));
                }
            }
            _ => state.server = Some(date(0, false)),
        }
    }

    /// A timestamp to sign with; hold the ticket until the answer has come or the request is given up.
    ///
    /// Cancellation-safe: a dropped ticket counts as answered.
    pub(crate) async fn ticket(self: &Arc<Self>, tolerated_lead: Duration) -> Result<Ticket> {
        loop {
            let drained = self.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if let Some(ticket) = self.try_ticket(tolerated_lead)? {
                return Ok(ticket);
            }
            drained.await;
        }
    }

    fn try_ticket(self: &Arc<Self>, tolerated_lead: Duration) -> Result<Option<Ticket>> {
        let mut state = lock(&self.state);
        let now = Instant::now();
        if state.in_flight == 0 {
            // Without a word from the server its clock is taken to be ours.
            let server = state
                .server
                .map_or_else(|| UtcTime::now().unix_seconds(), |server| server.at(now));
            if lead(server) > tolerated_lead {
                return Err(too_far_ahead(server));
            }
            state.last_sent = state.last_sent.max(server);
            state.opened = Some(now);
        } else if state
            .opened
            .is_some_and(|opened| now.duration_since(opened) >= SHARED_FOR)
        {
            return Ok(None);
        }
        state.in_flight += 1;
        Ok(Some(Ticket {
            clock: Arc::clone(self),
            timestamp: u64::try_from(state.last_sent).unwrap_or(0),
        }))
    }
}

impl Drop for RequestClock {
    fn drop(&mut self) {
        let mut registry = lock(&REGISTRY);
        // Another may have taken its place meanwhile.
        if registry.get(&self.key).is_some_and(|clock| clock.strong_count() == 0) {
            registry.remove(&self.key);
        }
    }
}

/// A timestamp in use.
pub(crate) struct Ticket {
    clock: Arc<RequestClock>,
    timestamp: u64,
}

impl Ticket {
    pub(crate) fn timestamp(&self) -> u64 {
        self.timestamp
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = lock(&self.clock.state);
        state.in_flight -= 1;
        if state.in_flight == 0 {
            self.clock.drained.notify_waiters();
        }
    }
}

/// A nonce: 128 random bits from the operating system in 32 hexadecimal digits, as many as the server's column holds.
///
/// # Errors
/// When the operating system gives no randomness.
pub(crate) fn nonce() -> Result<String> {
    random_hex()
}

/// 128 random bits from the operating system, in hexadecimal.
pub(crate) fn random_hex() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::invalid_input("the operating system gives no random numbers"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// How far a server time is ahead of the local clock.
fn lead(server: i64) -> Duration {
    let ahead = server.saturating_sub(UtcTime::now().unix_seconds());
    Duration::from_secs(u64::try_from(ahead).unwrap_or(0))
}

fn too_far_ahead(server: i64) -> Error {
    Error::new(
        ErrorKind::Clock,
        format!(
            "the server's clock says {} UTC, this machine's {} UTC; a timestamp that is too late would block the \
             consumer key for everyone, so nothing was signed",
            UtcTime::from_unix_seconds(server),
            UtcTime::now()
        ),
    )
    .hint("set this machine's clock right")
    .hint("if the server's clock really is ahead, allow it: ClientBuilder::tolerated_clock_lead")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAD: Duration = Duration::from_secs(300);

    fn clock_at(seconds: i64) -> Arc<RequestClock> {
        let clock = Arc::new(RequestClock::new(Arc::default()));
        clock.learn_gmt_time(UtcTime::from_unix_seconds(seconds), Instant::now());
        clock
    }

    #[tokio::test]
    async fn calls_in_flight_share_a_timestamp_although_the_server_moves_on() {
        let start = UtcTime::now().unix_seconds() - 1000;
        let clock = clock_at(start);
        let first = clock.ticket(LEAD).await.unwrap();
        clock.learn_date(UtcTime::from_unix_seconds(start + 2), Instant::now());
        let second = clock.ticket(LEAD).await.unwrap();
        assert_eq!(first.timestamp(), second.timestamp());
        drop((first, second));
        assert!(clock.ticket(LEAD).await.unwrap().timestamp() >= (start + 2) as u64);
    }

    #[tokio::test]
    async fn a_timestamp_never_goes_back() {
        let start = UtcTime::now().unix_seconds() - 1000;
        let clock = clock_at(start);
        let sent = clock.ticket(LEAD).await.unwrap().timestamp();
        clock.learn_gmt_time(UtcTime::from_unix_seconds(start - 500), Instant::now());
        assert_eq!(clock.ticket(LEAD).await.unwrap().timestamp(), sent);
    }

    #[tokio::test]
    async fn after_a_second_newcomers_wait_for_the_drain() {
        let clock = clock_at(UtcTime::now().unix_seconds());
        let first = clock.ticket(LEAD).await.unwrap();
        lock(&clock.state).opened = Some(Instant::now() - SHARED_FOR);
        let waiting = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.ticket(LEAD).await.map(|ticket| ticket.timestamp()) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        let sent = first.timestamp();
        drop(first);
        assert!(waiting.await.unwrap().unwrap() >= sent);
    }

    #[tokio::test]
    async fn a_clock_far_ahead_is_an_error_that_names_both() {
        let ahead = UtcTime::from_unix_seconds(UtcTime::now().unix_seconds() + 3600);
        let clock = clock_at(ahead.unix_seconds());
        let error = clock.ticket(LEAD).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Clock);
        assert!(error.to_string().contains(&ahead.to_string()[..16]), "{error}");
        assert!(clock.ticket(Duration::from_secs(4000)).await.is_ok());
    }

    #[test]
    fn a_date_that_contradicts_gmt_time_is_asked_about_and_then_ignored() {
        let now = UtcTime::now().unix_seconds();
        let clock = clock_at(now);
        assert!(!clock.must_ask(LEAD));
        let forged = UtcTime::parse("2099-01-01 00:00:00").unwrap();
        clock.learn_date(forged, Instant::now());
        assert!(clock.must_ask(LEAD));
        clock.learn_gmt_time(UtcTime::from_unix_seconds(now), Instant::now());
        clock.learn_date(forged, Instant::now());
        assert!(!clock.must_ask(LEAD));
    }

    #[tokio::test]
    async fn a_jump_of_both_clocks_is_followed_each_time_it_happens() {
        // As when this machine slept: its monotonic clock stood still, the server's did not. A proxy's `Date` is an hour
        // ahead throughout.
        let start = UtcTime::now().unix_seconds() - 100_000;
        let clock = clock_at(start);
        for (jump, lead) in [(0, 3600), (5000, 3600), (9000, 3600), (20_000, 0), (30_000, 0)] {
            let (now, date) = (start + jump, start + jump + lead);
            for _ in 0..2 {
                clock.learn_date(UtcTime::from_unix_seconds(date), Instant::now());
            }
            assert!(clock.must_ask(LEAD), "{jump}");
            clock.learn_gmt_time(UtcTime::from_unix_seconds(now), Instant::now());
            clock.learn_date(UtcTime::from_unix_seconds(date), Instant::now());
            assert!(!clock.must_ask(LEAD), "{jump}");
            let sent = clock.ticket(LEAD).await.unwrap().timestamp() as i64;
            assert!((now..now + 60).contains(&sent), "{jump}: {}", sent - now);
        }
    }

    #[test]
    fn one_clock_serves_an_instance_and_key_in_the_whole_process() {
        let one = RequestClock::shared("https://a.example/rest.php", "KEY");
        assert!(Arc::ptr_eq(
            &one,
            &RequestClock::shared("https://a.example/rest.php", "KEY")
        ));
        assert!(!Arc::ptr_eq(
            &one,
            &RequestClock::shared("https://a.example/rest.php", "OTHER")
        ));
    }

    #[test]
    fn a_clock_that_nobody_uses_is_forgotten() {
        let key = ("https://forgotten.example/rest.php", "KEY");
        let known = || lock(&REGISTRY).contains_key(&(key.0.to_owned(), key.1.to_owned()));
        let clock = RequestClock::shared(key.0, key.1);
        let again = Arc::clone(&clock);
        drop(clock);
        assert!(known());
        drop(again);
        assert!(!known());
    }

    #[test]
    fn nonces_fit_the_servers_column_and_differ() {
        let (one, other) = (nonce().unwrap(), nonce().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
