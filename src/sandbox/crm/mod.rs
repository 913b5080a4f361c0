//! The records of the practice instance, and the two answers that list and count them.

mod arguments;

pub(crate) use arguments::{CountArguments, LinkArguments, ListArguments};

use serde_json::Value;

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
pub(crate) const DATABASE_FAILURE: &str =
    "Database failure. Please refer to suitecrm.log for details.";

/// The records.
#[derive(Debug, Default)]
pub(crate) struct Crm {}

impl Crm {
    /// A few hundred records, the same ones each time.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Answers `get_entry_list`.
    pub(crate) fn get_entry_list(&self, _arguments: &ListArguments) -> Result<Value, CrmError> {
        Err(CrmError::ModuleUnknown)
    }

    /// Answers `get_entries_count`.
    pub(crate) fn get_entries_count(&self, _arguments: &CountArguments) -> Result<Value, CrmError> {
        Err(CrmError::ModuleUnknown)
    }
}
