//! The methods that read records.

use super::Call;
use super::errors::Refusal;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use crate::sandbox::crm::{CountArguments, ListArguments};
use serde_json::Value;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "get_entry_list",
        arguments: &[
            Optional("session"),
            Optional("module_name"),
            Optional("query"),
            Optional("order_by"),
            Optional("offset"),
            Optional("select_fields"),
            Optional("link_name_to_fields_array"),
            Optional("max_results"),
            Optional("deleted"),
            Optional("favorites"),
        ],
        door: Door::Session(entry_list),
    },
    Method {
        name: "get_entries_count",
        arguments: &[SESSION, Required("module_name"), Required("query"), Required("deleted")],
        door: Door::Session(entries_count),
    },
];

fn entry_list(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = ListArguments::from_named(call.arguments.named());
    Ok(call.server.crm.get_entry_list(&arguments)?)
}

fn entries_count(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = CountArguments::from_named(call.arguments.named());
    Ok(call.server.crm.get_entries_count(&arguments)?)
}
