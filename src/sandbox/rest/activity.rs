//! What the user did last and has to do next.

use super::Call;
use super::errors::Refusal;
use super::table::Argument::Required;
use super::table::{Door, Method, SESSION};
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "get_last_viewed",
        arguments: &[SESSION, Required("module_names")],
        door: Door::Session(last_viewed),
    },
    Method {
        name: "get_upcoming_activities",
        arguments: &[SESSION],
        door: Door::Session(upcoming_activities),
    },
];

/// So many activities are answered.
const UPCOMING: usize = 10;

impl Call<'_> {
    /// Notes that the session's user looked at a record, as a call with `track_view` does.
    pub(super) fn track_view(&self, module: &str, id: &str) {
        let name = self.server.crm.shown_value(module, id, "name");
        let at = self.server.clock.gmt_time();
        // A record that is not there is not noted.
        if let Some(name) = name {
            self.server.data().viewed.note(&self.user, module, id, &name, &at);
        }
    }
}

fn last_viewed(call: &Call<'_>) -> Result<Value, Refusal> {
    let data = call.server.data();
    let modules = call.arguments.texts("module_names");
    let views = modules.iter().flat_map(|module| data.viewed.last(&call.user, module));
    let rows = views.map(|view| {
        json!({
            "id": view.id.to_string(),
            "item_id": view.record,
            "item_summary": view.summary,
            "module_name": view.module,
            "monitor_id": format!("{:032x}", view.id),
            "date_modified": view.at,
        })
    });
    Ok(rows.collect())
}

fn upcoming_activities(call: &Call<'_>) -> Result<Value, Refusal> {
    let activities = call.server.crm.upcoming(&call.user, &call.server.clock.gmt_time());
    let rows = activities.into_iter().take(UPCOMING).map(|activity| {
        json!({
            "id": activity.id,
            "module": activity.module,
            "date_due": activity.due,
            "summary": activity.name,
        })
    });
    Ok(rows.collect())
}
