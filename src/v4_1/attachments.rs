//! Files of notes and documents, in Base64 within JSON. [`files`](crate::files) carries them to and from disk.

use std::fmt;

use serde_json::{Value, json};

use super::text::decode_entities;
use super::{Method, sealed, text_of};
use crate::error::{Error, ErrorKind, Result};
use crate::rest::{Arguments, invalid_answer};

/// `set_note_attachment`: gives a note its file, in the place of one that it has. The answer is the note's id.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::SetNoteAttachment;
///
/// // For content that is in memory; files are sent by `Session::upload_note_attachment`.
/// let attachment = SetNoteAttachment::new("2d1bce8c-6a5e-9f6f-3a0e-6b0151f2a0b3", "hello.txt", "aGVsbG8=")
///     .related_to("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae");
/// session.call(&attachment).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Clone)]
pub struct SetNoteAttachment {
    note_id: String,
    filename: String,
    base64: String,
    related: Option<(String, String)>,
}

impl SetNoteAttachment {
    /// A note's file: its name and its content in Base64.
    pub fn new(note_id: impl Into<String>, filename: impl Into<String>, base64: impl Into<String>) -> Self {
        Self {
            note_id: note_id.into(),
            filename: filename.into(),
            base64: base64.into(),
            related: None,
        }
    }

    /// Sets the record that the note belongs to: a module and an id.
    pub fn related_to(mut self, module_name: impl Into<String>, id: impl Into<String>) -> Self {
        self.related = Some((module_name.into(), id.into()));
        self
    }
}

/// Shows the note's id only.
impl fmt::Debug for SetNoteAttachment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SetNoteAttachment")
            .field("note_id", &self.note_id)
            .finish_non_exhaustive()
    }
}

impl sealed::Sealed for SetNoteAttachment {}

impl Method for SetNoteAttachment {
    const NAME: &'static str = "set_note_attachment";
    const REPEATABLE: bool = false;
    const SIGNED: bool = true;
    type Answer = String;

    fn arguments(&self) -> Arguments {
        let mut note = json!({"id": self.note_id, "filename": self.filename, "file": self.base64});
        if let Some((module_name, id)) = &self.related {
            note["related_module_id"] = json!(id);
            note["related_module_name"] = json!(module_name);
        }
        Arguments::new().with("note", note)
    }

    fn read(&self, result: Value) -> Result<String> {
        read_id(&result)
    }
}

/// `get_note_attachment`: a note's file.
///
/// The server answers success for a note that is not there and for a file that is gone: the content is then empty.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetNoteAttachment;
///
/// let attachment = session.call(&GetNoteAttachment::new("2d1bce8c-6a5e-9f6f-3a0e-6b0151f2a0b3")).await?;
/// match attachment.base64 {
///     Some(base64) => println!("{} characters of Base64", base64.len()),
///     None => println!("no such note, or its file is gone"),
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetNoteAttachment {
    note_id: String,
}

impl GetNoteAttachment {
    /// The file of this note.
    pub fn new(note_id: impl Into<String>) -> Self {
        Self {
            note_id: note_id.into(),
        }
    }
}

/// A note's file, as the server sends it.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::files::safe_file_name;
/// use sugar_oauth::v4_1::{GetNoteAttachment, NoteAttachment};
///
/// let attachment: NoteAttachment = session.call(&GetNoteAttachment::new("2d1bce8c-6a5e-9f6f-3a0e-6b0151f2a0b3")).await?;
/// let name = safe_file_name(&attachment.filename);
/// # let _ = name;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoteAttachment {
    /// The note.
    pub id: String,
    /// The name as it was stored, decoded: it may be `../../x` or `CON`. Never use it as a path.
    pub filename: String,
    /// The content in Base64; `None` where the file is missing. There are no empty files here.
    pub base64: Option<String>,
    /// The module of the record that the note belongs to.
    pub related_module_name: Option<String>,
    /// The id of that record.
    pub related_module_id: Option<String>,
}

/// Shows no content.
impl fmt::Debug for NoteAttachment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NoteAttachment")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl sealed::Sealed for GetNoteAttachment {}

impl Method for GetNoteAttachment {
    const NAME: &'static str = "get_note_attachment";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = NoteAttachment;

    fn arguments(&self) -> Arguments {
        Arguments::new().with("id", self.note_id.as_str())
    }

    fn read(&self, result: Value) -> Result<NoteAttachment> {
        let note = result
            .get("note_attachment")
            .filter(|note| note.is_object())
            .ok_or_else(malformed)?;
        let some = |name: &str| note.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(NoteAttachment {
            id: decode_entities(text_of(note, "id")).into_owned(),
            filename: decode_entities(text_of(note, "filename")).into_owned(),
            base64: some("file").filter(|content| !content.is_empty()),
            related_module_name: some("related_module_name"),
            related_module_id: some("related_module_id"),
        })
    }
}

/// `set_document_revision`: adds a revision to a document. The answer is the REVISION's id.
///
/// Sent twice, it adds two.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::SetDocumentRevision;
///
/// let revision = SetDocumentRevision::new("7f1f7c5e-3c1b-4b11-8f6e-6b0151e0c1aa", "2", "price list.txt", "aGVsbG8=")
///     .document_name("Price list");
/// let revision_id = session.call(&revision).await?;
/// # let _ = revision_id;
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Clone)]
pub struct SetDocumentRevision {
    document_id: String,
    document_name: String,
    revision: String,
    filename: String,
    base64: String,
}

impl SetDocumentRevision {
    /// A revision of a document: its name such as `1`, the file's name and its content in Base64.
    pub fn new(
        document_id: impl Into<String>,
        revision: impl Into<String>,
        filename: impl Into<String>,
        base64: impl Into<String>,
    ) -> Self {
        Self {
            document_id: document_id.into(),
            document_name: String::new(),
            revision: revision.into(),
            filename: filename.into(),
            base64: base64.into(),
        }
    }

    /// The document's name, for the instances that want it.
    pub fn document_name(mut self, name: impl Into<String>) -> Self {
        self.document_name = name.into();
        self
    }
}

/// Shows the document's id only.
impl fmt::Debug for SetDocumentRevision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SetDocumentRevision")
            .field("document_id", &self.document_id)
            .finish_non_exhaustive()
    }
}

impl sealed::Sealed for SetDocumentRevision {}

impl Method for SetDocumentRevision {
    const NAME: &'static str = "set_document_revision";
    const REPEATABLE: bool = false;
    const SIGNED: bool = true;
    type Answer = String;

    fn arguments(&self) -> Arguments {
        let revision = json!({
            "id": self.document_id,
            "document_name": self.document_name,
            "revision": self.revision,
            "filename": self.filename,
            "file": self.base64,
        });
        Arguments::new().with("document_revision", revision)
    }

    fn read(&self, result: Value) -> Result<String> {
        read_id(&result)
    }
}

/// `get_document_revision`: a revision's file, by the REVISION's id, which is not the document's.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetDocumentRevision;
///
/// let revision = session.call(&GetDocumentRevision::new("0e9b7f57-93ad-4c0f-9d29-6b0151c55d1f")).await?;
/// println!("revision {}: {}", revision.revision, sugar_oauth::printable(&revision.filename));
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetDocumentRevision {
    revision_id: String,
}

impl GetDocumentRevision {
    /// The file of this revision.
    pub fn new(revision_id: impl Into<String>) -> Self {
        Self {
            revision_id: revision_id.into(),
        }
    }
}

/// A revision's file, as the server sends it.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{DocumentRevision, GetDocumentRevision};
///
/// let revision: DocumentRevision = session.call(&GetDocumentRevision::new("0e9b7f57-93ad-4c0f-9d29-6b0151c55d1f")).await?;
/// assert!(revision.base64.is_some(), "its file is gone from the server's disk");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentRevision {
    /// The revision.
    pub id: String,
    /// The document's name, which some versions wrap in a link of HTML.
    pub document_name: String,
    /// The revision's own name, such as `1`.
    pub revision: String,
    /// The file's name as it was stored, decoded: it may be `../../x` or `CON`. Never use it as a path.
    pub filename: String,
    /// The content in Base64; `None` where the file is missing. There are no empty files here.
    pub base64: Option<String>,
}

/// Shows no content.
impl fmt::Debug for DocumentRevision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DocumentRevision")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl sealed::Sealed for GetDocumentRevision {}

impl Method for GetDocumentRevision {
    const NAME: &'static str = "get_document_revision";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = DocumentRevision;

    fn arguments(&self) -> Arguments {
        Arguments::new().with("id", self.revision_id.as_str())
    }

    fn read(&self, result: Value) -> Result<DocumentRevision> {
        let revision = result
            .get("document_revision")
            .filter(|revision| revision.is_object())
            .ok_or_else(malformed)?;
        let decoded = |name: &str| decode_entities(text_of(revision, name)).into_owned();
        let content = revision.get("file").and_then(Value::as_str).map(str::to_owned);
        Ok(DocumentRevision {
            id: decoded("id"),
            document_name: decoded("document_name"),
            revision: decoded("revision"),
            filename: decoded("filename"),
            base64: content.filter(|content| !content.is_empty()),
        })
    }
}

fn read_id(result: &Value) -> Result<String> {
    match result.get("id").and_then(Value::as_str) {
        Some("-1") => Err(not_stored()),
        Some(id) if !id.is_empty() => Ok(decode_entities(id).into_owned()),
        None if result.get("id").and_then(Value::as_i64) == Some(-1) => Err(not_stored()),
        _ => Err(invalid_answer("the answer holds no id of what was stored")),
    }
}

fn not_stored() -> Error {
    Error::new(ErrorKind::NotDone, "the server stored nothing (it answered -1)")
        .hint("check the id")
        .hint("check that PHP on the instance can write its upload folder")
}

fn malformed() -> Error {
    invalid_answer("the file is not of the documented shape")
}
