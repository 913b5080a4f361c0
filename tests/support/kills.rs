//! Processes that are killed at random moments of their work and started again.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sugar_oauth::sandbox::{ReceivedRequest, Sandbox};

/// So many at once: most of the time is waiting.
const LANES: u64 = 4;
/// What was sent before a kill is worked on within this time. A write that comes later than the question whether it has
/// come is another test's.
const ARRIVES: Duration = Duration::from_millis(100);
/// About the time between two requests of a process, in microseconds.
const BETWEEN_REQUESTS: u64 = 12_000;

/// Counts the kills of a test.
pub struct Kills {
    wanted: u32,
    met: AtomicU32,
    started: AtomicU32,
    has_failed: AtomicBool,
}

/// One of several that kill at the same time, each on servers of its own.
pub struct Lane<'a> {
    kills: &'a Kills,
    /// Names the lane in a failure.
    pub seed: u64,
    moments: Moments,
    requests: Requests,
}

/// How many requests the servers of a lane have received.
#[derive(Clone, Default)]
pub struct Requests(Arc<AtomicU64>);

/// The same numbers on every machine for a seed that the test prints.
struct Moments(u64);

impl Kills {
    /// Runs `lane` in several threads until so many kills have met a process at work.
    pub fn at_work(wanted: u32, lane: impl Fn(Lane) + Sync) {
        let kills = &Self {
            wanted,
            met: AtomicU32::new(0),
            started: AtomicU32::new(0),
            has_failed: AtomicBool::new(false),
        };
        thread::scope(|scope| {
            for number in 1..=LANES.min(wanted.into()) {
                let seed = u64::from(std::process::id()) << 8 | number;
                let lane = &lane;
                scope.spawn(move || {
                    lane(Lane {
                        kills,
                        seed,
                        moments: Moments(0x9E37_79B9_7F4A_7C15 ^ seed),
                        requests: Requests::default(),
                    });
                });
            }
        });
        let met = kills.met.load(Ordering::SeqCst);
        println!(
            "{met} of {} kills met a process at work",
            kills.started.load(Ordering::SeqCst)
        );
        assert!(met >= wanted);
    }
}

impl Lane<'_> {
    pub fn are_left(&self) -> bool {
        self.kills.met.load(Ordering::SeqCst) < self.kills.wanted && !self.kills.has_failed.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// Up to three times on the way to the same end: starts a process, and kills it where an undisturbed run with so many
    /// requests may be.
    pub fn kill(&mut self, requests: u64, start: impl Fn() -> Child) {
        for _ in 0..=self.moments.below(3) {
            let started = self.kills.started.fetch_add(1, Ordering::SeqCst);
            assert!(started < self.kills.wanted * 5, "too few kills meet a process at work");
            let last = self.requests.count() + self.moments.below(requests + 1);
            let mut child = start();
            let mut is_at_work = || child.try_wait().expect("a child").is_none();
            while is_at_work() && self.requests.count() < last {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_micros(self.moments.below(BETWEEN_REQUESTS)));
            let met = is_at_work();
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
            thread::sleep(ARRIVES);
            if !met {
                // It is at the end.
                return;
            }
            self.kills.met.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// The other lanes end soon when one has failed.
impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.kills.has_failed.fetch_or(thread::panicking(), Ordering::SeqCst);
    }
}

impl Requests {
    /// Counts what a server receives, each of which it works on for so long.
    pub fn count_at(&self, sandbox: &Sandbox, work: impl Fn(&ReceivedRequest) -> Duration + Send + Sync + 'static) {
        let Self(count) = self.clone();
        sandbox.work(move |request| {
            count.fetch_add(1, Ordering::SeqCst);
            work(request)
        });
    }

    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Moments {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
