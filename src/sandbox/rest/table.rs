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

#[cfg(test)]
mod tests {
    use super::*;

    /// The methods of a real server: name, then arguments, optional ones in brackets with their default.
    const OF_A_SERVER: &str = include_str!("../../../tests/captures/methods.txt");

    fn written(argument: &Argument) -> String {
        match argument {
            Argument::Required(name) => (*name).to_owned(),
            Argument::Optional(name) => format!("[{name}]"),
        }
    }

    /// `[deleted=0]` as `[deleted]`.
    fn without_default(argument: &str) -> String {
        match argument.split_once('=') {
            Some((name, _)) => format!("{name}]"),
            None => argument.to_owned(),
        }
    }

    #[test]
    fn methods_and_arguments_are_those_of_a_server_in_their_order() {
        let lines = OF_A_SERVER.lines().filter(|line| !line.starts_with('#'));
        let mut names: Vec<&str> = Vec::new();
        for line in lines {
            let (name, arguments) = line.split_once(':').expect("a name");
            let method = find(name, Flavour::SuiteCrm7).unwrap_or_else(|| panic!("no {name}"));
            let expected: Vec<String> = arguments
                .split(", ")
                .map(str::trim)
                .filter(|argument| !argument.is_empty() && *argument != "[...args]")
                .map(without_default)
                .collect();
            let own: Vec<String> = method.arguments.iter().map(written).collect();
            assert_eq!(own, expected, "{name}");
            names.push(name);
        }
        let own = FAMILIES.into_iter().flatten();
        let surplus: Vec<&str> = own
            .map(|method| method.name)
            .filter(|name| !names.contains(name))
            .collect();
        assert_eq!(surplus, [""; 0]);
        assert!(names.len() > 30, "{names:?}");
    }
}
