//! What a program holds across `await`, moves to another thread or keeps in a static, and the futures that it spawns.

use std::collections::BTreeSet;
use std::panic::{RefUnwindSafe, UnwindSafe};

use serde_json::{Value, json};
use sugar_oauth::oauth2;
use sugar_oauth::records::{self, export};
use sugar_oauth::sandbox::{self, Sandbox, SandboxBuilder};
use sugar_oauth::v4_1::{self, GetRelationships, GetUserId, SetEntry, SetRelationship, SetRelationships};
use sugar_oauth::{doctor, filter, profile, signing, values, *};

use crate::examples;
use crate::reader::Kind;

/// Types that hold nothing but data.
macro_rules! data {
    ($($type:ty),* $(,)?) => {
        fn of_data() {
            fn is<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + 'static>() {}
            $(is::<$type>();)*
        }
    };
}

/// Types that also hold the caller's closures or the HTTP library.
macro_rules! handles {
    ($($type:ty),* $(,)?) => {
        fn of_handles() {
            fn is<T: Send + Sync + Unpin + 'static>() {}
            $(is::<$type>();)*
        }
    };
}

data! {
    values::Date,
    values::Decimal,
    values::MultiSelect,
    filter::Column,
    filter::Table,
    filter::Value,
    filter::Filter,
    signing::SigningKey,
    signing::Parameters,
    signing::HttpMethod,
    signing::Placement,
    signing::SignedRequest,
    v4_1::GetLastViewed,
    v4_1::GetUpcomingActivities,
    v4_1::LastViewed,
    v4_1::UpcomingActivity,
    v4_1::DocumentRevision,
    v4_1::GetDocumentRevision,
    v4_1::GetNoteAttachment,
    v4_1::NoteAttachment,
    v4_1::SetDocumentRevision,
    v4_1::SetNoteAttachment,
    v4_1::Access,
    v4_1::AvailableModule,
    v4_1::GetAvailableModules,
    v4_1::Entry,
    v4_1::EntryList,
    v4_1::GetEntriesCount,
    v4_1::GetEntryList,
    v4_1::FieldValue,
    v4_1::Fields,
    v4_1::GetEntries,
    v4_1::GetEntry,
    v4_1::JobQueueCycle,
    v4_1::JobQueueNext,
    v4_1::JobQueueRun,
    v4_1::SeamlessLogin,
    v4_1::SetCampaignMerge,
    v4_1::GetLanguageDefinition,
    v4_1::GetModuleFields,
    v4_1::GetModuleFieldsMd5,
    v4_1::LinkField,
    v4_1::ModuleField,
    v4_1::ModuleFields,
    v4_1::GetModuleLayout,
    v4_1::GetModuleLayoutMd5,
    v4_1::ModuleLayouts,
    v4_1::GetModifiedRelationships,
    v4_1::GetRelationships,
    v4_1::ModifiedRelationships,
    v4_1::ModuleMatches,
    v4_1::SearchByModule,
    v4_1::GetServerInfo,
    v4_1::GetUserId,
    v4_1::ServerInfo,
    v4_1::SetEntries,
    v4_1::SetEntry,
    v4_1::RelationshipCounts,
    v4_1::SetRelationship,
    v4_1::SetRelationships,
    export::Completeness,
    export::Content,
    export::FileReport,
    export::LeftOut,
    export::Manifest,
    export::Refused,
    export::Plan,
    export::PlannedModule,
    export::Progress,
    export::Format,
    records::Change,
    records::ChangesPage,
    records::Page,
    records::RefusedRecord,
    records::Watermark,
    records::ScanState,
    records::Window,
    oauth2::BulkAnswer,
    oauth2::BulkRequest,
    oauth2::Upload,
    oauth2::RestPath,
    oauth2::Platform,
    oauth2::AccessToken,
    oauth2::ClientSecret,
    oauth2::DownloadToken,
    oauth2::RefreshToken,
    oauth2::Tokens,
    oauth2::RestVersion,
    profile::Credentials,
    profile::Keep,
    profile::Profile,
    profile::Api,
    profile::User,
    profile::Place,
    doctor::Cause,
    doctor::Finding,
    doctor::Remedy,
    doctor::State,
    doctor::FindingId,
    doctor::Report,
    sandbox::SandboxBuilder,
    sandbox::Clock,
    sandbox::CostModel,
    sandbox::Flavour,
    sandbox::UnknownFlavour,
    sandbox::Trick,
    sandbox::ReceivedRequest,
    sandbox::AccessTokenState,
    sandbox::RequestTokenState,
    sandbox::SessionState,
    sandbox::State,
    sandbox::StoredRecord,
    sandbox::LoginState,
    AccessToken,
    Consumer,
    ApiError,
    Error,
    ErrorKind,
    RestError,
    RestErrorCode,
    Step,
    ApiVersion,
    Instance,
    Difference,
    Callback,
    RequestToken,
    Arguments,
    ConsumerSecret,
    Password,
    SessionId,
    TokenSecret,
    Verifier,
    UtcTime,
    signing::OAuthParameters<'static>,
    signing::Target<'static>,
    AuthorizeUrl,
}

handles! {
    export::Export,
    records::Changes,
    records::Scan,
    records::Records,
    oauth2::Client,
    oauth2::ClientBuilder,
    oauth2::Session,
    profile::Profiles,
    sandbox::Fault,
    sandbox::Sandbox,
    CallbackListener,
    Client,
    ClientBuilder,
    Session,
    Signed,
    Transport,
    TransportBuilder,
}

fn sent<T: Send>(_: T) {}

// The futures are made and dropped: that this compiles is the test.

async fn of_the_walk(client: &Client, mut listener: CallbackListener, token: &AccessToken) -> Result<()> {
    let request_token = client.request_token(Callback::OutOfBand).await?;
    let verifier = Verifier::new("a");
    let password = || Password::new("a");
    sent(CallbackListener::bind(None));
    sent(listener.next_verifier(&request_token));
    sent(listener.finish());
    sent(request_token.authorize_url().open_in_browser());
    sent(client.server_info());
    sent(client.request_token(Callback::OutOfBand));
    sent(client.access_token(&request_token, &verifier));
    sent(client.oauth_access(token));
    sent(client.login("a", password()));
    sent(client.login_plain("a", password()));
    let signed = client.signed(token)?;
    sent(signed.call(&GetUserId));
    sent(signed.call_raw("a", Value::Null));
    sent(signed.prepare_raw("a", json!({})));
    sent(doctor::Doctor::new(client).examine());
    Ok(())
}

fn of_a_session(session: &Session, entry: &SetEntry, one: &SetRelationship, more: &SetRelationships) {
    sent(session.call(entry));
    sent(session.call_raw("a", Value::Null));
    sent(session.get_user_id());
    sent(session.get_available_modules());
    sent(session.get_entries_count("a", "a"));
    sent(session.logout());
    sent(session.set_entry(entry));
    sent(session.verify(entry, "a"));
    sent(session.set_relationship(one));
    sent(session.set_relationships(more));
    sent(session.get_relationships(&GetRelationships::new("a", "a", "a")));
    sent(session.set_email("a", "a", "a"));
    sent(session.upload_note_attachment("a", "a"));
    sent(session.download_note_attachment("a", "a"));
    sent(session.download_note_attachment_as("a", "a", true));
    sent(session.upload_document_revision("a", "a", "a"));
    sent(session.download_document_revision("a", "a"));
    sent(session.download_document_revision_as("a", "a", true));
}

fn of_records(records: &Records, mut scan: records::Scan, mut changes: records::Changes, export: &export::Export) {
    fn is_held<T: Send + Unpin + 'static>(_: T) {}
    sent(records.total_count());
    sent(scan.next_page());
    sent(changes.next_page());
    is_held(records.entries());
    is_held(records.lines());
    is_held(records.stream::<Value>());
    sent(export.plan());
    sent(export.run("a"));
}

fn of_oauth2(client: &oauth2::Client, session: &oauth2::Session, token: &oauth2::RefreshToken) {
    sent(client.password("a", Password::new("a")));
    sent(client.password_with("a", || async { None }));
    sent(client.refresh(token));
    sent(session.bulk(&[]));
    sent(session.upload("a", "a", "a", &oauth2::Upload::file("a")));
    sent(session.download("a", "a", "a", "a"));
    sent(session.get("a", &[]));
    sent(session.post("a", &1));
    sent(session.put("a", &1));
    sent(session.delete("a"));
    sent(session.me());
    sent(session.ping());
    sent(session.logout());
}

fn of_the_sandbox(builder: SandboxBuilder, sandbox: Sandbox) {
    sent(builder.start());
    sent(Sandbox::start());
    sent(sandbox.stop());
}

#[test]
fn types_and_futures_go_to_other_threads() {
    of_data();
    of_handles();
    // The doctor holds a closure that one thread at a time may call.
    fn is_sent<T: Send + Unpin + 'static>() {}
    is_sent::<doctor::Doctor>();
    let _ = (of_the_walk, of_a_session, of_records, of_oauth2, of_the_sandbox);
}

/// What is added to the crate is added here.
#[test]
fn every_public_type_and_future_is_named_above() {
    let this = include_str!("send.rs");
    let named: BTreeSet<&str> = this.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    let sent: Vec<&str> = this.lines().filter(|line| line.starts_with("    sent(")).collect();
    let mut count = 0;
    for item in examples::all().0 {
        let name = &item.name;
        let wanted = match item.kind {
            Kind::Type if item.module == "records" => {
                named.contains(format!("records::{name}").as_str())
                    || named.contains(format!("export::{name}").as_str())
            }
            Kind::Type if item.module.is_empty() => named.contains(name.as_str()),
            Kind::Type => {
                let path = format!("{}::{name}", item.module);
                [&path, &format!("{path}<'static>")]
                    .iter()
                    .any(|path| named.contains(path.as_str()))
                    || path == "doctor::Doctor"
            }
            Kind::Function if item.is_async => {
                let calls = [format!(".{name}("), format!("::{name}(")];
                sent.iter().any(|line| calls.iter().any(|call| line.contains(call)))
            }
            _ => continue,
        };
        assert!(wanted, "{}::{name}", item.module);
        count += 1;
    }
    assert!(count > 150, "only {count} were found");
}
