//! Which records a many-to-many relationship joins.

use std::collections::HashMap;

/// The pairs of one relationship.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Right ids by left id.
    by_left: HashMap<String, Vec<String>>,
    /// Left ids by right id.
    by_right: HashMap<String, Vec<String>>,
}

impl Pairs {
    /// Adds a pair; one that is there already is not doubled.
    pub(super) fn add(&mut self, left: &str, right: &str) {
        let rights = self.by_left.entry(left.to_owned()).or_default();
        let lefts = self.by_right.entry(right.to_owned()).or_default();
        // One end may have very many.
        let known = match rights.len() <= lefts.len() {
            true => rights.iter().any(|known| known == right),
            false => lefts.iter().any(|known| known == left),
        };
        if !known {
            rights.push(right.to_owned());
            lefts.push(left.to_owned());
        }
    }

    pub(super) fn remove(&mut self, left: &str, right: &str) {
        if let Some(rights) = self.by_left.get_mut(left) {
            rights.retain(|known| known != right);
        }
        if let Some(lefts) = self.by_right.get_mut(right) {
            lefts.retain(|known| known != left);
        }
    }

    /// Removes every pair of a left id.
    pub(super) fn clear_left(&mut self, left: &str) {
        for right in self.by_left.remove(left).unwrap_or_default() {
            if let Some(lefts) = self.by_right.get_mut(&right) {
                lefts.retain(|known| known != left);
            }
        }
    }

    /// Removes every pair of a right id.
    pub(super) fn clear_right(&mut self, right: &str) {
        for left in self.by_right.remove(right).unwrap_or_default() {
            if let Some(rights) = self.by_left.get_mut(&left) {
                rights.retain(|known| known != right);
            }
        }
    }

    /// The ids at the other end, oldest pair first.
    pub(super) fn of(&self, id: &str, left: bool) -> &[String] {
        let side = if left { &self.by_left } else { &self.by_right };
        side.get(id).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_from_both_ends_and_go_from_both() {
        let mut pairs = Pairs::default();
        for (left, right) in [("a", "1"), ("a", "2"), ("b", "1"), ("a", "1")] {
            pairs.add(left, right);
        }
        assert_eq!(pairs.of("a", true), ["1", "2"]);
        assert_eq!(pairs.of("1", false), ["a", "b"]);
        pairs.remove("a", "1");
        assert_eq!(
            (pairs.of("a", true).len(), pairs.of("1", false)),
            (1, &["b".to_owned()][..])
        );
        pairs.clear_left("b");
        assert!(pairs.of("1", false).is_empty() && pairs.of("b", true).is_empty());
    }
}
