//! `download`: the file of a note or a document.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use sugar_oauth::v4_1::GetEntry;
use sugar_oauth::{Session, printable};

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal::reason;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth download Notes 3e4d8c1a-7b90-11ef-8a1c-0242ac120002
  sugar-oauth download Documents 1f0a2b3c-7b90-11ef-8a1c-0242ac120002 --dir contracts
  sugar-oauth download DocumentRevisions 2a9f1c44-7b90-11ef-8a1c-0242ac120002 --out contract.pdf

The server's name is made safe before it is a file's, and gets a number where it is taken; nothing
is overwritten. --out gives a name of your own, and --force replaces what has it.";

/// What a file belongs to.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Owner {
    #[value(name = "Notes")]
    Notes,
    /// The latest revision of a document
    #[value(name = "Documents")]
    Documents,
    #[value(name = "DocumentRevisions")]
    DocumentRevisions,
}

/// Receives the attachment of a note, or a document's file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Download {
    #[arg(value_enum, ignore_case = true, value_name = "MODULE")]
    module: Owner,
    /// The id of the note, of the document or of one of its revisions
    id: String,
    /// The folder to put it into, under the server's name; made if it is not there
    #[arg(long, value_name = "DIR", default_value = ".", conflicts_with = "out")]
    dir: PathBuf,
    /// The file to put it into
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replaces the file that --out names
    #[arg(long, requires = "out")]
    force: bool,
}

impl Download {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(out) = self
            .out
            .as_deref()
            .filter(|out| !self.force && out.symlink_metadata().is_ok())
        {
            return Err(taken(out));
        }
        let made = self.out.is_none() && make_private(&self.dir)?;
        let receive = async |session: Session| match &self.out {
            Some(out) => self.receive_as(&session, out).await.map(|()| out.clone()),
            None => self.receive(&session).await,
        };
        let received = context.with_session(receive).await;
        if made && received.is_err() {
            // Only if it is empty: what another program has put there stays.
            let _ = fs::remove_dir(&self.dir);
        }
        let path = received?;
        let path = path.display().to_string();
        match context.output.is_json() {
            true => context.output.json(&json!({"id": self.id, "file": path})),
            false => context.output.line(printable(&path)),
        }
    }

    async fn receive(&self, session: &Session) -> Result<PathBuf, Failure> {
        Ok(match self.module {
            Owner::Notes => session.download_note_attachment(&self.id, &self.dir).await?,
            _ => {
                let revision = self.revision(session).await?;
                session.download_document_revision(&revision, &self.dir).await?
            }
        })
    }

    async fn receive_as(&self, session: &Session, out: &Path) -> Result<(), Failure> {
        if let Owner::Notes = self.module {
            session.download_note_attachment_as(&self.id, out, self.force).await?;
        } else {
            let revision = self.revision(session).await?;
            session
                .download_document_revision_as(&revision, out, self.force)
                .await?;
        }
        Ok(())
    }

    /// The revision's id: a document names its latest one.
    async fn revision(&self, session: &Session) -> Result<String, Failure> {
        if let Owner::DocumentRevisions = self.module {
            return Ok(self.id.clone());
        }
        let field = "document_revision_id";
        let document = session
            .call(&GetEntry::new("Documents", &self.id).select([field]))
            .await?;
        let revision = document.and_then(|document| Some(document.get(field)?.into_owned()));
        revision.filter(|id| !id.is_empty()).ok_or_else(|| {
            Failure::failed("there is no such document, this user may not see it, or it has no revision")
                .hint("check the id, which is that of a document and not of a revision")
        })
    }
}

/// Makes the folder, for this user alone, unless it is there. Whether it was made.
fn make_private(folder: &Path) -> Result<bool, Failure> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    // Whatever the umask took away.
    #[cfg(unix)]
    let made = made.and_then(|()| fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)));
    match made {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => {
            let shown = printable(&folder.display().to_string());
            Err(
                Failure::usage(format!("--dir: {shown} cannot be made: {}", reason(&error)))
                    .hint("give a folder that exists, or one inside such a folder"),
            )
        }
    }
}

fn taken(out: &Path) -> Failure {
    let shown = printable(&out.display().to_string());
    Failure::usage(format!("{shown} is there already")).hint("give another name, or --force to replace it")
}
