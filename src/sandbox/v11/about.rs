//! Who is logged in, and what time it is.

use super::logins::Login;
use super::refusal::Refusal;
use super::{Call, module};
use serde_json::{Value, json};

/// Answers `GET me`, of whose many members only those are here that a client without pages has a use for.
pub(super) fn me(call: &Call<'_>, login: &Login) -> Result<Value, Refusal> {
    let user = call.server.crm.plain(module::named("Users")?, &login.user);
    let user = user.ok_or(Refusal::ACCESS_TOKEN)?;
    let value = |name: &str| {
        let found = user.values.iter().find(|(field, _)| field.name == name);
        found.and_then(|(_, value)| value.clone()).unwrap_or_default()
    };
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
