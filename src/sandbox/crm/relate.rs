//! `set_relationship` and `set_relationships`.

use super::CrmError;
use super::arguments::{text, texts};
use super::module::{Join, Link, Module};
use super::store::Store;
use super::values::{php_text, php_true};
use serde_json::{Map, Value, json};

/// What the two methods count.
#[derive(Default)]
struct Outcome {
    created: u32,
    failed: u32,
    deleted: u32,
}

/// One change of a relationship.
struct Change {
    module: String,
    id: String,
    link: String,
    related: Vec<String>,
    columns: Vec<(String, Value)>,
    delete: bool,
}

impl Store {
    /// Answers `set_relationship`.
    pub(super) fn set_relationship(&mut self, arguments: &Map<String, Value>) -> Value {
        let mut outcome = Outcome::default();
        self.change(
            &Change {
                module: text(arguments.get("module_name")),
                id: text(arguments.get("module_id")),
                link: text(arguments.get("link_field_name")),
                related: texts(arguments.get("related_ids")),
                columns: columns(arguments.get("name_value_list")),
                delete: arguments.get("delete").is_some_and(php_true),
            },
            &mut outcome,
        );
        outcome.to_json()
    }

    /// Answers `set_relationships`: lists of the same length, one entry of each for each change.
    pub(super) fn set_relationships(&mut self, arguments: &Map<String, Value>) -> Result<Value, CrmError> {
        let list = |name: &str| items(arguments.get(name));
        let (modules, ids, links, related) = (
            list("module_names"),
            list("module_ids"),
            list("link_field_names"),
            list("related_ids"),
        );
        let counted = [&ids, &links, &related].iter().all(|list| list.len() == modules.len());
        if modules.is_empty() || !counted {
            return Err(CrmError::InvalidData);
        }
        let (values, delete) = (list("name_value_lists"), list("delete_array"));
        let mut outcome = Outcome::default();
        for (place, module) in modules.iter().enumerate() {
            let change = Change {
                module: text(Some(module)),
                id: text(ids.get(place)),
                link: text(links.get(place)),
                related: texts(related.get(place)),
                columns: columns(values.get(place)),
                delete: delete.get(place).is_some_and(php_true),
            };
            self.change(&change, &mut outcome);
        }
        Ok(outcome.to_json())
    }

    /// Counts calls, not ids. Only the link's name can fail: a related id that does not exist is joined in silence, and
    /// the left record keeps its `date_modified`.
    fn change(&mut self, change: &Change, outcome: &mut Outcome) {
        let found = Module::named(&change.module).and_then(|module| Some((module, module.link(&change.link)?)));
        let Some((module, link)) = found else {
            outcome.failed += 1;
            return;
        };
        if change.delete {
            outcome.deleted += 1;
        } else {
            outcome.created += 1;
        }
        let Some(id) = self.live(module, &change.id).map(|record| record.id().to_owned()) else {
            return;
        };
        for related in &change.related {
            let stored = Module::named(link.module).and_then(|other| self.live(other, related));
            let related = stored.map_or_else(|| related.clone(), |record| record.id().to_owned());
            match change.delete {
                true => self.unlink(module, &id, link, &related),
                false => self.link_up(module, &id, link, &related, &change.columns),
            }
        }
    }

    pub(super) fn link_up(
        &mut self,
        module: &'static Module,
        id: &str,
        link: &'static Link,
        related: &str,
        columns: &[(String, Value)],
    ) {
        match link.join {
            Join::Table { left } => {
                let (left_id, right_id) = if left { (id, related) } else { (related, id) };
                if link.name == "email_addresses" {
                    let primary = columns
                        .iter()
                        .any(|(name, value)| name == "primary_address" && php_true(value));
                    self.add_address(module, id, related, primary);
                } else {
                    self.pairs_mut(link.relationship).add(left_id, right_id);
                }
            }
            Join::Theirs { field, by_type } => {
                let parent = by_type.then_some(module.name);
                if let Some(other) = Module::named(link.module) {
                    self.point(other, related, field, Some(id), parent);
                }
            }
            Join::Own { field, by_type } => {
                self.point(module, id, field, Some(related), by_type.then_some(link.module));
            }
        }
    }

    pub(super) fn unlink(&mut self, module: &'static Module, id: &str, link: &'static Link, related: &str) {
        match link.join {
            Join::Table { left } => {
                let (left_id, right_id) = if left { (id, related) } else { (related, id) };
                self.pairs_mut(link.relationship).remove(left_id, right_id);
                if let Some(primary) = module
                    .link("email_addresses_primary")
                    .filter(|_| link.name == "email_addresses")
                {
                    self.pairs_mut(primary.relationship).remove(left_id, right_id);
                }
            }
            Join::Theirs { field, .. } => {
                if let Some(other) = Module::named(link.module) {
                    self.point(other, related, field, None, None);
                }
            }
            Join::Own { field, .. } => self.point(module, id, field, None, None),
        }
    }

    /// Gives a record an e-mail address, as its primary one if wanted.
    pub(super) fn add_address(&mut self, module: &'static Module, id: &str, address: &str, primary: bool) {
        if let Some(link) = module.link("email_addresses") {
            self.pairs_mut(link.relationship).add(id, address);
        }
        if let Some(link) = module.link("email_addresses_primary").filter(|_| primary) {
            let pairs = self.pairs_mut(link.relationship);
            pairs.clear_left(id);
            pairs.add(id, address);
        }
    }

    /// Sets the field of a record that holds another record's id, and nothing else.
    fn point(&mut self, module: &'static Module, id: &str, field: &str, to: Option<&str>, parent_type: Option<&str>) {
        let Ok(table) = self.table_mut(module.name) else { return };
        let Some(record) = table.live(id) else { return };
        let mut record = record.as_ref().clone();
        record.set(module, field, to);
        if parent_type.is_some() {
            record.set(module, "parent_type", parent_type);
        }
        table.put(record);
    }
}

impl Outcome {
    fn to_json(&self) -> Value {
        json!({ "created": self.created, "failed": self.failed, "deleted": self.deleted })
    }
}

fn items(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::Object(members)) => members.values().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The columns of a relationship itself, as name and value.
fn columns(value: Option<&Value>) -> Vec<(String, Value)> {
    let pair = |entry: &Value| Some((php_text(entry.get("name")?)?, entry.get("value")?.clone()));
    items(value).iter().filter_map(pair).collect()
}
