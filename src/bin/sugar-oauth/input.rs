//! What a person types and scripts give: the consumer key and its secret.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use sugar_oauth::printable;

use crate::context::Context;
use crate::environment::variable;
use crate::failure::{Failure, reason};
use crate::terminal::{Lines, hidden_prompt};

/// More than any secret has, in bytes.
const LONGEST_SECRET: u64 = 4 * 1024;

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
            return Self::first_line(io::stdin().lock()).map_err(|error| {
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
        let mut question = format!("{} (not shown): ", self.what);
        question[..1].make_ascii_uppercase();
        Ok(hidden_prompt(&question, &context.interrupt).await?)
    }

    fn read_file(&self, path: &Path) -> Result<String, Failure> {
        let shown = printable(&path.display().to_string());
        let read = std::fs::File::open(path).and_then(Self::first_line);
        read.map_err(|error| {
            Failure::usage(format!(
                "{}-file: {shown} cannot be read: {}",
                self.option,
                reason(&error)
            ))
            .hint(format!("give a text file that holds the {} on one line", self.what))
        })
    }

    /// Editors and `echo` end the line; more than that is not the secret's.
    fn first_line(from: impl Read) -> io::Result<String> {
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
}

/// A line that is typed, without white space around it.
pub async fn typed_line(question: &str, lines: &mut Lines, context: &Context) -> Result<String, Failure> {
    context.output.ask(question);
    match context.interrupt.or(lines.next()).await? {
        Some(line) => Ok(line.trim().to_owned()),
        None => Err(Failure::failed("the input has ended")),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_SECRET, SecretSources};

    #[test]
    fn a_secret_that_is_too_long_is_refused_and_not_cut() {
        let longest = "a".repeat(LONGEST_SECRET as usize);
        assert_eq!(SecretSources::first_line(longest.as_bytes()).unwrap(), longest);
        assert!(SecretSources::first_line(format!("{longest}b").as_bytes()).is_err());
        assert_eq!(SecretSources::first_line(&b"a b\r\n"[..]).unwrap(), "a b");
    }
}
