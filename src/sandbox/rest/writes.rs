//! The methods that write records and join them.

use super::Call;
use super::errors::Refusal;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use serde_json::Value;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "set_entry",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("name_value_list"),
            Optional("track_view"),
        ],
        door: Door::Session(set_entry),
    },
    Method {
        name: "set_entries",
        arguments: &[SESSION, Required("module_name"), Required("name_value_lists")],
        door: Door::Session(set_entries),
    },
    Method {
        name: "set_relationship",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("module_id"),
            Required("link_field_name"),
            Required("related_ids"),
            Optional("name_value_list"),
            Optional("delete"),
        ],
        door: Door::Session(set_relationship),
    },
    Method {
        name: "set_relationships",
        arguments: &[
            SESSION,
            Required("module_names"),
            Required("module_ids"),
            Required("link_field_names"),
            Required("related_ids"),
            Required("name_value_lists"),
            Required("delete_array"),
        ],
        door: Door::Session(set_relationships),
    },
];

fn set_entry(call: &Call<'_>) -> Result<Value, Refusal> {
    call.show_oauth();
    let answer = call.server.crm.set_entry(&call.caller(), call.arguments.named())?;
    call.revoke_deleted();
    call.track_views(&[answer["id"].as_str().unwrap_or_default().to_owned()]);
    Ok(answer)
}

fn set_entries(call: &Call<'_>) -> Result<Value, Refusal> {
    call.show_oauth();
    let answer = call.server.crm.set_entries(&call.caller(), call.arguments.named());
    // The rows before one that failed stay.
    call.revoke_deleted();
    Ok(answer?)
}

fn set_relationship(call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(call.server.crm.set_relationship(call.arguments.named())?)
}

fn set_relationships(call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(call.server.crm.set_relationships(call.arguments.named())?)
}
