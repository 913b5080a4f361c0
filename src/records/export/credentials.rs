//! What lets in whoever reads it. Any user of the API can list these records, secrets included (`docs/server.md`).

use crate::v4_1::ModuleField;

/// Modules whose records are credentials, or hold some among other things.
const MODULES: [&str; 6] = [
    "OAuthKeys",
    "OAuthTokens",
    "InboundEmail",
    "OutboundEmailAccounts",
    "EAPM",
    "UserPreferences",
];

/// How the names of such modules begin that come in families.
const FAMILIES: [&str; 2] = ["OAuth2", "ExternalOAuth"];

/// Whether a module's records are credentials.
pub(super) fn is_credential_module(module: &str) -> bool {
    let same = |known: &&str| known.eq_ignore_ascii_case(module);
    let begins = |family: &&str| {
        module
            .get(..family.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(family))
    };
    MODULES.iter().any(same) || FAMILIES.iter().any(begins)
}

/// Whether a field holds a password, a password's hash or another secret.
pub(super) fn is_credential_field(field: &ModuleField) -> bool {
    let is_flag = matches!(field.kind.as_str(), "bool" | "date" | "datetime" | "datetimecombo");
    let is_secret = matches!(field.kind.as_str(), "password" | "encrypt") || is_credential_name(&field.name);
    is_secret && !is_flag
}

/// Whether a field's name alone says so.
pub(super) fn is_credential_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let bare = name.strip_suffix("_c").unwrap_or(&name);
    bare == "secret"
        || bare == "verify"
        || bare.ends_with("_hash")
        || bare.ends_with("_secret")
        || bare.ends_with("password")
        || bare.ends_with("passwd")
        || bare.ends_with("smtppass")
        || bare.ends_with("access_token")
        || bare.ends_with("refresh_token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_names() {
        for module in [
            "OAuthKeys",
            "oauthtokens",
            "OAuth2Tokens",
            "ExternalOAuthConnection",
            "EAPM",
        ] {
            assert!(is_credential_module(module), "{module}");
        }
        for module in ["Accounts", "OAuth", "Users", "Emails", "External", "Ü"] {
            assert!(!is_credential_module(module), "{module}");
        }
        for field in [
            "user_hash",
            "portal_password",
            "mail_smtppass",
            "c_secret",
            "api_secret_c",
        ] {
            assert!(is_credential_name(field), "{field}");
        }
        for field in ["user_name", "pwd_last_changed", "hash_tag", "secretary"] {
            assert!(!is_credential_name(field), "{field}");
        }
    }
}
