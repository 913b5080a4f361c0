//! Files of records: streamed from disk and to disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::answer::check;
use super::grant::UNAUTHORIZED;
use super::request::Request;
use super::tokens::Held;
use super::{RestPath, Session};
use crate::clock::random_hex;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Enclosed, Unfinished, blocking};
use crate::rest::invalid_answer;
use crate::transport::{Incoming, SendFailure, Verb};

/// The most bytes that a refusal of a file may have.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// A file to send.
///
/// ```
/// use sugar_oauth::oauth2::Upload;
///
/// let contract = Upload::file("/srv/scans/0001.pdf").named("Contract Doe.pdf").media_type("application/pdf");
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `Session::upload`"]
pub struct Upload {
    path: PathBuf,
    name: Option<String>,
    media_type: String,
}

impl Upload {
    /// The file at a path, under its own name, as `application/octet-stream`.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            name: None,
            media_type: "application/octet-stream".to_owned(),
        }
    }

    /// Gives it another name on the server.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says what it is, such as `application/pdf`.
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = media_type.into();
        self
    }

    /// As the one part of a form, of the name of the field.
    async fn enclosed(&self, field: &str) -> Result<Enclosed> {
        let own = || self.path.file_name().and_then(|name| name.to_str());
        let name = self.name.as_deref().or_else(own);
        let name = name.ok_or_else(|| Error::invalid_input("the file has no name, or none in UTF-8"))?;
        if self.media_type.is_empty()
            || !self
                .media_type
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            return Err(Error::invalid_input("that is no media type").hint("give one such as application/pdf"));
        }
        let boundary = random_hex()?;
        let before = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(field),
            quoted(name),
            self.media_type
        );
        let content_type = format!("multipart/form-data; boundary={boundary}");
        Enclosed::new(&self.path, content_type, before, format!("\r\n--{boundary}--\r\n")).await
    }
}

impl Session {
    /// Sends a file into a field of a record (`POST /<module>/<id>/file/<field>`), in the place of one that it has: the
    /// attachment of a note is the field `filename` of Notes. It is read from disk while it is sent, and never sent again
    /// once it may have reached the server.
    ///
    /// ```no_run
    /// # async fn attach(session: &sugar_oauth::oauth2::Session, note_id: &str) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::oauth2::Upload;
    ///
    /// session.upload("Notes", note_id, "filename", &Upload::file("report.pdf").media_type("application/pdf")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the file cannot be read or has no name in UTF-8;
    /// otherwise as [`post`](Self::post).
    pub async fn upload(&self, module: &str, id: &str, field: &str, upload: &Upload) -> Result<Value> {
        let path = RestPath::from([module, id, "file", field]);
        let request = Request::call(Verb::Post, &path);
        let enclosed = upload.enclosed(field).await;
        let enclosed = enclosed.map_err(|error| error.at(request.step).in_method(&request.name()))?;
        self.exchange(&Request {
            pieces: Some(&enclosed),
            ..request
        })
        .await
    }

    /// Receives a file of a record (`GET /<module>/<id>/file/<field>`) into a folder, under the name that the server
    /// gives it, made safe, with a number behind it where that is taken. The answer is the file's path.
    ///
    /// It is written to disk while it comes, with the download token, and with the access token where the server does not
    /// take that. Nothing is overwritten, and what was not received whole does not stay.
    ///
    /// ```no_run
    /// # async fn fetch(session: &sugar_oauth::oauth2::Session, note_id: &str) -> sugar_oauth::Result<()> {
    /// let path = session.download("Notes", note_id, "filename", "attachments").await?;
    /// println!("{}", path.display());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such file;
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) beyond
    /// [`TransportBuilder::file_limit`](crate::TransportBuilder::file_limit);
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the folder cannot be written to; otherwise as
    /// [`get`](Self::get).
    pub async fn download(&self, module: &str, id: &str, field: &str, folder: impl AsRef<Path>) -> Result<PathBuf> {
        let path = RestPath::from([module, id, "file", field]);
        let request = Request::call(Verb::Get, &path);
        let mut held = self.tokens_in_use();
        let received = self.receive(&request, folder.as_ref(), &mut held).await;
        received.map_err(|error| self.located(error, &request.name(), &held))
    }

    async fn receive(&self, request: &Request<'_>, folder: &Path, held: &mut Arc<Held>) -> Result<PathBuf> {
        let mut incoming = self.open(request, held).await?;
        let failed = |failure: SendFailure| failure.error;
        if !(200..300).contains(&incoming.head.status) {
            let url = request.url(self.client())?;
            let answer = incoming.read(REFUSAL_LIMIT).await.map_err(failed)?;
            check(&answer, &url, request.step)?;
            return Err(invalid_answer("the answer holds no file"));
        }
        let limit = self.client().transport().file_limit();
        let folder = folder.to_owned();
        let mut unfinished = blocking(move || Unfinished::begin(&folder)).await?;
        while let Some(piece) = incoming.piece(limit).await.map_err(too_large)? {
            unfinished = blocking(move || unfinished.write(&piece).map(|()| unfinished)).await?;
        }
        let name = incoming.disposition().as_deref().and_then(file_name);
        let name = name.unwrap_or_else(|| request.path.last().to_owned());
        blocking(move || unfinished.finish(&name)).await
    }

    /// Asks with the download token, then with the access token, then with renewed ones.
    async fn open(&self, request: &Request<'_>, held: &mut Arc<Held>) -> Result<Incoming> {
        let mut current = self.fresh().await?;
        let mut tokens = 1;
        loop {
            self.check_open()?;
            *held = Arc::clone(&current.value);
            if let Some(download_token) = &held.tokens.download_token {
                let incoming = self.client().open(request, download_token.expose()).await?;
                if incoming.head.status != UNAUTHORIZED {
                    return Ok(incoming);
                }
            }
            let incoming = self.client().open(request, held.tokens.access_token.expose()).await?;
            if incoming.head.status != UNAUTHORIZED || self.is_refused_for_good(&current, tokens) {
                return Ok(incoming);
            }
            current = self.renew(&current).await?;
            tokens += 1;
        }
    }
}

fn too_large(failure: SendFailure) -> Error {
    match failure.error.kind() {
        ErrorKind::TooLarge => failure
            .error
            .hint("raise TransportBuilder::file_limit if you trust this server"),
        _ => failure.error,
    }
}

/// As browsers write names into forms: quotes and line ends encoded.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The name of a file in a `Content-Disposition` (RFC 6266): `filename*` before `filename`.
pub(super) fn file_name(disposition: &str) -> Option<String> {
    let mut plain = None;
    let mut rest = disposition.split_once(';')?.1;
    while !rest.trim().is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = parameter(after);
        match name.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                // One that is malformed is passed over (RFC 6266 section 4.2).
                if let Some(encoded) = value.splitn(3, '\'').nth(2).filter(|encoded| !encoded.is_empty()) {
                    return Some(percent_decode_str(encoded).decode_utf8_lossy().into_owned());
                }
            }
            "filename" => plain = Some(value),
            _ => {}
        }
        rest = after;
    }
    plain.filter(|name| !name.is_empty())
}

/// A value, quoted or not, and what stands behind it.
fn parameter(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let rest = &quoted[at + 1..];
                return (value, rest.split_once(';').map_or("", |(_, rest)| rest));
            }
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written() {
        for (disposition, name) in [
            ("attachment; filename=\"a b.txt\"", Some("a b.txt")),
            ("attachment;filename=a.txt", Some("a.txt")),
            ("attachment; filename=\"a\\\"b;c.txt\"; size=3", Some("a\"b;c.txt")),
            (
                "attachment; filename=\"x.txt\"; filename*=UTF-8''%C3%BC.txt",
                Some("ü.txt"),
            ),
            ("inline; FileName=\"ü.txt\"", Some("ü.txt")),
            ("attachment; filename=\"", None),
            ("attachment", None),
            ("", None),
            ("attachment; filename", None),
            ("attachment; filename*=x", None),
            ("attachment; filename=\"x.txt\"; filename*=y", Some("x.txt")),
            ("attachment; filename*=UTF-8''; filename=x.txt", Some("x.txt")),
        ] {
            assert_eq!(file_name(disposition).as_deref(), name, "{disposition}");
        }
    }
}
