//! What the person types: lines at the paste prompt, and a secret without echo.

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use sugar_oauth::ConsumerSecret;
use tokio::sync::{mpsc, oneshot};

use crate::arguments::variable;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// The longest line that is taken for a paste, in bytes: a verifier or a whole address.
const LONGEST_LINE: u64 = 8 * 1024;
/// More than any secret has.
const LONGEST_SECRET: u64 = 4 * 1024;

/// Whether a person can read and type here.
pub fn person_is_here() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

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

/// The consumer secret: from a file, the environment, or a prompt without echo.
pub async fn consumer_secret(file: Option<&Path>, interrupt: &Interrupt) -> Result<ConsumerSecret, Failure> {
    if let Some(file) = file {
        return from_file(file);
    }
    if let Some(secret) = variable("SUGAR_CONSUMER_SECRET")? {
        return Ok(ConsumerSecret::new(secret));
    }
    if !io::stdin().is_terminal() {
        return Err(
            Failure::usage("no consumer secret is given, and there is no terminal to ask for it")
                .hint("set SUGAR_CONSUMER_SECRET, or give --consumer-secret-file FILE"),
        );
    }
    prompt(interrupt).await
}

fn from_file(path: &Path) -> Result<ConsumerSecret, Failure> {
    let shown = sugar_oauth::printable(&path.display().to_string());
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST_SECRET).read_to_string(&mut text))
        .map_err(|error| {
            Failure::usage(format!(
                "--consumer-secret-file: {shown} cannot be read: {}",
                error.kind()
            ))
            .hint("give a text file that holds the consumer secret on one line")
        })?;
    // Editors and `echo` end the line; more than that is not the secret's.
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    Ok(ConsumerSecret::new(secret))
}

async fn prompt(interrupt: &Interrupt) -> Result<ConsumerSecret, Failure> {
    let before = terminal_settings();
    let (sender, typed) = oneshot::channel();
    thread::spawn(move || {
        let _ = sender.send(rpassword::prompt_password("Consumer secret (not shown): "));
    });
    let mut typed = typed;
    match interrupt.or(&mut typed).await {
        Ok(Ok(Ok(secret))) => Ok(ConsumerSecret::new(secret)),
        Ok(Ok(Err(error))) if error.kind() == io::ErrorKind::Interrupted => Err(Failure::interrupted()),
        Ok(_) => Err(Failure::own("the consumer secret could not be read from the terminal")
            .hint("set SUGAR_CONSUMER_SECRET, or give --consumer-secret-file FILE")),
        Err(failure) => {
            // Typed, Ctrl-C ends the prompt, which puts the terminal right; sent by another program it does not.
            if tokio::time::timeout(Duration::from_millis(300), typed).await.is_err() {
                restore_terminal(before);
            }
            Err(failure)
        }
    }
}

/// What `stty` needs to put the terminal back, echo included.
fn terminal_settings() -> Option<String> {
    let output = stty().arg("-g").output().ok()?;
    let settings = String::from_utf8(output.stdout).ok()?;
    Some(settings.trim().to_owned()).filter(|settings| !settings.is_empty())
}

fn restore_terminal(settings: Option<String>) {
    if let Some(settings) = settings {
        let _ = stty().arg(settings).status();
    }
}

fn stty() -> std::process::Command {
    let mut command = std::process::Command::new("stty");
    command
        .stdin(std::process::Stdio::inherit())
        .stderr(std::process::Stdio::null());
    command.env_remove("SUGAR_CONSUMER_SECRET");
    command
}
