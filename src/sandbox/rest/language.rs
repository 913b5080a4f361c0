//! `get_language_definition`.

use super::Call;
use super::digest::md5_of;
use super::errors::Refusal;
use super::labels::label;
use super::language_notes::NOTES;
use super::modules::MODULES;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use serde_json::{Map, Value, json};

pub(super) const METHODS: &[Method] = &[Method {
    name: "get_language_definition",
    arguments: &[SESSION, Required("modules"), Optional("MD5")],
    door: Door::Session(language_definition),
}];

/// Some of the strings that all modules share.
const APPLICATION: &[(&str, &str)] = &[
    ("LBL_SAVE_BUTTON_LABEL", "Save"),
    ("LBL_CANCEL_BUTTON_LABEL", "Cancel"),
    ("LBL_EDIT_BUTTON_LABEL", "Edit"),
    ("LBL_DELETE_BUTTON_LABEL", "Delete"),
    ("LBL_SEARCH_BUTTON_LABEL", "Search"),
];

fn language_definition(call: &Call<'_>) -> Result<Value, Refusal> {
    let hashed = call.arguments.flag("MD5", false);
    let mut answer = Map::new();
    for module in call.arguments.one_or_more("modules") {
        let strings = strings(call, &module);
        let value = if hashed { json!(md5_of(&strings)) } else { strings };
        answer.insert(module, value);
    }
    Ok(php_array(answer))
}

/// The strings of a module, or of one of the two names that mean the whole application. A module
/// that does not exist has none.
fn strings(call: &Call<'_>, module: &str) -> Value {
    match module {
        "Notes" => object(NOTES),
        "app_strings" => object(APPLICATION),
        "app_list_strings" => json!({
            "language_pack_name": "US English",
            "moduleList": object(MODULES),
        }),
        _ => of_fields(call, module),
    }
}

fn of_fields(call: &Call<'_>, module: &str) -> Value {
    let mut strings = Map::new();
    if let Some((_, label)) = MODULES.iter().find(|(key, _)| *key == module) {
        strings.insert("LBL_MODULE_NAME".to_owned(), json!(label));
    }
    let fields = call.server.crm.module(module).map_or(&[][..], |module| module.fields);
    for field in fields {
        let key = format!("LBL_{}", field.name.to_ascii_uppercase());
        strings.insert(key, json!(label(module, field.name)));
    }
    php_array(strings)
}

fn object(strings: &[(&str, &str)]) -> Value {
    strings
        .iter()
        .map(|(key, text)| ((*key).to_owned(), json!(text)))
        .collect()
}

/// PHP's arrays know no difference between an empty list and an empty map.
pub(super) fn php_array(members: Map<String, Value>) -> Value {
    if members.is_empty() {
        json!([])
    } else {
        Value::Object(members)
    }
}
