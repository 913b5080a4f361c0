//! The sub-select by which records are found by e-mail address, as the application's own search writes it.

use super::expression::{Column, Kind, Operand};
use super::lexer::Token;
use super::parser::Parser;
use super::{Clause, QueryError, Row, Schema};

/// What stands between SELECT and the condition. Anything else is an error.
const BEGINNING: &str = "eabr . bean_id FROM email_addr_bean_rel eabr \
    JOIN email_addresses ea ON ( ea . id = eabr . email_address_id ) WHERE";

/// The columns of both tables, in the order of [`EmailRow`]'s values.
const COLUMNS: [(&str, &str, Kind); 8] = [
    ("eabr", "bean_id", Kind::Text),
    ("eabr", "bean_module", Kind::Text),
    ("eabr", "primary_address", Kind::Number),
    ("eabr", "deleted", Kind::Number),
    ("ea", "id", Kind::Text),
    ("ea", "email_address", Kind::Text),
    ("ea", "email_address_caps", Kind::Text),
    ("ea", "deleted", Kind::Number),
];

/// A record's e-mail address: a row of `email_addr_bean_rel` with its row of `email_addresses`.
#[derive(Clone, Debug)]
pub(crate) struct EmailRow {
    /// The record's id.
    pub(crate) bean_id: String,
    /// The record's module.
    pub(crate) bean_module: &'static str,
    /// Whether it is the record's main address.
    pub(crate) primary: bool,
    /// The id of the address.
    pub(crate) address_id: String,
    pub(crate) address: String,
    pub(crate) capitals: String,
}

impl Row for EmailRow {
    fn value(&self, column: usize) -> Option<&str> {
        Some(match column {
            0 => &self.bean_id,
            1 => self.bean_module,
            2 if self.primary => "1",
            4 => &self.address_id,
            5 => &self.address,
            6 => &self.capitals,
            // Removed addresses leave the practice instance at once.
            _ => "0",
        })
    }
}

struct EmailColumns;

impl Schema for EmailColumns {
    fn column(&self, table: Option<&str>, name: &str, _: Clause) -> Option<Column> {
        let index = COLUMNS
            .iter()
            .position(|(owner, column, _)| table == Some(owner) && column.eq_ignore_ascii_case(name))?;
        Some(Column {
            index,
            kind: COLUMNS[index].2,
        })
    }
}

impl<'a> Parser<'a> {
    /// Reads the rest of the sub-select behind SELECT, its closing bracket included, to the ids that it finds.
    pub(super) fn owners_of_addresses(&mut self) -> Result<Vec<Operand>, QueryError> {
        // No sub-select inside of a sub-select.
        let rows = self.schema.email_rows().ok_or(QueryError::Refused)?;
        for wanted in BEGINNING.split(' ') {
            let found = match self.next()? {
                Token::Word(word) if wanted.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                    word.eq_ignore_ascii_case(wanted)
                }
                Token::Word(word) => word == wanted,
                Token::Symbol(symbol) => *symbol == wanted,
                _ => false,
            };
            if !found {
                return Err(QueryError::Failure);
            }
        }
        let outer: &'a dyn Schema = std::mem::replace(&mut self.schema, &EmailColumns);
        let condition = self.deeper(Self::or_operands);
        self.schema = outer;
        let condition = condition?;
        self.expect(")")?;
        Ok(rows
            .into_iter()
            .filter(|row| condition.iter().any(|operand| operand.evaluate(row) == Some(true)))
            .map(|row| Operand::Text(row.bean_id))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Condition;
    use super::*;

    struct Contacts;

    impl Schema for Contacts {
        fn column(&self, table: Option<&str>, name: &str, _: Clause) -> Option<Column> {
            let kind = if name == "deleted" { Kind::Number } else { Kind::Text };
            (table == Some("contacts")).then_some(Column { index: 0, kind })
        }

        fn email_rows(&self) -> Option<Vec<EmailRow>> {
            let row = |id: &str, module, address: &str, primary| EmailRow {
                bean_id: id.to_owned(),
                bean_module: module,
                primary,
                address_id: format!("{id}-address"),
                address: address.to_owned(),
                capitals: address.to_ascii_uppercase(),
            };
            Some(vec![
                row("1", "Contacts", "a@b.example", true),
                row("2", "Contacts", "A@B.example", false),
                row("3", "Leads", "a@b.example", true),
                row("4", "Contacts", "o'hara@b.example", true),
            ])
        }
    }

    struct Id(&'static str);

    impl Row for Id {
        fn value(&self, _: usize) -> Option<&str> {
            Some(self.0)
        }
    }

    fn found(condition: &str) -> Result<Vec<&'static str>, QueryError> {
        let beginning = BEGINNING.replace(" . ", ".");
        let sql = format!("contacts.id IN (SELECT {beginning} {condition})");
        let condition = Condition::parse(&sql, &Contacts)?;
        Ok(["1", "2", "3", "4"]
            .into_iter()
            .filter(|&id| condition.holds(&Id(id)))
            .collect())
    }

    #[test]
    fn records_are_found_by_their_address() {
        for (condition, ids) in [
            (
                "eabr.deleted = 0 AND ea.email_address_caps = 'A@B.EXAMPLE'",
                &["1", "2", "3"][..],
            ),
            (
                "eabr.deleted=0 AND ea.deleted=0 AND eabr.bean_module = 'Contacts' AND ea.email_address LIKE 'a@%'",
                &["1", "2"],
            ),
            ("ea.email_address_caps IN ('O''HARA@B.EXAMPLE', 0x4F)", &["4"]),
            (
                "eabr.deleted = 0 and (ea.email_address='x' or ea.email_address='o''hara@b.example' )",
                &["4"],
            ),
            (
                "eabr.primary_address = 1 AND eabr.bean_module = 'Contacts'",
                &["1", "4"],
            ),
            ("ea.email_address = 'nobody@b.example'", &[]),
            ("eabr.deleted = 1", &[]),
            ("eabr.deleted = 0) AND (contacts.id > '1'", &["2", "3", "4"]),
        ] {
            assert_eq!(found(condition).as_deref(), Ok(ids), "{condition}");
        }
    }

    #[test]
    fn other_sub_selects_are_errors() {
        for condition in [
            "",
            "contacts.id = '1'",
            "email_address = 'a@b.example'",
            "eabr.nosuch = 1",
            "eabr.deleted = 0 ORDER BY ea.id",
            "eabr.deleted = 0 LIMIT 1",
            "eabr.deleted = 0x30",
        ] {
            assert_eq!(found(condition), Err(QueryError::Failure), "{condition}");
        }
        let nested = format!("ea.id IN (SELECT {BEGINNING} eabr.deleted = 0)");
        assert_eq!(found(&nested), Err(QueryError::Refused));
        for sql in [
            "contacts.id IN (SELECT ea.id FROM email_addresses ea WHERE ea.deleted = 0)",
            "contacts.id IN (SELECT eabr.bean_id FROM email_addr_bean_rel eabr WHERE eabr.deleted = 0)",
        ] {
            assert_eq!(
                Condition::parse(sql, &Contacts).err(),
                Some(QueryError::Failure),
                "{sql}"
            );
        }
    }
}
