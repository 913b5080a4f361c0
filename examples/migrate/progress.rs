//! On a terminal a line that is written over; elsewhere nothing.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the line is written.
const PAUSE: Duration = Duration::from_millis(100);

pub struct Progress {
    is_terminal: bool,
    now: Mutex<Now>,
}

struct Now {
    what: String,
    done: u64,
    total: Option<u64>,
    shown: Option<Instant>,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            now: Mutex::new(Now {
                what: String::new(),
                done: 0,
                total: None,
                shown: None,
            }),
        }
    }

    pub fn begin(&self, what: &str, total: Option<u64>) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        (now.what, now.done, now.total, now.shown) = (what.to_owned(), 0, total, None);
        self.show(&mut now);
    }

    pub fn add(&self, count: usize) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.done += count as u64;
        let is_due = now.shown.is_none_or(|shown| shown.elapsed() >= PAUSE);
        if is_due || now.total == Some(now.done) {
            self.show(&mut now);
        }
    }

    /// Clears the line, for what is printed next.
    pub fn end(&self) {
        if self.is_terminal {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
    }

    fn show(&self, now: &mut Now) {
        now.shown = Some(Instant::now());
        if !self.is_terminal {
            return;
        }
        let total = now.total.map_or_else(String::new, |total| format!(" of {total}"));
        let filled = now.total.filter(|total| *total > 0).map_or(0, |total| {
            usize::try_from(20 * now.done.min(total) / total).unwrap_or(20)
        });
        let bar = "#".repeat(filled);
        let line = format!("\r\x1b[K[{bar:20}] {}  {}{total}", now.what, now.done);
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}
