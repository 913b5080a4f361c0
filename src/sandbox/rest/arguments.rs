//! From `rest_data` to the arguments of a method, as PHP passes them.

use super::Fatal;
use super::table::{Argument, Method};
use crate::sandbox::received::ReceivedRequest;
use serde_json::{Map, Value};

/// Arguments by name; optional ones that were not given are absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Binds what was given to a method's parameters. `by_order_only` is PHP before 8: names mean
    /// nothing there and a missing argument is null.
    pub(crate) fn bind(method: &Method, given: Value, by_order_only: bool) -> Result<Self, Fatal> {
        let given: Vec<(Option<String>, Value)> = match given {
            Value::Array(items) => items.into_iter().map(|item| (None, item)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (Some(name).filter(|name| !is_index(name)), value))
                .collect(),
            single => vec![(None, single)],
        };
        let mut bound = Map::new();
        let mut names_began = false;
        for (position, (name, value)) in given.into_iter().enumerate() {
            match name.filter(|_| !by_order_only) {
                None if names_began => {
                    let message = "Cannot use positional argument after named argument";
                    return Err(Fatal::new("Error", message.to_owned()));
                }
                // PHP passes surplus arguments over in silence.
                None => bound.extend(
                    method
                        .arguments
                        .get(position)
                        .map(|argument| (argument.name().to_owned(), value)),
                ),
                Some(name) => {
                    names_began = true;
                    let known = method.arguments.iter().any(|argument| argument.name() == name);
                    if !known && !method.is_variadic() {
                        return Err(Fatal::new("Error", format!("Unknown named parameter ${name}")));
                    }
                    if bound.contains_key(&name) {
                        let message = format!("Named parameter ${name} overwrites previous argument");
                        return Err(Fatal::new("Error", message));
                    }
                    bound.insert(name, value);
                }
            }
        }
        let missing = |argument: &&Argument| argument.is_required() && !bound.contains_key(argument.name());
        match method.arguments.iter().find(missing) {
            Some(argument) if !by_order_only => Err(Fatal::new(
                "ArgumentCountError",
                format!(
                    "SugarWebServiceImplv4_1::{}(): Argument ${} not passed",
                    method.name,
                    argument.name()
                ),
            )),
            _ => Ok(Self(bound)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// An argument as text, empty when it is absent or no scalar.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.get(name).map(text_of).unwrap_or_default()
    }

    /// A list argument as texts; the names of an object do not matter. What is no list is empty.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().map(text_of).collect(),
            Some(Value::Object(members)) => members.values().map(text_of).collect(),
            _ => Vec::new(),
        }
    }

    /// An argument that may be one text or a list of them.
    pub(crate) fn one_or_more(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(_) | Value::Object(_)) => self.texts(name),
            _ => vec![self.text(name)],
        }
    }

    /// An argument as a whole number; what is none is 0.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        self.text(name).trim().parse().unwrap_or(0)
    }

    /// Whether PHP takes an argument as true; `default` when it is absent.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        match self.0.get(name) {
            None => default,
            Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(members)) => !members.is_empty(),
            Some(single) => !matches!(text_of(single).as_str(), "" | "0"),
        }
    }

    pub(crate) fn named(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// A scalar as text; anything else is empty.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "1".to_owned(),
        _ => String::new(),
    }
}

/// PHP turns names such as `"0"` into positions.
fn is_index(name: &str) -> bool {
    name.parse::<u32>().is_ok_and(|index| index.to_string() == name)
}

/// What `rest_data` gives: without `input_type=JSON` nothing, and what is no JSON is a single null.
pub(crate) fn given(request: &ReceivedRequest, is_json: bool) -> Value {
    if !is_json {
        return Value::Array(Vec::new());
    }
    let bytes = request
        .post
        .bytes("rest_data")
        .or_else(|| request.get.bytes("rest_data"));
    serde_json::from_slice(bytes.unwrap_or_default()).unwrap_or(Value::Null)
}
