//! Which modules, fields and links the record API shows.

use super::refusal::Refusal;
use crate::sandbox::crm::{Field, Link, Module, modules};

const MODULES: [&str; 11] = [
    "Accounts",
    "Contacts",
    "Opportunities",
    "Leads",
    "Cases",
    "Tasks",
    "Calls",
    "Meetings",
    "Notes",
    "Users",
    "Currencies",
];

/// Fields of the data model that belong to SuiteCRM.
const NOT_OF_SUGAR: [&str; 1] = ["jjwg_maps_address_c"];

/// Modules that only administrators may write to.
const ADMINISTRATORS_ONLY: [&str; 2] = ["Users", "Currencies"];

pub(super) fn all() -> impl Iterator<Item = &'static Module> {
    modules().filter(|module| MODULES.contains(&module.name))
}

/// Case counts.
pub(super) fn named(name: &str) -> Result<&'static Module, Refusal> {
    all().find(|module| module.name == name).ok_or(Refusal::NO_METHOD)
}

pub(super) fn fields(module: &'static Module) -> impl Iterator<Item = &'static Field> {
    let fields = module.fields.iter();
    fields.filter(|field| !NOT_OF_SUGAR.contains(&field.name))
}

pub(super) fn field(module: &'static Module, name: &str) -> Option<&'static Field> {
    fields(module).find(|field| field.name == name)
}

pub(super) fn links(module: &'static Module) -> impl Iterator<Item = &'static Link> {
    let links = module.links.iter();
    links.filter(|link| MODULES.contains(&link.module))
}

pub(super) fn link(module: &'static Module, name: &str) -> Result<(&'static Link, &'static Module), Refusal> {
    let unknown = || Refusal::not_found(format!("Could not find a relationship name: {name}"));
    let link = links(module).find(|link| link.name == name).ok_or_else(unknown)?;
    Ok((link, named(link.module)?))
}

pub(super) fn is_for_administrators(module: &Module) -> bool {
    ADMINISTRATORS_ONLY.contains(&module.name)
}

/// Whether its records have e-mail addresses.
pub(super) fn has_addresses(module: &Module) -> bool {
    module.link("email_addresses").is_some()
}
