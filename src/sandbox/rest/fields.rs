//! `get_module_fields` and its MD5.

use super::Call;
use super::digest::md5_of;
use super::errors::Refusal;
use super::labels::label;
use super::language::php_array;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use crate::sandbox::crm::{Field, Link, Module};
use serde_json::{Map, Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "get_module_fields",
        arguments: &[SESSION, Required("module_name"), Optional("fields")],
        door: Door::Session(module_fields),
    },
    Method {
        name: "get_module_fields_md5",
        arguments: &[SESSION, Required("module_name")],
        door: Door::Session(module_fields_md5),
    },
];

/// Keys and labels that a search by date offers.
const DATE_CHOICES: &[(&str, &str)] = &[
    ("=", "Equals"),
    ("not_equal", "Not On"),
    ("greater_than", "After"),
    ("less_than", "Before"),
    ("last_7_days", "Last 7 Days"),
    ("next_7_days", "Next 7 Days"),
    ("last_30_days", "Last 30 Days"),
    ("next_30_days", "Next 30 Days"),
    ("last_month", "Last Month"),
    ("this_month", "This Month"),
    ("next_month", "Next Month"),
    ("last_year", "Last Year"),
    ("this_year", "This Year"),
    ("next_year", "Next Year"),
    ("between", "Is Between"),
];

/// The fields of a note, in the server's order.
const ORDER_OF_NOTES: &[&str] = &[
    "assigned_user_id",
    "assigned_user_name",
    "id",
    "date_entered",
    "date_modified",
    "modified_user_id",
    "modified_by_name",
    "created_by",
    "created_by_name",
    "name",
    "file_mime_type",
    "filename",
    "parent_type",
    "parent_id",
    "contact_id",
    "portal_flag",
    "embed_flag",
    "description",
    "deleted",
];

fn module_fields(call: &Call<'_>) -> Result<Value, Refusal> {
    let module = call.server.crm.module(&call.arguments.text("module_name"))?;
    Ok(definition(module, &call.arguments.texts("fields")))
}

fn module_fields_md5(call: &Call<'_>) -> Result<Value, Refusal> {
    let mut sums = Map::new();
    for name in call.arguments.one_or_more("module_name") {
        let module = call.server.crm.module(&name)?;
        sums.insert(name, json!(md5_of(&definition(module, &[]))));
    }
    Ok(php_array(sums))
}

/// Fields and links of a module, all or those that are named. Names that it does not have are passed over.
fn definition(module: &Module, wanted: &[String]) -> Value {
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let mut fields: Vec<&Field> = module.fields.iter().collect();
    if module.name == "Notes" {
        let place = |field: &Field| ORDER_OF_NOTES.iter().position(|name| *name == field.name);
        fields.sort_by_key(|field| place(field).unwrap_or(ORDER_OF_NOTES.len()));
    }
    let described = fields.into_iter().filter(|field| is_wanted(field.name));
    let links = module.links.iter().filter(|link| is_wanted(link.name));
    json!({
        "module_name": module.name,
        "table_name": module.table,
        "module_fields": php_array(described.map(|field| (field.name.to_owned(), described_field(module, field))).collect()),
        "link_fields": php_array(links.map(|link| (link.name.to_owned(), described_link(link))).collect()),
    })
}

fn described_field(module: &Module, field: &Field) -> Value {
    let (group, id_name) = group_and_id(field);
    let mut entry = json!({
        "name": field.name,
        "type": type_of(field),
        "group": group,
        "id_name": id_name,
        "label": label(module.name, field.name),
        "required": i32::from(field.required),
        "options": options(field),
        "related_module": related_module(field),
        "calculated": false,
        "len": length(module, field),
    });
    if let Some(default) = field.default {
        // The definitions write some numbers bare and some as texts.
        entry["default_value"] = match field.name {
            "embed_flag" => json!(0),
            _ => json!(default),
        };
    }
    entry
}

/// The server gives the names of those who made and changed a record the definition of the id.
fn type_of(field: &Field) -> &'static str {
    match field.name {
        "created_by_name" | "modified_by_name" => "assigned_user_name",
        _ => field.type_name,
    }
}

fn group_and_id(field: &Field) -> (&'static str, &'static str) {
    match field.name {
        "assigned_user_id" => ("assigned_user_name", "assigned_user_id"),
        "modified_user_id" | "modified_by_name" => ("modified_by_name", "modified_user_id"),
        "created_by" | "created_by_name" => ("", "modified_user_id"),
        "parent_type" => ("parent_name", ""),
        _ => ("", field.id_name),
    }
}

fn related_module(field: &Field) -> &'static str {
    match field.name {
        "assigned_user_id" => "Users",
        "created_by_name" | "modified_by_name" => "",
        _ => field.related_module,
    }
}

/// Choices by key. PHP turns keys that are numbers into numbers, so their `name` is one too.
fn options(field: &Field) -> Value {
    let choices = match field.type_name {
        "datetime" | "date" => DATE_CHOICES,
        "bool" => &[("", ""), ("1", "Yes"), ("2", "No")],
        _ => field.options,
    };
    php_array(
        choices
            .iter()
            .map(|(key, text)| ((*key).to_owned(), choice(key, text)))
            .collect(),
    )
}

fn choice(key: &str, text: &str) -> Value {
    match key.parse::<u32>() {
        Ok(number) if number.to_string() == key => json!({"name": number, "value": text}),
        _ => json!({"name": key, "value": text}),
    }
}

/// Ids and what has no column tell no length. The definitions of notes write lengths as texts.
fn length(module: &Module, field: &Field) -> Value {
    let untold = matches!(type_of(field), "id" | "relate" | "assigned_user_name");
    match field.len.filter(|_| !untold) {
        None => json!(""),
        Some(length) if module.name == "Notes" => json!(length.to_string()),
        Some(length) => json!(length),
    }
}

/// Not every link names its module.
fn described_link(link: &Link) -> Value {
    let nameless = link.module == "Documents" || link.module == "EmailAddresses";
    let module = if nameless { "" } else { link.module };
    json!({
        "name": link.name,
        "type": "link",
        "group": "",
        "id_name": "",
        "relationship": link.relationship,
        "module": module,
        "bean_name": bean(module),
    })
}

/// The application's class for the records of a module.
fn bean(module: &str) -> &str {
    match module {
        "Opportunities" => "Opportunity",
        "Currencies" => "Currency",
        _ => module.strip_suffix('s').unwrap_or(module),
    }
}
