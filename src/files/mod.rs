//! Files of notes and documents, to and from disk.
//!
//! Reading, writing and Base64 happen on Tokio's blocking threads. What the server names a file never becomes a path:
//! see [`safe_file_name`]. Nothing is overwritten, and no symbolic link is followed.

mod name;
mod receive;
mod send;
mod stream;

pub use name::safe_file_name;
pub(crate) use receive::Unfinished;
pub(crate) use stream::Enclosed;

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result, Step};
use crate::session::Session;
use crate::v4_1::{GetDocumentRevision, GetNoteAttachment, Method, SetDocumentRevision, SetNoteAttachment};

const FILE_DOES_NOT_EXIST: i64 = 21;
const NO_RECORDS: i64 = 51;
const REVISION_ID: &str = "give the revision's id, which is not the document's";

impl Session {
    /// Sends a file as a note's attachment, in the place of one that the note has.
    ///
    /// It is held in memory as Base64 while it is sent.
    ///
    /// ```no_run
    /// # async fn attach(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// let note = session.set_entry(&SetEntry::create("Notes").set("name", "Offer")).await?;
    /// session.upload_note_attachment(&note, "offer.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file cannot be read, is empty (the server takes that for a missing one) or has
    /// no name in UTF-8; otherwise as [`call`](Self::call).
    pub async fn upload_note_attachment(&self, note_id: &str, file: impl AsRef<Path>) -> Result<()> {
        let file = send::read(file.as_ref())
            .await
            .map_err(|error| located(error, SetNoteAttachment::NAME))?;
        self.call(&SetNoteAttachment::new(note_id, file.name, file.base64))
            .await
            .map(drop)
    }

    /// Receives a note's attachment into a folder, under its own name made safe, with a number behind it where that is
    /// taken. The answer is the file's path.
    ///
    /// ```no_run
    /// # async fn fetch(session: sugar_oauth::Session, note_id: &str) -> sugar_oauth::Result<()> {
    /// let path = session.download_note_attachment(note_id, "attachments").await?;
    /// println!("{}", path.display());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the file is missing on the server; [`ErrorKind::InvalidInput`] when the folder cannot
    /// be written to; otherwise as [`call`](Self::call).
    pub async fn download_note_attachment(&self, note_id: &str, folder: impl AsRef<Path>) -> Result<PathBuf> {
        let (name, content) = self.note_content(note_id).await?;
        receive::write(folder.as_ref(), &name, content)
            .await
            .map_err(|error| located(error, GetNoteAttachment::NAME))
    }

    /// Receives a note's attachment into a file of the caller's name; one that is there is left as it is unless `replace`
    /// is set.
    ///
    /// ```no_run
    /// # async fn fetch(session: sugar_oauth::Session, note_id: &str) -> sugar_oauth::Result<()> {
    /// session.download_note_attachment_as(note_id, "attachments/offer.pdf", true).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is there already; otherwise as
    /// [`download_note_attachment`](Self::download_note_attachment).
    pub async fn download_note_attachment_as(
        &self,
        note_id: &str,
        file: impl AsRef<Path>,
        replace: bool,
    ) -> Result<()> {
        let (_, content) = self.note_content(note_id).await?;
        receive::write_as(file.as_ref(), content, replace)
            .await
            .map_err(|error| located(error, GetNoteAttachment::NAME))
    }

    async fn note_content(&self, note_id: &str) -> Result<(String, String)> {
        let note = self.call(&GetNoteAttachment::new(note_id)).await?;
        let content = note.base64.ok_or_else(|| missing(GetNoteAttachment::NAME))?;
        Ok((note.filename, content))
    }

    /// Sends a file as a new revision of a document. The answer is the revision's id.
    ///
    /// ```no_run
    /// # async fn revise(session: sugar_oauth::Session, document_id: &str) -> sugar_oauth::Result<()> {
    /// let revision_id = session.upload_document_revision(document_id, "2", "contract.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`upload_note_attachment`](Self::upload_note_attachment).
    pub async fn upload_document_revision(
        &self,
        document_id: &str,
        revision: &str,
        file: impl AsRef<Path>,
    ) -> Result<String> {
        let file = send::read(file.as_ref())
            .await
            .map_err(|error| located(error, SetDocumentRevision::NAME))?;
        self.call(&SetDocumentRevision::new(document_id, revision, file.name, file.base64))
            .await
    }

    /// Receives a revision of a document, by the revision's id, into a folder; see
    /// [`download_note_attachment`](Self::download_note_attachment).
    ///
    /// ```no_run
    /// # async fn fetch(session: sugar_oauth::Session, document_id: &str) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::GetEntry;
    ///
    /// let document = session.call(&GetEntry::new("Documents", document_id)).await?;
    /// if let Some(revision_id) = document.as_ref().and_then(|document| document.get("document_revision_id")) {
    ///     session.download_document_revision(&revision_id, "documents").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`download_note_attachment`](Self::download_note_attachment).
    pub async fn download_document_revision(&self, revision_id: &str, folder: impl AsRef<Path>) -> Result<PathBuf> {
        let (name, content) = self.revision_content(revision_id).await?;
        receive::write(folder.as_ref(), &name, content)
            .await
            .map_err(|error| located(error, GetDocumentRevision::NAME))
    }

    /// Receives a revision of a document, by the revision's id, into a file of the caller's name; see
    /// [`download_note_attachment_as`](Self::download_note_attachment_as).
    ///
    /// ```no_run
    /// # async fn fetch(session: sugar_oauth::Session, revision_id: &str) -> sugar_oauth::Result<()> {
    /// session.download_document_revision_as(revision_id, "documents/contract.pdf", false).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`download_note_attachment_as`](Self::download_note_attachment_as).
    pub async fn download_document_revision_as(
        &self,
        revision_id: &str,
        file: impl AsRef<Path>,
        replace: bool,
    ) -> Result<()> {
        let (_, content) = self.revision_content(revision_id).await?;
        receive::write_as(file.as_ref(), content, replace)
            .await
            .map_err(|error| located(error, GetDocumentRevision::NAME))
    }

    async fn revision_content(&self, revision_id: &str) -> Result<(String, String)> {
        let revision = self
            .call(&GetDocumentRevision::new(revision_id))
            .await
            .map_err(|error| match error.api().map(|error| error.number) {
                Some(FILE_DOES_NOT_EXIST | NO_RECORDS) => error.kind_is(ErrorKind::NotFound).hint(REVISION_ID),
                _ => error,
            })?;
        let content = revision
            .base64
            .ok_or_else(|| missing(GetDocumentRevision::NAME).hint(REVISION_ID))?;
        Ok((revision.filename, content))
    }
}

fn located(error: Error, method: &str) -> Error {
    error.at(Step::Call).in_method(method)
}

fn missing(method: &str) -> Error {
    let message = "the file is missing: the server has the record, perhaps, but no content for it";
    located(Error::new(ErrorKind::NotFound, message), method)
        .hint("check the id")
        .hint("look for the file in the instance's upload folder")
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Error::new(ErrorKind::InvalidInput, "the work on the file was given up")))
}
