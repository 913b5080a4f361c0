//! How an example ends when it does not end well: one error, and an exit status.

use std::fmt;

use super::terminal::with_hints;

/// Why an example ends early.
pub enum Failure {
    /// The command line or the environment cannot be used: status 2.
    Usage { what: String, hints: Vec<String> },
    /// A step failed: status 1.
    Step(sugar_oauth::Error),
    /// Something of the example's own failed: status 1.
    Own { what: String, hints: Vec<String> },
    /// Ctrl-C: status 130, as shells have it. The text says what that leaves behind.
    Interrupted(String),
}

impl Failure {
    pub fn usage(what: impl Into<String>) -> Self {
        Failure::Usage {
            what: what.into(),
            hints: Vec::new(),
        }
    }

    pub fn own(what: impl Into<String>) -> Self {
        Failure::Own {
            what: what.into(),
            hints: Vec::new(),
        }
    }

    pub fn interrupted() -> Self {
        Failure::Interrupted(String::new())
    }

    /// Adds one thing to try, the likeliest first.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Failure::Usage { hints, .. } | Failure::Own { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }

    /// An error about something given, with its name before it.
    pub fn input(name: &str, error: &sugar_oauth::Error) -> Self {
        Failure::Usage {
            what: format!("{name}: {}", error.message()),
            hints: error.hints().to_vec(),
        }
    }

    pub fn status(&self) -> u8 {
        match self {
            Failure::Usage { .. } => 2,
            Failure::Step(_) | Failure::Own { .. } => 1,
            Failure::Interrupted(_) => 130,
        }
    }
}

impl From<sugar_oauth::Error> for Failure {
    fn from(error: sugar_oauth::Error) -> Self {
        Failure::Step(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Step(error) => write!(formatter, "{error:#}"),
            Failure::Usage { what, hints } | Failure::Own { what, hints } => {
                formatter.write_str(&with_hints(what, hints))
            }
            Failure::Interrupted(left) => write!(formatter, "interrupted by Ctrl-C{left}"),
        }
    }
}
