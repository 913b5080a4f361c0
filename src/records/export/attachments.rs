//! Attachments of notes and revisions of documents, each into a file of its own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sha1::{Digest, Sha1};

use super::folder::Folder;
use crate::error::{Error, Result};
use crate::files::safe_file_name;
use crate::rest::invalid_answer;
use crate::session::Session;
use crate::v4_1::{Entry, GetDocumentRevision, GetNoteAttachment};

/// What the server says where a revision's file is not there.
const GONE: [i64; 2] = [21, 51];

/// Receives the file of a record. The answer is its line in the index, and whether it is there; `None` for a record that
/// has no file.
pub(super) async fn receive(
    session: &Session,
    folder: &Folder,
    module: &str,
    entry: &Entry,
) -> Result<Option<(Vec<u8>, bool)>> {
    let filename = entry.get("filename").unwrap_or_default().into_owned();
    if filename.is_empty() {
        return Ok(None);
    }
    let id = entry.id();
    let mut line = json!({"id": id, "filename": filename});
    let content = content(session, module, id).await?;
    let found = content.is_some();
    match content {
        Some(base64) => {
            let name = format!("files/{module}/{}-{}", id_in_name(id), safe_file_name(&filename));
            let bytes = BASE64_STANDARD
                .decode(base64.as_bytes())
                .map_err(|_| invalid_answer("a file's content is not Base64"))?;
            drop(base64);
            let length = bytes.len() as u64;
            write_checked(folder.clone(), name.clone(), bytes).await?;
            line["file"] = json!(name);
            line["bytes"] = json!(length);
        }
        None => line["missing"] = json!(true),
    }
    Ok(Some((format!("{line}\n").into_bytes(), found)))
}

async fn content(session: &Session, module: &str, id: &str) -> Result<Option<String>> {
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
