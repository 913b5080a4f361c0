//! Who is logged in, and what time it is.

use super::Call;
use super::logins::Login;
use super::refusal::Refusal;
use serde_json::{Value, json};

/// Answers `GET me`, of whose many members only those are here that a client without pages has a use for.
pub(super) fn me(call: &Call<'_>, login: &Login) -> Result<Value, Refusal> {
    let crm = &call.server.crm;
    let value = |field| crm.shown_value("Users", &login.user, field).unwrap_or_default();
    if !crm.is_live("Users", &login.user) {
        return Err(Refusal::ACCESS_TOKEN);
    }
    Ok(json!({
        "current_user": {
            "type": if value("is_admin") == "1" { "admin" } else { "user" },
            "id": login.user,
            "user_name": value("user_name"),
            "full_name": value("full_name"),
            "preferences": { "timezone": "UTC", "datepref": "Y-m-d", "timepref": "H:i", "language": "en_us" },
        }
    }))
}

/// Answers `GET ping/whattimeisit`.
pub(super) fn time(call: &Call<'_>) -> Value {
    let now = call.server.clock.gmt_time();
    json!(format!("{}+00:00", now.replace(' ', "T")))
}
