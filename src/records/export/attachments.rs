//! Attachments of notes and revisions of documents, each into a file of its own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sha1::{Digest, Sha1};

use super::asking::{self, NotGiven};
use super::folder::Folder;
use crate::error::{Error, Result};
use crate::files::safe_file_name;
use crate::rest::invalid_answer;
use crate::session::Session;
use crate::v4_1::{Entry, GetDocumentRevision, GetNoteAttachment};

/// What the server says where a revision's file is not there.
const GONE: [i64; 2] = [21, 51];

/// What came of a record's file.
pub(super) struct Received {
    /// Its line in the index.
    pub(super) line: Vec<u8>,
    pub(super) outcome: Outcome,
}

/// Whether a file is there.
pub(super) enum Outcome {
    There,
    /// The server has none.
    Missing,
    /// The server cannot give it.
    Refused(NotGiven),
}

/// Receives the file of a record; `None` for a record that has none.
pub(super) async fn receive(
    session: &Session,
    folder: &Folder,
    module: &str,
    entry: &Entry,
) -> Result<Option<Received>> {
    let filename = entry.get("filename").unwrap_or_default().into_owned();
    if filename.is_empty() {
        return Ok(None);
    }
    let id = entry.id();
    let mut line = json!({"id": id, "filename": filename});
    let outcome = match asking::ask(session, || content(session, module, id)).await? {
        Ok(Some(bytes)) => {
            let name = format!("files/{module}/{}-{}", id_in_name(id), safe_file_name(&filename));
            line["file"] = json!(name);
            line["bytes"] = json!(bytes.len());
            write_checked(folder.clone(), name, bytes).await?;
            Outcome::There
        }
        Ok(None) => {
            line["missing"] = json!(true);
            Outcome::Missing
        }
        Err(why) => {
            line["refused"] = json!(true);
            Outcome::Refused(why)
        }
    };
    let line = format!("{line}\n").into_bytes();
    Ok(Some(Received { line, outcome }))
}

async fn content(session: &Session, module: &str, id: &str) -> Result<Option<Vec<u8>>> {
    let base64 = base64(session, module, id).await?;
    let bytes = base64.map(|base64| BASE64_STANDARD.decode(base64.as_bytes()));
    bytes
        .transpose()
        .map_err(|_| invalid_answer("a file's content is not Base64"))
}

async fn base64(session: &Session, module: &str, id: &str) -> Result<Option<String>> {
    if module == "Notes" {
        return Ok(session.call(&GetNoteAttachment::new(id)).await?.base64);
    }
    match session.call(&GetDocumentRevision::new(id)).await {
        Ok(revision) => Ok(revision.base64),
        Err(error) if error.api().is_some_and(|api| GONE.contains(&api.number)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file and looks whether it is there as long as it should be.
async fn write_checked(folder: Folder, name: String, bytes: Vec<u8>) -> Result<()> {
    super::blocking(move || {
        folder.write(&name, &bytes)?;
        match folder.length(&name)? {
            Some(length) if length == bytes.len() as u64 => Ok(()),
            _ => Err(Error::invalid_input(
                "a file is shorter on the disk than it was written",
            )),
        }
    })
    .await
}

/// The id where it is plain, else its digest: an id may hold anything.
fn id_in_name(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !id.is_empty() && id.len() <= 36 && id.bytes().all(plain) {
        return id.to_owned();
    }
    let digest = Sha1::digest(id.as_bytes());
    digest
        .iter()
        .fold(String::from("x"), |name, byte| format!("{name}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::id_in_name;

    #[test]
    fn no_id_is_a_path() {
        assert_eq!(
            id_in_name("1c4d9a1a-c716-ba65-159f-6b015bb081ae"),
            "1c4d9a1a-c716-ba65-159f-6b015bb081ae"
        );
        for id in ["../x", "", "a/b", "ü", "{X}", "a\0"] {
            let name = id_in_name(id);
            assert!(
                name.len() == 41 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{name}"
            );
        }
    }
}
