//! All tables, and what joins their records.

use super::CrmError;
use super::module::{ACCOUNTS, CONTACTS, Link, Module, USERS};
use super::table::{Record, Table};
use crate::sandbox::query::Row;
use std::collections::HashMap;
use std::sync::Arc;

/// Modules that exist and have no records to list; their count is null.
pub(super) const CLOSED: [&str; 3] = ["Administration", "Audit", "MergeRecords"];

#[derive(Debug)]
pub(super) struct Store {
    accounts: Table,
    contacts: Table,
    users: Table,
    /// Ids of contacts by the id of their account.
    contacts_of: HashMap<String, Vec<String>>,
    /// Ids of accounts by the id of their contact.
    accounts_of: HashMap<String, Vec<String>>,
}

/// What a store is made of.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) accounts: Vec<Record>,
    pub(super) contacts: Vec<Record>,
    pub(super) users: Vec<Record>,
    /// Pairs of account id and contact id.
    pub(super) accounts_contacts: Vec<(String, String)>,
}

impl Store {
    pub(super) fn new(records: Records) -> Self {
        let mut contacts_of: HashMap<String, Vec<String>> = HashMap::new();
        let mut accounts_of: HashMap<String, Vec<String>> = HashMap::new();
        for (account, contact) in records.accounts_contacts {
            contacts_of.entry(account.clone()).or_default().push(contact.clone());
            accounts_of.entry(contact).or_default().push(account);
        }
        Self {
            accounts: Table::new(&ACCOUNTS, records.accounts),
            contacts: Table::new(&CONTACTS, records.contacts),
            users: Table::new(&USERS, records.users),
            contacts_of,
            accounts_of,
        }
    }

    pub(super) fn table(&self, module: &str) -> Result<&Table, CrmError> {
        match module {
            "Accounts" => Ok(&self.accounts),
            "Contacts" => Ok(&self.contacts),
            "Users" => Ok(&self.users),
            closed if CLOSED.contains(&closed) => Err(CrmError::AccessDenied),
            _ => Err(CrmError::ModuleUnknown),
        }
    }

    /// The live records at the other end of a link, by id.
    pub(super) fn linked(&self, record: &Record, link: &Link) -> (&'static Module, Vec<&Arc<Record>>) {
        let (table, joined) = match link.module {
            "Contacts" => (&self.contacts, &self.contacts_of),
            _ => (&self.accounts, &self.accounts_of),
        };
        let ids = joined.get(record.id()).map(Vec::as_slice).unwrap_or_default();
        let mut linked: Vec<&Arc<Record>> = ids.iter().filter_map(|id| table.live(id)).collect();
        linked.sort_by(|a, b| crate::sandbox::query::compare(a.id(), b.id()));
        (table.module, linked)
    }

    /// The value of a field that is not in the record's own table.
    pub(super) fn computed(&self, module: &Module, record: &Record, field: &str) -> Option<String> {
        let own = |name| module.stored(name).and_then(|place| record.value(place));
        match field {
            "name" | "full_name" => Some(full_name(own("first_name"), own("last_name"))),
            "assigned_user_name" => {
                let user = self.users.live(own("assigned_user_id")?)?;
                let part = |name| USERS.stored(name).and_then(|place| user.value(place));
                Some(full_name(part("first_name"), part("last_name")))
            }
            "account_id" => Some(self.account(record)?.id().to_owned()),
            "account_name" => {
                let account = self.account(record)?;
                ACCOUNTS
                    .stored("name")
                    .and_then(|place| account.value(place))
                    .map(str::to_owned)
            }
            "email1" => Some(email_address(record.id())),
            _ => None,
        }
    }

    /// Whether a contact was ever linked to this account.
    #[cfg(test)]
    pub(super) fn has_contacts(&self, account: &str) -> bool {
        self.contacts_of.contains_key(account)
    }

    fn account(&self, contact: &Record) -> Option<&Arc<Record>> {
        self.accounts_of
            .get(contact.id())?
            .iter()
            .find_map(|id| self.accounts.live(id))
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

/// An address in a domain that exists for nobody.
fn email_address(id: &str) -> String {
    let mailbox: String = id.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    format!("{}@example.test", mailbox.to_ascii_lowercase())
}
