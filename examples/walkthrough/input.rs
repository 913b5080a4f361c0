//! What the person types: a secret without echo.

use std::io::{self, IsTerminal};
use std::path::Path;

use sugar_oauth::ConsumerSecret;

use crate::arguments::variable;
use crate::common::terminal::{NotTyped, hidden_prompt, reason, secret_line};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

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
    let secret = std::fs::File::open(path).and_then(secret_line).map_err(|error| {
        Failure::usage(format!(
            "--consumer-secret-file: {shown} cannot be read: {}",
            reason(&error)
        ))
        .hint("give a text file that holds the consumer secret on one line")
    })?;
    Ok(ConsumerSecret::new(secret))
}
