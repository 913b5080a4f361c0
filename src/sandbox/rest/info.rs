//! The methods that tell about the server and the user.

use super::Call;
use super::errors::Refusal;
use super::table::{Door, Method, SESSION};
use crate::sandbox::Flavour;
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "get_server_info",
        arguments: &[],
        door: Door::Open(server_info),
    },
    Method {
        name: "get_user_id",
        arguments: &[SESSION],
        door: Door::Session(user_id),
    },
];

fn server_info(call: &Call<'_>) -> Result<Value, Refusal> {
    let gmt_time = call.server.clock.gmt_time();
    let suitecrm_version = match call.server.config.flavour {
        Flavour::SugarCe65 => return Ok(json!({"flavor": "CE", "version": "6.5.26", "gmt_time": gmt_time})),
        Flavour::SuiteCrm8 => "8.7.0",
        _ => "7.14.6",
    };
    Ok(json!({"flavor": "CE", "version": "6.5.25", "suitecrm_version": suitecrm_version, "gmt_time": gmt_time}))
}

fn user_id(call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!(call.user))
}
