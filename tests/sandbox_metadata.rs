//! What the sandbox tells of its modules: fields, links, layouts and strings, beside recorded answers.

#[path = "support/captures.rs"]
mod captures;
#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use captures::{load, short};
use harness::{Harness, assert_error, is_hex};
use serde_json::{Value, json};

/// The session that the short captures were recorded with.
const RECORDED_SESSION: &str = "6b27832e0115eec82b6086f18d9b2f6d";

/// Asks what was recorded and gives the recorded and the own body.
fn replay(harness: &Harness, name: &str) -> (String, String) {
    let capture = short(name, &[(RECORDED_SESSION, &harness.session())]);
    let answer = harness.call(&capture.method, &capture.rest_data);
    assert_eq!(answer.status(), 200, "{name}");
    (capture.body, answer.text())
}

fn call(harness: &Harness, method: &str, mut arguments: Value) -> Value {
    let mut all = json!({"session": harness.session()});
    let (all_members, arguments) = (all.as_object_mut(), arguments.as_object_mut());
    all_members.expect("an object").append(arguments.expect("an object"));
    harness.call(method, &all).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_fields_are_the_recorded_ones_byte_for_byte() {
    let harness = Harness::start().await;
    let recorded = load("get_module_fields_ok").answer.text();
    let selected = json!({
        "session": harness.session(), "module_name": "Accounts", "fields": ["id", "name", "account_type"],
    });
    assert_eq!(harness.call("get_module_fields", &selected).text(), recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_fields_of_notes_begin_as_recorded() {
    let harness = Harness::start().await;
    let (recorded, got) = replay(&harness, "m_get_module_fields_links");
    let (kept, _) = recorded.split_once(" …(cut").expect("a cut capture");
    assert_eq!(got.get(..kept.len()), Some(kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_told_apart_from_fields() {
    let harness = Harness::start().await;
    let fields = call(&harness, "get_module_fields", json!({"module_name": "Accounts"}));
    assert_eq!(
        fields["link_fields"]["contacts"],
        json!({
            "name": "contacts", "type": "link", "group": "", "id_name": "", "relationship": "accounts_contacts",
            "module": "Contacts", "bean_name": "Contact",
        })
    );
    assert!(fields["module_fields"].get("contacts").is_none());
    // Not every link names its module.
    assert_eq!(fields["link_fields"]["email_addresses"]["module"], "");
    assert_eq!(fields["link_fields"]["email_addresses"]["bean_name"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_empty_is_a_list_where_an_object_is_meant() {
    let harness = Harness::start().await;
    let fields = |names: Value| {
        let arguments = json!({"module_name": "Accounts", "fields": names});
        call(&harness, "get_module_fields", arguments)
    };
    let unknown = fields(json!(["no_such_field"]));
    assert_eq!(
        (&unknown["module_fields"], &unknown["link_fields"]),
        (&json!([]), &json!([]))
    );
    let link = fields(json!(["contacts"]));
    assert_eq!(link["module_fields"], json!([]));
    assert_eq!(link["link_fields"].as_object().map(|links| links.len()), Some(1));
    let layout = json!({"a_module_names": ["Notes"], "a_type": ["default"], "a_view": ["nonsense"]});
    let layout = call(&harness, "get_module_layout", layout);
    assert_eq!(layout, json!({"Notes": {"default": {"nonsense": []}}}));
    assert_eq!(
        call(&harness, "get_language_definition", json!({"modules": []})),
        json!([])
    );
    assert_eq!(
        call(&harness, "get_language_definition", json!({"modules": ["Nonsense"]})),
        json!({"Nonsense": []})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_is_unknown_or_closed_is_refused() {
    let harness = Harness::start().await;
    let session = harness.session();
    for (module, number) in [("Nope", 20), ("accounts", 20), ("Audit", 40)] {
        let name = json!({"session": session, "module_name": module});
        let names = json!({"session": session, "module_name": ["Notes", module]});
        let layout =
            json!({"session": session, "a_module_names": ["Notes", module], "a_type": ["default"], "a_view": ["list"]});
        let layout_md5 = json!({"session": session, "module_name": [module], "type": ["default"], "view": ["list"]});
        assert_error(&harness.call("get_module_fields", &name), number);
        assert_error(&harness.call("get_module_fields_md5", &names), number);
        assert_error(&harness.call("get_module_layout", &layout), number);
        assert_error(&harness.call("get_module_layout_md5", &layout_md5), number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn layout_and_strings_are_the_recorded_ones_byte_for_byte() {
    let harness = Harness::start().await;
    for name in ["m_get_module_layout", "m_get_language_definition"] {
        let (recorded, got) = replay(&harness, name);
        assert_eq!(got, recorded, "{name}");
    }
}

/// Replaces each run of 32 hexadecimal digits.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for part in text.split('"') {
        masked.push_str(if is_hex(part, 32) { "<32 hex>" } else { part });
        masked.push('"');
    }
    masked
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_have_the_recorded_shape_and_differ_with_the_content() {
    let harness = Harness::start().await;
    for name in ["m_get_module_fields_md5", "m_get_module_layout_md5"] {
        let (recorded, got) = replay(&harness, name);
        assert_eq!(masked(&got), masked(&recorded), "{name}");
    }
    let sums = call(
        &harness,
        "get_module_fields_md5",
        json!({"module_name": ["Notes", "Accounts"]}),
    );
    assert_ne!(sums["Notes"], sums["Accounts"]);
    let again = call(&harness, "get_module_fields_md5", json!({"module_name": "Notes"}));
    assert_eq!(again, json!({"Notes": sums["Notes"]}));
    let layouts = json!({"module_name": ["Notes"], "type": ["default"], "view": ["list", "edit"]});
    let layouts = call(&harness, "get_module_layout_md5", layouts);
    let sums = &layouts["md5"]["Notes"]["default"];
    assert_ne!(sums["list"], sums["edit"]);
    let others = json!({"module_name": ["Accounts"], "type": ["default"], "view": ["list"]});
    let others = call(&harness, "get_module_layout_md5", others);
    assert_ne!(sums["list"], others["md5"]["Accounts"]["default"]["list"]);
    let hashed = json!({"a_module_names": ["Notes"], "a_type": ["default"], "a_view": ["list"], "md5": true});
    let hashed = call(&harness, "get_module_layout", hashed);
    assert_eq!(hashed["Notes"]["default"]["list"], sums["list"]);
    let strings = call(
        &harness,
        "get_language_definition",
        json!({"modules": ["Notes", "Accounts"], "MD5": true}),
    );
    assert!(
        strings["Notes"].as_str().is_some_and(|sum| is_hex(sum, 32)),
        "{strings}"
    );
    assert_ne!(strings["Notes"], strings["Accounts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn strings_of_one_module_and_of_the_application() {
    let harness = Harness::start().await;
    let strings = call(&harness, "get_language_definition", json!({"modules": "Contacts"}));
    assert_eq!(strings["Contacts"]["LBL_MODULE_NAME"], "Contacts");
    assert_eq!(strings["Contacts"]["LBL_DATE_ENTERED"], "Date Created");
    let application = json!({"modules": ["app_list_strings", "app_strings"]});
    let application = call(&harness, "get_language_definition", application);
    assert_eq!(application["app_list_strings"]["moduleList"]["Prospects"], "Targets");
    assert_eq!(application["app_strings"]["LBL_SAVE_BUTTON_LABEL"], "Save");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_module_with_records_has_fields_and_layouts() {
    let harness = Harness::start().await;
    for module in [
        "Accounts",
        "Contacts",
        "Leads",
        "Meetings",
        "Documents",
        "Users",
        "Currencies",
    ] {
        let fields = call(&harness, "get_module_fields", json!({"module_name": module}));
        assert_eq!(fields["module_name"], module);
        let entries = fields["module_fields"].as_object().expect("an object");
        for (name, field) in entries {
            assert_eq!(field["name"], *name);
            assert!(
                field["label"].as_str().is_some_and(|label| !label.is_empty()),
                "{module}.{name}"
            );
            assert!(
                field["options"].is_object() || field["options"] == json!([]),
                "{module}.{name}"
            );
        }
        let layout = json!({
            "a_module_names": [module], "a_type": ["default"], "a_view": ["list", "edit", "detail", "subpanel"],
        });
        let layouts = call(&harness, "get_module_layout", layout);
        let layouts = &layouts[module]["default"];
        assert!(layouts["list"].is_object(), "{module}");
        assert!(layouts["edit"]["panels"].is_object(), "{module}");
    }
}
