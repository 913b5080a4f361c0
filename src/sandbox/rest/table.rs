//! The methods, their arguments and who may call them.

use super::errors::Refusal;
use super::{Call, info, modules, records, walk};
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

use Argument::{Optional, Required};

impl Argument {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Required(name) | Optional(name) => name,
        }
    }

    pub(crate) fn is_required(self) -> bool {
        matches!(self, Required(_))
    }
}

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

const SESSION: Argument = Required("session");

const METHODS: &[Method] = &[
    Method {
        name: "oauth_request_token",
        arguments: &[],
        door: Door::Open(walk::request_token),
    },
    Method {
        name: "oauth_access_token",
        arguments: &[],
        door: Door::Open(walk::access_token),
    },
    Method {
        name: "oauth_access",
        arguments: &[Optional("session")],
        door: Door::Session(walk::oauth_access),
    },
    Method {
        name: "login",
        arguments: &[
            Required("user_auth"),
            Optional("application"),
            Optional("name_value_list"),
        ],
        door: Door::Open(walk::login),
    },
    Method {
        name: "logout",
        arguments: &[SESSION],
        door: Door::Session(walk::logout),
    },
    Method {
        name: "get_server_info",
        arguments: &[],
        door: Door::Open(info::server_info),
    },
    Method {
        name: "get_user_id",
        arguments: &[SESSION],
        door: Door::Session(info::user_id),
    },
    Method {
        name: "get_available_modules",
        arguments: &[SESSION, Optional("filter")],
        door: Door::Session(modules::available_modules),
    },
    Method {
        name: "get_entry_list",
        arguments: &[
            Optional("session"),
            Optional("module_name"),
            Optional("query"),
            Optional("order_by"),
            Optional("offset"),
            Optional("select_fields"),
            Optional("link_name_to_fields_array"),
            Optional("max_results"),
            Optional("deleted"),
            Optional("favorites"),
        ],
        door: Door::Session(records::entry_list),
    },
    Method {
        name: "get_entries_count",
        arguments: &[SESSION, Required("module_name"), Required("query"), Required("deleted")],
        door: Door::Session(records::entries_count),
    },
];

/// The method of this name, as PHP looks it up: without regard to case.
pub(crate) fn find(name: &str, flavour: Flavour) -> Option<&'static Method> {
    let method = METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))?;
    let missing = flavour == Flavour::NoOauth && method.name.starts_with("oauth_");
    (!missing).then_some(method)
}
