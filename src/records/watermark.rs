//! How far changes have been read: what an integration stores between its runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::utc::UtcTime;

/// How far changes have been read, to be stored with serde at any moment and given to
/// [`Records::changes`](super::Records::changes) later.
///
/// It holds the keys of the records that were given out and changed lately, so that they do not come again: as many as
/// were changed within the overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermark {
    /// Changes from this moment of the server's clock on are read, in the form of [`UtcTime`].
    #[serde(with = "moment")]
    pub(super) since: UtcTime,
    /// A pass that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pass: Option<Pass>,
    /// What was given out, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) given: BTreeMap<String, Given>,
}

/// A pass that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pass {
    /// The server's time when it began, up to which it reads.
    #[serde(with = "optional_moment")]
    pub(super) until: Option<UtcTime>,
    /// Time of change and key of the last record that was read.
    pub(super) after: Option<(String, String)>,
}

/// A record as it was given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// When it had been changed.
    #[serde(with = "moment")]
    pub(super) changed: UtcTime,
    /// A digest of its fields: it may have been changed twice within a second.
    pub(super) digest: String,
}

impl Watermark {
    /// Changes from this moment on, by the server's clock: see [`ServerInfo::gmt_time`](crate::ServerInfo::gmt_time).
    pub fn since(time: UtcTime) -> Self {
        Self {
            since: time,
            pass: None,
            given: BTreeMap::new(),
        }
    }

    /// The moment from which on changes are read next, by the server's clock.
    pub fn time(&self) -> UtcTime {
        self.since
    }

    /// Whether a pass was broken off, which will go on.
    pub fn is_within_a_pass(&self) -> bool {
        self.pass.is_some()
    }

    /// Notes that a record is given out; `false` when it was before, and is the same. Only what the next pass will meet
    /// again is kept.
    pub(super) fn note(&mut self, key: &str, changed: Option<UtcTime>, digest: String, overlap_seconds: i64) -> bool {
        let Some(changed) = changed else {
            return true;
        };
        let given = Given { changed, digest };
        if self.given.get(key) == Some(&given) {
            return false;
        }
        let until = self.pass.as_ref().and_then(|pass| pass.until);
        if until.is_none_or(|until| changed >= earlier(until, overlap_seconds)) {
            self.given.insert(key.to_owned(), given);
        }
        true
    }

    /// Ends the pass. The next one begins an overlap earlier than this one began.
    pub(super) fn finish(&mut self, overlap_seconds: i64) {
        let Some(pass) = self.pass.take() else {
            return;
        };
        let newest = pass.after.as_ref().and_then(|(time, _)| UtcTime::parse(time));
        if let Some(until) = pass.until.or(newest) {
            let earlier = earlier(until, overlap_seconds);
            // What lies before the beginning was not asked for, unless the server's clock has been put back.
            self.since = if until < self.since {
                earlier
            } else {
                earlier.max(self.since)
            };
        }
        let since = self.since;
        self.given.retain(|_, given| given.changed >= since);
    }
}

fn earlier(time: UtcTime, seconds: i64) -> UtcTime {
    UtcTime::from_unix_seconds(time.unix_seconds().saturating_sub(seconds))
}

mod moment {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::utc::UtcTime;

    pub(super) fn serialize<S: Serializer>(time: &UtcTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        UtcTime::parse(&text).ok_or_else(|| D::Error::custom("not a time in the form YYYY-MM-DD hh:mm:ss"))
    }
}

mod optional_moment {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::utc::UtcTime;

    pub(super) fn serialize<S: Serializer>(time: &Option<UtcTime>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UtcTime>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| UtcTime::parse(&text).ok_or_else(|| D::Error::custom("not a time")))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcTime {
        UtcTime::from_unix_seconds(1_700_000_000 + seconds)
    }

    fn finished(since: i64, until: i64) -> Watermark {
        let mut watermark = Watermark::since(at(since));
        watermark.given.insert(
            "older".to_owned(),
            Given {
                changed: at(-5),
                digest: String::new(),
            },
        );
        watermark.pass = Some(Pass {
            until: Some(at(until)),
            after: None,
        });
        assert!(watermark.note("old", Some(at(0)), "1".to_owned(), 100));
        assert!(watermark.note("new", Some(at(950)), "1".to_owned(), 100));
        watermark.finish(100);
        watermark
    }

    #[test]
    fn the_next_pass_begins_an_overlap_earlier_but_not_before_what_was_asked_for() {
        assert_eq!(finished(0, 1000).time(), at(900));
        assert_eq!(finished(950, 1000).time(), at(950));
        // The server's clock was put back.
        assert_eq!(finished(2000, 1000).time(), at(900));
    }

    #[test]
    fn what_was_given_out_does_not_come_again_unless_it_changed() {
        let mut watermark = finished(0, 1000);
        let stored = serde_json::to_string(&watermark).unwrap();
        assert_eq!(serde_json::from_str::<Watermark>(&stored).unwrap(), watermark);
        assert!(!stored.contains("old"), "{stored}");
        assert!(!watermark.note("new", Some(at(950)), "1".to_owned(), 100));
        assert!(watermark.note("new", Some(at(950)), "2".to_owned(), 100));
        assert!(watermark.note("new", Some(at(951)), "2".to_owned(), 100));
        assert!(serde_json::from_str::<Watermark>(r#"{"since":"yesterday"}"#).is_err());
    }
}
