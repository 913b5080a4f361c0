//! The lines of standard input.

use std::io::{self, BufRead, Read};
use std::thread;

use tokio::sync::mpsc;

/// The longest line that is taken, in bytes: a verifier or a whole address.
const LONGEST_LINE: u64 = 8 * 1024;

/// The lines that are typed or piped in.
///
/// They are read on a thread of their own, not on the runtime's: a thread that waits for a line would keep a runtime
/// from ending, and with it the program.
pub struct Lines {
    lines: mpsc::Receiver<String>,
}

impl Lines {
    pub fn read() -> Self {
        let (sender, lines) = mpsc::channel(16);
        thread::spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let mut line = Vec::new();
                match input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {
                        let line = String::from_utf8_lossy(&line).into_owned();
                        if sender.blocking_send(line).is_err() {
                            return;
                        }
                    }
                }
            }
        });
        Self { lines }
    }

    /// The next line; `None` when the input has ended.
    pub async fn next(&mut self) -> Option<String> {
        self.lines.recv().await
    }
}
