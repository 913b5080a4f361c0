//! What a person types and scripts give: the consumer key and its secret.

use std::io::{self, IsTerminal};
use std::path::Path;

use sugar_oauth::printable;

use crate::context::Context;
use crate::environment::variable;
use crate::failure::Failure;
use crate::terminal::{Lines, capitalised, hidden_prompt, reason, secret_line};

/// Whether a person can read and type here. What they are told goes to standard error.
pub fn person_is_here() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Where a secret may come from, the first that is given.
pub struct SecretSources<'a> {
    /// What it is, for prompt and errors: `consumer secret`.
    pub what: &'a str,
    pub variable: &'a str,
    /// How its options begin: `--secret` for `--secret-file` and `--secret-stdin`.
    pub option: &'a str,
    pub file: Option<&'a Path>,
    pub stdin: bool,
}

impl SecretSources<'_> {
    /// Whether it need not be asked for.
    pub fn are_given(&self) -> Result<bool, Failure> {
        Ok(self.file.is_some() || self.stdin || variable(self.variable)?.is_some())
    }

    /// The secret: from a file, standard input, the environment, or a prompt without echo.
    pub async fn get(&self, context: &Context) -> Result<String, Failure> {
        if let Some(file) = self.file {
            return self.read_file(file);
        }
        if self.stdin {
            return secret_line(io::stdin().lock()).map_err(|error| {
                Failure::usage(format!(
                    "the {} cannot be read from standard input: {}",
                    self.what,
                    error.kind()
                ))
            });
        }
        if let Some(secret) = variable(self.variable)? {
            return Ok(secret);
        }
        if !person_is_here() {
            return Err(Failure::usage(format!(
                "no {} is given, and there is no terminal to ask for it",
                self.what
            ))
            .hint(format!(
                "set {}, or give {1}-file FILE or {1}-stdin",
                self.variable, self.option
            )));
        }
        let question = format!("{} (not shown): ", capitalised(self.what));
        Ok(hidden_prompt(&question, &context.interrupt).await?)
    }

    fn read_file(&self, path: &Path) -> Result<String, Failure> {
        let shown = printable(&path.display().to_string());
        let read = std::fs::File::open(path).and_then(secret_line);
        read.map_err(|error| {
            Failure::usage(format!(
                "{}-file: {shown} cannot be read: {}",
                self.option,
                reason(&error)
            ))
            .hint(format!("give a text file that holds the {} on one line", self.what))
        })
    }
}

/// A line that is typed, without white space around it.
pub async fn typed_line(question: &str, lines: &mut Lines, context: &Context) -> Result<String, Failure> {
    context.output.ask(question);
    match context.interrupt.or(lines.next()).await? {
        Some(line) => Ok(line.trim().to_owned()),
        None => Err(Failure::failed("the input has ended")),
    }
}
