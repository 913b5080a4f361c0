//! Which nonces and timestamps were seen.

use std::collections::{BTreeMap, HashMap, HashSet};

/// The columns for the nonce and the consumer key hold so many characters; longer text is cut.
const COLUMN: usize = 32;

/// Nonces and newest timestamps by consumer key, known or not: they are recorded first of all.
#[derive(Debug, Default)]
pub(crate) struct Nonces(HashMap<String, Seen>);

#[derive(Debug, Default)]
struct Seen {
    newest: i64,
    nonces: HashSet<String>,
}

impl Nonces {
    /// Records the pair and says whether it is acceptable: the timestamp not older than the newest
    /// one of this key, the nonce never used before. The future is acceptable.
    pub(crate) fn record(&mut self, consumer_key: &str, nonce: &str, timestamp: i64) -> bool {
        let seen = self.0.entry(cut(consumer_key)).or_insert(Seen {
            newest: i64::MIN,
            nonces: HashSet::new(),
        });
        if timestamp < seen.newest || !seen.nonces.insert(cut(nonce)) {
            return false;
        }
        seen.newest = timestamp;
        true
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().map(|seen| seen.nonces.len()).sum()
    }

    pub(crate) fn newest_timestamps(&self) -> BTreeMap<String, i64> {
        self.0.iter().map(|(key, seen)| (key.clone(), seen.newest)).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn cut(text: &str) -> String {
    text.chars().take(COLUMN).collect()
}
