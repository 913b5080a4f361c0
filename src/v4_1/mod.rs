//! The methods of the API as data: what they are called, what they take and what they answer.
//!
//! Build a method's value, then pass it to [`Session::call`](crate::Session::call), or to
//! [`Signed::call`](crate::Signed::call) to sign it with the access token and no session. Names, arguments and their
//! order are the server's (`docs/server.md`).

mod activities;
mod attachments;
mod available_modules;
mod entry;
mod entry_list;
mod entry_sink;
mod field_value;
mod fields;
mod get_entry;
mod jobs;
mod language;
mod links;
mod module_fields;
mod module_layout;
mod page_keys;
mod page_reader;
mod record_to_write;
mod relationships;
mod search;
mod sent;
mod server_info;
mod set_entry;
mod set_relationship;
mod skipped;
mod text;

pub use activities::{GetLastViewed, GetUpcomingActivities, LastViewed, UpcomingActivity};
pub use attachments::{
    DocumentRevision, GetDocumentRevision, GetNoteAttachment, NoteAttachment, SetDocumentRevision, SetNoteAttachment,
};
pub use available_modules::{Access, AvailableModule, GetAvailableModules};
pub use entry::Entry;
pub use entry_list::{EntryList, GetEntriesCount, GetEntryList};
pub(crate) use entry_sink::EntrySink;
pub use field_value::FieldValue;
pub use fields::Fields;
pub use get_entry::{GetEntries, GetEntry};
pub use jobs::{JobQueueCycle, JobQueueNext, JobQueueRun, SeamlessLogin, SetCampaignMerge};
pub use language::GetLanguageDefinition;
pub use module_fields::{GetModuleFields, GetModuleFieldsMd5, LinkField, ModuleField, ModuleFields};
pub use module_layout::{GetModuleLayout, GetModuleLayoutMd5, ModuleLayouts};
pub(crate) use page_keys::Keys;
pub(crate) use page_reader::{RecordSink, read_page};
pub use relationships::{GetModifiedRelationships, GetRelationships, ModifiedRelationships};
pub use search::{ModuleMatches, SearchByModule};
pub(crate) use sent::Sent;
pub use server_info::{GetServerInfo, GetUserId, ServerInfo};
pub use set_entry::{SetEntries, SetEntry};
pub use set_relationship::{RelationshipCounts, SetRelationship, SetRelationships};
pub use text::decode_entities;

use std::fmt;

use serde_json::Value;

use crate::error::{ApiError, Error, ErrorKind, Result};
use crate::filter::Filter;
use crate::rest::{Arguments, invalid_answer};

/// "Invalid Session ID": the session is gone.
pub(crate) const INVALID_SESSION: i64 = 11;
/// "Invalid Login": what `get_available_modules` says instead.
pub(crate) const INVALID_LOGIN: i64 = 10;

/// A method of the API, with its arguments.
///
/// Sealed: [`Session::call_raw`](crate::Session::call_raw) reaches methods that have no type here.
///
/// ```
/// use sugar_oauth::v4_1::Method;
/// use sugar_oauth::{Result, Session};
///
/// /// Calls any method, and says which one where it was slow.
/// async fn timed<M: Method>(session: &Session, method: &M) -> Result<M::Answer> {
///     let started = std::time::Instant::now();
///     let answer = session.call(method).await;
///     if started.elapsed().as_secs() > 5 {
///         eprintln!("{} took {:?}", M::NAME, started.elapsed());
///     }
///     answer
/// }
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
pub trait Method: sealed::Sealed + Send + Sync {
    /// The method's name on the wire.
    const NAME: &'static str;
    /// Whether calling it twice does no more than calling it once, so that it may be sent again after a lost answer.
    const REPEATABLE: bool;
    /// Whether the server takes it signed with an access token.
    const SIGNED: bool;
    /// Whether its first argument is the session.
    const SESSION: bool = true;
    /// What it answers.
    type Answer: Send;

    /// Refuses arguments that the server would take and do something else with. Nothing has been sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the reason.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The arguments after the session, in the documented order.
    fn arguments(&self) -> Arguments;

    /// Reads the result.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidAnswer`] when it is not of the documented shape.
    fn read(&self, result: Value) -> Result<Self::Answer>;

    /// Adds to a failure what the arguments tell of its cause.
    #[doc(hidden)]
    fn explain(&self, error: Error) -> Error {
        error
    }

    /// Whether this refusal, or `null` for none, means that the server does not know the session any more.
    ///
    /// `null` does not from a write: it may have been done.
    fn session_gone(refusal: Option<&ApiError>) -> bool {
        refusal.map_or(Self::REPEATABLE, |error| error.number == INVALID_SESSION)
    }
}

pub(crate) mod sealed {
    /// Keeps [`Method`](super::Method) to this crate, so that it can grow.
    pub trait Sealed {}
}

/// A condition, whose values are record data: `Debug` shows none of it.
#[derive(Clone, Default)]
struct Sql(String);

impl fmt::Debug for Sql {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_empty() { "none" } else { "…" })
    }
}

/// Reads a result. A write whose answer cannot be read may have been done.
pub(crate) fn read_answer<M: Method>(method: &M, result: Value) -> Result<M::Answer> {
    method.read(result).map_err(|error| {
        let unknown = !M::REPEATABLE && error.kind() == ErrorKind::InvalidAnswer;
        if unknown { error.may_apply(true) } else { error }
    })
}

/// Names what is wrong with a query of the caller's own that the database refused: the server does not.
fn explain_query(query: &str, error: Error) -> Error {
    if error.kind() != ErrorKind::HttpStatus || !error.message().contains("the database refused") || query.is_empty() {
        return error;
    }
    match Filter::raw(query) {
        Err(trouble) => error.first_hint(trouble.message().to_owned()),
        Ok(_) => error,
    }
}

/// The records of an answer.
fn read_entries(result: &Value) -> Result<Vec<Entry>> {
    let malformed = || invalid_answer("the list of records is not of the documented shape");
    let entries = result
        .get("entry_list")
        .and_then(Value::as_array)
        .ok_or_else(malformed)?;
    entries
        .iter()
        .map(|entry| Entry::read(entry).ok_or_else(malformed))
        .collect()
}

/// A member that is text.
fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An object, or the `[]` that PHP sends for an empty one.
fn members(value: Option<&Value>) -> Option<Vec<(&str, &Value)>> {
    match value {
        Some(Value::Object(members)) => Some(members.iter().map(|(name, value)| (name.as_str(), value)).collect()),
        Some(Value::Array(empty)) if empty.is_empty() => Some(Vec::new()),
        None | Some(Value::Null) => Some(Vec::new()),
        Some(_) => None,
    }
}

/// A count that PHP sends as a number or as a string.
fn count(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// PHP's truth of a flag: JSON booleans, and the numbers and strings that old instances send.
fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(Value::String(text)) => !matches!(text.as_str(), "" | "0" | "false"),
        _ => false,
    }
}
