//! All findings of one examination.

use std::fmt;

use serde::Serialize;

use super::Finding;

/// What an examination found, in the order in which it was tried.
///
/// It serialises to JSON; as text it has a finding a paragraph. It holds no secret.
///
/// ```no_run
/// # fn keep(report: sugar_oauth::doctor::Report) -> Result<(), Box<dyn std::error::Error>> {
/// for finding in report.problems() {
///     println!("{finding}");
/// }
/// // For a monitor: ids stay the same from version to version.
/// std::fs::write("report.json", serde_json::to_vec_pretty(&report)?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The site URL that was examined.
    pub site: String,
    /// The URL that was signed, where it is set to be another.
    pub signing_url: Option<String>,
    /// When it was examined, by this machine's clock: `2026-11-21 08:54:25`, in UTC.
    pub examined_at: String,
    /// No finding is a problem. What could not be tried is no problem by itself: see [`State::Unknown`](super::State).
    pub healthy: bool,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The findings that keep the connection from working.
    pub fn problems(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.state.is_problem())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{finding}")?;
        }
        Ok(())
    }
}
