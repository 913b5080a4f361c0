//! `POST bulk`: several requests in one.

use super::logins::Login;
use super::refusal::Refusal;
use super::{Answer, Call, Content};
use serde_json::{Map, Value, json};

/// Runs the requests in their order, with the token of the whole. One that is refused does not stop the others; of the
/// `headers` of a request nothing is looked at.
pub(super) fn answer(call: &Call<'_>, login: &Login) -> Result<Value, Refusal> {
    let body = call.object()?;
    let requests = body.get("requests").and_then(Value::as_array);
    let requests = requests.ok_or_else(|| Refusal::missing("requests"))?;
    let answers = requests.iter().map(|request| {
        let (status, contents) = match one(call, login, request) {
            Ok(contents) => (200, contents),
            Err(refusal) => (refusal.status, refusal.to_json()),
        };
        json!({ "contents": contents, "headers": Map::new(), "status": status })
    });
    Ok(answers.collect())
}

fn one(call: &Call<'_>, login: &Login, request: &Value) -> Result<Value, Refusal> {
    let url = request.get("url").and_then(Value::as_str);
    let url = url.ok_or_else(|| Refusal::missing("url"))?;
    let method = match request.get("method") {
        None => "GET",
        Some(method) => method.as_str().ok_or_else(|| Refusal::missing("method"))?,
    };
    let data = match request.get("data") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let content = Content {
        media_type: "application/json",
        bytes: data.as_bytes(),
    };
    let inner = Call::read(call.server, method, path.trim_start_matches('/'), query, content)?;
    let path: Vec<&str> = inner.path.iter().map(String::as_str).collect();
    match inner.perform(login, &path)? {
        Answer::Json(value) => Ok(value),
        // A file is no JSON.
        Answer::File { .. } => Err(Refusal::NO_METHOD),
    }
}
