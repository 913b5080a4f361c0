//! `get_module_layout` and its MD5: which fields the pages of a module show.

use super::Call;
use super::digest::md5_of;
use super::errors::Refusal;
use super::language::php_array;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use crate::sandbox::crm::{Field, Module};
use serde_json::{Map, Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "get_module_layout",
        arguments: &[
            SESSION,
            Required("a_module_names"),
            Required("a_type"),
            Required("a_view"),
            Optional("acl_check"),
            Optional("md5"),
        ],
        door: Door::Session(module_layout),
    },
    Method {
        name: "get_module_layout_md5",
        arguments: &[
            SESSION,
            Required("module_name"),
            Required("type"),
            Required("view"),
            Optional("acl_check"),
        ],
        door: Door::Session(module_layout_md5),
    },
];

/// So many columns a derived list has.
const COLUMNS: usize = 6;

fn module_layout(call: &Call<'_>) -> Result<Value, Refusal> {
    let hashed = call.arguments.flag("md5", false);
    layouts(call, ["a_module_names", "a_type", "a_view"], hashed)
}

fn module_layout_md5(call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({"md5": layouts(call, ["module_name", "type", "view"], true)?}))
}

fn layouts(call: &Call<'_>, [modules, types, views]: [&str; 3], hashed: bool) -> Result<Value, Refusal> {
    let mut of_modules = Map::new();
    for name in call.arguments.texts(modules) {
        let module = call.server.crm.module(&name)?;
        let mut of_types = Map::new();
        for layout_type in call.arguments.texts(types) {
            let mut of_views = Map::new();
            for view in call.arguments.texts(views) {
                let layout = layout(module, &layout_type, &view);
                let value = if hashed { json!(md5_of(&layout)) } else { layout };
                of_views.insert(view, value);
            }
            of_types.insert(layout_type, php_array(of_views));
        }
        of_modules.insert(name, php_array(of_types));
    }
    Ok(php_array(of_modules))
}

/// A layout; one that is not there is empty.
fn layout(module: &Module, layout_type: &str, view: &str) -> Value {
    let is_default = matches!(layout_type, "default" | "");
    match view.to_ascii_lowercase().as_str() {
        "list" if is_default && module.name == "Notes" => list_of_notes(),
        "list" => php_array(shown(module).take(COLUMNS).map(column).collect()),
        "edit" | "detail" => panels(module),
        "subpanel" if is_default => json!({
            "top_buttons": [],
            "where": "",
            "list_fields": php_array(shown(module).take(COLUMNS).map(|field| {
                (field.name.to_owned(), json!({"vname": vname(field), "width": "10%"}))
            }).collect()),
        }),
        _ => json!([]),
    }
}

/// The fields that a page shows, the name first.
fn shown(module: &Module) -> impl Iterator<Item = &Field> {
    let is_name = |field: &&Field| field.type_name == "name";
    let is_hidden = |field: &&Field| {
        field.type_name == "id" || field.name == "deleted" || field.name.ends_with("_id") || field.name == "created_by"
    };
    let fields = || module.fields.iter();
    let rest = fields().filter(move |field| !is_name(field) && !is_hidden(field));
    fields().filter(is_name).chain(rest)
}

fn vname(field: &Field) -> String {
    format!("LBL_{}", field.name.to_ascii_uppercase())
}

fn column(field: &Field) -> (String, Value) {
    let mut column = json!({"width": "10%", "label": vname(field)});
    if field.type_name == "name" {
        column["link"] = json!(true);
    }
    column["default"] = json!(true);
    (field.name.to_ascii_uppercase(), column)
}

fn panels(module: &Module) -> Value {
    let fields: Vec<&str> = shown(module).map(|field| field.name).collect();
    let rows: Vec<Value> = fields.chunks(2).map(|row| json!(row)).collect();
    json!({"templateMeta": {"maxColumns": "2"}, "panels": {"lbl_information": rows}})
}

fn list_of_notes() -> Value {
    json!({
        "NAME": {"width": "40%", "label": "LBL_LIST_SUBJECT", "link": true, "default": true},
        "CONTACT_NAME": {
            "width": "20%",
            "label": "LBL_LIST_CONTACT",
            "link": true,
            "id": "CONTACT_ID",
            "module": "Contacts",
            "default": true,
            "ACLTag": "CONTACT",
            "related_fields": ["contact_id"],
        },
        "PARENT_NAME": {
            "width": "20%",
            "label": "LBL_LIST_RELATED_TO",
            "dynamic_module": "PARENT_TYPE",
            "id": "PARENT_ID",
            "link": true,
            "default": true,
            "sortable": false,
            "ACLTag": "PARENT",
            "related_fields": ["parent_id", "parent_type"],
        },
        "FILENAME": {
            "width": "20%",
            "label": "LBL_LIST_FILENAME",
            "default": true,
            "type": "file",
            "related_fields": ["file_url", "id"],
            "displayParams": {"module": "Notes"},
        },
        "CREATED_BY_NAME": {
            "type": "relate",
            "label": "LBL_CREATED_BY",
            "width": "10%",
            "default": true,
            "related_fields": ["created_by"],
        },
        "DATE_MODIFIED": {"width": "20%", "label": "LBL_DATE_MODIFIED", "link": false, "default": false},
        "DATE_ENTERED": {"type": "datetime", "label": "LBL_DATE_ENTERED", "width": "10%", "default": true},
    })
}
