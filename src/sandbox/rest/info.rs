//! The methods that tell about the server and the user.

use super::Call;
use super::errors::Refusal;
use crate::sandbox::Flavour;
use serde_json::{Value, json};

pub(super) fn server_info(call: &Call<'_>) -> Result<Value, Refusal> {
    let gmt_time = call.server.clock.gmt_time();
    let suitecrm_version = match call.server.config.flavour {
        Flavour::SugarCe65 => return Ok(json!({"flavor": "CE", "version": "6.5.26", "gmt_time": gmt_time})),
        Flavour::SuiteCrm8 => "8.7.0",
        _ => "7.14.6",
    };
    Ok(json!({"flavor": "CE", "version": "6.5.25", "suitecrm_version": suitecrm_version, "gmt_time": gmt_time}))
}

pub(super) fn user_id(call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!(call.user))
}
