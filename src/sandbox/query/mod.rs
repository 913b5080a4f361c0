//! The SQL that clients send as `query` and `order_by`: read, checked, and applied to rows.
//!
//! Only what is understood passes. Anything else is an error, never a condition that holds for every row.

#[cfg(test)]
mod beside_mariadb;
mod bounds;
mod collation;
mod emails;
mod expression;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

pub(crate) use bounds::Range;
pub(crate) use collation::compare;
pub(crate) use emails::EmailRow;
pub(crate) use expression::{Column, Kind};

use expression::{Expression, Operand};
use std::cmp::Ordering;

/// Longer texts are an error; a list of 20,000 ids passes.
const MAX_LENGTH: usize = 1 << 20;

/// Why SQL text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// The application refuses it before the database sees it: subselects, blacklisted functions, comments.
    Refused,
    /// The database refuses it, or this reader does not understand it.
    Failure,
}

/// Where a column's name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    /// In `query`.
    Where,
    /// In `order_by`, where the application puts the table in front of a bare column.
    OrderBy,
}

/// The columns that a text may name.
pub(crate) trait Schema {
    /// `None` when the column is unknown or ambiguous.
    fn column(&self, table: Option<&str>, name: &str, clause: Clause) -> Option<Column>;

    /// Who has which e-mail address, for the one sub-select that is understood; `None` where none may stand.
    fn email_rows(&self) -> Option<Vec<EmailRow>> {
        None
    }
}

/// A row of the table.
pub(crate) trait Row {
    /// The value at [`Column::index`]; `None` is NULL.
    fn value(&self, column: usize) -> Option<&str>;
}

/// A `query`, ready to be asked of rows.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// What the outermost OR joins. Empty when there is no condition.
    operands: Vec<Expression>,
}

/// One column of an `order_by`.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    by: Operand,
    descending: bool,
}

impl Condition {
    /// Reads a `query`. An empty one holds for every row.
    pub(crate) fn parse(sql: &str, schema: &dyn Schema) -> Result<Self, QueryError> {
        if sql.is_empty() {
            return Ok(Self { operands: Vec::new() });
        }
        let tokens = checked_tokens(sql)?;
        let operands = parser::Parser::new(&tokens, schema, Clause::Where).condition()?;
        Ok(Self { operands })
    }

    /// Puts `AND deleted = 0` behind the text. As on the server there are no brackets around the text, so that it
    /// binds to the last part of an outermost OR only.
    pub(crate) fn and_live(mut self, deleted: Column) -> Self {
        let live = Expression::Compare(
            Operand::Column(deleted),
            expression::Comparison::Equal,
            Operand::Number(0.0),
        );
        let last = match self.operands.pop() {
            None => live,
            Some(last) => Expression::And(vec![last, live]),
        };
        self.operands.push(last);
        self
    }

    /// Whether the row meets the condition.
    pub(crate) fn holds(&self, row: &dyn Row) -> bool {
        self.operands.is_empty() || self.operands.iter().any(|operand| operand.evaluate(row) == Some(true))
    }

    /// The range of `column` outside of which no row meets the condition.
    pub(crate) fn range(&self, column: Column) -> Range {
        let mut range = Range::everything();
        match self.operands.as_slice() {
            [] => {}
            [only] => range.narrow(only, column),
            _ => range.exact = false,
        }
        range
    }
}

impl Order {
    /// Reads an `order_by`. An empty one is an empty list.
    pub(crate) fn parse(sql: &str, schema: &dyn Schema) -> Result<Vec<Self>, QueryError> {
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        let tokens = checked_tokens(sql)?;
        if tokens
            .iter()
            .any(|token| matches!(token, lexer::Token::Word(word) if word.eq_ignore_ascii_case("SELECT")))
        {
            return Err(QueryError::Refused);
        }
        parser::Parser::new(&tokens, schema, Clause::OrderBy).order_list()
    }

    /// Whether this is exactly `column`; the answer says whether it is descending.
    pub(crate) fn is_by(&self, column: Column) -> Option<bool> {
        (self.by == Operand::Column(column)).then_some(self.descending)
    }

    /// Compares two rows by a list.
    pub(crate) fn compare(list: &[Self], left: &dyn Row, right: &dyn Row) -> Ordering {
        list.iter()
            .map(|order| {
                let ordering = order.by.order(left, right);
                if order.descending { ordering.reverse() } else { ordering }
            })
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// Whether `text` begins as `LIKE '<start>%'` asks; `%` and `_` in `start` stand for other characters.
pub(crate) fn begins_like(text: &str, start: &str) -> bool {
    collation::like(text, &collation::like_pattern(&format!("{start}%")))
}

fn checked_tokens(sql: &str) -> Result<Vec<lexer::Token>, QueryError> {
    if sql.len() > MAX_LENGTH {
        return Err(QueryError::Failure);
    }
    lexer::tokens(sql)
}
