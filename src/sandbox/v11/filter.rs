//! The argument `filter`: conditions as JSON, or in a query as `filter[0][name]=…`.

use super::module;
use super::query::Query;
use super::refusal::Refusal;
use super::values::stored;
use crate::sandbox::crm::{Field, Module, ValueOf, order};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// So deep conditions may stand in each other.
const DEEPEST: usize = 16;

pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Test(&'static Field, Test),
}

pub(super) enum Test {
    /// In one of these relations to the value.
    Is(&'static [Ordering], String),
    In(Vec<String>),
    NotIn(Vec<String>),
    Between(String, String),
    Starts(String),
    Ends(String),
    Contains(String),
    Empty,
    NotEmpty,
}

impl Filter {
    /// The condition of a query; without one everything is meant.
    pub(super) fn of_query(module: &'static Module, query: &Query) -> Result<Self, Refusal> {
        if let Some(json) = query.text("filter") {
            let value = serde_json::from_str(json).map_err(|_| wrong("filter is not JSON"))?;
            return Self::parse(module, &value);
        }
        let mut nested = Value::Null;
        for (name, value) in query.pairs() {
            if let Some(path) = name.strip_prefix("filter[").and_then(|rest| rest.strip_suffix(']')) {
                insert(&mut nested, path, value, DEEPEST)?;
            }
        }
        Self::parse(module, &nested)
    }

    pub(super) fn parse(module: &'static Module, value: &Value) -> Result<Self, Refusal> {
        Self::conditions(module, value, DEEPEST).map(Self::All)
    }

    fn conditions(module: &'static Module, value: &Value, depth: usize) -> Result<Vec<Self>, Refusal> {
        let depth = depth.checked_sub(1).ok_or_else(|| wrong("filter is too deep"))?;
        let mut all = Vec::new();
        for item in list(value) {
            let Value::Object(members) = item else {
                return Err(wrong("filter is not a list of conditions"));
            };
            let mut of_item = Vec::new();
            for (name, condition) in members {
                match name.as_str() {
                    "$and" => of_item.push(Self::All(Self::conditions(module, condition, depth)?)),
                    "$or" => of_item.push(Self::Any(Self::conditions(module, condition, depth)?)),
                    _ => of_item.extend(tests(module, name, condition)?),
                }
            }
            all.push(Self::All(of_item));
        }
        Ok(all)
    }

    pub(super) fn holds(&self, value: &ValueOf<'_>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(value)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(value)),
            Self::Test(field, test) => test.holds(field, value(field.name).as_deref()),
        }
    }
}

impl Test {
    fn holds(&self, field: &Field, value: Option<&str>) -> bool {
        // As in SQL, nothing that is compared with NULL is true.
        let Some(value) = value else {
            return matches!(self, Self::Empty);
        };
        let against = |wanted: &str| order(field, Some(value), Some(wanted));
        let folded = || value.to_lowercase();
        match self {
            Self::Is(relations, wanted) => relations.contains(&against(wanted)),
            Self::In(wanted) => wanted.iter().any(|wanted| against(wanted).is_eq()),
            Self::NotIn(wanted) => !wanted.iter().any(|wanted| against(wanted).is_eq()),
            Self::Between(low, high) => against(low).is_ge() && against(high).is_le(),
            Self::Starts(start) => folded().starts_with(&start.to_lowercase()),
            Self::Ends(end) => folded().ends_with(&end.to_lowercase()),
            Self::Contains(part) => folded().contains(&part.to_lowercase()),
            Self::Empty => value.is_empty(),
            Self::NotEmpty => !value.is_empty(),
        }
    }
}

/// The tests of one field: a value, or operators with theirs.
fn tests(module: &'static Module, name: &str, condition: &Value) -> Result<Vec<Filter>, Refusal> {
    let field = module::field(module, name);
    let field = field.ok_or_else(|| wrong(&format!("{name} is not a field that can be filtered by")))?;
    let Value::Object(operators) = condition else {
        return Ok(vec![Filter::Test(field, test(field, "$equals", condition)?)]);
    };
    let tests = operators.iter().map(|(operator, value)| test(field, operator, value));
    tests.map(|test| test.map(|test| Filter::Test(field, test))).collect()
}

fn test(field: &Field, operator: &str, value: &Value) -> Result<Test, Refusal> {
    use Ordering::{Equal, Greater, Less};
    let text = |value: &Value| match field.type_name {
        // A part of a date is no date, and a choice may be one that was taken away.
        "date" | "datetime" => stored(field, value).map(Option::unwrap_or_default),
        _ => match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(flag) => Ok(if *flag { "1" } else { "0" }.to_owned()),
            Value::Null => Ok(String::new()),
            _ => Err(wrong(&format!("a value for {} is no scalar", field.name))),
        },
    };
    let texts = || list(value).into_iter().map(&text).collect::<Result<Vec<_>, _>>();
    let is = |relations| Ok(Test::Is(relations, text(value)?));
    match operator {
        "$equals" => is(&[Equal]),
        "$not_equals" => is(&[Less, Greater]),
        "$lt" => is(&[Less]),
        "$lte" => is(&[Less, Equal]),
        "$gt" => is(&[Greater]),
        "$gte" => is(&[Greater, Equal]),
        "$in" => Ok(Test::In(texts()?)),
        "$not_in" => Ok(Test::NotIn(texts()?)),
        "$between" | "$dateBetween" => match &texts()?[..] {
            [low, high] => Ok(Test::Between(low.clone(), high.clone())),
            _ => Err(wrong("$between wants two values")),
        },
        "$starts" => Ok(Test::Starts(text(value)?)),
        "$ends" => Ok(Test::Ends(text(value)?)),
        "$contains" => Ok(Test::Contains(text(value)?)),
        "$is_null" | "$empty" => Ok(Test::Empty),
        "$not_null" | "$not_empty" => Ok(Test::NotEmpty),
        _ => Err(wrong(&format!("{operator} is not an operator"))),
    }
}

fn wrong(text: &str) -> Refusal {
    Refusal::invalid(format!("Invalid filter: {text}"))
}

/// The items of a list, which a query writes as an object of numbered members. Anything else is one item.
fn list(value: &Value) -> Vec<&Value> {
    let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) if !members.is_empty() && members.keys().all(is_number) => members.values().collect(),
        one => vec![one],
    }
}

/// Puts a value at a path such as `0][name][$in][`.
fn insert(into: &mut Value, path: &str, value: &str, depth: usize) -> Result<(), Refusal> {
    let depth = depth.checked_sub(1).ok_or_else(|| wrong("filter is too deep"))?;
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(members) = into else {
        return Ok(());
    };
    let (name, rest) = match path.split_once("][") {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let name = match name {
        "" => members.len().to_string(),
        name => name.to_owned(),
    };
    let slot = members.entry(name).or_insert(Value::Null);
    match rest {
        Some(rest) => insert(slot, rest, value, depth),
        None => {
            *slot = Value::from(value);
            Ok(())
        }
    }
}
