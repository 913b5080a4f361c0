//! The windows that wait for a worker, and how fast requests may follow each other.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::window::Window;

/// A window to read, and what is known of it.
pub(super) struct Job {
    pub(super) window: Window,
    /// About how many records are left in it.
    pub(super) remaining: Option<u64>,
    /// How many pages to read before a place to cut is looked for, and how many to wait when none is found.
    pub(super) pages_to_wait: u32,
    pub(super) patience: u32,
}

impl Job {
    pub(super) fn new(window: Window, remaining: Option<u64>) -> Self {
        Self {
            window,
            remaining,
            pages_to_wait: 0,
            patience: 4,
        }
    }
}

/// The jobs of one scan.
pub(super) struct Pool {
    jobs: Mutex<Jobs>,
    changed: Notify,
}

struct Jobs {
    waiting: VecDeque<Job>,
    /// How many are being worked on.
    taken: usize,
    /// How many workers there are.
    workers: usize,
    next_number: u64,
}

impl Pool {
    pub(super) fn new(windows: Vec<Window>, first_free_number: u64, workers: usize) -> Self {
        Self {
            jobs: Mutex::new(Jobs {
                waiting: windows.into_iter().map(|window| Job::new(window, None)).collect(),
                taken: 0,
                workers,
                next_number: first_free_number,
            }),
            changed: Notify::new(),
        }
    }

    /// The next job; `None` when there will be none any more.
    pub(super) async fn take(&self) -> Option<Job> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut jobs = self.lock();
                if let Some(job) = jobs.waiting.pop_front() {
                    jobs.taken += 1;
                    return Some(job);
                }
                if jobs.taken == 0 {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// A job that was taken is done.
    pub(super) fn finish(&self) {
        {
            let mut jobs = self.lock();
            jobs.taken = jobs.taken.saturating_sub(1);
        }
        self.changed.notify_waiters();
    }

    /// A worker ends, and gives back what it took.
    pub(super) fn resign(&self, job: Job) {
        let mut jobs = self.lock();
        jobs.taken = jobs.taken.saturating_sub(1);
        jobs.workers -= 1;
        jobs.waiting.push_front(job);
        drop(jobs);
        self.changed.notify_waiters();
    }

    /// There will be no job any more.
    pub(super) fn close(&self) {
        let mut jobs = self.lock();
        jobs.waiting.clear();
        jobs.taken = 0;
        drop(jobs);
        self.changed.notify_waiters();
    }

    /// One more job.
    pub(super) fn add(&self, job: Job) {
        self.lock().waiting.push_back(job);
        self.changed.notify_waiters();
    }

    /// Whether a worker has nothing to do.
    pub(super) fn someone_is_idle(&self) -> bool {
        let jobs = self.lock();
        jobs.waiting.len() + jobs.taken < jobs.workers
    }

    /// A number for a new window.
    pub(super) fn number(&self) -> u64 {
        let mut jobs = self.lock();
        jobs.next_number += 1;
        jobs.next_number - 1
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds requests back to a rate.
pub(super) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(requests_per_second: Option<f64>) -> Self {
        // Slower than one request in a day is one in a day.
        let interval = |rate: f64| match rate > 0.0 {
            true => Duration::from_secs_f64((1.0 / rate).min(86_400.0)),
            false => Duration::from_secs(86_400),
        };
        Self {
            interval: requests_per_second.map_or(Duration::ZERO, interval),
            next: Mutex::new(None),
        }
    }

    /// Waits until one more request may be sent.
    pub(super) async fn wait(&self) {
        if self.interval.is_zero() {
            return;
        }
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let slot = next.map_or(now, |next| next.max(now));
            *next = Some(slot + self.interval);
            slot
        };
        tokio::time::sleep_until(slot).await;
    }
}

/// How many records to ask for: as many as the server answers in about a second.
pub(super) struct PageSize {
    most: u32,
    now: u32,
}

const LONG: Duration = Duration::from_secs(2);
const SHORT: Duration = Duration::from_secs(1);

impl PageSize {
    pub(super) fn new(most: u32) -> Self {
        Self { most, now: most }
    }

    pub(super) fn get(&self) -> u32 {
        self.now
    }

    pub(super) fn answered(&mut self, after: Duration) {
        if after > LONG {
            self.now = (self.now / 2).max(1);
        } else if after < SHORT {
            self.now = self.now.saturating_mul(2).min(self.most);
        }
    }

    pub(super) fn failed(&mut self) {
        self.now = (self.now / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_size_follows_the_answers() {
        let mut size = PageSize::new(250);
        size.answered(Duration::from_secs(3));
        assert_eq!(size.get(), 125);
        size.answered(Duration::from_millis(1500));
        assert_eq!(size.get(), 125);
        size.answered(Duration::from_millis(10));
        assert_eq!(size.get(), 250);
        for _ in 0..20 {
            size.failed();
        }
        assert_eq!(size.get(), 1);
    }

    #[tokio::test]
    async fn requests_keep_their_pace() {
        let pace = Pace::new(Some(50.0));
        let began = Instant::now();
        for _ in 0..6 {
            pace.wait().await;
        }
        assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
    }
}
