//! The modules of the practice instance, a family a file.

mod activities;
mod common;
mod files;
mod mail;
mod options;
mod sales;
mod support;
mod system;

pub(crate) use activities::{CALLS, MEETINGS, NOTES};
pub(crate) use files::{DOCUMENT_REVISIONS, DOCUMENTS};
pub(crate) use mail::{EMAIL_ADDRESSES, EMAIL_TEXT, EMAILS};
pub(crate) use sales::{ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES};
pub(crate) use support::{CASES, TASKS};
pub(crate) use system::{CURRENCIES, OAUTH_KEYS, OAUTH_TOKENS, USERS};

use super::module::Module;

/// All of them.
pub(crate) static MODULES: &[&Module] = &[
    &ACCOUNTS,
    &CONTACTS,
    &OPPORTUNITIES,
    &LEADS,
    &CASES,
    &TASKS,
    &CALLS,
    &MEETINGS,
    &NOTES,
    &DOCUMENTS,
    &DOCUMENT_REVISIONS,
    &EMAILS,
    &EMAIL_TEXT,
    &EMAIL_ADDRESSES,
    &USERS,
    &CURRENCIES,
    &OAUTH_KEYS,
    &OAUTH_TOKENS,
];
