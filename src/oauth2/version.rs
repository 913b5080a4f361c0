//! Which version of the REST API is asked.

use std::fmt;

use crate::error::{Error, Result};
use crate::printable::printable;

/// A version of the REST API: `v10`, `v11`, or `v11_N` with a minor number such as `v11_20`.
///
/// It is the folder below `rest/` that all calls go to. The default is `v11`.
///
/// ```
/// use sugar_oauth::oauth2::RestVersion;
///
/// assert_eq!(RestVersion::default().as_str(), "v11");
/// assert_eq!(RestVersion::new("v11_20")?.to_string(), "v11_20");
/// // Another API, with OAuth 1.0a.
/// assert!(RestVersion::new("v4_1").is_err());
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RestVersion(String);

impl RestVersion {
    /// Reads a version as it stands in a URL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for anything else, `v4_1` above all, which is another
    /// API.
    pub fn new(text: &str) -> Result<Self> {
        let minor = |rest: &str| rest.strip_prefix('_').is_some_and(is_number);
        let known = text == "v10" || text == "v11" || text.strip_prefix("v11").is_some_and(minor);
        if known {
            return Ok(Self(text.to_owned()));
        }
        let error = Error::invalid_input(format!("{} is no version of REST v10 or v11", printable(text)));
        let legacy = matches!(text.trim_start_matches('v'), "4_1" | "4.1" | "4" | "3" | "2");
        Err(if legacy {
            error.hint("v4_1 is the legacy API with OAuth 1.0a: ask it with sugar_oauth::Client")
        } else {
            error.hint("give v10, v11 or v11_N, such as v11_20")
        })
    }

    /// As it stands in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One to four digits without a zero before them.
fn is_number(text: &str) -> bool {
    (1..=4).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

impl Default for RestVersion {
    /// `v11`.
    fn default() -> Self {
        Self("v11".to_owned())
    }
}

impl fmt::Display for RestVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_other_apis_and_from_paths() {
        for text in ["v10", "v11", "v11_1", "v11_20", "v11_0"] {
            assert_eq!(RestVersion::new(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "11",
            "v9",
            "v12",
            "v11_",
            "v11_05",
            "v11_12345",
            "v11/x",
            "v11_../..",
            "V11",
            "v10_2 ",
        ] {
            assert!(RestVersion::new(text).is_err(), "{text}");
        }
        let error = RestVersion::new("v4_1").unwrap_err();
        assert!(error.to_string().contains("OAuth 1.0a"), "{error}");
    }
}
