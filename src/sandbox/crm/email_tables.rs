//! A module's columns, with the tables of e-mail addresses beside them.

use super::module::Module;
use super::modules::MODULES;
use super::store::Store;
use crate::sandbox::query::{Clause, Column, Condition, EmailRow, QueryError, Schema};

/// What a `query` on a module may name.
struct Columns<'a> {
    module: &'static Module,
    store: &'a Store,
}

impl Schema for Columns<'_> {
    fn column(&self, table: Option<&str>, name: &str, clause: Clause) -> Option<Column> {
        self.module.column(table, name, clause)
    }

    fn email_rows(&self) -> Option<Vec<EmailRow>> {
        Some(self.store.email_rows())
    }
}

impl Store {
    /// Reads a `query` on a module.
    pub(super) fn condition(&self, sql: &str, module: &'static Module) -> Result<Condition, QueryError> {
        Condition::parse(sql, &Columns { module, store: self })
    }

    /// The addresses of all live records.
    fn email_rows(&self) -> Vec<EmailRow> {
        let mut rows = Vec::new();
        for module in MODULES {
            let (Some(link), Ok(table)) = (module.link("email_addresses"), self.table(module.name)) else {
                continue;
            };
            let primary = module.link("email_addresses_primary");
            for record in table.live_rows() {
                let main = primary.and_then(|link| {
                    self.linked(module, record, link)
                        .1
                        .first()
                        .map(|main| main.id().to_owned())
                });
                let (addresses, found) = self.linked(module, record, link);
                rows.extend(found.into_iter().map(|address| {
                    let value = |name| addresses.value(address, name).unwrap_or_default().to_owned();
                    EmailRow {
                        bean_id: record.id().to_owned(),
                        bean_module: module.name,
                        primary: main.as_deref() == Some(address.id()),
                        address_id: address.id().to_owned(),
                        address: value("email_address"),
                        capitals: value("email_address_caps"),
                    }
                }));
            }
        }
        rows
    }
}
