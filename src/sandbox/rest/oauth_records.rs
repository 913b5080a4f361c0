//! Consumers and tokens as records: `OAuthKeys` and `OAuthTokens` can be listed like any other module.

use super::Call;
use crate::sandbox::oauth::TokenKind;
use crate::sandbox::server::Server;

/// The modules that show what OAuth keeps.
const MODULES: [&str; 2] = ["OAuthKeys", "OAuthTokens"];

impl Call<'_> {
    /// Brings the records up to date, if the call is about them.
    pub(super) fn show_oauth(&self) {
        if MODULES.contains(&self.arguments.text("module_name").as_str()) {
            show(self.server);
        }
    }

    /// Revokes the tokens whose records were deleted.
    pub(super) fn revoke_deleted(&self) {
        if self.arguments.text("module_name") != "OAuthTokens" {
            return;
        }
        let mut data = self.server.data();
        let all: Vec<String> = data.tokens.iter().map(|token| token.token.clone()).collect();
        for token in all
            .iter()
            .filter(|token| !self.server.crm.is_live("OAuthTokens", token))
        {
            data.tokens.revoke(token);
        }
    }
}

fn show(server: &Server) {
    let consumers = &server.config.consumers;
    let key_id = |key: &str| {
        let place = consumers.iter().position(|(known, _)| known == key);
        place.map_or_else(String::new, |place| format!("consumer-{}", place + 1))
    };
    let keys = consumers.iter().map(|(key, secret)| {
        let id = key_id(key);
        vec![
            ("id", id),
            ("name", key.clone()),
            ("c_key", key.clone()),
            ("c_secret", secret.clone()),
            live(),
        ]
    });
    server.crm.show("OAuthKeys", keys.collect());

    let data = server.data();
    let tokens = data.tokens.iter().map(|token| {
        let state = match token.kind {
            TokenKind::Request => "1",
            TokenKind::Access => "2",
        };
        vec![
            ("id", token.token.clone()),
            ("secret", token.secret.clone()),
            ("tstate", state.to_owned()),
            ("consumer", key_id(&token.consumer_key)),
            ("token_ts", token.created_at.to_string()),
            ("verify", token.verifier.clone().unwrap_or_default()),
            ("callback_url", token.callback.clone().unwrap_or_default()),
            ("assigned_user_id", token.user.clone().unwrap_or_default()),
            live(),
        ]
    });
    server.crm.show("OAuthTokens", tokens.collect());
}

fn live() -> (&'static str, String) {
    ("deleted", "0".to_owned())
}
