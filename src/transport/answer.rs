//! What came back, whole and within the limit.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

use super::failure::SendFailure;
use crate::error::{Error, ErrorKind};
use crate::utc::UtcTime;

/// An HTTP answer. Its body may hold secrets, so it has no `Debug`.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) date: Option<UtcTime>,
    /// When the answer's head came, for what its `Date` says.
    pub(crate) heard: Instant,
    pub(crate) body: Vec<u8>,
}

/// An answer whose body is still to come.
pub(crate) struct Incoming {
    /// Its body is empty yet.
    pub(crate) head: Answer,
    /// `Content-Disposition`, which names a file.
    pub(crate) disposition: Option<String>,
    response: reqwest::Response,
    received: u64,
}

impl Incoming {
    pub(super) fn new(response: reqwest::Response) -> Self {
        let headers = response.headers();
        let date = text(headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        let disposition = headers.get(CONTENT_DISPOSITION);
        Self {
            head: Answer {
                status: response.status().as_u16(),
                content_type: text(headers, &CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase(),
                location: text(headers, &LOCATION).map(str::to_owned),
                retry_after: text(headers, &RETRY_AFTER).and_then(retry_after),
                date: date.map(UtcTime::from),
                heard: Instant::now(),
                body: Vec::new(),
            },
            // Some servers write names as they are, in UTF-8.
            disposition: disposition.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            response,
            received: 0,
        }
    }

    /// The next piece of the body, decompressed; `None` at its end.
    pub(crate) async fn piece(&mut self, limit: u64) -> Result<Option<Bytes>, SendFailure> {
        let received = usize::try_from(self.received).unwrap_or(usize::MAX);
        let piece = self.response.chunk().await;
        let Some(piece) = piece.map_err(|error| SendFailure::while_reading(&error, received))? else {
            return Ok(None);
        };
        self.received += piece.len() as u64;
        if self.received > limit {
            return Err(SendFailure::after_sending(Error::new(
                ErrorKind::TooLarge,
                format!("the answer is larger than {limit} bytes after decompression, and was cut off"),
            )));
        }
        Ok(Some(piece))
    }

    /// The whole answer.
    pub(crate) async fn read(mut self, limit: usize) -> Result<Answer, SendFailure> {
        loop {
            let piece = self.piece(limit as u64).await.map_err(|failure| SendFailure {
                error: match failure.error.kind() {
                    ErrorKind::TooLarge => failure
                        .error
                        .hint("ask for fewer records or fields at a time")
                        .hint("raise TransportBuilder::answer_limit if you trust this server"),
                    _ => failure.error,
                },
                ..failure
            })?;
            match piece {
                Some(piece) => self.head.body.extend_from_slice(&piece),
                None => return Ok(self.head),
            }
        }
    }
}

impl Answer {
    pub(crate) fn is_html(&self) -> bool {
        self.content_type.starts_with("text/html")
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Seconds, or a date (RFC 9110 section 10.2.3).
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = UtcTime::from(httpdate::parse_http_date(value).ok()?);
    let wait = at.unix_seconds() - UtcTime::now().unix_seconds();
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}
