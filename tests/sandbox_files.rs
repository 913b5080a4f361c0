//! Files of notes and documents on the sandbox, beside recorded answers.

#[path = "support/captures.rs"]
mod captures;
#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use captures::short;
use harness::{Harness, assert_error};
use serde_json::{Value, json};

const RECORDED_SESSION: &str = "6b27832e0115eec82b6086f18d9b2f6d";
const RECORDED_NOTE: &str = "d871eb6e-c676-e7f5-83d7-6b016dd5dc73";
const RECORDED_DOCUMENT: &str = "edf04622-25fe-5dad-80bf-6b016dfb179c";
const RECORDED_REVISION: &str = "1e610f53-f7ad-ad35-5ebc-6b016dd5c59a";

/// Names that must not become paths, and one that HTML has a meaning for.
const NAMES: [(&str, &str); 5] = [
    ("../../../x.sh", "../../../x.sh"),
    ("..\\x.bat", "..\\x.bat"),
    ("CON", "CON"),
    ("a\u{1b}[2J.txt", "a\u{1b}[2J.txt"),
    ("<b>.txt", "&lt;b&gt;.txt"),
];

struct Case {
    harness: Harness,
    session: String,
}

impl Case {
    async fn start() -> Self {
        let harness = Harness::start().await;
        let session = harness.session();
        Self { harness, session }
    }

    fn call(&self, method: &str, argument: &str, value: Value) -> Value {
        let arguments = json!({"session": self.session, argument: value});
        self.harness.call(method, &arguments).json()
    }

    /// Asks what was recorded, with other ids; the answer must be the recorded one with these ids.
    fn replay(&self, name: &str, ids: &[(&str, &str)]) {
        let mut all = vec![(RECORDED_SESSION, self.session.as_str())];
        all.extend(ids);
        let capture = short(name, &all);
        let answer = self.harness.call(&capture.method, &capture.rest_data);
        assert_eq!(answer.text(), capture.body, "{name}");
    }

    /// Asks what was recorded for the id that it makes, and compares the rest.
    fn made(&self, name: &str, recorded_id: &str, ids: &[(&str, &str)]) -> String {
        let mut all = vec![(RECORDED_SESSION, self.session.as_str())];
        all.extend(ids);
        let capture = short(name, &all);
        let answer = self.harness.call(&capture.method, &capture.rest_data);
        let id = answer.json()["id"].as_str().expect("an id").to_owned();
        assert_eq!(answer.text(), capture.body.replace(recorded_id, &id), "{name}");
        assert_eq!(id.len(), 36, "{id}");
        id
    }

    fn note(&self) -> String {
        self.made("m_set_entry_note", RECORDED_NOTE, &[])
    }

    fn document(&self) -> String {
        self.made("m_set_entry_document", RECORDED_DOCUMENT, &[])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_goes_up_and_comes_down_as_recorded() {
    let case = Case::start().await;
    let note = case.note();
    let ids = [(RECORDED_NOTE, note.as_str())];
    case.replay("m_set_note_attachment", &ids);
    case.replay("m_get_note_attachment", &ids);
    case.replay("m_get_note_attachment_missing", &ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_attachment_is_an_empty_one() {
    let case = Case::start().await;
    let note = case.note();
    case.replay("m_set_note_attachment", &[(RECORDED_NOTE, &note)]);
    assert!(case.harness.sandbox.lose_file(&note));
    assert!(!case.harness.sandbox.lose_file(&note));
    let answer = case.call("get_note_attachment", "id", json!(note));
    assert_eq!(answer["note_attachment"]["file"], "");
    assert_eq!(answer["note_attachment"]["filename"], "hello ü.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_is_replaced_and_can_name_what_it_belongs_to() {
    let case = Case::start().await;
    let note = case.note();
    case.replay("m_set_note_attachment", &[(RECORDED_NOTE, &note)]);
    let attachment = json!({
        "id": note, "filename": "two.pdf", "file": "AAECAwT//g==",
        "related_module_id": "an-opportunity", "related_module_name": "Opportunities",
    });
    assert_eq!(
        case.call("set_note_attachment", "note", attachment),
        json!({"id": note})
    );
    assert_eq!(
        case.call("get_note_attachment", "id", json!(note)),
        json!({"note_attachment": {
            "id": note, "filename": "two.pdf", "file": "AAECAwT//g==",
            "related_module_id": "an-opportunity", "related_module_name": "Opportunities",
        }})
    );
}

/// A field of a record by `get_entry`.
fn field(case: &Case, module: &str, id: &str, name: &str) -> Value {
    let arguments = json!([case.session, module, id, [name], []]);
    let answer = case.harness.call("get_entry", &arguments).json();
    answer["entry_list"][0]["name_value_list"][name]["value"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_for_a_contact_leaves_the_parent() {
    let case = Case::start().await;
    let note = case.note();
    let parent = field(&case, "Notes", &note, "parent_id");
    let attachment = json!({
        "id": note, "filename": "a.txt", "file": "eA==", "related_module_id": "a-contact", "related_module_name": "Contacts",
    });
    case.call("set_note_attachment", "note", attachment);
    assert_eq!(field(&case, "Notes", &note, "contact_id"), "a-contact");
    assert_eq!(field(&case, "Notes", &note, "parent_id"), parent);
    assert_eq!(field(&case, "Notes", &note, "file_mime_type"), "text/plain");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_revision_is_the_document_s() {
    let case = Case::start().await;
    let document = case.document();
    for number in ["1", "2"] {
        let revision = json!({"id": document, "revision": number, "filename": format!("{number}.txt"), "file": "eA=="});
        let revision = case.call("set_document_revision", "document_revision", revision);
        assert_eq!(
            field(&case, "Documents", &document, "document_revision_id"),
            revision["id"]
        );
        assert_eq!(field(&case, "Documents", &document, "revision"), number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_nothing_or_without_content_is_not_stored_and_no_error() {
    let case = Case::start().await;
    let note = case.note();
    for attachment in [
        json!({"id": "nope", "filename": "a.txt", "file": "aGVsbG8K"}),
        json!({"id": note, "filename": "a.txt", "file": ""}),
        json!({"filename": "a.txt", "file": "aGVsbG8K"}),
        json!("nonsense"),
    ] {
        assert_eq!(
            case.call("set_note_attachment", "note", attachment),
            json!({"id": "-1"})
        );
    }
    let revision = json!({"id": "nope", "filename": "a.txt", "file": ""});
    assert_eq!(
        case.call("set_document_revision", "document_revision", revision),
        json!({"id": "-1"})
    );
    let answer = case.call("get_note_attachment", "id", json!(note));
    assert_eq!(answer["note_attachment"]["filename"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_goes_up_and_comes_down_as_recorded() {
    let case = Case::start().await;
    let document = case.document();
    let ids = [(RECORDED_DOCUMENT, document.as_str())];
    let revision = case.made("m_set_document_revision", RECORDED_REVISION, &ids);
    case.replay(
        "m_get_document_revision",
        &[(RECORDED_DOCUMENT, &document), (RECORDED_REVISION, &revision)],
    );
    assert!(case.harness.sandbox.lose_file(&revision));
    let answer = case.call("get_document_revision", "id", json!(revision));
    assert_eq!(answer["document_revision"]["file"], "");
    assert_eq!(answer["document_revision"]["filename"], "doc.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_a_document_is_not_the_id_of_its_revision() {
    let case = Case::start().await;
    let document = case.document();
    let first = case.made(
        "m_set_document_revision",
        RECORDED_REVISION,
        &[(RECORDED_DOCUMENT, &document)],
    );
    let arguments = json!({"session": case.session, "id": document});
    assert_error(&case.harness.call("get_document_revision", &arguments), 51);
    // A second revision stands beside the first one.
    let second = json!({"id": document, "revision": "2", "filename": "doc2.txt", "file": "Mg=="});
    let second = case.call("set_document_revision", "document_revision", second);
    let content = |id: &Value| {
        let answer = case.call("get_document_revision", "id", id.clone());
        let part = |name: &str| answer["document_revision"][name].as_str().map(str::to_owned);
        (part("revision"), part("file"))
    };
    assert_eq!(content(&second["id"]), (Some("2".into()), Some("Mg==".into())));
    assert_eq!(content(&json!(first)), (Some("1".into()), Some("ZG9jdW1lbnQK".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn file_names_come_back_as_stored() {
    let case = Case::start().await;
    let (note, document) = (case.note(), case.document());
    for (stored, shown) in NAMES {
        let attachment = json!({"id": note, "filename": stored, "file": "eA=="});
        case.call("set_note_attachment", "note", attachment);
        let answer = case.call("get_note_attachment", "id", json!(note));
        assert_eq!(answer["note_attachment"]["filename"], shown);
        let revision = json!({"id": document, "revision": "1", "filename": stored, "file": "eA=="});
        let revision = case.call("set_document_revision", "document_revision", revision);
        let answer = case.call("get_document_revision", "id", revision["id"].clone());
        assert_eq!(answer["document_revision"]["filename"], shown);
    }
}
