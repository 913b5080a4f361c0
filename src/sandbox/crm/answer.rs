//! Records as `get_entry_list` and `get_entries_count` answer them.

use super::arguments::{CountArguments, LinkArguments, ListArguments};
use super::module::Module;
use super::store::{CLOSED, Store};
use super::table::Record;
use super::{CrmError, DEFAULT_PAGE};
use crate::sandbox::query::{Condition, Order, QueryError, Row};
use serde_json::{Map, Value, json};

impl From<QueryError> for CrmError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Refused => Self::AccessDenied,
            QueryError::Failure => Self::SqlFailure,
        }
    }
}

impl Store {
    pub(super) fn entry_list(&self, arguments: &ListArguments) -> Result<Value, CrmError> {
        let table = self.table(&arguments.module_name)?;
        let module = table.module;
        let condition = Condition::parse(&arguments.query, module);
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
        let selection = table.select(&condition, arguments.deleted, &order, offset, limit);
        let entries: Vec<Value> = selection
            .page
            .iter()
            .map(|record| self.entry(module, record, &arguments.select_fields))
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
        let condition = Condition::parse(&arguments.query, table.module)?;
        let selection = table.select(&condition, arguments.deleted, &[], 0, 0);
        Ok(json!({ "result_count": selection.total.to_string() }))
    }

    fn entry(&self, module: &Module, record: &Record, fields: &[String]) -> Value {
        let values = if fields.is_empty() {
            let all: Vec<&str> = module.fields.iter().map(|field| field.name).collect();
            self.name_value_list(module, record, &all)
        } else {
            self.name_value_list(module, record, fields)
        };
        json!({ "id": encode_entities(record.id()), "module_name": module.name, "name_value_list": values })
    }

    /// A field without a value and a field that does not exist are absent. An empty PHP array is a list.
    pub(super) fn name_value_list(&self, module: &Module, record: &Record, fields: &[impl AsRef<str>]) -> Value {
        let mut values = Map::new();
        for field in fields.iter().map(AsRef::as_ref) {
            if let Some(value) = self.value(module, record, field) {
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

    pub(super) fn value(&self, module: &Module, record: &Record, field: &str) -> Option<String> {
        match module.stored(field) {
            Some(place) => record.value(place).map(str::to_owned),
            None if module.fields.iter().any(|known| known.name == field) => self.computed(module, record, field),
            None => None,
        }
    }

    fn link_list(&self, module: &Module, record: &Record, links: &[LinkArguments]) -> Value {
        let links: Vec<Value> = links
            .iter()
            .filter_map(|link| self.link(module, record, link))
            .collect();
        json!({ "link_list": links })
    }

    /// A link without records is absent; one that does not exist has an empty list.
    fn link(&self, module: &Module, record: &Record, wanted: &LinkArguments) -> Option<Value> {
        let Some(link) = module.link(&wanted.name) else {
            return Some(json!({ "name": wanted.name, "records": [] }));
        };
        let (other, linked) = self.linked(module, record, link);
        let records: Vec<Value> = linked
            .iter()
            .map(|linked| json!({ "link_value": self.name_value_list(other, linked, &wanted.fields) }))
            .collect();
        (!records.is_empty()).then(|| json!({ "name": wanted.name, "records": records }))
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
