//! Records in JSON.

use super::module;
use super::values::shown;
use crate::sandbox::crm::{Module, Plain};
use serde_json::{Map, Value, json};

/// Fields that come whatever was asked for.
const ALWAYS: [&str; 2] = ["id", "date_modified"];

/// Which fields are wanted; none means all.
pub(super) struct Shape(Option<Vec<String>>);

impl Shape {
    /// Reads `name,description`. A name that is no field's is passed over.
    pub(super) fn of(fields: Option<&str>) -> Self {
        let names = fields.filter(|names| !names.is_empty());
        Self(names.map(|names| names.split(',').map(|name| name.trim().to_owned()).collect()))
    }

    fn wants(&self, name: &str) -> bool {
        let listed = |names: &Vec<String>| names.iter().any(|wanted| wanted == name);
        ALWAYS.contains(&name) || self.0.as_ref().is_none_or(listed)
    }
}

pub(super) fn record(module: &'static Module, plain: &Plain, shape: &Shape) -> Value {
    let mut members = Map::new();
    for field in module::fields(module).filter(|field| shape.wants(field.name)) {
        let value = plain.values.iter().find(|(known, _)| known.name == field.name);
        let value = value.and_then(|(_, value)| value.as_deref());
        members.insert(field.name.to_owned(), shown(field, value));
    }
    if module::has_addresses(module) && shape.wants("email") {
        let address = |address: &crate::sandbox::crm::Address| {
            json!({
                "email_address": address.address,
                "primary_address": address.primary,
                "invalid_email": false,
                "opt_out": false,
            })
        };
        members.insert("email".to_owned(), plain.addresses.iter().map(address).collect());
    }
    members.insert("_acl".to_owned(), json!({ "fields": {} }));
    members.insert("_module".to_owned(), json!(module.name));
    Value::Object(members)
}
