//! The methods, their arguments and who may call them.

use super::errors::Refusal;
use super::{Call, activity, fields, files, info, jobs, language, layout, modules, records, search, walk, writes};
use crate::sandbox::Flavour;
use serde_json::Value;

/// Runs a method.
pub(crate) type Run = fn(&Call<'_>) -> Result<Value, Refusal>;

/// What stands before a method.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    /// Nothing; the method checks what it needs.
    Open(Run),
    /// A session, by its id or opened by a signed call.
    Session(Run),
}

/// A parameter of a method.
#[derive(Clone, Copy)]
pub(crate) enum Argument {
    Required(&'static str),
    Optional(&'static str),
}

impl Argument {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Required(name) | Self::Optional(name) => name,
        }
    }

    pub(crate) fn is_required(self) -> bool {
        matches!(self, Self::Required(_))
    }
}

/// The first argument of nearly every method.
pub(crate) const SESSION: Argument = Argument::Required("session");

/// A method of the API.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [Argument],
    pub(crate) door: Door,
}

impl Method {
    /// `login` ends in `...$args` and so takes any name.
    pub(crate) fn is_variadic(&self) -> bool {
        self.name == "login"
    }
}

/// All methods, a family a file.
const FAMILIES: [&[Method]; 12] = [
    walk::METHODS,
    info::METHODS,
    modules::METHODS,
    records::METHODS,
    writes::METHODS,
    fields::METHODS,
    layout::METHODS,
    language::METHODS,
    search::METHODS,
    activity::METHODS,
    files::METHODS,
    jobs::METHODS,
];

/// The method of this name, as PHP looks it up: without regard to case.
pub(crate) fn find(name: &str, flavour: Flavour) -> Option<&'static Method> {
    let method = FAMILIES
        .into_iter()
        .flatten()
        .find(|method| method.name.eq_ignore_ascii_case(name))?;
    let missing = flavour == Flavour::NoOauth && method.name.starts_with("oauth_");
    (!missing).then_some(method)
}
