//! The JSON that comes back, freed of what badly kept instances put before it.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{ApiError, Error, ErrorKind};
use crate::printable::printable;
use crate::transport::Answer;

/// What PHP says before the JSON when `display_errors` is on.
const PHP_MESSAGES: [&str; 5] = [
    "Notice",
    "Warning",
    "Deprecated",
    "Strict Standards",
    "Strict standards",
];

/// An answer with the API's refusals told apart from its results.
pub(crate) enum Envelope {
    /// `null`: a session or arguments that the server could not use, or a method that answers nothing.
    Null,
    /// An error with a number.
    Error(ApiError),
    /// A result.
    Value(Value),
}

#[derive(Deserialize)]
struct RawError {
    name: String,
    number: Value,
    description: Option<String>,
}

impl Envelope {
    /// Reads an answer of HTTP status 200.
    ///
    /// # Errors
    /// [`ErrorKind::NotTheApi`] for a page, [`ErrorKind::InvalidAnswer`] for JSON that is broken or cut off.
    pub(crate) fn read(answer: &Answer) -> Result<Self, Error> {
        let text = std::str::from_utf8(&answer.body)
            .map_err(|_| invalid_answer("the answer is not text in UTF-8"))?
            .trim_start_matches('\u{feff}')
            .trim();
        let value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => match without_php_messages(text).map(serde_json::from_str) {
                Some(Ok(value)) => value,
                _ => return Err(not_json(answer, text, &error)),
            },
        };
        Ok(match value {
            Value::Null => Envelope::Null,
            Value::Object(_) => match api_error(&value) {
                Some(error) => Envelope::Error(error),
                None => Envelope::Value(value),
            },
            value => Envelope::Value(value),
        })
    }
}

/// An error is an object of exactly these members; its number may be a string, and 0 is no error.
fn api_error(value: &Value) -> Option<ApiError> {
    let members = value.as_object()?;
    if !(2..=3).contains(&members.len()) {
        return None;
    }
    let raw = RawError::deserialize(value).ok()?;
    let number = match &raw.number {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    (number != 0).then_some(ApiError {
        number,
        name: raw.name,
        description: raw.description.unwrap_or_default(),
    })
}

/// What follows the messages of PHP, if there are any: the last line, or the part of it behind their last tag.
fn without_php_messages(text: &str) -> Option<&str> {
    let last_line = text.rfind('\n').map_or(0, |at| at + 1);
    let begin = text[last_line..]
        .find(['{', '[', '"'])
        .unwrap_or_else(|| text[last_line..].rfind('>').map_or(0, |at| at + 1));
    let (before, json) = text.split_at(last_line + begin);
    let is_message = PHP_MESSAGES.iter().any(|message| before.contains(message));
    is_message.then(|| json.trim_start_matches('\u{feff}'))
}

pub(crate) fn invalid_answer(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidAnswer, message)
}

fn not_json(answer: &Answer, text: &str, error: &serde_json::Error) -> Error {
    if text.is_empty() {
        return invalid_answer("the server answered with nothing")
            .hint("see the instance's log: PHP may have run out of memory or time")
            .hint("check that the URL is the CRM's site URL");
    }
    if text.starts_with('<') {
        let title = title(text).unwrap_or_default();
        let titled = match title {
            "" => String::new(),
            title => format!(", titled `{}`", printable(title)),
        };
        return Error::new(
            ErrorKind::NotTheApi,
            format!("a web page answered instead of the API{titled}"),
        )
        .quoting(title)
        .hint("check that the URL is the CRM's own site URL and not a portal, a proxy's login page or a redirect")
        .hint("check that service/v4_1/rest.php is not blocked by the web server");
    }
    if error.is_eof() {
        return invalid_answer(format!("the JSON breaks off after {} bytes", answer.body.len()))
            .hint("try again; if it happens every time, see the instance's log");
    }
    invalid_answer("the answer is not JSON")
        .hint("check that the URL is the CRM's site URL")
        .hint("see the instance's log for PHP errors")
}

fn title(page: &str) -> Option<&str> {
    let from = page.find("<title>")? + "<title>".len();
    let to = page[from..].find("</title>")?;
    Some(page[from..from + to].trim()).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn read(body: &str) -> Result<Envelope, Error> {
        Envelope::read(&Answer {
            status: 200,
            content_type: String::from("application/json"),
            location: None,
            retry_after: None,
            date: None,
            heard: Instant::now(),
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn errors_are_told_from_results_number_or_string() {
        for (body, number) in [
            (
                r#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#,
                11,
            ),
            (r#"{"name":"Access Denied","number":40,"description":null}"#, 40),
            (
                r#"{"name":"An Undefined Error - invalid_call occurred","number":"-1","description":"x"}"#,
                -1,
            ),
        ] {
            assert!(
                matches!(read(body), Ok(Envelope::Error(error)) if error.number == number),
                "{body}"
            );
        }
        for body in [
            r#"{"id":"1"}"#,
            r#"{"name":"No Error","number":0,"description":""}"#,
            r#""1""#,
            "[]",
            "0",
        ] {
            assert!(matches!(read(body), Ok(Envelope::Value(_))), "{body}");
        }
        assert!(matches!(read("null"), Ok(Envelope::Null)));
    }

    #[test]
    fn php_messages_and_a_byte_order_mark_before_the_json_are_passed_over() {
        for before in [
            "\u{feff}",
            "\n\n",
            "<br />\n<b>Notice</b>:  Undefined index: x in <b>/var/www/{a}.php</b> on line <b>12</b><br />\n",
            "PHP Warning:  x in /a.php on line 1\n\u{feff}",
            "<br />\n<b>Deprecated</b>: y on line <b>3</b><br />",
        ] {
            let body = format!(r#"{before}{{"id":"1"}}"#);
            assert!(
                matches!(read(&body), Ok(Envelope::Value(value)) if value["id"] == "1"),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_not_the_api_is_said() {
        let page = read("<!DOCTYPE html><title>Sign\u{1b}in</title><p>{\"id\":\"1\"}")
            .err()
            .unwrap();
        assert_eq!(page.kind(), ErrorKind::NotTheApi);
        assert!(page.to_string().contains("Sign\\u{1b}in"));
        assert!(read(r#"{"id":"1"#).err().unwrap().to_string().contains("breaks off"));
        assert!(read("").err().unwrap().to_string().contains("nothing"));
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
