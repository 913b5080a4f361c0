//! Which modules the user may see.

use serde_json::Value;

use super::{INVALID_LOGIN, INVALID_SESSION, Method, flag, sealed};
use crate::error::{ApiError, Result};
use crate::rest::{Arguments, invalid_answer};

/// `get_available_modules`: the modules that the user may see in one of the server's three lists.
///
/// None of them is complete: Users, EmailAddresses and others can be listed and are named by none (`docs/server.md`).
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetAvailableModules;
///
/// let all = session.call(&GetAvailableModules::all()).await?;
/// let in_navigation = session.call(&GetAvailableModules::default_filter()).await?;
/// let for_mobile = session.call(&GetAvailableModules::mobile()).await?;
/// println!("{} modules, {} in the navigation, {} for mobile", all.len(), in_navigation.len(), for_mobile.len());
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone, Default)]
pub struct GetAvailableModules {
    filter: Option<&'static str>,
}

impl GetAvailableModules {
    /// All that the server names.
    pub fn all() -> Self {
        Self { filter: None }
    }

    /// Those in the navigation, by the server's `default` filter.
    pub fn default_filter() -> Self {
        Self {
            filter: Some("default"),
        }
    }

    /// Those for mobile clients.
    pub fn mobile() -> Self {
        Self { filter: Some("mobile") }
    }
}

/// A module and what the user may do in it.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::AvailableModule;
///
/// // Those that may be exported, as far as the server says.
/// let modules: Vec<AvailableModule> = session.get_available_modules().await?;
/// for module in modules.iter().filter(|module| module.allows("export") != Some(false)) {
///     println!("{}", module.key);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AvailableModule {
    /// The name to use in calls, such as `AOS_Quotes`.
    pub key: String,
    /// The name that people see, in the user's language. The server's text: escape it before it reaches a terminal.
    pub label: String,
    /// Whether records of it can be favorites.
    pub favorite_enabled: bool,
    /// What the user may do, as the server lists it.
    pub acls: Vec<Access>,
}

impl AvailableModule {
    /// Whether the user may do this (`edit`, `delete`, `list`, `view`, `import`, `export`); `None` where the server does
    /// not say.
    pub fn allows(&self, action: &str) -> Option<bool> {
        self.acls
            .iter()
            .find(|access| access.action == action)
            .map(|access| access.access)
    }
}

/// An action and whether the user may do it.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::Access;
///
/// for module in session.get_available_modules().await? {
///     let denied: Vec<&Access> = module.acls.iter().filter(|acl| !acl.access).collect();
///     println!("{}: {} actions denied", module.key, denied.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// The action's name.
    pub action: String,
    /// Whether it is allowed.
    pub access: bool,
}

impl sealed::Sealed for GetAvailableModules {}

impl Method for GetAvailableModules {
    const NAME: &'static str = "get_available_modules";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Vec<AvailableModule>;

    fn arguments(&self) -> Arguments {
        Arguments::new().with_some("filter", self.filter)
    }

    fn read(&self, result: Value) -> Result<Vec<AvailableModule>> {
        let malformed = || invalid_answer("the list of modules is not of the documented shape");
        let modules = result.get("modules").and_then(Value::as_array).ok_or_else(malformed)?;
        modules
            .iter()
            .map(|module| read_module(module).ok_or_else(malformed))
            .collect()
    }

    /// This method says "Invalid Login" where the others say "Invalid Session ID".
    fn session_gone(refusal: Option<&ApiError>) -> bool {
        refusal.is_none_or(|error| matches!(error.number, INVALID_LOGIN | INVALID_SESSION))
    }
}

fn read_module(module: &Value) -> Option<AvailableModule> {
    let acls = match module.get("acls") {
        None | Some(Value::Null) => Vec::new(),
        Some(acls) => acls.as_array()?.iter().filter_map(read_access).collect(),
    };
    let key = module.get("module_key")?.as_str()?;
    Some(AvailableModule {
        key: key.to_owned(),
        label: module
            .get("module_label")
            .and_then(Value::as_str)
            .unwrap_or(key)
            .to_owned(),
        favorite_enabled: flag(module.get("favorite_enabled")),
        acls,
    })
}

fn read_access(access: &Value) -> Option<Access> {
    Some(Access {
        action: access.get("action")?.as_str()?.to_owned(),
        access: flag(access.get("access")),
    })
}
