//! A secret, typed without echo.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::interrupt::Interrupt;

/// Why there is no secret.
#[derive(Debug, Clone, Copy)]
pub enum NotTyped {
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D on an empty line.
    Ended,
    /// The terminal cannot be read.
    Failed,
}

/// Asks for a secret. Whatever ends it, the terminal shows again what is typed.
pub async fn hidden_prompt(question: &str, interrupt: &Interrupt) -> Result<String, NotTyped> {
    let before = terminal_settings();
    let (sender, mut typed) = oneshot::channel();
    let question = question.to_owned();
    thread::spawn(move || {
        let _ = sender.send(rpassword::prompt_password(question));
    });
    match interrupt.or(&mut typed).await {
        Ok(Ok(Ok(secret))) => Ok(secret),
        Ok(Ok(Err(error))) if error.kind() == io::ErrorKind::Interrupted => Err(NotTyped::Interrupted),
        Ok(Ok(Err(error))) if error.kind() == io::ErrorKind::UnexpectedEof => Err(NotTyped::Ended),
        Ok(_) => Err(NotTyped::Failed),
        Err(_) => {
            // Typed, Ctrl-C ends the prompt, which puts the terminal right; sent by another program it does not.
            if tokio::time::timeout(Duration::from_millis(300), typed).await.is_err() {
                restore_terminal(before);
            }
            Err(NotTyped::Interrupted)
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

/// Without the variables that hold secrets.
fn stty() -> Command {
    let mut command = Command::new("stty");
    command.stdin(Stdio::inherit()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SUGAR_") {
            command.env_remove(name);
        }
    }
    command
}

/// More than any secret has, in bytes.
const LONGEST_SECRET: u64 = 4 * 1024;

/// A secret that a file or a program gives. Editors and `echo` end the line; more than that is not the secret's.
pub fn secret_line(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    if from.take(LONGEST_SECRET + 1).read_to_string(&mut text)? as u64 > LONGEST_SECRET {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if text.ends_with('\n') {
        text.pop();
    }
    if text.ends_with('\r') {
        text.pop();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_SECRET, secret_line};

    #[test]
    fn a_secret_that_is_too_long_is_refused_and_not_cut() {
        let longest = "a".repeat(LONGEST_SECRET as usize);
        assert_eq!(secret_line(longest.as_bytes()).unwrap(), longest);
        assert!(secret_line(format!("{longest}b").as_bytes()).is_err());
        assert_eq!(secret_line(&b"a b\r\n"[..]).unwrap(), "a b");
    }
}
