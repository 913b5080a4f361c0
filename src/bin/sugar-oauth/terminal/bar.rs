//! How far it is: a bar that is drawn over itself on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sugar_oauth::printable;
use sugar_oauth::records::export::Progress;

use super::width::width;

/// How often it is drawn, and how often there is a line where it is not.
const DRAW: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(10);

/// The bar's own columns, and those of a terminal that does not tell.
const CELLS: u64 = 20;
const WIDTH: usize = 80;

/// On standard error.
#[derive(Clone)]
pub struct Bar {
    drawn: Arc<Mutex<Drawn>>,
}

struct Drawn {
    on_terminal: bool,
    file: Option<File>,
    last: Option<Instant>,
    /// When the file before was finished.
    ended: Option<Instant>,
}

/// The file that is being written.
struct File {
    began: Instant,
    /// Records that were there when this run came to it.
    before: u64,
    progress: Progress,
}

impl Bar {
    pub fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            drawn: Arc::new(Mutex::new(Drawn {
                on_terminal: io::stderr().is_terminal() && !dumb,
                file: None,
                last: None,
                ended: None,
            })),
        }
    }

    /// After a page.
    pub fn tell(&self, progress: &Progress) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.tell(progress);
    }

    /// At the end, whatever it is.
    pub fn end(&self) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.end_file();
    }
}

impl Drawn {
    fn tell(&mut self, progress: &Progress) {
        let is_new = self
            .file
            .as_ref()
            .is_none_or(|file| file.progress.file != progress.file);
        if is_new {
            self.end_file();
        }
        // The first file may have been begun by an earlier run: what it had then is not counted to the rate.
        let (began, before) = match self.ended {
            Some(ended) => (ended, 0),
            None => (Instant::now(), progress.records),
        };
        let file = self.file.get_or_insert_with(|| File {
            began,
            before,
            progress: progress.clone(),
        });
        file.progress = progress.clone();
        let pause = if self.on_terminal { DRAW } else { LINE };
        let last = self.last.get_or_insert_with(Instant::now);
        let is_full = progress.expected.is_some_and(|expected| progress.records >= expected);
        let is_due = last.elapsed() >= pause || self.on_terminal && (is_new || is_full);
        if is_due {
            *last = Instant::now();
            let mut text = file.shown(self.on_terminal);
            if self.on_terminal && text.chars().count() >= columns() {
                text = file.shown(false);
            }
            self.write(&text, false);
        }
    }

    /// The line of a file that is finished stays.
    fn end_file(&mut self) {
        if let Some(file) = self.file.take() {
            let text = file.shown(false);
            self.write(&text, true);
            self.ended = Some(Instant::now());
        }
    }

    fn write(&self, text: &str, stays: bool) {
        let line = match (self.on_terminal, stays) {
            (true, false) => format!("\r\x1b[K{}", cut(text, columns().saturating_sub(1))),
            (true, true) => format!("\r\x1b[K{}\n", cut(text, columns().saturating_sub(1))),
            (false, _) => format!("{text}\n"),
        };
        // Nobody may be there to see it, which is no reason to stop.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

impl File {
    fn shown(&self, with_bar: bool) -> String {
        let progress = &self.progress;
        let seconds = self.began.elapsed().as_secs_f64();
        let records = progress.records.saturating_sub(self.before);
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let rate = if seconds > 0.0 { records as f64 / seconds } else { 0.0 };
        let expected = progress.expected.filter(|expected| *expected >= progress.records);
        let mut text = String::new();
        if with_bar {
            let filled = expected.map_or(0, |all| (CELLS * progress.records).checked_div(all).unwrap_or(CELLS));
            let filled = usize::try_from(filled).unwrap_or_default();
            text = format!("[{:width$}] ", "#".repeat(filled), width = CELLS as usize);
        }
        text += &format!("{}/{} ", progress.files_done + 1, progress.files);
        text += &printable(&progress.file);
        text += &format!("  {}", progress.records);
        if let Some(expected) = expected {
            text += &format!(" of {expected}");
        }
        if rate > 0.0 {
            text += &format!(", {rate:.0} a second");
        }
        if let Some(left) = expected
            .map(|expected| expected - progress.records)
            .filter(|left| *left > 0)
        {
            text += &time_left(left, rate);
        }
        text
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn time_left(records: u64, rate: f64) -> String {
    let left = Duration::try_from_secs_f64(records as f64 / rate).map(|left| left.as_secs());
    match left {
        Ok(seconds @ 0..60) => format!(", {} s left", seconds + 1),
        Ok(seconds @ 60..3_600) => format!(", {} min left", seconds / 60 + 1),
        Ok(seconds) => format!(", {} h left", seconds / 3_600 + 1),
        Err(_) => String::new(),
    }
}

/// As much of a line as has room. Characters that are not ASCII are taken for two columns wide, as some of them are.
fn cut(text: &str, columns: usize) -> &str {
    let mut room = columns;
    for (at, character) in text.char_indices() {
        let wide = if character.is_ascii() { 1 } else { 2 };
        if wide > room {
            return &text[..at];
        }
        room -= wide;
    }
    text
}

/// The terminal's columns.
fn columns() -> usize {
    width(io::stderr()).unwrap_or(WIDTH)
}
