//! How far changes have been read: what an integration stores between its runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::form::Form;
use crate::utc::UtcTime;

/// How long ago the pass before is taken to be when the clocks of both sides have been put back since.
const UNKNOWN_PAUSE_SECONDS: i64 = 24 * 3600;

/// How far changes have been read, to be stored with serde at any moment and given to
/// [`Records::changes`](super::Records::changes) later.
///
/// It holds the keys of the records that were given out and changed lately, so that they do not come again: as many as
/// were changed within the overlap. It also holds what the server's clock and this machine's said when the last pass
/// began; a text without that is read, too.
///
/// What is stored is opaque but for the number of its form: later versions of this crate read what earlier ones wrote, and
/// a form that is not known is refused. Keys of records are in it, and nothing else of them.
///
/// ```
/// use sugar_oauth::UtcTime;
/// use sugar_oauth::records::Watermark;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let since = UtcTime::parse("2026-11-21 08:54:25").ok_or("a time")?;
/// let watermark = Watermark::since(since);
/// let kept = serde_json::to_string(&watermark)?;
/// let again: Watermark = serde_json::from_str(&kept)?;
/// assert_eq!(again.time(), since);
/// assert!(!again.is_within_a_pass());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermark {
    #[serde(default)]
    form: Form,
    /// Changes from this moment of the server's clock on are read, in the form of [`UtcTime`].
    #[serde(with = "moment")]
    pub(super) since: UtcTime,
    /// A pass that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pass: Option<Pass>,
    /// Both sides' clocks when the last pass began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clocks: Option<Clocks>,
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

/// Two clocks at the same moment: one that is put back shows by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clocks {
    #[serde(with = "moment")]
    server: UtcTime,
    /// This machine's.
    #[serde(with = "moment")]
    here: UtcTime,
}

impl Clocks {
    /// Where the server's clock, as it goes now, stood at that moment; `None` when this machine's clock cannot tell.
    fn as_the_server_goes_now(self, now: Self) -> Option<UtcTime> {
        let pause = now.here.unix_seconds() - self.here.unix_seconds();
        if pause >= 0 {
            return Some(earlier(now.server, pause));
        }
        (now.server < self.server).then(|| earlier(now.server, UNKNOWN_PAUSE_SECONDS))
    }
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
            form: Form,
            since: time,
            pass: None,
            clocks: None,
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

    /// Begins a pass up to the server's present time, which it may not tell.
    ///
    /// What was written since the last pass began bears at least the time at which the server's clock, as it goes now,
    /// stood then. Where that lies before the watermark, the clock has been put back.
    pub(super) fn begin(&mut self, server: Option<UtcTime>, here: UtcTime, overlap_seconds: i64) {
        self.pass = Some(Pass {
            until: server,
            after: None,
        });
        let Some(server) = server else {
            return;
        };
        let now = Clocks { server, here };
        if let Some(last) = self.clocks.replace(now)
            && let Some(then) = last.as_the_server_goes_now(now)
        {
            let put_back = last.server.unix_seconds() - then.unix_seconds();
            // The overlap is for that, too, but not only.
            let further = if put_back > overlap_seconds / 2 {
                overlap_seconds
            } else {
                0
            };
            self.since = self.since.min(earlier(then, further));
        }
        if server < self.since {
            self.since = earlier(server, overlap_seconds);
        }
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
            // What lies before the beginning was not asked for.
            self.since = self.since.max(earlier(until, overlap_seconds));
        }
        let since = self.since;
        self.given.retain(|_, given| given.changed >= since);
    }
}

/// Not before 1970, so that it can be written and read again.
fn earlier(time: UtcTime, seconds: i64) -> UtcTime {
    UtcTime::from_unix_seconds(time.unix_seconds().saturating_sub(seconds).max(0))
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
        watermark.begin(Some(at(until)), at(until), 100);
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
