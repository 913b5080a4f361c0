//! What the person types: a secret without echo.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use sugar_oauth::ConsumerSecret;

use crate::arguments::variable;
use crate::common::terminal::{NotTyped, hidden_prompt};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// More than any secret has.
const LONGEST_SECRET: u64 = 4 * 1024;

/// Whether a person can read and type here.
pub fn person_is_here() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
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
    match hidden_prompt("Consumer secret (not shown): ", interrupt).await {
        Ok(secret) => Ok(ConsumerSecret::new(secret)),
        Err(NotTyped::Interrupted) => Err(Failure::interrupted()),
        Err(NotTyped::Ended) => Err(Failure::own("the input has ended")),
        Err(NotTyped::Failed) => Err(Failure::own("the consumer secret could not be read from the terminal")
            .hint("set SUGAR_CONSUMER_SECRET, or give --consumer-secret-file FILE")),
    }
}

fn from_file(path: &Path) -> Result<ConsumerSecret, Failure> {
    let shown = sugar_oauth::printable(&path.display().to_string());
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST_SECRET + 1).read_to_string(&mut text))
        .and_then(|length| match length as u64 > LONGEST_SECRET {
            true => Err(io::ErrorKind::InvalidData.into()),
            false => Ok(()),
        })
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
