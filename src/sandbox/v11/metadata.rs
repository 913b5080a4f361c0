//! What an instance tells of its modules. Of the many kinds of metadata only those are here that a migration asks for.

use super::refusal::Refusal;
use super::{Call, module};
use crate::sandbox::crm::{Field, Link, Module};
use serde_json::{Map, Value, json};

/// Answers `GET metadata?type_filter=modules&module_filter=Accounts,Contacts`. Without a filter everything comes.
pub(super) fn answer(call: &Call<'_>) -> Value {
    let wanted = |filter: &str, name: &str| {
        let list = call.query.text(filter).filter(|list| !list.is_empty());
        list.is_none_or(|list| list.split(',').any(|wanted| wanted.trim() == name))
    };
    let mut answer = Map::new();
    if wanted("type_filter", "modules") {
        let modules = module::all().filter(|module| wanted("module_filter", module.name));
        let described = modules.map(|module| (module.name.to_owned(), described(module)));
        answer.insert("modules".to_owned(), Value::Object(described.collect()));
    }
    Value::Object(answer)
}

/// Answers `GET <module>/enum/<field>`: keys and labels.
pub(super) fn choices(module: &'static Module, name: &str) -> Result<Value, Refusal> {
    let field = module::field(module, name).filter(|field| !field.options.is_empty());
    let field = field.ok_or_else(|| Refusal::not_found(format!("{name} is no field with choices")))?;
    let choices = field.options.iter();
    Ok(Value::Object(
        choices.map(|(key, label)| ((*key).to_owned(), json!(label))).collect(),
    ))
}

fn described(module: &'static Module) -> Value {
    let fields = module::fields(module).map(|field| (field.name.to_owned(), definition(module, field)));
    let links = module::links(module).map(|link| (link.name.to_owned(), link_definition(link)));
    let addresses = module::has_addresses(module).then(|| {
        let definition = json!({ "name": "email", "type": "email", "source": "non-db" });
        ("email".to_owned(), definition)
    });
    let all: Map<String, Value> = fields.chain(addresses).chain(links).collect();
    json!({ "fields": all })
}

fn definition(module: &Module, field: &Field) -> Value {
    let mut definition = Map::new();
    let mut add = |name: &str, value: Value| definition.insert(name.to_owned(), value);
    add("name", json!(field.name));
    add("type", json!(field.type_name));
    if let Some(len) = field.len {
        add("len", json!(len));
    }
    if field.required {
        add("required", json!(true));
    }
    if !field.options.is_empty() {
        add("options", json!(format!("{}_{}_list", module.table, field.name)));
    }
    if !field.is_stored() {
        add("source", json!("non-db"));
    }
    Value::Object(definition)
}

fn link_definition(link: &Link) -> Value {
    json!({
        "name": link.name,
        "type": "link",
        "relationship": link.relationship,
        "module": link.module,
        "source": "non-db",
    })
}
