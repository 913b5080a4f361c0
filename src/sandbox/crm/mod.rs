//! The records of the practice instance, and the two answers that list and count them.

mod answer;
mod arguments;
mod field;
mod generate;
mod joins;
mod lookup;
mod module;
mod modules;
mod names;
mod store;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use arguments::{CountArguments, ListArguments};
pub(crate) use field::Field;
pub(crate) use lookup::Search;
pub(crate) use module::{Link, Module};

use serde_json::Value;
use std::sync::{PoisonError, RwLock};
use store::Store;

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
}

/// The whole body of the 500 that answers an SQL error.
pub(crate) const DATABASE_FAILURE: &str = "Database failure. Please refer to suitecrm.log for details.";

/// The records.
#[derive(Debug)]
pub(crate) struct Crm {
    store: RwLock<Store>,
}

impl Crm {
    /// A few hundred records, the same ones each time. The administrator, user `1`, has the name given.
    pub(crate) fn new(user_name: &str) -> Self {
        Self::generated(60, 300, user_name)
    }

    /// As many records as wanted, though not fewer than those with odd ids.
    pub(crate) fn generated(accounts: usize, contacts: usize, user_name: &str) -> Self {
        Self {
            store: RwLock::new(Store::new(generate::records(accounts, contacts, user_name))),
        }
    }

    /// Answers `get_entry_list`.
    pub(crate) fn get_entry_list(&self, arguments: &ListArguments) -> Result<Value, CrmError> {
        self.store
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .entry_list(arguments)
    }

    /// Answers `get_entries_count`.
    pub(crate) fn get_entries_count(&self, arguments: &CountArguments) -> Result<Value, CrmError> {
        self.store
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .entries_count(arguments)
    }
}
