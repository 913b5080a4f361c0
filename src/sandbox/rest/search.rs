//! `search_by_module`.

use super::Call;
use super::errors::Refusal;
use super::table::Argument::{Optional, Required};
use super::table::{Door, Method, SESSION};
use crate::sandbox::crm::{Module, Search};
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[Method {
    name: "search_by_module",
    arguments: &[
        SESSION,
        Required("search_string"),
        Required("modules"),
        Required("offset"),
        Required("max_results"),
        Optional("assigned_user_id"),
        Optional("select_fields"),
        Optional("unified_search_only"),
        Optional("favorites"),
    ],
    door: Door::Session(search_by_module),
}];

/// Modules of the application's own search, in its order, whatever order they are asked in.
const UNIFIED: &[&str] = &[
    "Accounts",
    "Calls",
    "Cases",
    "Contacts",
    "Documents",
    "Leads",
    "Meetings",
    "Notes",
    "Opportunities",
    "Tasks",
    "Users",
];

/// Records of each module when the caller names no number.
const DEFAULT_PAGE: usize = 20;

/// Modules that are not searched, or do not exist, are left out in silence.
fn search_by_module(call: &Call<'_>) -> Result<Value, Refusal> {
    let arguments = &call.arguments;
    let asked = arguments.texts("modules");
    let unified = UNIFIED
        .iter()
        .copied()
        .filter(|name| asked.iter().any(|asked| asked == name));
    let mut searched: Vec<&str> = unified.collect();
    if !arguments.flag("unified_search_only", true) {
        for name in &asked {
            if !searched.contains(&name.as_str()) {
                searched.push(name);
            }
        }
    }
    let select_fields = arguments.texts("select_fields");
    let (text, assigned_user) = (arguments.text("search_string"), arguments.text("assigned_user_id"));
    let caller = call.caller();
    let mut found = Vec::new();
    for name in searched {
        let Ok(module) = call.server.crm.module(name) else {
            continue;
        };
        let fields = fields(module, &select_fields);
        let search = Search {
            text: &text,
            assigned_user: &assigned_user,
            owner: caller.owner_only.then_some(caller.user.as_str()),
            fields: &fields,
            offset: usize::try_from(arguments.integer("offset")).unwrap_or(0),
            limit: usize::try_from(arguments.integer("max_results"))
                .ok()
                .filter(|&rows| rows > 0)
                .unwrap_or(DEFAULT_PAGE),
        };
        found.push(json!({"name": name, "records": call.server.crm.search(name, &search)?}));
    }
    Ok(json!({ "entry_list": found }))
}

/// The fields of each record found. Users are found by a query of its own, with fields of its own.
fn fields(module: &Module, select_fields: &[String]) -> Vec<String> {
    let of_list = ["id", "name", "assigned_user_name", "date_entered"];
    let of_users = ["id", "user_name", "first_name", "last_name"];
    let texts = |names: [&str; 4]| names.map(str::to_owned).to_vec();
    match (module.name, select_fields) {
        ("Users", _) => texts(of_users),
        (_, []) => texts(of_list),
        (_, chosen) => chosen.to_vec(),
    }
}
