//! The files of notes and documents.

use super::Call;
use super::arguments::text_of;
use super::errors::{ApiError, Refusal};
use super::table::Argument::Required;
use super::table::{Door, Method, SESSION};
use crate::sandbox::random::guid;
use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "set_note_attachment",
        arguments: &[SESSION, Required("note")],
        door: Door::Session(set_note_attachment),
    },
    Method {
        name: "get_note_attachment",
        arguments: &[SESSION, Required("id")],
        door: Door::Session(get_note_attachment),
    },
    Method {
        name: "set_document_revision",
        arguments: &[SESSION, Required("document_revision")],
        door: Door::Session(set_document_revision),
    },
    Method {
        name: "get_document_revision",
        arguments: &[SESSION, Required("id")],
        door: Door::Session(get_document_revision),
    },
];

/// The id that stands for "nothing was stored".
const FAILED: &str = "-1";

/// A note that is not there, or no content, answers an id of -1 and no error.
fn set_note_attachment(call: &Call<'_>) -> Result<Value, Refusal> {
    let note = call.arguments.get("note").cloned().unwrap_or_default();
    let part = |name: &str| text_of(&note[name]);
    let (id, file, name) = (part("id"), part("file"), part("filename"));
    if is_empty(&file) || !call.server.crm.is_live("Notes", &id) {
        return Ok(json!({ "id": FAILED }));
    }
    let now = call.server.clock.gmt_time();
    let (related_module, related_id) = (part("related_module_name"), part("related_module_id"));
    let mut values = vec![
        ("filename", name.as_str()),
        ("file_mime_type", media_type(&name)),
        ("date_modified", &now),
        ("modified_user_id", &call.user),
    ];
    match related_module.as_str() {
        _ if related_id.is_empty() => {}
        "" => {}
        "Contacts" => values.push(("contact_id", &related_id)),
        module => values.extend([("parent_type", module), ("parent_id", &related_id)]),
    }
    call.server.crm.save("Notes", &id, &values)?;
    call.server.data().uploads.put(&id, decoded(&file));
    Ok(json!({ "id": id }))
}

/// A note that is not there is answered as an empty one; so is a file that is missing.
fn get_note_attachment(call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.arguments.text("id");
    let crm = &call.server.crm;
    let is_live = crm.is_live("Notes", &id);
    let field = |name: &str| crm.shown_value("Notes", &id, name).unwrap_or_default();
    let related = |name: &str| if is_live { json!(field(name)) } else { Value::Null };
    Ok(json!({
        "note_attachment": {
            "id": id,
            "filename": field("filename"),
            "file": if is_live { content(call, &id) } else { String::new() },
            "related_module_id": related("parent_id"),
            "related_module_name": related("parent_type"),
        }
    }))
}

fn set_document_revision(call: &Call<'_>) -> Result<Value, Refusal> {
    let revision = call.arguments.get("document_revision").cloned().unwrap_or_default();
    let part = |name: &str| text_of(&revision[name]);
    let (document, file, name) = (part("id"), part("file"), part("filename"));
    if is_empty(&file) {
        return Ok(json!({ "id": FAILED }));
    }
    let (crm, now, id) = (&call.server.crm, call.server.clock.gmt_time(), guid());
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let values = [
        ("document_id", document.as_str()),
        ("filename", &name),
        ("file_ext", extension),
        ("file_mime_type", media_type(&name)),
        ("revision", &part("revision")),
        ("date_entered", &now),
        ("date_modified", &now),
        ("created_by", &call.user),
        ("deleted", "0"),
    ];
    crm.save("DocumentRevisions", &id, &values)?;
    if crm.is_live("Documents", &document) {
        let values = [
            ("document_revision_id", id.as_str()),
            ("date_modified", &now),
            ("modified_user_id", &call.user),
        ];
        crm.save("Documents", &document, &values)?;
    }
    call.server.data().uploads.put(&id, decoded(&file));
    Ok(json!({ "id": id }))
}

/// Wants the id of a revision; that of a document finds nothing. The name of the document comes as
/// the link that its pages show.
fn get_document_revision(call: &Call<'_>) -> Result<Value, Refusal> {
    let crm = &call.server.crm;
    let id = call.arguments.text("id");
    let field = |name: &str| crm.shown_value("DocumentRevisions", &id, name).unwrap_or_default();
    let filename = field("filename");
    if is_empty(&filename) {
        return Err(Refusal::Api(ApiError::NO_RECORDS));
    }
    let document = field("document_id");
    let name = crm
        .shown_value("Documents", &document, "document_name")
        .unwrap_or_default();
    let anchor = format!(r#"<a href="index.php?module=Documents&action=DetailView&record={document}">{name}</a>"#);
    Ok(json!({
        "document_revision": {
            "id": field("id"),
            "document_name": anchor,
            "revision": field("revision"),
            "filename": filename,
            "file": content(call, &id),
        }
    }))
}

/// What PHP calls empty.
fn is_empty(text: &str) -> bool {
    matches!(text, "" | "0")
}

/// The file in base64; a missing one is empty.
fn content(call: &Call<'_>, id: &str) -> String {
    let data = call.server.data();
    data.uploads
        .get(id)
        .map(|file| STANDARD.encode(file))
        .unwrap_or_default()
}

/// Decodes base64 as PHP does: what is none of its characters is passed over, and there is no wrong input.
fn decoded(base64: &str) -> Vec<u8> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut digits: Vec<u8> = base64.bytes().filter(is_digit).collect();
    // A single last digit is not even a byte.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&ALPHABET, lenient)
        .decode(digits)
        .unwrap_or_default()
}

/// The media type that the server derives from a file's name.
fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "txt" => "text/plain",
        "csv" => "text/csv",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_php_reads_it() {
        // Expected values from PHP 8.2, `base64_decode` without `strict`.
        assert_eq!(decoded("aGVsbG8K"), b"hello\n");
        assert_eq!(decoded("aGVs\r\nbG8K"), b"hello\n");
        assert_eq!(decoded("aGVsbG8"), b"hello");
        assert_eq!(decoded("a"), b"");
        assert_eq!(decoded("*!"), b"");
        assert_eq!(decoded("YQ=b"), b"a\x06");
        assert_eq!(decoded("aGVsb"), b"hel");
    }
}
