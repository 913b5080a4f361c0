//! The methods of the walk: tokens, sessions, login and logout.

use super::digest::md5_hex;
use super::errors::{ApiError, Fatal, Refusal};
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use super::{Call, check_signature};
use crate::sandbox::Flavour;
use crate::sandbox::crm::OWNER_ONLY_USER_ID;
use crate::sandbox::hostile;
use crate::sandbox::oauth::{TokenKind, encode};
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "oauth_request_token",
        arguments: &[],
        door: Door::Open(request_token),
    },
    Method {
        name: "oauth_access_token",
        arguments: &[],
        door: Door::Open(access_token),
    },
    Method {
        name: "oauth_access",
        arguments: &[Optional("session")],
        door: Door::Session(oauth_access),
    },
    Method {
        name: "login",
        arguments: &[
            Required("user_auth"),
            Optional("application"),
            Optional("name_value_list"),
        ],
        door: Door::Open(login),
    },
    Method {
        name: "logout",
        arguments: &[SESSION],
        door: Door::Session(logout),
    },
];

/// The administrator of a sandbox.
pub(crate) const USER_ID: &str = "1";

fn request_token(call: &Call<'_>) -> Result<Value, Refusal> {
    let server = call.server;
    let site_url = server.config.site_url.trim_end_matches('/');
    // A 6.5 knows that no token is needed only by the exact URL.
    let needs_token = server.config.flavour == Flavour::SugarCe65
        && server.seen_url(call.request) != format!("{site_url}/service/v4/rest.php");
    let checked = check_signature(server, call.request, needs_token).map_err(Refusal::Fatal)?;
    let now = server.clock.unix_time();
    let token = server
        .data()
        .tokens
        .request(&checked.consumer_key, &checked.callback, now);
    let authorize_url = format!("{site_url}/index.php?module=OAuthTokens&action=authorize");
    let answer = format!(
        "{}&oauth_callback_confirmed=true&authorize_url={}",
        token.as_form(),
        encode(authorize_url.as_bytes())
    );
    Ok(json!(hostile::token_answer(server.trick(), &answer)))
}

fn access_token(call: &Call<'_>) -> Result<Value, Refusal> {
    let server = call.server;
    let checked = check_signature(server, call.request, true).map_err(Refusal::Fatal)?;
    match checked.token {
        Some(token) if token.kind == TokenKind::Request => {
            let now = server.clock.unix_time();
            let mut data = server.data();
            // Another exchange of the same token may have come between the check and now.
            if data.tokens.find(&token.token, now).is_none() {
                return Err(Refusal::Fatal(Fatal::oauth("Token invalid")));
            }
            let access_token = data.tokens.exchange(&token, now);
            Ok(json!(hostile::token_answer(server.trick(), &access_token.as_form())))
        }
        _ => Err(Refusal::Null),
    }
}

fn oauth_access(call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({"id": call.session}))
}

fn logout(call: &Call<'_>) -> Result<Value, Refusal> {
    call.server.data().sessions.close(&call.session);
    Ok(Value::Null)
}

fn login(call: &Call<'_>) -> Result<Value, Refusal> {
    let config = &call.server.config;
    let user_auth = call.arguments.get("user_auth").cloned().unwrap_or_default();
    let text = |name: &str| user_auth[name].as_str().unwrap_or_default().to_owned();
    let given = if text("encryption") == "PLAIN" {
        md5_hex(text("password").as_bytes())
    } else {
        text("password")
    };
    let first = (USER_ID, &config.user_name, &config.password);
    let second = config.owner_only_user.as_ref();
    let second = second.map(|(name, password)| (OWNER_ONLY_USER_ID, name, password));
    let right = |(_, name, password): &(&str, &String, &String)| {
        text("user_name").eq_ignore_ascii_case(name) && given.eq_ignore_ascii_case(&md5_hex(password.as_bytes()))
    };
    let user = [Some(first), second].into_iter().flatten().find(right);
    let Some((user_id, user_name, _)) = user else {
        return Err(Refusal::Api(ApiError::INVALID_LOGIN));
    };
    let now = call.server.clock.milliseconds();
    let mut data = call.server.data();
    data.session_files += 1;
    let address = data.client_address;
    let session = data.sessions.open(user_id, address, now);
    Ok(json!({
        "id": session,
        "module_name": "Users",
        "name_value_list": profile(user_id, user_name, &language(call)),
    }))
}

/// The language asked for in `name_value_list`.
fn language(call: &Call<'_>) -> String {
    let wishes = call
        .arguments
        .get("name_value_list")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let wish = wishes
        .iter()
        .find(|wish| wish["name"] == "language")
        .and_then(|wish| wish["value"].as_str());
    wish.unwrap_or("en_us").to_owned()
}

/// What `login` tells about the user.
fn profile(user_id: &str, user_name: &str, language: &str) -> Value {
    let members = [
        ("user_id", json!(user_id)),
        ("user_name", json!(user_name)),
        ("user_language", json!(language)),
        ("user_currency_id", Value::Null),
        ("user_is_admin", json!(user_id == USER_ID)),
        ("user_default_team_id", Value::Null),
        ("user_default_dateformat", json!("m/d/Y")),
        ("user_default_timeformat", json!("H:i")),
        ("user_number_separator", json!(",")),
        ("user_decimal_separator", json!(".")),
        ("mobile_max_list_entries", Value::Null),
        ("mobile_max_subpanel_entries", Value::Null),
        ("user_currency_name", json!("US Dollar")),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!({"name": name, "value": value})))
        .collect()
}
