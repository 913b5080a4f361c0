//! All tables, and what joins their records.

use super::CrmError;
use super::answer::Form;
use super::joins::Pairs;
use super::module::{Join, Link, Module};
use super::modules::{EMAIL_TEXT, MODULES, USERS};
use super::table::{Record, Table};
use crate::sandbox::query::compare;
use std::collections::HashMap;
use std::sync::Arc;

/// Modules that exist and have no records to list; their count is null.
pub(super) const CLOSED: [&str; 3] = ["Administration", "Audit", "MergeRecords"];

#[derive(Debug)]
pub(super) struct Store {
    /// One for each of [`MODULES`], in that order.
    tables: Vec<Table>,
    /// By the relationship's name.
    pairs: HashMap<&'static str, Pairs>,
}

/// What a store is made of.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// By the module's name.
    pub(super) records: HashMap<&'static str, Vec<Record>>,
    /// Relationship, left id and right id.
    pub(super) pairs: Vec<(&'static str, String, String)>,
}

impl Records {
    pub(super) fn add(&mut self, module: &'static Module, record: Record) {
        self.records.entry(module.name).or_default().push(record);
    }

    pub(super) fn join(&mut self, relationship: &'static str, left: &str, right: &str) {
        self.pairs.push((relationship, left.to_owned(), right.to_owned()));
    }
}

impl Store {
    pub(super) fn new(mut records: Records) -> Self {
        let mut store = Self {
            tables: Vec::with_capacity(MODULES.len()),
            pairs: HashMap::new(),
        };
        for module in MODULES {
            let rows = records.records.remove(module.name).unwrap_or_default();
            store.tables.push(Table::new(module, rows));
        }
        for (relationship, left, right) in &records.pairs {
            store.pairs_mut(relationship).add(left, right);
        }
        store
    }

    pub(super) fn table(&self, module: &str) -> Result<&Table, CrmError> {
        let known = self.tables.iter().find(|table| table.module.name == module);
        known.ok_or(match CLOSED.contains(&module) {
            true => CrmError::AccessDenied,
            false => CrmError::ModuleUnknown,
        })
    }

    pub(super) fn table_mut(&mut self, module: &str) -> Result<&mut Table, CrmError> {
        let known = self.tables.iter_mut().find(|table| table.module.name == module);
        known.ok_or(match CLOSED.contains(&module) {
            true => CrmError::AccessDenied,
            false => CrmError::ModuleUnknown,
        })
    }

    pub(super) fn pairs_mut(&mut self, relationship: &'static str) -> &mut Pairs {
        self.pairs.entry(relationship).or_default()
    }

    /// Ids at the left end of a link's relationship, for an id at its right end.
    pub(super) fn joined(&self, link: &Link, right: &str) -> Vec<String> {
        let pairs = self.pairs.get(link.relationship);
        pairs.map(|pairs| pairs.of(right, false).to_vec()).unwrap_or_default()
    }

    /// Puts other records in the place of all those of a module.
    pub(super) fn replace_table(&mut self, module: &'static Module, records: Vec<Record>) {
        if let Ok(table) = self.table_mut(module.name) {
            *table = Table::new(module, records);
        }
    }

    /// A live record of a module.
    pub(super) fn live(&self, module: &Module, id: &str) -> Option<&Arc<Record>> {
        self.table(module.name).ok()?.live(id)
    }

    /// The live records at the other end of a link, by id.
    pub(super) fn linked(&self, module: &Module, record: &Record, link: &Link) -> (&'static Module, Vec<&Arc<Record>>) {
        let Ok(table) = self.table(link.module) else {
            return (&USERS, Vec::new());
        };
        let other = table.module;
        let mut linked: Vec<&Arc<Record>> = match link.join {
            Join::Table { left } => {
                let ids = self
                    .pairs
                    .get(link.relationship)
                    .map(|pairs| pairs.of(record.id(), left));
                ids.unwrap_or_default().iter().filter_map(|id| table.live(id)).collect()
            }
            Join::Theirs { field, by_type } => {
                let typed = |row: &Record| !by_type || other.value(row, "parent_type") == Some(module.name);
                table.with_value(field, record.id()).filter(|row| typed(row)).collect()
            }
            Join::Own { field, by_type } => {
                let typed = !by_type || module.value(record, "parent_type") == Some(other.name);
                let id = module.value(record, field).filter(|_| typed);
                id.and_then(|id| table.live(id)).into_iter().collect()
            }
        };
        linked.sort_by(|a, b| compare(a.id(), b.id()));
        (other, linked)
    }

    /// The first record at the other end of a link.
    fn first_linked(&self, module: &Module, record: &Record, link: &str) -> Option<(&'static Module, &Arc<Record>)> {
        let link = module.link(link)?;
        if let Join::Table { left } = link.join {
            let table = self.table(link.module).ok()?;
            let ids = self.pairs.get(link.relationship)?.of(record.id(), left);
            return Some((table.module, ids.iter().find_map(|id| table.live(id))?));
        }
        let (other, linked) = self.linked(module, record, link);
        linked.first().map(|first| (other, *first))
    }

    /// The value of a field that is not in the record's own table.
    pub(super) fn computed(&self, form: Form, module: &Module, record: &Record, field: &str) -> Option<String> {
        let own = |name| module.value(record, name);
        match (module.name, field) {
            ("Documents", "name") => own("document_name").map(str::to_owned),
            ("Documents", "revision" | "filename") => {
                let revisions = self.table("DocumentRevisions").ok()?;
                let revision = revisions.live(own("document_revision_id")?)?;
                revisions.module.value(revision, field).map(str::to_owned)
            }
            ("Contacts" | "Leads", "name") if form == Form::Entry => {
                let name = full_name(own("first_name"), own("last_name"));
                Some(full_name(own("salutation"), Some(&name)))
            }
            // A list leaves these empty.
            ("Emails", _) if field.starts_with("description") || field.contains("_addr") => {
                let text = self.live(&EMAIL_TEXT, record.id()).filter(|_| form == Form::Entry);
                let name = match field {
                    "from_addr_name" => "from_addr",
                    "to_addrs_names" => "to_addrs",
                    same => same,
                };
                let value = text.and_then(|text| EMAIL_TEXT.value(text, name));
                Some(value.unwrap_or_default().to_owned())
            }
            (_, "name" | "full_name") => Some(full_name(own("first_name"), own("last_name"))),
            (_, "account_id") => {
                let (_, account) = self.first_linked(module, record, "accounts")?;
                Some(account.id().to_owned())
            }
            (_, "account_name") => {
                let (accounts, account) = self.first_linked(module, record, "accounts")?;
                accounts.value(account, "name").map(str::to_owned)
            }
            // Where a meeting has no contact, the application fills the width of an id.
            ("Meetings" | "Calls", "contact_id") => Some(
                self.first_linked(module, record, "contacts")
                    .map_or_else(|| " ".repeat(36), |(_, contact)| contact.id().to_owned()),
            ),
            (_, "email1") => {
                let (addresses, address) = self.first_linked(module, record, "email_addresses_primary")?;
                addresses.value(address, "email_address").map(str::to_owned)
            }
            _ => {
                let relate = module.field(field).filter(|field| !field.id_name.is_empty())?;
                let other = self.table(relate.related_module).ok()?;
                let related = other.live(own(relate.id_name)?)?;
                let name = |part| other.module.value(related, part);
                Some(match name("name") {
                    Some(name) => name.to_owned(),
                    None => full_name(name("first_name"), name("last_name")),
                })
            }
        }
    }

    /// Whether an account was ever linked to a contact.
    #[cfg(test)]
    pub(super) fn has_contacts(&self, account: &str) -> bool {
        self.pairs
            .get("accounts_contacts")
            .is_some_and(|pairs| !pairs.of(account, true).is_empty())
    }
}

fn full_name(first: Option<&str>, last: Option<&str>) -> String {
    let parts: Vec<&str> = [first, last]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}
