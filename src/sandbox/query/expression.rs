//! Conditions, and whether a row meets them. Comparisons with NULL are neither true nor false.

use super::Row;
use super::collation::{LikePart, compare, like};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A column of the table at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// What [`Row::value`] takes.
    pub(crate) index: usize,
    /// How its values compare.
    pub(crate) kind: Kind,
}

/// How the values of a column compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By the collation.
    Text,
    /// As numbers.
    Number,
    /// As `YYYY-MM-DD hh:mm:ss`.
    DateTime,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Column(Column),
    Text(String),
    Number(f64),
    Null,
    Cased { inner: Box<Operand>, upper: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Comparison, Operand),
    In(Operand, Vec<Operand>),
    Like(Operand, Vec<LikePart>),
    IsNull(Operand),
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// The comparison with its sides changed.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

impl Operand {
    pub(super) fn has_column(&self) -> bool {
        match self {
            Self::Column(_) => true,
            Self::Cased { inner, .. } => inner.has_column(),
            _ => false,
        }
    }

    /// The text of a literal, also inside of LOWER or UPPER: its case does not count anyway.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Cased { inner, .. } => inner.literal(),
            _ => None,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Column(Column { kind: Kind::Number, .. }))
    }

    fn is_text(&self) -> bool {
        match self {
            Self::Column(column) => column.kind == Kind::Text,
            Self::Text(_) | Self::Null => true,
            Self::Number(_) => false,
            Self::Cased { inner, .. } => inner.is_text(),
        }
    }

    fn text<'a>(&'a self, row: &'a dyn Row) -> Option<Cow<'a, str>> {
        match self {
            Self::Column(column) => row.value(column.index).map(Cow::Borrowed),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Null => None,
            Self::Cased { inner, upper } => {
                let text = inner.text(row)?;
                Some(Cow::Owned(if *upper {
                    text.to_uppercase()
                } else {
                    text.to_lowercase()
                }))
            }
        }
    }

    fn number(&self, row: &dyn Row) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            other => other.text(row).map(|text| leading_number(&text)),
        }
    }

    /// `None` when a side is NULL.
    fn compare(&self, other: &Self, row: &dyn Row) -> Option<Ordering> {
        if self.is_number() || other.is_number() {
            return self.number(row)?.partial_cmp(&other.number(row)?);
        }
        Some(compare(&self.text(row)?, &other.text(row)?))
    }

    /// The order of two rows by this operand; NULL is first.
    pub(super) fn order(&self, left: &dyn Row, right: &dyn Row) -> Ordering {
        if self.is_number() {
            return self
                .number(left)
                .partial_cmp(&self.number(right))
                .unwrap_or(Ordering::Equal);
        }
        match (self.text(left), self.text(right)) {
            (Some(left), Some(right)) => compare(&left, &right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        }
    }
}

/// What MySQL makes of a text beside a number: the number it begins with, else 0.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let mut seen_dot = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => end = at + 1,
            b'-' | b'+' if at == 0 => {}
            b'.' if !seen_dot => seen_dot = true,
            _ => break,
        }
    }
    text[..end].parse().unwrap_or(0.0)
}

impl Expression {
    /// Whether all that it compares is text.
    pub(super) fn is_about_text(&self) -> bool {
        match self {
            Self::And(operands) | Self::Or(operands) => operands.iter().all(Self::is_about_text),
            Self::Not(operand) => operand.is_about_text(),
            Self::Compare(left, _, right) => left.is_text() && right.is_text(),
            Self::In(operand, list) => operand.is_text() && list.iter().all(Operand::is_text),
            Self::Like(operand, _) | Self::IsNull(operand) => operand.is_text(),
        }
    }

    /// `None` is SQL's UNKNOWN.
    pub(super) fn evaluate(&self, row: &dyn Row) -> Option<bool> {
        match self {
            Self::And(operands) => all(operands.iter().map(|operand| operand.evaluate(row))),
            Self::Or(operands) => any(operands.iter().map(|operand| operand.evaluate(row))),
            Self::Not(operand) => operand.evaluate(row).map(|truth| !truth),
            Self::Compare(left, comparison, right) => {
                left.compare(right, row).map(|ordering| comparison.holds(ordering))
            }
            Self::In(operand, list) => any(list.iter().map(|item| Some(operand.compare(item, row)?.is_eq()))),
            Self::Like(operand, pattern) => operand.text(row).map(|text| like(&text, pattern)),
            Self::IsNull(operand) => Some(operand.text(row).is_none()),
        }
    }
}

fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut outcome = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            None => outcome = None,
            Some(true) => {}
        }
    }
    outcome
}

fn any(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(truths.map(|truth| truth.map(|truth| !truth))).map(|truth| !truth)
}
