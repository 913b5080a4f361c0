//! Records as `get_entry_list` and `get_entries_count` answer them.

use super::arguments::{CountArguments, LinkArguments, ListArguments};
use super::module::Module;
use super::store::{CLOSED, Store};
use super::table::{Filter, Record};
use super::{CrmError, DEFAULT_PAGE};
use crate::sandbox::query::{Order, QueryError};
use serde_json::{Map, Value, json};

impl From<QueryError> for CrmError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Refused => Self::AccessDenied,
            QueryError::Failure => Self::SqlFailure,
        }
    }
}

/// Which answer a record is for: a few values differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `get_entry_list`, `get_relationships` and the like.
    List,
    /// `get_entry` and `get_entries`.
    Entry,
    /// `relationship_list`.
    Link,
}

impl Store {
    pub(super) fn entry_list(&self, arguments: &ListArguments) -> Result<Value, CrmError> {
        let table = self.table(&arguments.module_name)?;
        let module = table.module;
        let condition = self.condition(&arguments.query, module);
        let order = Order::parse(&arguments.order_by, module);
        // The application looks at both texts before the database sees any.
        let (condition, order) = match (condition, order) {
            (Err(QueryError::Refused), _) | (_, Err(QueryError::Refused)) => return Err(CrmError::AccessDenied),
            (condition, order) => (condition?, order?),
        };
        let offset = usize::try_from(arguments.offset).unwrap_or(0);
        let limit = usize::try_from(arguments.max_results)
            .ok()
            .filter(|&rows| rows > 0)
            .unwrap_or(DEFAULT_PAGE);
        // E-mails have no column that tells a deleted one from its text.
        if module.name == "Emails" && arguments.deleted {
            return Err(CrmError::SqlFailure);
        }
        let filter = Filter {
            condition: &condition,
            with_deleted: arguments.deleted,
            owner: arguments.owner.as_deref(),
        };
        let selection = table.select(&filter, &order, offset, limit);
        let entries: Vec<Value> = selection
            .page
            .iter()
            .map(|record| self.entry(Form::List, module, record, &arguments.select_fields))
            .collect();
        let relationships: Vec<Value> = if arguments.links.is_empty() {
            Vec::new()
        } else {
            selection
                .page
                .iter()
                .map(|record| self.link_list(module, record, &arguments.links))
                .collect()
        };
        let total = match selection.total {
            0 => json!(0),
            total => json!(total.to_string()),
        };
        Ok(json!({
            "result_count": entries.len(),
            "total_count": total,
            "next_offset": offset.saturating_add(entries.len()),
            "entry_list": entries,
            "relationship_list": relationships,
        }))
    }

    pub(super) fn entries_count(&self, arguments: &CountArguments) -> Result<Value, CrmError> {
        if CLOSED.contains(&arguments.module_name.as_str()) {
            return Ok(json!({ "result_count": null }));
        }
        let table = self.table(&arguments.module_name)?;
        let condition = self.condition(&arguments.query, table.module)?;
        // The role of the user does not count here.
        let filter = Filter {
            condition: &condition,
            with_deleted: arguments.deleted,
            owner: None,
        };
        let selection = table.select(&filter, &[], 0, 0);
        Ok(json!({ "result_count": selection.total.to_string() }))
    }

    /// A record as an entry of an answer.
    pub(super) fn entry(&self, form: Form, module: &Module, record: &Record, fields: &[String]) -> Value {
        let id = match module.key() {
            "id" => json!(encode_entities(record.id())),
            _ => Value::Null,
        };
        json!({
            "id": id,
            "module_name": module.name,
            "name_value_list": self.name_value_list(form, module, record, fields),
        })
    }

    /// A field without a value and a field that does not exist are absent. An empty PHP array is a list.
    pub(super) fn name_value_list(&self, form: Form, module: &Module, record: &Record, fields: &[String]) -> Value {
        let all: Vec<&str> = match fields.is_empty() {
            true => module.fields.iter().map(|field| field.name).collect(),
            false => fields.iter().map(String::as_str).collect(),
        };
        let mut values = Map::new();
        for field in all {
            if let Some(value) = self.value(form, module, record, field) {
                values.insert(
                    field.to_owned(),
                    json!({ "name": field, "value": encode_entities(&value) }),
                );
            }
        }
        if values.is_empty() {
            json!([])
        } else {
            Value::Object(values)
        }
    }

    pub(super) fn value(&self, form: Form, module: &Module, record: &Record, field: &str) -> Option<String> {
        let definition = module.field(field)?;
        if !definition.is_stored() {
            return self.computed(form, module, record, field);
        }
        let value = module.value(record, field)?;
        Some(match (form, definition.type_name) {
            (Form::Link, "datetime") => displayed(value),
            (Form::Link, "date") => displayed(value),
            _ => value.to_owned(),
        })
    }

    /// The links of a record, each record in it inside of `link_value`.
    pub(super) fn link_list(&self, module: &Module, record: &Record, links: &[LinkArguments]) -> Value {
        let wrapped = |record: Value| json!({ "link_value": record });
        json!({ "link_list": self.links(module, record, links, wrapped) })
    }

    /// A link without records is absent; one that does not exist has an empty list.
    pub(super) fn links(
        &self,
        module: &Module,
        record: &Record,
        wanted: &[LinkArguments],
        shape: impl Fn(Value) -> Value,
    ) -> Vec<Value> {
        let link = |wanted: &LinkArguments| {
            let Some(link) = module.link(&wanted.name) else {
                return Some(json!({ "name": wanted.name, "records": [] }));
            };
            let (other, linked) = self.linked(module, record, link);
            let records: Vec<Value> = linked
                .iter()
                .map(|linked| shape(self.name_value_list(Form::Link, other, linked, &wanted.fields)))
                .collect();
            (!records.is_empty()).then(|| json!({ "name": wanted.name, "records": records }))
        };
        wanted.iter().filter_map(link).collect()
    }
}

/// `2026-01-31 10:00:00` as `01/31/2026 10:00`: links show dates as the user's settings want them.
fn displayed(stored: &str) -> String {
    let parts = (stored.get(..4), stored.get(5..7), stored.get(8..10));
    match (parts, stored.get(11..16)) {
        ((Some(year), Some(month), Some(day)), Some(time)) => format!("{month}/{day}/{year} {time}"),
        ((Some(year), Some(month), Some(day)), None) => format!("{month}/{day}/{year}"),
        _ => stored.to_owned(),
    }
}

/// Text as the application hands it out. `&` stays as it is stored, so `&amp;` and `&` both occur.
pub(super) fn encode_entities(stored: &str) -> String {
    let mut text = String::with_capacity(stored.len());
    for character in stored.chars() {
        match character {
            '\'' => text.push_str("&#039;"),
            '"' => text.push_str("&quot;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            other => text.push(other),
        }
    }
    text
}
