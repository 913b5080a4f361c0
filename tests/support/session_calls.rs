//! Calls with a session on a sandbox, and recorded ones beside them.
#![allow(dead_code, reason = "each test file uses a part of this")]

use crate::captures::short;
use crate::harness::Harness;
use crate::raw_http::Answer;
use serde_json::{Map, Value, json};

pub const RECORDED_SESSION: &str = "6b27832e0115eec82b6086f18d9b2f6d";

pub struct Calls {
    pub harness: Harness,
    pub session: String,
}

impl Calls {
    pub async fn start() -> Self {
        let harness = Harness::start().await;
        let session = harness.session();
        Self { harness, session }
    }

    pub fn answer(&self, method: &str, arguments: Value) -> Answer {
        let mut all = Map::new();
        all.insert("session".to_owned(), json!(self.session));
        all.extend(arguments.as_object().expect("an object").clone());
        self.harness.call(method, &Value::Object(all))
    }

    pub fn call(&self, method: &str, arguments: Value) -> Value {
        self.answer(method, arguments).json()
    }

    /// Asks what was recorded, with other ids, and gives the two bodies: ours and the recorded one.
    pub fn replay(&self, name: &str, ids: &[(&str, &str)]) -> (String, String) {
        let mut all = vec![(RECORDED_SESSION, self.session.as_str())];
        all.extend(ids);
        let recorded = short(name, &all);
        let answer = self.harness.call(&recorded.method, &recorded.rest_data);
        (answer.text(), recorded.body)
    }

    #[track_caller]
    pub fn assert_as_recorded(&self, name: &str, ids: &[(&str, &str)]) {
        let (ours, recorded) = self.replay(name, ids);
        assert_eq!(ours, recorded, "{name}");
    }

    pub fn set(&self, module: &str, values: Value) -> Value {
        self.call("set_entry", json!({"module_name": module, "name_value_list": values}))
    }

    /// Creates a record and gives its id.
    pub fn create(&self, module: &str, values: Value) -> String {
        let answer = self.set(module, values);
        answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// A record's values as `get_entry` tells them; null when it is not there.
    pub fn get(&self, module: &str, id: &str) -> Value {
        let arguments = json!({"module_name": module, "id": id, "select_fields": [], "link_name_to_fields_array": []});
        let answer = self.call("get_entry", arguments);
        match &answer["entry_list"][0]["name_value_list"] {
            Value::Object(members) => members
                .iter()
                .map(|(name, pair)| (name.clone(), pair["value"].clone()))
                .collect(),
            _ => Value::Null,
        }
    }

    pub fn count(&self, module: &str, query: &str) -> String {
        let arguments = json!({"module_name": module, "query": query, "deleted": 0});
        let answer = self.call("get_entries_count", arguments);
        answer["result_count"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// The ids of a list, in its order.
    pub fn ids(&self, module: &str, query: &str) -> Vec<String> {
        let arguments = json!({
            "module_name": module, "query": query, "order_by": "", "offset": 0, "select_fields": ["id"],
            "link_name_to_fields_array": [], "max_results": 1000, "deleted": 0,
        });
        ids_of(&self.call("get_entry_list", arguments))
    }

    pub fn related(&self, module: &str, id: &str, link: &str, query: &str) -> Vec<String> {
        ids_of(&self.call("get_relationships", related_arguments(module, id, link, query)))
    }
}

pub fn related_arguments(module: &str, id: &str, link: &str, query: &str) -> Value {
    json!({
        "module_name": module, "module_id": id, "link_field_name": link, "related_module_query": query,
        "related_fields": ["id"], "related_module_link_name_to_fields_array": [], "deleted": 0,
    })
}

pub fn ids_of(answer: &Value) -> Vec<String> {
    let entries = answer["entry_list"].as_array().unwrap_or_else(|| panic!("{answer}"));
    entries
        .iter()
        .map(|entry| entry["id"].as_str().expect("an id").to_owned())
        .collect()
}
