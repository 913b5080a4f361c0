//! `get_entry`, `get_entries`, `get_relationships` and `get_modified_relationships`.

use super::answer::Form;
use super::arguments::{LinkArguments, integer, links, text, texts};
use super::caller::Caller;
use super::module::{Join, Module};
use super::modules::{CURRENCIES, USERS};
use super::store::Store;
use super::table::Record;
use super::{CrmError, DEFAULT_PAGE};
use crate::sandbox::query::compare;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use std::sync::Arc;

/// What stands in the place of a record that is not there.
const NOT_THERE: &str = "Access to this object is denied since it has been deleted or does not exist";

/// The currency of the system, which stands in no table.
const SYSTEM_CURRENCY: &str = "-99";

impl Store {
    /// Answers `get_entry` and, with `many`, `get_entries`.
    pub(super) fn entries(
        &self,
        caller: &Caller,
        arguments: &Map<String, Value>,
        many: bool,
    ) -> Result<Value, CrmError> {
        let module = self.table(&text(arguments.get("module_name")))?.module;
        let ids = match many {
            true => texts(arguments.get("ids")),
            false => vec![text(arguments.get("id"))],
        };
        let fields = texts(arguments.get("select_fields"));
        let wanted = links(arguments.get("link_name_to_fields_array"));
        let (mut entries, mut relationships) = (Vec::new(), Vec::new());
        for id in &ids {
            let Some(record) = self.live(module, id) else {
                entries.push(match module.name {
                    "Currencies" => self.system_currency(&fields),
                    _ => not_there(module, id),
                });
                continue;
            };
            if caller.owner_only && !module.is_owner(record, &caller.user) {
                return Err(CrmError::AccessDenied);
            }
            entries.push(self.entry(Form::Entry, module, record, &fields));
            if !wanted.is_empty() {
                relationships.push(match many {
                    true => self.link_list(module, record, &wanted),
                    false => json!(self.links(module, record, &wanted, |record| record)),
                });
            }
        }
        Ok(json!({ "entry_list": entries, "relationship_list": relationships }))
    }

    /// Its numbers are numbers.
    fn system_currency(&self, fields: &[String]) -> Value {
        let values = [
            ("id", SYSTEM_CURRENCY),
            ("name", "US Dollar"),
            ("symbol", "$"),
            ("iso4217", "USD"),
        ];
        let record = Record::new(&CURRENCIES, values.into_iter().chain([("status", "Active")]));
        let mut entry = self.entry(Form::Entry, &CURRENCIES, &record, fields);
        if let Value::Object(list) = &mut entry["name_value_list"] {
            for (name, value) in [("conversion_rate", 1), ("deleted", 0)] {
                if fields.is_empty() || fields.iter().any(|field| field == name) {
                    list.insert(name.to_owned(), json!({ "name": name, "value": value }));
                }
            }
        }
        entry
    }

    /// Answers `get_relationships`. `deleted` is passed over, and so is an `order_by` that is not a bare field's name.
    pub(super) fn relationships(&self, caller: &Caller, arguments: &Map<String, Value>) -> Result<Value, CrmError> {
        let module = self.table(&text(arguments.get("module_name")))?.module;
        let nothing = || Ok(json!({ "entry_list": [], "relationship_list": [] }));
        let link = module.link(&text(arguments.get("link_field_name")));
        let condition = text(arguments.get("related_module_query"));
        if let Some(other) = link.and_then(|link| Module::named(link.module)) {
            self.condition(&condition, other)?;
        }
        let record = self.live(module, &text(arguments.get("module_id")));
        let (Some(link), Some(record)) = (link, record) else {
            return nothing();
        };
        if caller.owner_only && !module.is_owner(record, &caller.user) {
            return Err(CrmError::AccessDenied);
        }
        let (other, mut linked) = self.linked(module, record, link);
        let condition = self.condition(&condition, other)?;
        linked.retain(|row| condition.holds(row.as_ref()));
        sort(&mut linked, other, &text(arguments.get("order_by")));
        let offset = usize::try_from(integer(arguments.get("offset"))).unwrap_or(0);
        let limit = usize::try_from(integer(arguments.get("limit")))
            .ok()
            .filter(|&rows| rows > 0);
        let fields = texts(arguments.get("related_fields"));
        let wanted = links(arguments.get("related_module_link_name_to_fields_array"));
        let page: Vec<&Arc<Record>> = linked
            .into_iter()
            .skip(offset)
            .take(limit.unwrap_or(usize::MAX))
            .collect();
        let entries: Vec<Value> = page
            .iter()
            .map(|row| self.entry(Form::List, other, row, &fields))
            .collect();
        let relationships: Vec<Value> = match wanted.is_empty() {
            true => Vec::new(),
            false => page
                .iter()
                .map(|row| json!(self.unwrapped(other, row, &wanted)))
                .collect(),
        };
        Ok(json!({ "entry_list": entries, "relationship_list": relationships }))
    }

    fn unwrapped(&self, module: &Module, record: &Record, wanted: &[LinkArguments]) -> Vec<Value> {
        self.links(module, record, wanted, |record| record)
    }

    /// Answers `get_modified_relationships`: an empty success, unless the relationship's right-hand module is Users.
    /// Then only what belongs to the session's user counts.
    pub(super) fn modified_relationships(
        &self,
        caller: &Caller,
        arguments: &Map<String, Value>,
    ) -> Result<Value, CrmError> {
        let module = self.table(&text(arguments.get("module_name")))?.module;
        let related = self.table(&text(arguments.get("related_module")))?.module;
        let relationship = text(arguments.get("relationship_name"));
        let (from, to) = (text(arguments.get("from_date")), text(arguments.get("to_date")));
        let offset = usize::try_from(integer(arguments.get("offset"))).unwrap_or(0);
        let rows = usize::try_from(integer(arguments.get("max_results")))
            .ok()
            .filter(|&rows| rows > 0);
        let fields = texts(arguments.get("select_fields"));
        let left = if module.name == USERS.name { related } else { module };
        let to_users = |name: &str| relationship.is_empty() || name == relationship;
        let link = USERS.links.iter().find(|link| {
            link.module == left.name && link.join == Join::Table { left: false } && to_users(link.relationship)
        });
        let between_both = [module.name, related.name].contains(&USERS.name);
        let user = self.live(&USERS, &caller.user).filter(|_| between_both);
        let found = match (link, user) {
            (Some(link), Some(user)) => self.linked(&USERS, user, link).1,
            _ => Vec::new(),
        };
        let entries: Vec<Value> = found
            .into_iter()
            .filter(|row| {
                let modified = left.value(row, "date_modified").unwrap_or_default();
                modified > from.as_str() && modified <= to.as_str()
            })
            .skip(offset)
            .take(rows.unwrap_or(DEFAULT_PAGE))
            .map(|row| {
                let mut entry = self.entry(Form::List, left, row, &fields);
                entry["module_name"] = json!(left.table);
                entry
            })
            .collect();
        Ok(json!({
            "result_count": entries.len(),
            "next_offset": offset.saturating_add(entries.len()),
            "entry_list": entries,
            "error": { "number": 0, "name": "No Error", "description": "No Error" },
        }))
    }
}

fn not_there(module: &Module, id: &str) -> Value {
    json!({
        "id": id,
        "module_name": module.name,
        "name_value_list": [{ "name": "warning", "value": NOT_THERE }, { "name": "deleted", "value": "1" }],
    })
}

/// Sorts by a bare field name with `asc` or `desc` behind it; any other text changes nothing.
fn sort(rows: &mut [&Arc<Record>], module: &Module, order_by: &str) {
    let mut words = order_by.split_whitespace();
    let Some(place) = words.next().and_then(|name| module.stored(name)) else {
        return;
    };
    let descending = words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc"));
    let value = |row: &Record| {
        crate::sandbox::query::Row::value(row, place)
            .unwrap_or_default()
            .to_owned()
    };
    rows.sort_by(|a, b| {
        let ordering: Ordering = compare(&value(a), &value(b));
        if descending { ordering.reverse() } else { ordering }
    });
}
