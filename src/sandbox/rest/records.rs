//! The methods that read records.

use super::Call;
use super::errors::Refusal;
use crate::sandbox::crm::{CountArguments, ListArguments};
use serde_json::Value;

pub(super) fn entry_list(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = ListArguments::from_named(call.arguments.named());
    Ok(call.server.crm.get_entry_list(&arguments)?)
}

pub(super) fn entries_count(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = CountArguments::from_named(call.arguments.named());
    Ok(call.server.crm.get_entries_count(&arguments)?)
}
