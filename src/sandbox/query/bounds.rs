//! The range of one column that a condition leaves, so that a page by keyset need not look at every row.

use super::collation::compare;
use super::expression::{Column, Comparison, Expression, Operand};
use std::cmp::Ordering;
use std::ops::Bound;

/// A range of text by the collation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// Where it begins.
    pub(crate) low: Bound<String>,
    /// Where it ends.
    pub(crate) high: Bound<String>,
    /// The range says all that the condition says: no row inside needs another look.
    pub(crate) exact: bool,
}

impl Range {
    pub(super) fn everything() -> Self {
        Self {
            low: Bound::Unbounded,
            high: Bound::Unbounded,
            exact: true,
        }
    }

    /// Narrows by a condition that holds beside what is known already.
    pub(super) fn narrow(&mut self, condition: &Expression, column: Column) {
        match condition {
            Expression::And(operands) => operands.iter().for_each(|operand| self.narrow(operand, column)),
            Expression::Compare(Operand::Column(found), comparison, Operand::Text(text)) if *found == column => {
                self.narrow_by(*comparison, text);
            }
            Expression::Compare(Operand::Text(text), comparison, Operand::Column(found)) if *found == column => {
                self.narrow_by(comparison.flipped(), text);
            }
            _ => self.exact = false,
        }
    }

    fn narrow_by(&mut self, comparison: Comparison, text: &str) {
        let included = || Bound::Included(text.to_owned());
        match comparison {
            Comparison::Equal => {
                self.raise(included());
                self.lower(included());
            }
            Comparison::NotEqual => self.exact = false,
            Comparison::Less => self.lower(Bound::Excluded(text.to_owned())),
            Comparison::LessOrEqual => self.lower(included()),
            Comparison::Greater => self.raise(Bound::Excluded(text.to_owned())),
            Comparison::GreaterOrEqual => self.raise(included()),
        }
    }

    fn raise(&mut self, low: Bound<String>) {
        if stricter(&low, &self.low, Ordering::Greater) {
            self.low = low;
        }
    }

    fn lower(&mut self, high: Bound<String>) {
        if stricter(&high, &self.high, Ordering::Less) {
            self.high = high;
        }
    }
}

/// Whether `new` leaves less than `old`; `inwards` is how a stricter bound compares with a laxer one.
fn stricter(new: &Bound<String>, old: &Bound<String>, inwards: Ordering) -> bool {
    let (Bound::Included(new_text) | Bound::Excluded(new_text)) = new else {
        return false;
    };
    let (Bound::Included(old_text) | Bound::Excluded(old_text)) = old else {
        return true;
    };
    match compare(new_text, old_text) {
        Ordering::Equal => matches!(new, Bound::Excluded(_)),
        ordering => ordering == inwards,
    }
}
