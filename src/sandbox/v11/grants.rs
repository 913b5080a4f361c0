//! `oauth2/token` and `oauth2/logout`.

use super::Call;
use super::logins::Login;
use super::refusal::Refusal;
use crate::sandbox::crm::OWNER_ONLY_USER_ID;
use crate::sandbox::rest::USER_ID;
use serde_json::{Map, Value, json};

/// The client id of the portal, whose users are contacts: no user logs in with it.
const PORTAL: &str = "support_portal";

/// Answers `POST oauth2/token`. Every argument that the documents call required has to be there, but for
/// `client_secret`, which clients are known to leave out.
pub(super) fn token(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = call.object()?;
    let given = |name: &str| text(&arguments, name).ok_or_else(|| Refusal::missing(name));
    let grant = given("grant_type")?;
    let client_id = given("client_id")?;
    let settings = &call.server.config.oauth2;
    if !settings.knows_client(client_id, text(&arguments, "client_secret").unwrap_or_default()) {
        return Err(Refusal::INVALID_CLIENT);
    }
    let platform = given("platform")?;
    if !settings.allows_platform(platform) {
        return Err(Refusal::PLATFORM);
    }
    let now = call.server.clock.milliseconds();
    let login = match grant {
        "password" => {
            let user = user_of(call, given("username")?, given("password")?);
            let user = user.filter(|_| client_id != PORTAL).ok_or(Refusal::WRONG_LOGIN)?;
            let mut data = call.server.data();
            data.logins.open(&user, platform, client_id, settings.lifetimes, now)
        }
        "refresh_token" => {
            let token = given("refresh_token")?;
            let renewed = call.server.data().logins.renew(token, platform, client_id, now);
            renewed.ok_or(Refusal::REFRESH_TOKEN)?
        }
        _ => return Err(Refusal::GRANT_TYPE),
    };
    Ok(json!({
        "access_token": login.access_token,
        "expires_in": settings.lifetimes.access,
        "token_type": "bearer",
        "scope": null,
        "refresh_token": login.refresh_token,
        "refresh_expires_in": settings.lifetimes.refresh,
        "download_token": login.download_token,
    }))
}

/// Ends the login, its refresh token included.
pub(super) fn log_out(call: &Call<'_>, login: &Login) -> Value {
    call.server.data().logins.close(&login.access_token);
    json!({ "success": true })
}

/// A text that is not empty.
fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// The id of the user with this name and password.
fn user_of(call: &Call<'_>, name: &str, password: &str) -> Option<String> {
    let config = &call.server.config;
    let first = (config.user_name.as_str(), config.password.as_str(), USER_ID);
    let second = config.owner_only_user.as_ref();
    let second = second.map(|(name, password)| (name.as_str(), password.as_str(), OWNER_ONLY_USER_ID));
    let (_, _, id) = [Some(first), second]
        .into_iter()
        .flatten()
        .find(|(known, secret, _)| (*known, *secret) == (name, password))?;
    let status = call.server.crm.shown_value("Users", id, "status");
    status.filter(|status| status == "Active").map(|_| id.to_owned())
}
