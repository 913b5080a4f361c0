//! The lines of standard input.

use std::io::{self, BufRead, Read};
use std::sync::mpsc as blocking;
use std::thread;

use tokio::sync::mpsc;

/// The longest line that is taken, in bytes: a verifier or a whole address.
const LONGEST_LINE: u64 = 8 * 1024;

/// The lines that are typed or piped in, read when they are asked for: between two of them the terminal is free for a
/// hidden prompt.
///
/// They are read on a thread of their own, not on the runtime's: a thread that waits for a line would keep a runtime
/// from ending, and with it the program.
pub struct Lines {
    wanted: blocking::Sender<()>,
    lines: mpsc::UnboundedReceiver<String>,
    /// One was asked for and has not come yet.
    is_awaited: bool,
}

impl Lines {
    pub fn read() -> Self {
        let (wanted, asked) = blocking::channel();
        let (sender, lines) = mpsc::unbounded_channel();
        thread::spawn(move || {
            while asked.recv().is_ok() {
                let mut line = Vec::new();
                let read = io::stdin().lock().take(LONGEST_LINE).read_until(b'\n', &mut line);
                let line = match read {
                    Ok(0) | Err(_) => return,
                    Ok(_) => String::from_utf8_lossy(&line).into_owned(),
                };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            wanted,
            lines,
            is_awaited: false,
        }
    }

    /// The next line; `None` when the input has ended. Cancellation-safe: a line that was awaited comes next time.
    pub async fn next(&mut self) -> Option<String> {
        if !self.is_awaited {
            self.wanted.send(()).ok()?;
            self.is_awaited = true;
        }
        let line = self.lines.recv().await;
        self.is_awaited = false;
        line
    }
}
