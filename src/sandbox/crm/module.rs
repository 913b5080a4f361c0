//! The modules: their tables, fields and links.

use crate::sandbox::query::{Clause, Column, Kind, Schema};

/// A module whose records can be listed.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: &'static str,
    pub(crate) table: &'static str,
    /// The first one is `id`. Stored ones stand before computed ones, at their place in a record.
    pub(crate) fields: &'static [Field],
    pub(crate) links: &'static [Link],
    /// Tables that a list joins; a bare column that one of them has too is ambiguous.
    joined: &'static [&'static [Field]],
}

/// A field of a module.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    source: Source,
}

/// Where a field's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Table(Kind),
    /// In `<table>_cstm`, as fields are that an administrator added.
    Custom(Kind),
    /// Not in the record: SQL does not know it.
    Computed,
}

/// A link field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) name: &'static str,
    /// The module at the other end.
    pub(crate) module: &'static str,
}

impl Field {
    pub(crate) fn is_stored(&self) -> bool {
        self.source != Source::Computed
    }
}

const fn text(name: &'static str) -> Field {
    Field {
        name,
        source: Source::Table(Kind::Text),
    }
}
const fn number(name: &'static str) -> Field {
    Field {
        name,
        source: Source::Table(Kind::Number),
    }
}
const fn date_time(name: &'static str) -> Field {
    Field {
        name,
        source: Source::Table(Kind::DateTime),
    }
}
const fn custom(name: &'static str) -> Field {
    Field {
        name,
        source: Source::Custom(Kind::Text),
    }
}
const fn computed(name: &'static str) -> Field {
    Field {
        name,
        source: Source::Computed,
    }
}

pub(crate) static ACCOUNTS: Module = Module {
    name: "Accounts",
    table: "accounts",
    fields: ACCOUNT_FIELDS,
    links: &[Link {
        name: "contacts",
        module: "Contacts",
    }],
    joined: &[USER_FIELDS],
};

pub(crate) static CONTACTS: Module = Module {
    name: "Contacts",
    table: "contacts",
    fields: CONTACT_FIELDS,
    links: &[Link {
        name: "accounts",
        module: "Accounts",
    }],
    joined: &[USER_FIELDS, ACCOUNT_FIELDS],
};

pub(crate) static USERS: Module = Module {
    name: "Users",
    table: "users",
    fields: USER_FIELDS,
    links: &[],
    joined: &[],
};

const ACCOUNT_FIELDS: &[Field] = &[
    text("id"),
    text("name"),
    date_time("date_entered"),
    date_time("date_modified"),
    text("modified_user_id"),
    text("created_by"),
    text("description"),
    number("deleted"),
    text("assigned_user_id"),
    text("account_type"),
    text("industry"),
    text("phone_office"),
    text("website"),
    text("billing_address_street"),
    text("billing_address_city"),
    text("billing_address_postalcode"),
    text("billing_address_country"),
    custom("jjwg_maps_address_c"),
    computed("assigned_user_name"),
    computed("email1"),
];

const CONTACT_FIELDS: &[Field] = &[
    text("id"),
    date_time("date_entered"),
    date_time("date_modified"),
    text("modified_user_id"),
    text("created_by"),
    text("description"),
    number("deleted"),
    text("assigned_user_id"),
    text("salutation"),
    text("first_name"),
    text("last_name"),
    text("title"),
    text("department"),
    text("phone_mobile"),
    text("phone_work"),
    text("primary_address_street"),
    text("primary_address_city"),
    text("primary_address_postalcode"),
    text("primary_address_country"),
    text("lead_source"),
    custom("jjwg_maps_address_c"),
    computed("name"),
    computed("full_name"),
    computed("email1"),
    computed("account_name"),
    computed("account_id"),
    computed("assigned_user_name"),
];

const USER_FIELDS: &[Field] = &[
    text("id"),
    text("user_name"),
    text("first_name"),
    text("last_name"),
    date_time("date_entered"),
    date_time("date_modified"),
    text("modified_user_id"),
    text("created_by"),
    text("description"),
    number("deleted"),
    text("title"),
    text("department"),
    text("phone_mobile"),
    text("phone_work"),
    text("status"),
    number("is_admin"),
    computed("name"),
    computed("full_name"),
];

impl Module {
    /// The place of a stored field in a record.
    pub(crate) fn stored(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| field.is_stored() && field.name == name)
    }

    /// A column of the module's own table.
    pub(crate) fn own_column(&self, name: &str) -> Option<Column> {
        self.column(Some(self.table), name, Clause::Where)
    }

    fn is_ambiguous(&self, name: &str) -> bool {
        let joined = || self.joined.iter().flat_map(|fields| fields.iter());
        joined().any(|field| matches!(field.source, Source::Table(_)) && field.name.eq_ignore_ascii_case(name))
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
            let kind = match field.source {
                Source::Table(kind) if !custom_table => kind,
                Source::Custom(kind) if custom_table || table.is_none() => kind,
                _ => return None,
            };
            field.name.eq_ignore_ascii_case(name).then_some(Column { index, kind })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_stands_first_and_stored_fields_before_computed_ones() {
        for module in [&ACCOUNTS, &CONTACTS, &USERS] {
            assert_eq!(module.stored("id"), Some(0));
            let stored: Vec<bool> = module.fields.iter().map(Field::is_stored).collect();
            assert!(stored.is_sorted_by(|a, b| a >= b), "{}", module.name);
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
