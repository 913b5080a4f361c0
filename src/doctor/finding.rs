//! A finding: what was tried, what came of it, what mends it.

use std::fmt;

use serde::Serialize;

use super::FindingId;

/// How a finding bears on the connection.
///
/// ```
/// use sugar_oauth::doctor::State;
///
/// assert!(State::Alike.is_problem() && !State::Notice.is_problem());
/// assert_eq!(State::Unknown.as_str(), "unknown");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Tried, and as it should be.
    Ok,
    /// Works, and worth knowing.
    Notice,
    /// Keeps the connection from working, for the cause named.
    Problem,
    /// Keeps the connection from working, for one of several causes that look alike from outside:
    /// [`causes`](Finding::causes) lists them with what tells them apart.
    Alike,
    /// Could not be tried.
    Unknown,
}

impl State {
    /// Its name in text and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Notice => "notice",
            State::Problem => "problem",
            State::Alike => "alike",
            State::Unknown => "unknown",
        }
    }

    /// Whether the connection cannot work like this.
    pub fn is_problem(self) -> bool {
        matches!(self, State::Problem | State::Alike)
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One thing that was found. Its texts are fit for a terminal: what came from the server is escaped in them.
///
/// ```no_run
/// # fn show(report: sugar_oauth::doctor::Report) {
/// use sugar_oauth::doctor::FindingId;
///
/// for finding in &report.findings {
///     println!("{}: {}", finding.id, finding.summary);
///     finding.evidence.iter().for_each(|seen| println!("  seen: {seen}"));
/// }
/// let old = report.findings.iter().any(|finding| finding.id == FindingId::V4Only);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding it is. Ids stay the same from version to version; texts may change.
    pub id: FindingId,
    /// How it bears on the connection; the same for every finding of an id.
    pub state: State,
    /// What was found, in one sentence.
    pub summary: String,
    /// What it was seen by: requests and their answers.
    pub evidence: Vec<String>,
    /// What mends it, the likeliest first. Empty where nothing is to be mended, and where [`causes`](Self::causes) have
    /// remedies of their own.
    pub remedies: Vec<Remedy>,
    /// The causes that look alike, the likeliest first; only of [`State::Alike`].
    pub causes: Vec<Cause>,
}

/// One of several causes that look alike from outside.
///
/// ```no_run
/// # fn show(finding: sugar_oauth::doctor::Finding) {
/// for cause in &finding.causes {
///     println!("{}; told by: {}", cause.what, cause.tell_apart);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// What it would be.
    pub what: String,
    /// What would tell it from the others.
    pub tell_apart: String,
    /// What would mend it.
    pub remedies: Vec<Remedy>,
}

/// What mends a problem: a sentence, and the setting that it is about, if it is one.
///
/// ```no_run
/// # fn show(finding: sugar_oauth::doctor::Finding) {
/// for remedy in &finding.remedies {
///     match (remedy.flag, &remedy.value) {
///         (Some(flag), Some(value)) => println!("try {flag} {value}"),
///         _ => println!("{remedy}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Remedy {
    /// What to do.
    pub what: String,
    /// The library's setting, such as `Instance::with_signing_url`.
    pub library: Option<&'static str>,
    /// The command line's flag, such as `--signing-url`.
    pub flag: Option<&'static str>,
    /// The command line's variable, such as `SUGAR_SIGNING_URL`; with its value where only one makes sense.
    pub variable: Option<&'static str>,
    /// What to set it to, where that is known.
    pub value: Option<String>,
}

impl Finding {
    pub(super) fn new(id: FindingId, summary: impl Into<String>) -> Self {
        Self {
            id,
            state: id.state(),
            summary: summary.into(),
            evidence: Vec::new(),
            remedies: Vec::new(),
            causes: Vec::new(),
        }
    }

    pub(super) fn seen(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    pub(super) fn seen_all(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn mend(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    pub(super) fn cause(
        mut self,
        what: impl Into<String>,
        tell_apart: impl Into<String>,
        remedies: Vec<Remedy>,
    ) -> Self {
        self.causes.push(Cause {
            what: what.into(),
            tell_apart: tell_apart.into(),
            remedies,
        });
        self
    }
}

impl Remedy {
    /// Something to do that is no setting.
    pub(super) fn act(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            library: None,
            flag: None,
            variable: None,
            value: None,
        }
    }

    /// A setting of the library, and of the command line where that has it.
    pub(super) fn set(
        what: impl Into<String>,
        library: &'static str,
        flag: Option<&'static str>,
        variable: Option<&'static str>,
    ) -> Self {
        Self {
            library: Some(library),
            flag,
            variable,
            ..Self::act(what)
        }
    }

    pub(super) fn to(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        let value = self.value.as_deref();
        let library = self.library.map(|name| match value {
            Some(value) => format!("{name}(\"{value}\")"),
            None => name.to_owned(),
        });
        let flag = self.flag.map(|name| match value {
            Some(value) => format!("{name} {value}"),
            None => name.to_owned(),
        });
        let variable = self.variable.map(|name| match value {
            Some(value) => format!("{name}={value}"),
            None => name.to_owned(),
        });
        let settings: Vec<String> = [library, flag, variable].into_iter().flatten().collect();
        match settings.is_empty() {
            true => Ok(()),
            false => write!(formatter, ": {}", settings.join(", ")),
        }
    }
}

/// State, id and summary on a line, and what belongs to it indented below.
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<8} {}: {}", self.state.as_str(), self.id, self.summary)?;
        for evidence in &self.evidence {
            write!(formatter, "\n         seen: {evidence}")?;
        }
        for remedy in &self.remedies {
            write!(formatter, "\n         do: {remedy}")?;
        }
        for (index, cause) in self.causes.iter().enumerate() {
            write!(formatter, "\n         {}. {}", index + 1, cause.what)?;
            write!(formatter, "\n            told by: {}", cause.tell_apart)?;
            for remedy in &cause.remedies {
                write!(formatter, "\n            do: {remedy}")?;
            }
        }
        Ok(())
    }
}
