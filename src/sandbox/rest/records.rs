//! The methods that read records.

use super::Call;
use super::errors::Refusal;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use crate::sandbox::crm::{Caller, CountArguments, ListArguments, OWNER_ONLY_USER_ID};
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
    Method {
        name: "get_entry",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("id"),
            Required("select_fields"),
            Required("link_name_to_fields_array"),
            Optional("track_view"),
        ],
        door: Door::Session(entry),
    },
    Method {
        name: "get_entries",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("ids"),
            Required("select_fields"),
            Required("link_name_to_fields_array"),
            Optional("track_view"),
        ],
        door: Door::Session(entries),
    },
    Method {
        name: "get_relationships",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("module_id"),
            Required("link_field_name"),
            Required("related_module_query"),
            Required("related_fields"),
            Required("related_module_link_name_to_fields_array"),
            Required("deleted"),
            Optional("order_by"),
            Optional("offset"),
            Optional("limit"),
        ],
        door: Door::Session(relationships),
    },
    Method {
        name: "get_modified_relationships",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("related_module"),
            Required("from_date"),
            Required("to_date"),
            Required("offset"),
            Required("max_results"),
            Optional("deleted"),
            Optional("module_user_id"),
            Optional("select_fields"),
            Optional("relationship_name"),
            Optional("deletion_date"),
        ],
        door: Door::Session(modified_relationships),
    },
];

fn entry_list(call: &Call<'_>) -> Result<Value, Refusal> {
    call.show_oauth();
    let caller = call.caller();
    let mut arguments = ListArguments::from_named(call.arguments.named());
    arguments.owner = Some(caller.user).filter(|_| caller.owner_only);
    Ok(call.server.crm.get_entry_list(&arguments)?)
}

fn entries_count(call: &Call<'_>) -> Result<Value, Refusal> {
    call.show_oauth();
    let arguments = CountArguments::from_named(call.arguments.named());
    Ok(call.server.crm.get_entries_count(&arguments)?)
}

fn entry(call: &Call<'_>) -> Result<Value, Refusal> {
    call.show_oauth();
    let answer = call.server.crm.get_entry(&call.caller(), call.arguments.named())?;
    call.track_views(&[call.arguments.text("id")]);
    Ok(answer)
}

fn entries(call: &Call<'_>) -> Result<Value, Refusal> {
    call.show_oauth();
    let answer = call.server.crm.get_entries(&call.caller(), call.arguments.named())?;
    call.track_views(&call.arguments.texts("ids"));
    Ok(answer)
}

fn relationships(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = call.arguments.named();
    Ok(call.server.crm.get_relationships(&call.caller(), arguments)?)
}

fn modified_relationships(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = call.arguments.named();
    Ok(call.server.crm.get_modified_relationships(&call.caller(), arguments)?)
}

impl Call<'_> {
    /// Who makes this call, and when.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            user: self.user.clone(),
            owner_only: self.server.config.owner_only_user.is_some() && self.user == OWNER_ONLY_USER_ID,
            now: self.server.clock.gmt_time(),
        }
    }

    /// Notes views of records, if the call wants it.
    pub(super) fn track_views(&self, ids: &[String]) {
        if self.arguments.flag("track_view", false) {
            let module = self.arguments.text("module_name");
            for id in ids {
                self.track_view(&module, id);
            }
        }
    }
}
