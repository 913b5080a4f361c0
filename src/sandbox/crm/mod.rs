//! The records of the practice instance, and the answers of the methods that read and write them.

mod answer;
mod arguments;
mod caller;
mod clean;
mod email_tables;
mod entities;
mod field;
mod generate;
mod index;
mod joins;
mod lookup;
mod module;
mod modules;
mod names;
mod plain;
mod read;
mod relate;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod write;

pub(crate) use arguments::{CountArguments, ListArguments};
pub(crate) use caller::Caller;
pub(crate) use field::Field;
pub(crate) use lookup::Search;
pub(crate) use module::{Link, Module};
pub(crate) use plain::{Address, Change, Plain, ValueOf, Wanted, modules, order};

use serde_json::{Map, Value};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use store::Store;
use table::Record;

/// The user whose role, if there is one, shows only records assigned to that user.
pub(crate) const OWNER_ONLY_USER_ID: &str = "seed_jim_id";

/// Rows of a page when the caller names no number.
const DEFAULT_PAGE: usize = 20;

/// Why a call on the records was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CrmError {
    /// Error number 20, `Module Does Not Exist`.
    ModuleUnknown,
    /// Error number 40, `Access Denied`: the module, or a `query` or `order_by` with refused content.
    AccessDenied,
    /// The database did not take the SQL: status 500 and [`DATABASE_FAILURE`].
    SqlFailure,
    /// Error number 1001, `Invalid data`.
    InvalidData,
    /// The answer is `null`.
    Nothing,
}

/// The whole body of the 500 that answers an SQL error.
pub(crate) const DATABASE_FAILURE: &str = "Database failure. Please refer to suitecrm.log for details.";

/// Arguments of a call, by their documented names.
type Arguments = Map<String, Value>;

/// The records.
#[derive(Debug)]
pub(crate) struct Crm {
    store: RwLock<Store>,
}

impl Crm {
    /// A few hundred records, the same ones each time. The administrator, user `1`, has the name given.
    #[cfg(test)]
    pub(crate) fn new(user_name: &str) -> Self {
        Self::generated(60, 300, user_name)
    }

    /// As many records as wanted, though not fewer than those with odd ids.
    pub(crate) fn generated(accounts: usize, contacts: usize, user_name: &str) -> Self {
        Self {
            store: RwLock::new(Store::new(generate::records(accounts, contacts, user_name))),
        }
    }

    /// Users and currencies and nothing else. Ids of users and currencies are not those of
    /// [`generated`](Self::generated), but for the administrator and the user whose role shows only own records.
    pub(crate) fn unused(user_name: &str) -> Self {
        Self {
            store: RwLock::new(Store::new(generate::unused(user_name))),
        }
    }

    /// Answers `get_entry_list`.
    pub(crate) fn get_entry_list(&self, arguments: &ListArguments) -> Result<Value, CrmError> {
        self.read().entry_list(arguments)
    }

    /// Answers `get_entries_count`.
    pub(crate) fn get_entries_count(&self, arguments: &CountArguments) -> Result<Value, CrmError> {
        self.read().entries_count(arguments)
    }

    /// Answers `get_entry`.
    pub(crate) fn get_entry(&self, caller: &Caller, arguments: &Arguments) -> Result<Value, CrmError> {
        self.read().entries(caller, arguments, false)
    }

    /// Answers `get_entries`.
    pub(crate) fn get_entries(&self, caller: &Caller, arguments: &Arguments) -> Result<Value, CrmError> {
        self.read().entries(caller, arguments, true)
    }

    /// Answers `get_relationships`.
    pub(crate) fn get_relationships(&self, caller: &Caller, arguments: &Arguments) -> Result<Value, CrmError> {
        self.read().relationships(caller, arguments)
    }

    /// Answers `get_modified_relationships`.
    pub(crate) fn get_modified_relationships(&self, caller: &Caller, arguments: &Arguments) -> Result<Value, CrmError> {
        self.read().modified_relationships(caller, arguments)
    }

    /// Answers `set_entry`.
    pub(crate) fn set_entry(&self, caller: &Caller, arguments: &Arguments) -> Result<Value, CrmError> {
        self.write().set_entry(caller, arguments)
    }

    /// Answers `set_entries`.
    pub(crate) fn set_entries(&self, caller: &Caller, arguments: &Arguments) -> Result<Value, CrmError> {
        self.write().set_entries(caller, arguments)
    }

    /// Answers `set_relationship`.
    pub(crate) fn set_relationship(&self, arguments: &Arguments) -> Result<Value, CrmError> {
        Ok(self.write().set_relationship(arguments))
    }

    /// Answers `set_relationships`.
    pub(crate) fn set_relationships(&self, arguments: &Arguments) -> Result<Value, CrmError> {
        self.write().set_relationships(arguments)
    }

    /// Gives a user another name to log in with.
    pub(crate) fn rename_user(&self, id: &str, name: &str) {
        // The user is there from the start.
        let _ = self.save("Users", id, &[("user_name", name)]);
    }

    /// Puts other records in the place of all those of a module.
    pub(crate) fn show(&self, module: &str, records: Vec<Vec<(&'static str, String)>>) {
        let Some(module) = Module::named(module) else { return };
        let record = |values: &Vec<(&'static str, String)>| {
            Record::new(module, values.iter().map(|(name, value)| (*name, value.as_str())))
        };
        self.write().replace_table(module, records.iter().map(record).collect());
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }
}
