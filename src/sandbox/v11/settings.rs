//! What an administrator of the instance has set up.

use std::time::Duration;

/// Platforms that every instance has.
const PLATFORMS: [&str; 3] = ["base", "mobile", "portal"];

/// Client ids that every instance has. They have no secret.
const CLIENT_IDS: [&str; 2] = ["sugar", "support_portal"];

/// Seconds that tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    pub(super) access: i64,
    pub(super) refresh: i64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Registered beside those that are always there.
    pub(crate) platforms: Vec<String>,
    /// `disable_unknown_platform` is off.
    pub(crate) any_platform: bool,
    /// Client ids and their secrets.
    pub(crate) keys: Vec<(String, Option<String>)>,
    pub(crate) keeps_dates_and_authors: bool,
    pub(crate) lifetimes: Lifetimes,
}

impl Default for Lifetimes {
    /// Those of the documents.
    fn default() -> Self {
        Self {
            access: 3_600,
            refresh: 1_209_600,
        }
    }
}

impl Lifetimes {
    pub(crate) fn of(access: Duration, refresh: Duration) -> Self {
        // No more than an HTTP client can count in.
        let seconds = |time: Duration| i64::from(u32::try_from(time.as_secs()).unwrap_or(u32::MAX));
        Self {
            access: seconds(access),
            refresh: seconds(refresh),
        }
    }
}

impl Settings {
    pub(super) fn allows_platform(&self, name: &str) -> bool {
        self.any_platform || PLATFORMS.contains(&name) || self.platforms.iter().any(|known| known == name)
    }

    /// Whether there is such a client with this secret. Where a key has no secret, what is sent is not looked at.
    pub(super) fn knows_client(&self, id: &str, secret: &str) -> bool {
        match self.keys.iter().find(|(known, _)| known == id) {
            Some((_, wanted)) => wanted.as_ref().is_none_or(|wanted| wanted == secret),
            None => CLIENT_IDS.contains(&id),
        }
    }
}
