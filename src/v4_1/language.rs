//! What things are called.

use serde_json::{Map, Value};

use super::{Method, members, sealed};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};

/// `get_language_definition`: the language strings of modules, in the session's language.
///
/// The answer holds a module's strings by their labels (`LBL_…`). Some are lists of their own, so they stay JSON.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetLanguageDefinition;
///
/// let strings = session.call(&GetLanguageDefinition::new(["Contacts"])).await?;
/// println!("{}", strings["Contacts"]["LBL_LAST_NAME"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetLanguageDefinition {
    modules: Vec<String>,
}

impl GetLanguageDefinition {
    /// For these modules; `app_strings` and `app_list_strings` are taken, too.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(modules: I) -> Self {
        Self {
            modules: modules.into_iter().map(Into::into).collect(),
        }
    }
}

impl sealed::Sealed for GetLanguageDefinition {}

impl Method for GetLanguageDefinition {
    const NAME: &'static str = "get_language_definition";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    /// Strings by module.
    type Answer = Map<String, Value>;

    fn arguments(&self) -> Arguments {
        Arguments::new().with("modules", self.modules.clone())
    }

    fn read(&self, result: Value) -> Result<Map<String, Value>> {
        match result {
            Value::Object(modules) => Ok(modules),
            other if members(Some(&other)).is_some() => Ok(Map::new()),
            _ => Err(invalid_answer("the language strings are not of the documented shape")),
        }
    }
}
