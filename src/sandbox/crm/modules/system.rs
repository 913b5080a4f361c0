//! Users, currencies, and what OAuth keeps.

use super::common::*;
use super::options::*;
use crate::sandbox::crm::field::{Field, choice, field, varchar};
use crate::sandbox::crm::module::Module;

pub(crate) static USERS: Module = Module {
    name: "Users",
    table: "users",
    fields: USER_FIELDS,
    links: &[
        right("meetings", "meetings_users", "Meetings"),
        right("calls", "calls_users", "Calls"),
        right("contacts_sync", "contacts_users", "Contacts"),
        left("email_addresses", "users_email_addresses", "EmailAddresses"),
        left(
            "email_addresses_primary",
            "users_email_addresses_primary",
            "EmailAddresses",
        ),
    ],
    joined: &[],
};

pub(crate) static CURRENCIES: Module = Module {
    name: "Currencies",
    table: "currencies",
    fields: CURRENCY_FIELDS,
    links: &[],
    joined: &[],
};

pub(crate) static OAUTH_KEYS: Module = Module {
    name: "OAuthKeys",
    table: "oauth_consumer",
    fields: OAUTH_KEY_FIELDS,
    links: &[],
    joined: &[],
};

pub(crate) static OAUTH_TOKENS: Module = Module {
    name: "OAuthTokens",
    table: "oauth_tokens",
    fields: OAUTH_TOKEN_FIELDS,
    links: &[one("consumer_link", "consumer_tokens", "OAuthKeys", "consumer")],
    joined: &[],
};

pub(super) const USER_FIELDS: &[Field] = &[
    ID,
    varchar("user_name", 60).required(),
    varchar("first_name", 255),
    varchar("last_name", 255).required(),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    varchar("title", 50),
    varchar("department", 50),
    field("phone_mobile", "phone").len(50),
    field("phone_work", "phone").len(50),
    choice("status", USER_STATUS),
    field("is_admin", "bool").default("0"),
    field("name", "name").computed(),
    field("full_name", "fullname").len(510).computed(),
    EMAIL1,
];

const CURRENCY_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(36).required(),
    varchar("symbol", 36).required(),
    varchar("iso4217", 3).required(),
    field("conversion_rate", "double").required(),
    choice("status", CURRENCY_STATUS).required(),
    DELETED,
    DATE_ENTERED,
    DATE_MODIFIED,
    CREATED_BY,
];

const OAUTH_KEY_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(255).required(),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    varchar("c_key", 255).required(),
    varchar("c_secret", 255).required(),
];

const OAUTH_TOKEN_FIELDS: &[Field] = &[
    ID,
    varchar("secret", 32),
    choice("tstate", &[("1", "Request"), ("2", "Access"), ("3", "Invalid")]).len(1),
    field("consumer", "id").len(36),
    varchar("token_ts", 12),
    varchar("verify", 32),
    DELETED,
    varchar("callback_url", 255),
    ASSIGNED_USER_ID,
];
