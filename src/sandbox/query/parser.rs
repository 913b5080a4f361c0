//! Tokens to conditions. What is not in this grammar is an error.

use super::collation::like_pattern;
use super::expression::{Column, Comparison, Expression, Kind, Operand};
use super::lexer::Token;
use super::{Clause, Order, QueryError, Schema};

/// Brackets and NOTs inside each other; MySQL's own limit depends on its stack.
const MAX_DEPTH: usize = 64;

pub(super) struct Parser<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) schema: &'a dyn Schema,
    clause: Clause,
    depth: usize,
    /// The predicate at hand has a literal in hexadecimal.
    hexadecimal: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token], schema: &'a dyn Schema, clause: Clause) -> Self {
        Self {
            tokens,
            schema,
            clause,
            depth: 0,
            hexadecimal: false,
        }
    }

    /// The operands of the outermost OR; one when there is none.
    pub(super) fn condition(mut self) -> Result<Vec<Expression>, QueryError> {
        let operands = self.or_operands()?;
        if self.tokens.is_empty() {
            Ok(operands)
        } else {
            Err(QueryError::Failure)
        }
    }

    pub(super) fn order_list(mut self) -> Result<Vec<Order>, QueryError> {
        let mut list = Vec::new();
        loop {
            let by = self.operand()?;
            if !by.has_column() {
                return Err(QueryError::Failure);
            }
            let descending = self.word("DESC");
            if !descending {
                self.word("ASC");
            }
            list.push(Order { by, descending });
            if !self.symbol(",") {
                break;
            }
        }
        if self.tokens.is_empty() {
            Ok(list)
        } else {
            Err(QueryError::Failure)
        }
    }

    pub(super) fn next(&mut self) -> Result<&'a Token, QueryError> {
        let (first, rest) = self.tokens.split_first().ok_or(QueryError::Failure)?;
        self.tokens = rest;
        Ok(first)
    }

    /// Takes the keyword when it is next.
    pub(super) fn word(&mut self, keyword: &str) -> bool {
        match self.tokens.first() {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword) => {
                self.tokens = &self.tokens[1..];
                true
            }
            _ => false,
        }
    }

    /// Takes the symbol when it is next.
    fn symbol(&mut self, wanted: &str) -> bool {
        match self.tokens.first() {
            Some(Token::Symbol(symbol)) if *symbol == wanted => {
                self.tokens = &self.tokens[1..];
                true
            }
            _ => false,
        }
    }

    pub(super) fn expect(&mut self, wanted: &str) -> Result<(), QueryError> {
        if self.symbol(wanted) {
            Ok(())
        } else {
            Err(QueryError::Failure)
        }
    }

    pub(super) fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        if self.depth == MAX_DEPTH {
            return Err(QueryError::Failure);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn or_operands(&mut self) -> Result<Vec<Expression>, QueryError> {
        let mut operands = vec![self.and()?];
        while self.word("OR") {
            operands.push(self.and()?);
        }
        Ok(operands)
    }

    fn and(&mut self) -> Result<Expression, QueryError> {
        let mut operands = vec![self.not()?];
        while self.word("AND") {
            operands.push(self.not()?);
        }
        Ok(if operands.len() == 1 {
            operands.remove(0)
        } else {
            Expression::And(operands)
        })
    }

    fn not(&mut self) -> Result<Expression, QueryError> {
        if self.word("NOT") {
            return Ok(Expression::Not(Box::new(self.deeper(Self::not)?)));
        }
        if self.symbol("(") {
            let mut operands = self.deeper(Self::or_operands)?;
            self.expect(")")?;
            return Ok(if operands.len() == 1 {
                operands.remove(0)
            } else {
                Expression::Or(operands)
            });
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expression, QueryError> {
        self.hexadecimal = false;
        let predicate = self.comparison()?;
        // Beside a number or a date, hexadecimal is a number.
        if self.hexadecimal && !predicate.is_about_text() {
            return Err(QueryError::Failure);
        }
        Ok(predicate)
    }

    fn comparison(&mut self) -> Result<Expression, QueryError> {
        let left = self.operand()?;
        if self.word("IS") {
            let negated = self.word("NOT");
            if !self.word("NULL") {
                return Err(QueryError::Failure);
            }
            return Ok(negate(negated, Expression::IsNull(left)));
        }
        let negated = self.word("NOT");
        if self.word("LIKE") {
            let pattern = self.operand()?;
            let pattern = pattern.literal().ok_or(QueryError::Failure)?;
            return Ok(negate(negated, Expression::Like(left, like_pattern(pattern))));
        }
        if self.word("IN") {
            self.expect("(")?;
            if self.word("SELECT") {
                let owners = self.owners_of_addresses()?;
                return Ok(negate(negated, Expression::In(left, owners)));
            }
            let mut list = Vec::new();
            loop {
                let item = self.operand()?;
                if item.has_column() {
                    return Err(QueryError::Failure);
                }
                list.push(beside(&left, item)?);
                if !self.symbol(",") {
                    break;
                }
            }
            self.expect(")")?;
            return Ok(negate(negated, Expression::In(left, list)));
        }
        if self.word("BETWEEN") {
            let low = beside(&left, self.operand()?)?;
            if !self.word("AND") {
                return Err(QueryError::Failure);
            }
            let high = beside(&left, self.operand()?)?;
            // With one bound a number and the other a text, MySQL's rules are not worth having here.
            if !left.is_number() && low.is_number() != high.is_number() {
                return Err(QueryError::Failure);
            }
            let both = vec![
                Expression::Compare(left.clone(), Comparison::GreaterOrEqual, low),
                Expression::Compare(left, Comparison::LessOrEqual, high),
            ];
            return Ok(negate(negated, Expression::And(both)));
        }
        if negated {
            return Err(QueryError::Failure);
        }
        let comparison = match self.next()? {
            Token::Symbol("=") => Comparison::Equal,
            Token::Symbol("!=" | "<>") => Comparison::NotEqual,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::LessOrEqual,
            Token::Symbol(">") => Comparison::Greater,
            Token::Symbol(">=") => Comparison::GreaterOrEqual,
            _ => return Err(QueryError::Failure),
        };
        let right = beside(&left, self.operand()?)?;
        let left = beside(&right, left)?;
        Ok(Expression::Compare(left, comparison, right))
    }

    fn operand(&mut self) -> Result<Operand, QueryError> {
        match self.next()? {
            Token::Text(text) => Ok(Operand::Text(text.clone())),
            Token::Hex(text) => {
                self.hexadecimal = true;
                Ok(Operand::Text(text.clone()))
            }
            Token::Number(number) => Ok(Operand::Number(*number)),
            Token::Symbol("-") => match self.next()? {
                Token::Number(number) => Ok(Operand::Number(-number)),
                _ => Err(QueryError::Failure),
            },
            Token::Name(name) => self.column(name),
            Token::Word(word) => {
                if word.eq_ignore_ascii_case("NULL") {
                    return Ok(Operand::Null);
                }
                let upper = word.eq_ignore_ascii_case("UPPER") || word.eq_ignore_ascii_case("UCASE");
                let lower = word.eq_ignore_ascii_case("LOWER") || word.eq_ignore_ascii_case("LCASE");
                // LOWER and UPPER change nothing where case does not count, but the outcome is text.
                if (upper || lower) && self.symbol("(") {
                    let inner = self.deeper(Self::operand)?;
                    self.expect(")")?;
                    return Ok(Operand::Cased {
                        inner: Box::new(inner),
                        upper,
                    });
                }
                self.column(word)
            }
            Token::Symbol(_) => Err(QueryError::Failure),
        }
    }

    fn column(&mut self, first: &str) -> Result<Operand, QueryError> {
        let (table, name) = if self.symbol(".") {
            match self.next()? {
                Token::Word(name) | Token::Name(name) => (Some(first), name.as_str()),
                _ => return Err(QueryError::Failure),
            }
        } else {
            (None, first)
        };
        let column: Column = self
            .schema
            .column(table, name, self.clause)
            .ok_or(QueryError::Failure)?;
        Ok(Operand::Column(column))
    }
}

fn negate(negated: bool, expression: Expression) -> Expression {
    if negated {
        Expression::Not(Box::new(expression))
    } else {
        expression
    }
}

/// Prepares a literal for a comparison with `other`: beside a date it must be one.
fn beside(other: &Operand, literal: Operand) -> Result<Operand, QueryError> {
    match (other, literal) {
        (
            Operand::Column(Column {
                kind: Kind::DateTime, ..
            }),
            Operand::Text(text),
        ) => date_time(&text).map(Operand::Text).ok_or(QueryError::Failure),
        (_, literal) => Ok(literal),
    }
}

/// `2024-01-01`, `2024-01-01 10:00`, `2024-01-01T10:00:00` as the database stores it.
fn date_time(text: &str) -> Option<String> {
    let text = text.trim();
    let well_formed = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b' ' => matches!(byte, b' ' | b'T'),
                _ => byte == wanted,
            })
    };
    if well_formed(text, "0000-00-00") {
        Some(format!("{text} 00:00:00"))
    } else if well_formed(text, "0000-00-00 00:00") {
        Some(format!("{}:00", text.replace('T', " ")))
    } else if well_formed(text, "0000-00-00 00:00:00") {
        Some(text.replace('T', " "))
    } else {
        None
    }
}
