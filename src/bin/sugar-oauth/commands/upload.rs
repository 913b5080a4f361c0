//! `upload`: a file to a note or a document.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use sugar_oauth::{Session, printable};

use crate::context::Context;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth upload Notes 3e4d8c1a-7b90-11ef-8a1c-0242ac120002 offer.pdf
  sugar-oauth upload Documents 1f0a2b3c-7b90-11ef-8a1c-0242ac120002 contract.pdf --revision 2

A note has one file: a new one takes its place. A document gets a new revision each time.";

/// What a file belongs to.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Owner {
    #[value(name = "Notes")]
    Notes,
    #[value(name = "Documents")]
    Documents,
}

/// Sends a file as the attachment of a note, or as a new revision of a document
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Upload {
    #[arg(value_enum, ignore_case = true, value_name = "MODULE")]
    module: Owner,
    /// The id of the note or of the document
    id: String,
    /// The file
    file: PathBuf,
    /// What the document's new revision is called
    #[arg(long, value_name = "NAME", default_value = "1")]
    revision: String,
}

impl Upload {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let send = async |session: Session| match self.module {
            Owner::Notes => {
                session.upload_note_attachment(&self.id, &self.file).await?;
                Ok(None)
            }
            Owner::Documents => {
                let sent = session.upload_document_revision(&self.id, &self.revision, &self.file);
                Ok(Some(sent.await?))
            }
        };
        let revision = context.with_session(send).await?;
        if context.output.is_json() {
            return context.output.json(&json!({"id": self.id, "revision_id": revision}));
        }
        let file = printable(&self.file.display().to_string());
        context.output.line(match revision {
            Some(id) => format!("{file} is a revision of the document, with the id {}", printable(&id)),
            None => format!("{file} is attached"),
        })
    }
}
