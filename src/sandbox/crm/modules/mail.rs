//! E-mails, their texts, and e-mail addresses.

use super::common::*;
use super::options::*;
use super::system::USER_FIELDS;
use crate::sandbox::crm::field::{Field, choice, field, varchar};
use crate::sandbox::crm::module::Module;

pub(crate) static EMAILS: Module = Module {
    name: "Emails",
    table: "emails",
    fields: EMAIL_FIELDS,
    links: &[
        parent("accounts", "emails_accounts_rel", "Accounts"),
        parent("contacts", "emails_contacts_rel", "Contacts"),
        one(
            "assigned_user_link",
            "emails_assigned_user",
            "Users",
            "assigned_user_id",
        ),
    ],
    joined: &[USER_FIELDS],
};

pub(crate) static EMAIL_TEXT: Module = Module {
    name: "EmailText",
    table: "emails_text",
    fields: EMAIL_TEXT_FIELDS,
    links: &[],
    joined: &[],
};

pub(crate) static EMAIL_ADDRESSES: Module = Module {
    name: "EmailAddresses",
    table: "email_addresses",
    fields: EMAIL_ADDRESS_FIELDS,
    links: &[],
    joined: &[],
};

const EMAIL_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(255),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DELETED,
    ASSIGNED_USER_ID,
    field("date_sent_received", "datetime"),
    varchar("message_id", 255),
    choice(
        "type",
        &[
            ("out", "Sent"),
            ("archived", "Archived"),
            ("draft", "Draft"),
            ("inbound", "Inbound"),
        ],
    ),
    choice("status", EMAIL_STATUS),
    PARENT_TYPE,
    PARENT_ID,
    field("description", "text").computed(),
    field("description_html", "text").computed(),
    varchar("from_addr_name", 255).computed(),
    varchar("to_addrs_names", 255).computed(),
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
];

const EMAIL_TEXT_FIELDS: &[Field] = &[
    field("email_id", "id").len(36).required(),
    field("from_addr", "varchar").len(255),
    field("to_addrs", "text"),
    field("cc_addrs", "text"),
    field("description", "text"),
    field("description_html", "text"),
    DELETED,
];

const EMAIL_ADDRESS_FIELDS: &[Field] = &[
    ID,
    varchar("email_address", 255).required(),
    varchar("email_address_caps", 255).required(),
    field("invalid_email", "bool").default("0"),
    field("opt_out", "bool").default("0"),
    field("date_created", "datetime"),
    DATE_MODIFIED,
    DELETED,
];
