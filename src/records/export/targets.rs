//! What there is to export: the modules that the server names, those that it hides, and those that link fields lead to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::asking::{self, NotGiven};
use super::credentials::{is_credential_field, is_credential_module, is_credential_name};
use super::manifest::{Content, LeftOut};
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::printable::printable;
use crate::session::Session;
use crate::v4_1::{GetAvailableModules, GetEntryList, GetModuleFields, ModuleFields};

/// Modules that the server's own list leaves out (`docs/server.md`).
const OFTEN_HIDDEN: [&str; 22] = [
    "Users",
    "Employees",
    "EmailAddresses",
    "EmailText",
    "DocumentRevisions",
    "ProjectTask",
    "Bugs",
    "SecurityGroups",
    "Currencies",
    "Releases",
    "ACLRoles",
    "ACLActions",
    "CampaignLog",
    "CampaignTrackers",
    "EmailMarketing",
    "EmailTemplates",
    "ProspectLists",
    "Schedulers",
    "SchedulersJobs",
    "SavedSearch",
    "Teams",
    "Roles",
];

const MODULE_UNKNOWN: i64 = 20;

/// File systems take 255 bytes, endings included; the CRM's own names end at 150.
const LONGEST_NAME: usize = 150;

/// A module that can be exported.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) module: String,
    pub(super) table: String,
    pub(super) key: String,
    pub(super) fields: Vec<String>,
    pub(super) credential_fields: Vec<String>,
    pub(super) has_date_modified: bool,
    pub(super) about: ModuleFields,
}

/// A file to write.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) file: String,
    pub(super) content: Content,
    pub(super) module: String,
    pub(super) table: String,
    pub(super) key: String,
    /// What is asked for.
    pub(super) select: Vec<String>,
    /// The columns.
    pub(super) fields: Vec<String>,
    pub(super) credential_fields: Vec<String>,
    pub(super) has_date_modified: bool,
    /// Fields of EmailText that come along with e-mails.
    pub(super) body_fields: Vec<String>,
}

/// Finds the modules that were asked for, or all.
pub(super) async fn find(session: &Session, settings: &Settings) -> Result<(Vec<Target>, Vec<LeftOut>)> {
    let mut names: Vec<String> = Vec::new();
    let all = settings.modules.is_empty();
    if all {
        let listed = session.call(&GetAvailableModules::all()).await?;
        names.extend(listed.into_iter().map(|module| module.key));
        names.extend(OFTEN_HIDDEN.map(str::to_owned));
    } else {
        names.clone_from(&settings.modules);
    }
    let (mut targets, mut left_out): (Vec<Target>, Vec<LeftOut>) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut at = 0;
    while at < names.len() {
        let name = names[at].clone();
        at += 1;
        if name.is_empty() || !seen.insert(name.to_ascii_lowercase()) {
            continue;
        }
        match look(session, settings, &name, all).await? {
            Ok(target) => {
                if all {
                    names.extend(target.about.links.iter().map(|link| link.module.clone()));
                }
                targets.push(target);
            }
            Err(No::Never(reason)) if !all => {
                let shown = printable(&name);
                return Err(Error::invalid_input(format!(
                    "the module {shown} cannot be exported: {reason}"
                )));
            }
            Err(No::Never(reason)) => left_out.push(NotGiven::because(reason).left_out(&printable(&name), false)),
            Err(No::NotGiven(why)) => left_out.push(why.left_out(&printable(&name), !all)),
        }
    }
    Ok((targets, left_out))
}

/// Why a module cannot be exported.
enum No {
    /// It is none, or not for export: to name it is a mistake.
    Never(String),
    /// The server does not give it.
    NotGiven(NotGiven),
}

/// A module as it can be exported, or why not.
async fn look(
    session: &Session,
    settings: &Settings,
    name: &str,
    all: bool,
) -> Result<std::result::Result<Target, No>> {
    let never = |why: &str| Ok(Err(No::Never(why.to_owned())));
    if !is_file_name(name) {
        return never("its name has other characters than A-Z a-z 0-9 _");
    }
    if is_credential_module(name) && (all || !settings.include_credentials) {
        return never("it holds credentials, which leave only when the module is named and include_credentials is set");
    }
    if all && matches!(name, "Employees" | "Groups") {
        return never("its records are those of Users");
    }
    let fields = GetModuleFields::new(name);
    let about = match asking::ask(session, || async { known(session.call(&fields).await) }).await? {
        Ok(Some(about)) => about,
        Ok(None) => return never("the server has no such module for this user (20)"),
        Err(why) => return Ok(Err(No::NotGiven(why))),
    };
    let key = if about.field("id").is_none() && about.field("email_id").is_some() {
        "email_id"
    } else {
        "id"
    };
    if about.field(key).is_none() || about.table_name.is_empty() {
        return never("it has no ids to read by");
    }
    if all {
        let first = GetEntryList::new(name).select([key]).max_results(1);
        match asking::ask(session, || async { known(session.call(&first).await) }).await? {
            Ok(Some(_)) => {}
            Ok(None) => return never("the server has no such module for this user (20)"),
            Err(why) => return Ok(Err(No::NotGiven(why))),
        }
    }
    let (fields, credential_fields) = chosen_fields(settings, &about, key);
    Ok(Ok(Target {
        module: name.to_owned(),
        table: about.table_name.clone(),
        key: key.to_owned(),
        fields,
        credential_fields,
        has_date_modified: about.field("date_modified").is_some(),
        about,
    }))
}

/// `None` when the server says that there is no such module.
fn known<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.api().is_some_and(|api| api.number == MODULE_UNKNOWN) => Ok(None),
        answer => answer.map(Some),
    }
}

/// The key first, then the fields in the server's order; and those that hold credentials apart.
fn chosen_fields(settings: &Settings, about: &ModuleFields, key: &str) -> (Vec<String>, Vec<String>) {
    let named = |name: &str| settings.fields.iter().any(|field| field == name);
    let (mut fields, mut credentials) = (vec![key.to_owned()], Vec::new());
    for field in about.fields.iter().filter(|field| field.name != key) {
        // In a module that is named for its credentials nothing is held back.
        let held_back = is_credential_field(field)
            && !(settings.include_credentials && (named(&field.name) || is_credential_module(&about.module_name)));
        if held_back {
            credentials.push(field.name.clone());
        } else if settings.fields.is_empty() || named(&field.name) {
            fields.push(field.name.clone());
        }
    }
    // The server gives a hash by its name although it does not list it.
    for name in settings.fields.iter().filter(|name| is_credential_name(name)) {
        if settings.include_credentials && !fields.contains(name) && about.field(name).is_none() {
            fields.push(name.clone());
        }
    }
    (fields, credentials)
}

/// Whether the server's text can be a part of a file's name as it is.
pub(super) fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && crate::files::safe_file_name(name) == name
}
