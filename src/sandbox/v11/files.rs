//! Files of records.

use super::logins::Login;
use super::multipart::{Part, parts};
use super::records::{find, may_write};
use super::refusal::Refusal;
use super::shape::{Shape, record};
use super::{Answer, Call, module};
use crate::sandbox::crm::{Change, Field, Module, Plain};
use serde_json::{Value, json};

/// What a file is called that came without a name.
const NAMELESS: &str = "file";

const ANY_TYPE: &str = "application/octet-stream";

/// Answers what stands behind `<module>/<id>/file`.
pub(super) fn answer(
    call: &Call<'_>,
    login: &Login,
    module: &'static Module,
    id: &str,
    path: &[&str],
) -> Result<Answer, Refusal> {
    match (call.method, path) {
        ("GET", []) => {
            let plain = find(call, login, module, id)?;
            let fields = module::fields(module).filter(|field| field.type_name == "file" && field.is_stored());
            let files = fields.filter_map(|field| Some((field.name.to_owned(), about(call, module, &plain, field)?)));
            Ok(Answer::Json(Value::Object(files.collect())))
        }
        ("GET", [field]) => download(call, login, module, id, file_field(module, field)?),
        ("POST" | "PUT", [field]) => upload(call, login, module, id, file_field(module, field)?).map(Answer::Json),
        ("DELETE", [field]) => remove(call, login, module, id, file_field(module, field)?).map(Answer::Json),
        _ => Err(Refusal::NO_METHOD),
    }
}

fn file_field(module: &'static Module, name: &str) -> Result<&'static Field, Refusal> {
    let field = module::field(module, name).filter(|field| field.type_name == "file" && field.is_stored());
    field.ok_or_else(|| Refusal::not_found(format!("{name} is no field for files of module: {}", module.name)))
}

fn download(
    call: &Call<'_>,
    login: &Login,
    module: &'static Module,
    id: &str,
    field: &Field,
) -> Result<Answer, Refusal> {
    let plain = find(call, login, module, id)?;
    let content = call.server.data().uploads.get(&plain.id).map(<[u8]>::to_vec);
    let content = content.ok_or_else(|| Refusal::not_found(format!("The record has no file: {id}")))?;
    Ok(Answer::File {
        media_type: text(&plain, "file_mime_type")
            .filter(|kind| kind.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
            .unwrap_or_else(|| ANY_TYPE.to_owned()),
        name: text(&plain, field.name).unwrap_or_else(|| NAMELESS.to_owned()),
        content,
    })
}

/// Takes a multipart form with a part of the field's name, as forms send it, or the bare content, whose name is the
/// query parameter `filename`.
fn upload(
    call: &Call<'_>,
    login: &Login,
    module: &'static Module,
    id: &str,
    field: &'static Field,
) -> Result<Value, Refusal> {
    may_write(call, login, module)?;
    let plain = find(call, login, module, id)?;
    let body = &call.content;
    let is_form = body.media_type.to_ascii_lowercase().starts_with("multipart/form-data");
    let part = match is_form {
        true => parts(body.media_type, body.bytes)
            .into_iter()
            .find(|part| part.name == field.name)
            .ok_or_else(|| Refusal::missing(field.name))?,
        false => Part {
            name: field.name.to_owned(),
            filename: call.query.text("filename").map(str::to_owned),
            media_type: Some(body.media_type.to_owned()).filter(|kind| !kind.is_empty()),
            content: body.bytes.to_vec(),
        },
    };
    let name = part.filename.or_else(|| text(&plain, field.name));
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| NAMELESS.to_owned());
    let media_type = part.media_type.unwrap_or_else(|| ANY_TYPE.to_owned());
    call.server.data().uploads.put(&plain.id, part.content);
    set(call, login, module, &plain, field, Some((name, media_type)));
    let plain = find(call, login, module, id)?;
    Ok(json!({
        field.name: about(call, module, &plain, field),
        "record": record(module, &plain, &Shape::of(None)),
    }))
}

fn remove(
    call: &Call<'_>,
    login: &Login,
    module: &'static Module,
    id: &str,
    field: &'static Field,
) -> Result<Value, Refusal> {
    may_write(call, login, module)?;
    let plain = find(call, login, module, id)?;
    call.server.data().uploads.remove(&plain.id);
    set(call, login, module, &plain, field, None);
    let plain = find(call, login, module, id)?;
    Ok(json!({ field.name: {}, "record": record(module, &plain, &Shape::of(None)) }))
}

/// Stores a file's name and type in its record. When and by whom the record was changed stays, which the documents
/// leave open.
fn set(
    call: &Call<'_>,
    login: &Login,
    module: &'static Module,
    plain: &Plain,
    field: &Field,
    file: Option<(String, String)>,
) {
    let (name, media_type) = file.unzip();
    let change = Change {
        values: vec![(field.name, name), ("file_mime_type", media_type)],
        ..Change::default()
    };
    let now = call.caller(login).now;
    call.server.crm.plain_update(module, &plain.id, &change, &now);
}

/// What the API tells of a file; none where there is none.
fn about(call: &Call<'_>, module: &Module, plain: &Plain, field: &Field) -> Option<Value> {
    let length = call.server.data().uploads.get(&plain.id).map(<[u8]>::len)?;
    let id = crate::sandbox::oauth::encode(plain.id.as_bytes());
    let (site, version) = (&call.server.config.url, &call.version);
    Some(json!({
        "content-type": text(plain, "file_mime_type"),
        "content-length": length,
        "name": text(plain, field.name),
        "uri": format!("{site}/rest/{version}/{}/{id}/file/{}", module.name, field.name),
    }))
}

fn text(plain: &Plain, field: &str) -> Option<String> {
    let found = plain.values.iter().find(|(known, _)| known.name == field);
    found
        .and_then(|(_, value)| value.clone())
        .filter(|value| !value.is_empty())
}
