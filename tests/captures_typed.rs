//! What a real SuiteCRM 7.14.6 answered to each method, read by that method's type; and the arguments that the type sends,
//! beside those that were recorded.

#[path = "support/captures.rs"]
mod captures;
#[path = "support/raw_http.rs"]
mod raw_http;

use serde_json::json;
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::*;
use sugar_oauth::{Client, Error, ErrorKind, Instance, Session, SessionId, UtcTime};

const ACCOUNT: &str = "00cadeb7-5208-4d5e-a882-f15391602d22";
const CONTACT: &str = "ada4ba15-0f7f-cca3-fe94-6b016d579bb7";
const OWN_ID: &str = "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e";
const NOTE: &str = "d871eb6e-c676-e7f5-83d7-6b016dd5dc73";
const DOCUMENT: &str = "edf04622-25fe-5dad-80bf-6b016dfb179c";
const REVISION: &str = "1e610f53-f7ad-ad35-5ebc-6b016dd5c59a";
const SESSION: &str = "6b27832e0115eec82b6086f18d9b2f6d";

/// A server that answers what was recorded, and a session on it.
struct Recorded {
    sandbox: Sandbox,
    session: Session,
}

impl Recorded {
    async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let client = Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
        let session = client.session(SessionId::new(SESSION)).unwrap();
        Self { sandbox, session }
    }

    /// Calls the method against its recorded answer. The arguments must be those that were recorded, order included.
    async fn call<M: Method>(&self, capture: &str, method: &M) -> Result<M::Answer, Error> {
        let (answer, sent) = self.call_loosely(capture, method).await;
        let recorded = captures::short(capture, &[]).rest_data;
        assert_eq!(sent.to_string(), recorded.to_string(), "{capture}");
        answer
    }

    /// The same, where the recorder sent optional arguments that this crate leaves out; they come beside the answer.
    async fn call_loosely<M: Method>(
        &self,
        capture: &str,
        method: &M,
    ) -> (Result<M::Answer, Error>, serde_json::Value) {
        let recorded = captures::short(capture, &[]);
        assert_eq!(recorded.method, M::NAME, "{capture}");
        let status = if recorded.body.starts_with("Database failure") {
            500
        } else {
            200
        };
        let fault = Fault::status(status)
            .header("Content-Type", "application/json; charset=UTF-8")
            .body(recorded.body);
        self.sandbox.clear_requests();
        self.sandbox.fault(fault.once().on_method(M::NAME));
        let answer = self.session.call(method).await;
        let requests = self.sandbox.requests();
        assert_eq!(requests.len(), 1, "{capture}");
        (answer, requests[0].rest_data().unwrap())
    }
}

#[tokio::test]
async fn records_are_read() {
    let server = Recorded::start().await;

    let list = GetEntryList::new("Accounts")
        .order_by("accounts.id")
        .select(["id", "name", "billing_address_city"])
        .max_results(2);
    let list = server.call("m_list_accounts", &list).await.unwrap();
    assert_eq!((list.total_count, list.next_offset), (Some(3020), 2));
    assert_eq!(list.entries[0].id(), ACCOUNT);
    assert_eq!(list.entries[0].get("name").unwrap(), "Nguyễn \"Best\" LLC 01808");
    assert_eq!(list.entries[1].get("name").unwrap(), "Сидорова Ltd <Holding> 02700");
    assert_eq!(list.entries[1].get("billing_address_city").unwrap(), "Αθήνα");

    let created = GetEntry::new("Contacts", CONTACT).select([
        "id",
        "first_name",
        "last_name",
        "email1",
        "date_entered",
        "created_by",
    ]);
    let created = server.call("m_get_entry_created", &created).await.unwrap().unwrap();
    assert_eq!(created.module_name(), "Contacts");
    assert_eq!(created.get("last_name").unwrap(), "O'Neil & <b>Sons</b> ü");
    assert_eq!(
        created.raw("last_name").unwrap(),
        "O&#039;Neil & &lt;b&gt;Sons&lt;/b&gt; ü"
    );
    assert_eq!(created.get("date_entered").unwrap(), "2026-11-21 10:06:19");

    let linked = GetEntry::new("Accounts", ACCOUNT)
        .select(["id", "name", "account_type", "date_modified"])
        .with_link("contacts", ["id", "last_name"])
        .with_link("email_addresses", ["id", "email_address", "primary_address"]);
    let linked = server.call("m_get_entry_links", &linked).await.unwrap().unwrap();
    assert_eq!(linked.link("contacts").len(), 8);
    assert_eq!(
        linked.link("contacts")[7].get("last_name").unwrap(),
        "Ó'Súilleabháin 07400"
    );
    assert!(linked.link("email_addresses").is_empty());

    let some = GetEntries::new("Accounts", [ACCOUNT, "nope"])
        .select(["id", "name"])
        .with_link("contacts", ["id"]);
    let some = server.call("m_get_entries", &some).await.unwrap();
    let missing: Vec<_> = some.iter().map(Entry::is_missing).collect();
    assert_eq!(missing, [false, true]);
    assert_eq!(some[0].link("contacts").len(), 8);
    assert!(some[1].link("contacts").is_empty());
    assert_eq!(some[1].id(), "nope");

    let unknown = GetEntry::new("Nope", "x");
    let error = server.call("m_get_entry_no_access", &unknown).await.unwrap_err();
    assert_eq!(error.api().unwrap().number, 20);
    assert!(!error.may_have_applied());
}

#[tokio::test]
async fn links_are_read_and_set() {
    let server = Recorded::start().await;

    let related = GetRelationships::new("Accounts", ACCOUNT, "contacts")
        .select(["id", "last_name"])
        .order_by("")
        .offset(0)
        .limit(2);
    let related = server.call("m_get_relationships", &related).await.unwrap();
    let names: Vec<_> = related.iter().map(|record| record.get("last_name").unwrap()).collect();
    assert_eq!(names, ["Müller 06322", "PlainMap"]);

    let time = |text: &str| UtcTime::parse(text).unwrap();
    let changed = GetModifiedRelationships::new(
        "Users",
        "Meetings",
        time("2000-01-01 00:00:00"),
        time("2037-01-01 00:00:00"),
    )
    .max_results(2)
    .user("1")
    .select(["id", "name"]);
    let (changed, _) = server.call_loosely("m_get_modified_relationships", &changed).await;
    let changed = changed.unwrap();
    assert_eq!((changed.entries.len(), changed.next_offset), (2, 2));
    assert_eq!(changed.entries[1].get("name").unwrap(), "Discuss pricing");

    let set = SetRelationship::new("Accounts", ACCOUNT, "contacts", [CONTACT, OWN_ID]);
    let counts = server.call("m_set_relationship_ok", &set).await.unwrap();
    assert_eq!((counts.created, counts.deleted), (1, 0));

    let removed = SetRelationship::new("Accounts", ACCOUNT, "contacts", [CONTACT]);
    let counts = server
        .call("m_set_relationship_delete", &removed.clone().remove())
        .await
        .unwrap();
    assert_eq!((counts.created, counts.deleted), (0, 1));

    let wrong = SetRelationship::new("Accounts", ACCOUNT, "accounts_contacts", [CONTACT]);
    let error = server.call("m_set_relationship_wrong_link", &wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDone);
    assert!(!error.may_have_applied(), "{error}");

    let several = SetRelationships::new().with(removed);
    let counts = server.call("m_set_relationships", &several).await.unwrap();
    assert_eq!((counts.created, counts.deleted), (1, 0));
}

#[tokio::test]
async fn records_are_written() {
    let server = Recorded::start().await;

    let created = SetEntry::create("Contacts")
        .set("first_name", "Ægir")
        .set("last_name", "O'Neil & <b>Sons</b> ü")
        .set("email1", "cap1@example.test");
    assert_eq!(server.call("m_set_entry_create", &created).await.unwrap(), CONTACT);

    let own = SetEntry::create_with_id("Contacts", OWN_ID).set("last_name", "Own");
    assert_eq!(server.call("m_set_entry_new_with_id", &own).await.unwrap(), OWN_ID);
    let error = server.call("m_set_entry_new_with_id_again", &own).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus);

    let absent = "99aa8e53-2f9a-454c-96ab-a64451ef1cb0";
    let update = SetEntry::update("Contacts", absent).set("last_name", "Ghost");
    assert_eq!(server.call("m_set_entry_absent_id", &update).await.unwrap(), absent);

    let note = SetEntry::create("Notes")
        .set("name", "capture note")
        .set("parent_type", "Accounts")
        .set("parent_id", ACCOUNT);
    assert_eq!(server.call("m_set_entry_note", &note).await.unwrap(), NOTE);

    let document = SetEntry::create("Documents")
        .set("document_name", "capture doc")
        .set("revision", "1");
    assert_eq!(server.call("m_set_entry_document", &document).await.unwrap(), DOCUMENT);

    let two = SetEntries::new("Accounts")
        .with(SetEntry::create("Accounts").set("name", "Cap A"))
        .and_then(|entries| entries.with(SetEntry::create("Accounts").set("name", "Cap B")))
        .unwrap();
    let ids = server.call("m_set_entries", &two).await.unwrap();
    assert_eq!(
        ids,
        [
            "c52d94e6-26ed-253f-95f4-6b016dcd7686",
            "c806ac31-4646-bfe1-9f53-6b016d07e7b8"
        ]
    );
}

#[tokio::test]
async fn files_go_and_come() {
    let server = Recorded::start().await;

    let attach = SetNoteAttachment::new(NOTE, "hello ü.txt", "aGVsbG8K");
    assert_eq!(server.call("m_set_note_attachment", &attach).await.unwrap(), NOTE);

    let note = server
        .call("m_get_note_attachment", &GetNoteAttachment::new(NOTE))
        .await
        .unwrap();
    assert_eq!((note.id.as_str(), note.filename.as_str()), (NOTE, "hello ü.txt"));
    assert_eq!(note.base64.as_deref(), Some("aGVsbG8K"));
    assert_eq!(note.related_module_name.as_deref(), Some("Accounts"));
    assert_eq!(note.related_module_id.as_deref(), Some(ACCOUNT));

    let missing = server
        .call("m_get_note_attachment_missing", &GetNoteAttachment::new("nope"))
        .await
        .unwrap();
    assert_eq!((missing.base64, missing.related_module_id), (None, None));

    let revise = SetDocumentRevision::new(DOCUMENT, "1", "doc.txt", "ZG9jdW1lbnQK").document_name("capture doc");
    assert_eq!(server.call("m_set_document_revision", &revise).await.unwrap(), REVISION);

    let revision = server
        .call("m_get_document_revision", &GetDocumentRevision::new(REVISION))
        .await
        .unwrap();
    assert_eq!(
        (revision.id.as_str(), revision.filename.as_str()),
        (REVISION, "doc.txt")
    );
    assert_eq!(revision.base64.as_deref(), Some("ZG9jdW1lbnQK"));
    assert!(revision.document_name.contains(">capture doc</a>"));
}

#[tokio::test]
async fn what_things_are_is_read() {
    let server = Recorded::start().await;

    let digests = GetModuleFieldsMd5::new(["Notes", "Accounts"]);
    let digests = server.call("m_get_module_fields_md5", &digests).await.unwrap();
    assert_eq!(
        digests[1],
        (
            String::from("Accounts"),
            String::from("ec67fed14da56b0268be151ed3d73d12")
        )
    );

    let (layouts, sent) = server
        .call_loosely("m_get_module_layout", &GetModuleLayout::new(["Notes"]))
        .await;
    let layouts = layouts.unwrap();
    assert_eq!(layouts.modules().collect::<Vec<_>>(), ["Notes"]);
    let list = layouts.get("Notes", "default", "list").unwrap();
    assert_eq!(list["CONTACT_NAME"]["related_fields"], json!(["contact_id"]));
    assert_eq!(sent["a_module_names"], json!(["Notes"]));

    let (digests, _) = server
        .call_loosely("m_get_module_layout_md5", &GetModuleLayoutMd5::new(["Notes"]))
        .await;
    assert_eq!(
        digests.unwrap().get("Notes", "default", "list").unwrap(),
        "0cb0eeb3aa1d5273ca99eef31df8f6f7"
    );

    let (strings, _) = server
        .call_loosely("m_get_language_definition", &GetLanguageDefinition::new(["Notes"]))
        .await;
    assert_eq!(strings.unwrap()["Notes"]["LBL_ACCOUNT_ID"], "Account ID:");
}

#[tokio::test]
async fn searches_and_activities_are_read() {
    let server = Recorded::start().await;

    let search = SearchByModule::new("Ægir", ["Contacts", "Accounts"])
        .max_results(2)
        .select(["id", "name"])
        .beyond_unified_search();
    let (matches, _) = server.call_loosely("m_search_by_module", &search).await;
    let matches = matches.unwrap();
    assert_eq!(matches[0].module_name, "Accounts");
    assert!(matches[0].records.is_empty());
    assert_eq!(
        matches[1].records[0].get("name").unwrap(),
        "Ægir O'Neil & <b>Sons</b> ü"
    );

    let viewed = GetLastViewed::new(["Accounts", "Contacts"]);
    assert_eq!(server.call("m_get_last_viewed", &viewed).await.unwrap(), []);
    assert_eq!(
        server
            .call("m_get_upcoming_activities", &GetUpcomingActivities)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        server
            .call("m_job_queue_next", &JobQueueNext::new("cap"))
            .await
            .unwrap(),
        json!({"results": null})
    );
    assert_eq!(
        server.call("m_seamless_login", &SeamlessLogin::new()).await.unwrap(),
        json!(1)
    );
}

#[tokio::test]
async fn sessions_by_password_are_opened_and_ended() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
    for capture in ["m_login_ok", "m_login_plain", "m_login_wrong"] {
        let recorded = captures::short(capture, &[]);
        let fault = Fault::status(200).body(recorded.body.clone());
        sandbox.fault(fault.once().on_method("login"));
        let password = sugar_oauth::Password::new("admin");
        let opened = match capture {
            "m_login_plain" => client.login_plain("admin", password).await,
            _ => client.login("admin", password).await,
        };
        match capture {
            "m_login_wrong" => assert_eq!(opened.unwrap_err().api().unwrap().number, 10),
            _ => {
                let session = opened.unwrap();
                let body: serde_json::Value = serde_json::from_str(&recorded.body).unwrap();
                assert_eq!(session.id().expose(), body["id"]);
                let ended = captures::short("m_logout", &[]).body;
                sandbox.fault(Fault::status(200).body(ended).once().on_method("logout"));
                session.logout().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn every_field_of_a_module_is_read() {
    let server = Recorded::start().await;
    let text = captures::load("get_module_fields_ok").answer.text();
    let fault = Fault::status(200).body(text.clone());
    server.sandbox.fault(fault.once().on_method("get_module_fields"));
    let answer = server.session.call(&GetModuleFields::new("Accounts")).await.unwrap();
    let recorded: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer.table_name, recorded["table_name"]);
    for (name, field) in recorded["module_fields"].as_object().unwrap() {
        let read = answer.field(name).unwrap();
        assert_eq!(read.kind, field["type"], "{name}");
        assert_eq!(read.required, field["required"] == 1, "{name}");
    }
    for (name, link) in recorded["link_fields"].as_object().into_iter().flatten() {
        assert_eq!(answer.link(name).unwrap().relationship, link["relationship"], "{name}");
    }
}
