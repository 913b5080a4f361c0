//! What a module is: its table, fields and links.

use super::field::{Field, Source};
use super::modules::MODULES;
use super::table::Record;
use crate::sandbox::query::{Clause, Column, Row, Schema};

/// A module whose records can be listed.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: &'static str,
    pub(crate) table: &'static str,
    /// The primary key stands first, `id` but for one module. Stored ones stand before computed ones, at their place
    /// in a record.
    pub(crate) fields: &'static [Field],
    pub(crate) links: &'static [Link],
    /// Tables that a list joins; a bare column that one of them has too is ambiguous.
    pub(crate) joined: &'static [&'static [Field]],
}

/// A link field: `get_module_fields` lists it under `link_fields`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) relationship: &'static str,
    /// The module at the other end.
    pub(crate) module: &'static str,
    pub(crate) join: Join,
}

/// Where a link's pairs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// Many-to-many: in a table of the relationship. `left` tells which of its two ends this module is.
    Table { left: bool },
    /// One-to-many: in a field of the other module's records. With `by_type`, `parent_type` must name this module.
    Theirs { field: &'static str, by_type: bool },
    /// Many-to-one: in a field of this module's records. With `by_type`, `parent_type` must name the other module.
    Own { field: &'static str, by_type: bool },
}

impl Module {
    /// The module of this name; case counts.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        MODULES.iter().copied().find(|module| module.name == name)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(crate) fn link(&self, name: &str) -> Option<&'static Link> {
        self.links.iter().find(|link| link.name == name)
    }

    /// The field that a record is known by.
    pub(crate) fn key(&self) -> &'static str {
        self.fields.first().map_or("id", |field| field.name)
    }

    /// The place of a stored field in a record.
    pub(crate) fn stored(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| field.is_stored() && field.name == name)
    }

    /// The value of a stored field.
    pub(crate) fn value<'a>(&self, record: &'a Record, field: &str) -> Option<&'a str> {
        self.stored(field).and_then(|place| record.value(place))
    }

    /// Whether a record counts as a user's own. Modules without `assigned_user_id` know no owners, and no role covers
    /// what OAuth keeps.
    pub(crate) fn is_owner(&self, record: &Record, user: &str) -> bool {
        let has_owners = self.stored("assigned_user_id").is_some() && !self.name.starts_with("OAuth");
        !has_owners || self.value(record, "assigned_user_id") == Some(user)
    }

    /// A column of the module's own table.
    pub(crate) fn own_column(&self, name: &str) -> Option<Column> {
        self.column(Some(self.table), name, Clause::Where)
    }

    fn is_ambiguous(&self, name: &str) -> bool {
        let joined = || self.joined.iter().flat_map(|fields| fields.iter());
        joined().any(|field| field.source == Source::Table && field.name.eq_ignore_ascii_case(name))
    }
}

impl Schema for Module {
    /// Column names go without case, table names with it, as for MySQL on Linux.
    fn column(&self, table: Option<&str>, name: &str, clause: Clause) -> Option<Column> {
        if table.is_none() && clause == Clause::Where && self.is_ambiguous(name) {
            return None;
        }
        let custom_table = table.is_some_and(|table| table.strip_suffix("_cstm") == Some(self.table));
        if table.is_some_and(|table| table != self.table) && !custom_table {
            return None;
        }
        self.fields.iter().enumerate().find_map(|(index, field)| {
            let reached = match field.source {
                Source::Table => !custom_table,
                Source::Custom => custom_table || table.is_none(),
                Source::Computed => false,
            };
            let kind = field.column_kind();
            (reached && field.name.eq_ignore_ascii_case(name)).then_some(Column { index, kind })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::modules::{ACCOUNTS, CONTACTS};
    use super::*;

    #[test]
    fn the_key_stands_first_and_stored_fields_before_computed_ones() {
        for module in MODULES {
            assert_eq!(module.stored(module.key()), Some(0), "{}", module.name);
            let stored: Vec<bool> = module.fields.iter().map(Field::is_stored).collect();
            assert!(stored.is_sorted_by(|a, b| a >= b), "{}", module.name);
        }
    }

    #[test]
    fn links_lead_to_modules_and_fields_that_exist() {
        for module in MODULES {
            for link in module.links {
                let other = Module::named(link.module).unwrap_or_else(|| panic!("{}", link.module));
                let place = format!("{}.{}", module.name, link.name);
                match link.join {
                    Join::Table { .. } => {}
                    Join::Theirs { field, .. } => assert!(other.stored(field).is_some(), "{place}"),
                    Join::Own { field, .. } => assert!(module.stored(field).is_some(), "{place}"),
                }
            }
        }
    }

    #[test]
    fn bare_columns_that_a_join_has_too_are_ambiguous() {
        let bare = |name| CONTACTS.column(None, name, Clause::Where).is_some();
        for name in [
            "id",
            "deleted",
            "date_modified",
            "date_entered",
            "last_name",
            "title",
            "name",
            "ID",
        ] {
            assert!(!bare(name), "{name}");
        }
        assert!(bare("salutation"));
        assert!(bare("jjwg_maps_address_c"));
        assert!(CONTACTS.column(None, "id", Clause::OrderBy).is_some());
    }

    #[test]
    fn custom_columns_have_a_table_of_their_own() {
        let column = |table, name| ACCOUNTS.column(Some(table), name, Clause::Where).is_some();
        assert!(column("accounts_cstm", "jjwg_maps_address_c"));
        assert!(!column("accounts", "jjwg_maps_address_c"));
        assert!(!column("accounts_cstm", "name"));
        assert!(!column("contacts", "id"));
        assert!(!column("ACCOUNTS", "id"));
        assert!(column("accounts", "NAME"));
        assert!(!column("accounts", "email1"));
    }
}
