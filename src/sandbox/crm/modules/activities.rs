//! Meetings, calls and notes.

use super::common::*;
use super::options::*;
use super::system::USER_FIELDS;
use crate::sandbox::crm::field::{Field, choice, field, relate, varchar};
use crate::sandbox::crm::module::Module;

pub(crate) static MEETINGS: Module = Module {
    name: "Meetings",
    table: "meetings",
    fields: MEETING_FIELDS,
    links: &[
        left("users", "meetings_users", "Users"),
        left("contacts", "meetings_contacts", "Contacts"),
        left("leads", "meetings_leads", "Leads"),
        parent("accounts", "account_meetings", "Accounts"),
        parent("opportunity", "opportunity_meetings", "Opportunities"),
        one(
            "assigned_user_link",
            "meetings_assigned_user",
            "Users",
            "assigned_user_id",
        ),
    ],
    joined: &[USER_FIELDS],
};

pub(crate) static CALLS: Module = Module {
    name: "Calls",
    table: "calls",
    fields: CALL_FIELDS,
    links: &[
        left("users", "calls_users", "Users"),
        left("contacts", "calls_contacts", "Contacts"),
        left("leads", "calls_leads", "Leads"),
        parent("accounts", "account_calls", "Accounts"),
        parent("opportunities", "opportunity_calls", "Opportunities"),
        one("assigned_user_link", "calls_assigned_user", "Users", "assigned_user_id"),
    ],
    joined: &[USER_FIELDS],
};

pub(crate) static NOTES: Module = Module {
    name: "Notes",
    table: "notes",
    fields: NOTE_FIELDS,
    links: &[
        one("contact", "contact_notes", "Contacts", "contact_id"),
        parent("accounts", "account_notes", "Accounts"),
        parent("leads", "lead_notes", "Leads"),
        parent("opportunities", "opportunity_notes", "Opportunities"),
        one("assigned_user_link", "notes_assigned_user", "Users", "assigned_user_id"),
    ],
    joined: &[USER_FIELDS],
};

const MEETING_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(50).required(),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    varchar("location", 50),
    field("duration_hours", "int").default("0"),
    field("duration_minutes", "int").default("0"),
    field("date_start", "datetime").required(),
    field("date_end", "datetime"),
    PARENT_TYPE,
    choice("status", ACTIVITY_STATUS).default("Planned"),
    PARENT_ID,
    field("reminder_time", "int").default("-1"),
    varchar("outlook_id", 255),
    relate("contact_name", "contact_id", "Contacts"),
    field("contact_id", "id").len(36).computed(),
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
];

const CALL_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(50).required(),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    field("duration_hours", "int").default("0"),
    field("duration_minutes", "int").default("0"),
    field("date_start", "datetime").required(),
    field("date_end", "datetime"),
    PARENT_TYPE,
    choice("status", ACTIVITY_STATUS).default("Planned"),
    choice("direction", DIRECTIONS).default("Inbound"),
    PARENT_ID,
    field("reminder_time", "int").default("-1"),
    varchar("outlook_id", 255),
    relate("contact_name", "contact_id", "Contacts"),
    field("contact_id", "id").len(36).computed(),
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
];

const NOTE_FIELDS: &[Field] = &[
    ID,
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    field("name", "name").len(255).required(),
    varchar("file_mime_type", 100),
    field("filename", "file").len(255),
    PARENT_TYPE,
    PARENT_ID,
    field("contact_id", "id").len(36),
    field("portal_flag", "bool").required(),
    field("embed_flag", "bool").default("0"),
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
    relate("contact_name", "contact_id", "Contacts"),
];
