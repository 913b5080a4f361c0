//! A refusal of the legacy API.

use std::fmt;

use crate::printable::printable;

/// A refusal in the API's own words: HTTP 200 and a JSON object with these three members.
///
/// The numbers are listed in `docs/server.md`; 11 means that the session is gone, 40 that access is denied.
/// The texts are the server's, exactly: escape them before they reach a terminal.
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
/// use sugar_oauth::{ApiError, Password};
///
/// if let Err(error) = client.login("admin", Password::new("…")).await {
///     match error.api() {
///         Some(ApiError { number: 10, .. }) => eprintln!("wrong user name or password"),
///         _ => eprintln!("{error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The error's number, such as `10`. The server sends some as strings (`"-1"`); here they are numbers.
    pub number: i64,
    /// The error's short name, such as `Invalid Login`.
    pub name: String,
    /// The server's sentence about it.
    pub description: String,
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", printable(&self.name), self.number)?;
        if !self.description.is_empty() {
            write!(formatter, ": {}", printable(&self.description))?;
        }
        Ok(())
    }
}
