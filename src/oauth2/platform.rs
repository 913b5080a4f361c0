//! The platform: which of a user's logins this is.

use std::fmt;

use crate::error::{Error, Result};

/// The platform that a login belongs to.
///
/// The server keeps one login for each user and platform, and a second one ends the first. So an integration needs a
/// platform of its own, and has it registered: Admin > Configure API Platforms. Servers refuse unknown platforms unless
/// their administrator allows them.
///
/// `base` is the browser's, `mobile` the phone's and `portal` the customer portal's: logging in with `base` throws the
/// person of that name out of the browser, and they throw the program out when they log in again.
///
/// ```
/// use sugar_oauth::oauth2::Platform;
/// assert!(Platform::new("data_migration").is_ok());
/// assert!(Platform::new("data migration").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Platform(String);

impl Platform {
    /// The longest name that is taken, in characters.
    pub const LONGEST: usize = 127;

    /// Checks and keeps the name of a platform.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for anything but 1 to 127 of the characters
    /// `A-Z a-z 0-9 _ -`.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if name.is_empty() || name.len() > Self::LONGEST || !name.bytes().all(allowed) {
            return Err(Error::invalid_input(
                "the name of a platform has 1 to 127 characters, each a letter, a digit, _ or -",
            )
            .hint("give the name as it is registered under Admin > Configure API Platforms, such as data_migration"));
        }
        Ok(Self(name))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether it is the platform of the browser.
    ///
    /// ```
    /// use sugar_oauth::oauth2::Platform;
    ///
    /// assert!(Platform::new("base")?.is_base());
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn is_base(&self) -> bool {
        self.0 == "base"
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_127_letters_digits_and_lines_are_taken() {
        for name in ["base", "custom_api", "data-migration2", &"a".repeat(127)] {
            assert_eq!(Platform::new(name).unwrap().name(), name);
        }
        for name in [
            "",
            " base",
            "ba se",
            "platförm",
            "a/b",
            "a\n",
            "a.b",
            "\"",
            &"a".repeat(128),
        ] {
            assert!(Platform::new(name).is_err(), "{name:?}");
        }
    }
}
