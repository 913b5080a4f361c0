//! How a command ends when it does not end well: one error, and an exit status.

use std::fmt;

use sugar_oauth::{Error, ErrorKind};

use crate::terminal::{Interrupted, NotTyped, with_hints};

/// The exit statuses besides 0. `docs/cli.md` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Failed = 1,
    Usage = 2,
    NotLoggedIn = 3,
    /// The server says no: to the key, the token, the user or the request.
    Refused = 4,
    PartlyDone = 5,
    /// Ctrl-C, as shells have it.
    Interrupted = 130,
}

/// Why a command ends early.
#[derive(Debug)]
pub enum Failure {
    /// What happened, and what to try.
    Told {
        status: Status,
        what: String,
        hints: Vec<String>,
    },
    /// Whoever read the output has gone (`| head`): they have what they wanted.
    ReaderGone,
}

impl Failure {
    pub fn new(status: Status, what: impl Into<String>) -> Self {
        Failure::Told {
            status,
            what: what.into(),
            hints: Vec::new(),
        }
    }

    /// The command line or the environment cannot be used.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Status::Usage, what)
    }

    /// Something failed that is nobody's refusal.
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(Status::Failed, what)
    }

    pub fn interrupted() -> Self {
        Self::new(Status::Interrupted, "interrupted by Ctrl-C")
    }

    /// An error about something given, with its name before it.
    pub fn input(name: &str, error: &Error) -> Self {
        let failure = Self::usage(format!("{name}: {}", error.message()));
        error.hints().iter().fold(failure, |failure, hint| failure.hint(hint))
    }

    /// Adds one thing to try, the likeliest first.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Failure::Told { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }

    /// Adds to what happened.
    pub fn and(mut self, more: &str) -> Self {
        if let Failure::Told { what, .. } = &mut self {
            what.push_str("; ");
            what.push_str(more);
        }
        self
    }

    pub fn is_interrupt(&self) -> bool {
        matches!(
            self,
            Failure::Told {
                status: Status::Interrupted,
                ..
            }
        )
    }

    pub fn status(&self) -> u8 {
        match self {
            Failure::Told { status, .. } => *status as u8,
            Failure::ReaderGone => 0,
        }
    }

    /// For a program to read.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Failure::Told { status, what, hints } => {
                serde_json::json!({"error": what, "try": hints, "status": *status as u8})
            }
            Failure::ReaderGone => serde_json::Value::Null,
        }
    }
}

/// The server's number for a module that is not there.
const NO_SUCH_MODULE: i64 = 20;

/// Which status an error of the library has.
fn status_of(error: &Error) -> Status {
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::PlainHttp => Status::Usage,
        ErrorKind::NotLoggedIn | ErrorKind::SessionGone => Status::NotLoggedIn,
        ErrorKind::Refused | ErrorKind::Api | ErrorKind::RecordRefused | ErrorKind::NotDone => Status::Refused,
        _ => Status::Failed,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // What to try stands on lines of its own in this form, and nothing else does.
        let all = format!("{error:#}");
        let what = all.split_once("\n  Try").map_or(all.as_str(), |(what, _)| what);
        let failure = Self::new(status_of(&error), what);
        let failure = error.hints().iter().fold(failure, |failure, hint| failure.hint(hint));
        match error.api().map(|api| api.number) {
            Some(NO_SUCH_MODULE) => failure.hint("sugar-oauth modules: names are written as there"),
            _ => failure,
        }
    }
}

impl From<Interrupted> for Failure {
    fn from(_: Interrupted) -> Self {
        Self::interrupted()
    }
}

impl From<NotTyped> for Failure {
    fn from(not_typed: NotTyped) -> Self {
        match not_typed {
            NotTyped::Interrupted => Self::interrupted(),
            NotTyped::Ended => Self::failed("the input has ended"),
            NotTyped::Failed => Self::failed("the terminal cannot be read"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure::Told { what, hints, .. } = self else {
            return Ok(());
        };
        formatter.write_str(&with_hints(what, hints))
    }
}
