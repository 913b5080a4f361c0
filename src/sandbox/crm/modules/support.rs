//! Cases and tasks.

use super::common::*;
use super::options::*;
use super::system::USER_FIELDS;
use crate::sandbox::crm::field::{Field, choice, field, relate, varchar};
use crate::sandbox::crm::module::Module;

pub(crate) static CASES: Module = Module {
    name: "Cases",
    table: "cases",
    fields: CASE_FIELDS,
    links: &[
        one("accounts", "account_cases", "Accounts", "account_id"),
        right("contacts", "contacts_cases", "Contacts"),
        children("notes", "case_notes", "Notes"),
        one("assigned_user_link", "cases_assigned_user", "Users", "assigned_user_id"),
    ],
    joined: &[USER_FIELDS],
};

pub(crate) static TASKS: Module = Module {
    name: "Tasks",
    table: "tasks",
    fields: TASK_FIELDS,
    links: &[
        one("contacts", "contact_tasks", "Contacts", "contact_id"),
        parent("accounts", "account_tasks", "Accounts"),
        one("assigned_user_link", "tasks_assigned_user", "Users", "assigned_user_id"),
    ],
    joined: &[USER_FIELDS],
};

const CASE_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(255).required(),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    field("case_number", "int"),
    choice("status", CASE_STATUS),
    choice("priority", PRIORITIES),
    varchar("resolution", 255),
    field("account_id", "id").len(36),
    relate("account_name", "account_id", "Accounts"),
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
];

const TASK_FIELDS: &[Field] = &[
    ID,
    field("name", "name").len(50).required(),
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    choice("status", TASK_STATUS),
    field("date_due", "datetime"),
    field("date_start", "datetime"),
    PARENT_TYPE,
    PARENT_ID,
    field("contact_id", "id").len(36),
    choice("priority", PRIORITIES),
    relate("contact_name", "contact_id", "Contacts"),
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
];
