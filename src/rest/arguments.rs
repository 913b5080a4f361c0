//! `rest_data`: a method's arguments as JSON, named and in the documented order.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::signing::{Parameters, encoded};

/// The arguments of a method, in the order in which the server documents them.
///
/// PHP 8 reads the names and refuses an unknown one, PHP 5 and 7 read the order only: so names and order are both kept,
/// and an optional trailing argument is left out unless it was set (`docs/server.md`).
///
/// ```
/// use sugar_oauth::Arguments;
/// use sugar_oauth::v4_1::{GetEntriesCount, Method};
///
/// // What a method will send, after the session.
/// let count = GetEntriesCount::new("Contacts").query("contacts.last_name = 'Smith'");
/// let expected = Arguments::new()
///     .with("module_name", "Contacts")
///     .with("query", "contacts.last_name = 'Smith'")
///     .with_some("deleted", Some(0));
/// assert_eq!(count.arguments(), expected);
/// ```
#[must_use]
#[derive(Clone, Default, PartialEq)]
pub struct Arguments {
    named: Map<String, Value>,
}

impl Arguments {
    /// No arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next argument.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.named.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the next argument if there is one.
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds optional arguments, each with the server's default, up to the last one that was set: PHP before 8 counts
    /// positions, so that one needs those before it.
    pub(crate) fn with_optional<const N: usize>(self, optional: [(&str, Option<Value>, Value); N]) -> Self {
        let needed = optional
            .iter()
            .rposition(|(_, value, _)| value.is_some())
            .map_or(0, |at| at + 1);
        optional
            .into_iter()
            .take(needed)
            .fold(self, |arguments, (name, value, default)| {
                arguments.with(name, value.unwrap_or(default))
            })
    }

    /// The arguments with the session id before them, as JSON.
    pub(crate) fn to_rest_data(&self, session: Option<&str>) -> String {
        if session.is_none() && self.named.is_empty() {
            // An empty PHP array; `{}` reads the same, but this is what the vendor's clients send.
            return String::from("[]");
        }
        let all = WithSession {
            session,
            named: &self.named,
        };
        serde_json::to_string(&all).expect("text, and JSON values under names of text")
    }
}

/// Arguments as they travel, written without a copy of them.
struct WithSession<'a> {
    session: Option<&'a str>,
    named: &'a Map<String, Value>,
}

const SESSION: &str = "session";

impl Serialize for WithSession<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        if let Some(session) = self.session {
            // A caller's own takes its place.
            match self.named.get(SESSION) {
                Some(own) => object.serialize_entry(SESSION, own)?,
                None => object.serialize_entry(SESSION, session)?,
            }
        }
        for (name, value) in self.named {
            if self.session.is_none() || name != SESSION {
                object.serialize_entry(name, value)?;
            }
        }
        object.end()
    }
}

impl From<Map<String, Value>> for Arguments {
    fn from(named: Map<String, Value>) -> Self {
        Self { named }
    }
}

/// Shows the names only: the values are record data.
impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.named.keys()).finish()
    }
}

/// The parameters of a call: the method, the formats and its arguments.
pub(crate) fn parameters(method: &str, rest_data: Option<String>) -> Parameters {
    let parameters = Parameters::new()
        .with("method", method)
        .with("input_type", "JSON")
        .with("request_type", "JSON")
        .with("response_type", "JSON");
    match rest_data {
        Some(rest_data) => parameters.with("rest_data", rest_data),
        None => parameters,
    }
}

/// The same as a form, for a call that is not signed.
pub(crate) fn form(method: &str, rest_data: &str) -> String {
    const FORMATS: &str = "&input_type=JSON&request_type=JSON&response_type=JSON&rest_data=";
    // Every quotation mark of JSON takes three characters.
    let mut form = String::with_capacity(method.len() + FORMATS.len() + 2 * rest_data.len());
    form.push_str("method=");
    form.extend(encoded(method));
    form.push_str(FORMATS);
    form.extend(encoded(rest_data));
    form
}

/// Finds what the server's cleaning of input would change before it checks a signature (`docs/server.md`).
///
/// Such a signed call is refused with an empty 500; a call with a session is not touched by it.
pub(crate) fn cleaned_by_server(rest_data: &str) -> Option<&'static str> {
    let lower = rest_data.to_ascii_lowercase();
    let spelled_out = ["javascript:", "<script", "onclick=", "expression(", "document.cookie"];
    if let Some(found) = spelled_out.into_iter().find(|text| lower.contains(text)) {
        return Some(found);
    }
    let has_entity = lower.match_indices('&').any(|(at, _)| {
        let rest = &lower[at + 1..];
        let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '#');
        end.is_some_and(|end| end > 1 && rest[end..].starts_with(';'))
    });
    if has_entity {
        return Some("an HTML entity such as &amp;");
    }
    (lower.contains("\\u") && lower.contains('<')).then_some("a \\u escape beside a <")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_data_keeps_names_and_order_with_the_session_first() {
        let arguments = Arguments::new()
            .with("module_name", "Accounts")
            .with_some("query", None::<String>)
            .with("deleted", 0);
        assert_eq!(
            arguments.to_rest_data(Some("abc")),
            r#"{"session":"abc","module_name":"Accounts","deleted":0}"#
        );
        assert_eq!(Arguments::new().to_rest_data(None), "[]");
        assert_eq!(Arguments::new().to_rest_data(Some("abc")), r#"{"session":"abc"}"#);
        let own = Arguments::new().with("first", 1).with("session", "own");
        assert_eq!(own.to_rest_data(Some("abc")), r#"{"session":"own","first":1}"#);
        assert_eq!(own.to_rest_data(None), r#"{"first":1,"session":"own"}"#);
    }

    #[test]
    fn a_form_is_the_parameters_written_out() {
        let rest_data = r#"{"session":"abc","query":"name = 'Å&B%+'"}"#;
        let expected = parameters("get_entry_list", Some(rest_data.to_owned())).to_form();
        assert_eq!(form("get_entry_list", rest_data), expected);
    }

    #[test]
    fn optional_arguments_go_up_to_the_last_that_was_set() {
        let with = |first: Option<Value>, second: Option<Value>| {
            let optional = [("a", first, Value::from(0)), ("b", second, Value::from(""))];
            Arguments::new().with("x", 1).with_optional(optional).to_rest_data(None)
        };
        assert_eq!(with(None, None), r#"{"x":1}"#);
        assert_eq!(with(Some(Value::from(5)), None), r#"{"x":1,"a":5}"#);
        assert_eq!(with(None, Some(Value::from("y"))), r#"{"x":1,"a":0,"b":"y"}"#);
    }

    #[test]
    fn what_the_server_cleans_is_found_and_ordinary_text_is_not() {
        for dangerous in [
            "a &amp; b",
            "O&#039;Neil",
            "JavaScript:x",
            "<SCRIPT>",
            "\\u0007 <",
            "x onclick=1",
        ] {
            assert!(cleaned_by_server(dangerous).is_some(), "{dangerous}");
        }
        for harmless in ["R&D; x", "a & b", "contacts.id < '8'", "Åse", "&;", "a&b"] {
            assert!(cleaned_by_server(harmless).is_none(), "{harmless}");
        }
    }
}
