//! Documents and their revisions.

use super::common::*;
use super::options::*;
use super::system::USER_FIELDS;
use crate::sandbox::crm::field::{Field, choice, field, relate, varchar};
use crate::sandbox::crm::module::Module;

pub(crate) static DOCUMENTS: Module = Module {
    name: "Documents",
    table: "documents",
    fields: DOCUMENT_FIELDS,
    links: &[
        many("revisions", "document_revisions", "DocumentRevisions", "document_id"),
        left("accounts", "documents_accounts", "Accounts"),
        left("contacts", "documents_contacts", "Contacts"),
        left("opportunities", "documents_opportunities", "Opportunities"),
        one(
            "assigned_user_link",
            "documents_assigned_user",
            "Users",
            "assigned_user_id",
        ),
    ],
    joined: &[USER_FIELDS],
};

pub(crate) static DOCUMENT_REVISIONS: Module = Module {
    name: "DocumentRevisions",
    table: "document_revisions",
    fields: DOCUMENT_REVISION_FIELDS,
    links: &[one("documents", "document_revisions", "Documents", "document_id")],
    joined: &[USER_FIELDS],
};

const DOCUMENT_FIELDS: &[Field] = &[
    ID,
    DATE_ENTERED,
    DATE_MODIFIED,
    MODIFIED_USER_ID,
    CREATED_BY,
    DESCRIPTION,
    DELETED,
    ASSIGNED_USER_ID,
    varchar("document_name", 255).required(),
    field("active_date", "date"),
    field("exp_date", "date"),
    choice("category_id", DOCUMENT_CATEGORIES),
    choice("status_id", DOCUMENT_STATUS).default("Active"),
    field("document_revision_id", "varchar").len(36),
    field("name", "name").len(255).computed(),
    varchar("revision", 100).computed(),
    field("filename", "file").len(255).computed(),
    ASSIGNED_USER_NAME,
    CREATED_BY_NAME,
    MODIFIED_BY_NAME,
];

const DOCUMENT_REVISION_FIELDS: &[Field] = &[
    ID,
    field("change_log", "varchar").len(255),
    varchar("document_id", 36),
    DATE_ENTERED,
    CREATED_BY,
    field("filename", "varchar").len(255).required(),
    varchar("file_ext", 100),
    varchar("file_mime_type", 100),
    varchar("revision", 100),
    DELETED,
    DATE_MODIFIED,
    relate("document_name", "document_id", "Documents"),
    CREATED_BY_NAME,
];
