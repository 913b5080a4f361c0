//! The windows of the id space that a scan works on, and how far it is: what a checkpoint holds.

use serde::{Deserialize, Serialize};

use super::form::Form;
use crate::error::{Error, Result};

/// A part of the id space and how far it has been read.
///
/// Which ids lie in it is for the server to say: it compares without case, and not as ASCII does.
///
/// ```
/// use sugar_oauth::records::ScanState;
///
/// let state = ScanState::default();
/// let window = &state.windows()[0];
/// assert!(window.lower.is_none() && window.upper.is_none() && !window.done);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Window {
    /// The first id that may be in it: one that the server returned, or a few hexadecimal digits. `None`: open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<String>,
    /// The id before which it ends. `None`: open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<String>,
    /// The id up to which it has been read, as it is stored; `None`: from its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether it has been read to its end.
    #[serde(default)]
    pub done: bool,
    /// What tells windows apart while a scan runs.
    #[serde(skip)]
    pub(super) number: u64,
}

/// How far a scan is: windows beside each other, from the beginning of the id space to its end.
///
/// It can be stored with serde at any moment and given to [`Records::scan`](super::Records::scan) later, in another
/// process too. The default is a scan that has not begun.
///
/// What is stored is opaque but for the number of its form: later versions of this crate read what earlier ones wrote, and
/// a form that is not known is refused.
///
/// ```
/// use sugar_oauth::records::ScanState;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let state = ScanState::default();
/// let kept = serde_json::to_vec(&state)?;
/// let again: ScanState = serde_json::from_slice(&kept)?;
/// assert_eq!(again, state);
/// println!("{} records, {} refused, done: {}", again.records(), again.refused(), again.is_done());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanState {
    #[serde(default)]
    form: Form,
    windows: Vec<Window>,
    /// Records given out so far.
    records: u64,
    /// Records reported as refused so far.
    refused: u64,
}

impl Default for ScanState {
    fn default() -> Self {
        Self {
            form: Form,
            windows: vec![Window::default()],
            records: 0,
            refused: 0,
        }
    }
}

impl ScanState {
    /// A scan that has not begun of one part of the id space: `number` of `of`, counted from 1, as in
    /// [`Export::shard`](super::export::Export::shard). Parts are cut where random ids would be cut evenly; the first and
    /// the last are open at their outer ends, so that all parts together are everything.
    ///
    /// ```
    /// use sugar_oauth::records::ScanState;
    ///
    /// let second = ScanState::shard(2, 4)?;
    /// assert_eq!(second.windows()[0].lower.as_deref(), Some("4000"));
    /// assert_eq!(second.windows()[0].upper.as_deref(), Some("8000"));
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such part; there are at most 65,536.
    pub fn shard(number: u32, of: u32) -> Result<Self> {
        if number == 0 || number > of || of > 0x1_0000 {
            return Err(Error::invalid_input("there is no such part of the id space")
                .hint("parts are counted from 1, and there are at most 65,536"));
        }
        let cut = |part: u32| {
            let inner = part > 0 && part < of;
            inner.then(|| format!("{:04x}", u64::from(part) * 0x1_0000 / u64::from(of)))
        };
        Ok(Self {
            windows: vec![Window {
                lower: cut(number - 1),
                upper: cut(number),
                ..Window::default()
            }],
            ..Self::default()
        })
    }

    /// The windows, in the order of the id space.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// How many records have been given out.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many records have been reported as refused.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// A number that no window has.
    pub(super) fn free_number(&self) -> u64 {
        self.windows.len() as u64
    }

    /// Whether all windows have been read to their ends.
    pub fn is_done(&self) -> bool {
        self.windows.iter().all(|window| window.done)
    }

    /// Refuses windows that do not lie beside each other: records would come twice or not at all.
    pub(super) fn check(&self) -> Result<()> {
        let beside = |pair: &[Window]| pair[0].upper.is_some() && pair[0].upper == pair[1].lower;
        if self.windows.is_empty() || !self.windows.windows(2).all(beside) {
            return Err(
                Error::invalid_input("the state of the scan is damaged: its windows have gaps")
                    .hint("begin anew with ScanState::default()"),
            );
        }
        Ok(())
    }

    /// Gives each window a number of its own and returns those that are not done.
    pub(super) fn number(&mut self) -> Vec<Window> {
        for (number, window) in (0..).zip(&mut self.windows) {
            window.number = number;
        }
        self.windows.iter().filter(|window| !window.done).cloned().collect()
    }

    /// Notes how far a window is now.
    pub(super) fn advance(&mut self, now: &Window, records: usize, refused: usize) {
        if let Some(window) = self.windows.iter_mut().find(|window| window.number == now.number) {
            window.clone_from(now);
        }
        // What was stored may be any number.
        self.records = self.records.saturating_add(records as u64);
        self.refused = self.refused.saturating_add(refused as u64);
        if now.done {
            self.merge();
        }
    }

    /// Puts two windows where one was.
    pub(super) fn split(&mut self, left: Window, right: Window) {
        if let Some(place) = self.windows.iter().position(|window| window.number == left.number) {
            self.windows[place] = left;
            self.windows.insert(place + 1, right);
        }
    }

    /// Makes one window of two neighbours that are done.
    fn merge(&mut self) {
        self.windows.dedup_by(|right, left| {
            let both = left.done && right.done;
            if both {
                left.upper = right.upper.take();
                left.after = right.after.take();
            }
            both
        });
    }
}

impl Window {
    /// Two windows out of one, cut in front of an id that lies in it.
    pub(super) fn cut(&self, id: String, number: u64) -> (Self, Self) {
        let right = Self {
            lower: Some(id.clone()),
            upper: self.upper.clone(),
            after: None,
            done: false,
            number,
        };
        let left = Self {
            upper: Some(id),
            ..self.clone()
        };
        (left, right)
    }

    /// Where what has not been read of it begins, as near as is known.
    pub(super) fn begin(&self) -> Option<&str> {
        self.after.as_deref().or(self.lower.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_beside_each_other_and_are_open_at_the_outer_ends() {
        for count in [1, 2, 3, 7, 16, 300] {
            let parts: Vec<ScanState> = (1..=count)
                .map(|number| ScanState::shard(number, count).unwrap())
                .collect();
            let windows = parts.into_iter().map(|part| part.windows[0].clone()).collect();
            let whole = ScanState {
                windows,
                ..ScanState::default()
            };
            whole.check().unwrap();
            assert_eq!(whole.windows[0].lower, None);
            assert_eq!(whole.windows.last().unwrap().upper, None);
        }
        assert!(ScanState::shard(3, 2).is_err());
        assert!(ScanState::shard(0, 0).is_err() && ScanState::shard(0, 2).is_err());
    }

    #[test]
    fn a_state_with_gaps_is_refused() {
        for damaged in [
            r#"{"windows":[],"records":0,"refused":0}"#,
            r#"{"windows":[{"upper":"8","done":true},{"lower":"9"}],"records":0,"refused":0}"#,
            r#"{"windows":[{"done":true},{}],"records":0,"refused":0}"#,
        ] {
            let state: ScanState = serde_json::from_str(damaged).unwrap();
            assert!(state.check().is_err(), "{damaged}");
        }
    }

    #[test]
    fn neighbours_that_are_done_become_one() {
        let text = r#"{"windows":[{"upper":"4"},{"lower":"4","upper":"8","done":true},{"lower":"8"}],"records":3,"refused":1}"#;
        let mut state: ScanState = serde_json::from_str(text).unwrap();
        let mut open = state.number();
        assert_eq!(open.len(), 2);
        open[1].done = true;
        open[1].after = Some("ff".to_owned());
        state.advance(&open[1], 2, 0);
        assert_eq!(state.windows.len(), 2);
        assert_eq!(state.windows[1].lower.as_deref(), Some("4"));
        assert_eq!(state.windows[1].upper, None);
        assert_eq!((state.records, state.refused), (5, 1));
        assert!(!state.is_done());
    }
}
