//! What came back, whole and within the limit.

use std::borrow::Cow;
use std::future::Future;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

use super::failure::SendFailure;
use super::patience::Patience;
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
    response: reqwest::Response,
    patience: Patience,
    received: u64,
}

impl Incoming {
    pub(super) fn new(response: reqwest::Response, patience: Patience) -> Self {
        let (status, headers) = (response.status(), response.headers());
        let location = status.is_redirection().then(|| text(headers, &LOCATION)).flatten();
        let busy = status.is_server_error().then(|| text(headers, &RETRY_AFTER)).flatten();
        let date = text(headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        Self {
            head: Answer {
                status: status.as_u16(),
                content_type: text(headers, &CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase(),
                location: location.map(str::to_owned),
                retry_after: busy.and_then(retry_after),
                date: date.map(UtcTime::from),
                heard: Instant::now(),
                body: Vec::new(),
            },
            response,
            patience,
            received: 0,
        }
    }

    /// `Content-Disposition`, which names a file.
    pub(crate) fn disposition(&self) -> Option<Cow<'_, str>> {
        let disposition = self.response.headers().get(CONTENT_DISPOSITION);
        // Some servers write names as they are, in UTF-8.
        disposition.map(|value| String::from_utf8_lossy(value.as_bytes()))
    }

    /// The next piece of the body, decompressed; `None` at its end.
    pub(crate) async fn piece(&mut self, limit: u64) -> Result<Option<Bytes>, SendFailure> {
        let received = usize::try_from(self.received).unwrap_or(usize::MAX);
        let piece = self.patience.wait(self.response.chunk()).await;
        let piece = piece.map_err(|_| SendFailure::stalled(received))?;
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
    #[expect(clippy::manual_async_fn, reason = "an async function would hold `self` twice")]
    pub(crate) fn read(mut self, limit: usize) -> impl Future<Output = Result<Answer, SendFailure>> {
        async move {
            while let Some(piece) = self.piece(limit as u64).await.map_err(with_remedies)? {
                self.head.body.extend_from_slice(&piece);
            }
            Ok(self.head)
        }
    }
}

/// What to do about an answer that is too large to be read whole.
fn with_remedies(failure: SendFailure) -> SendFailure {
    match failure.error.kind() {
        ErrorKind::TooLarge => SendFailure {
            error: failure
                .error
                .hint("ask for fewer records or fields at a time")
                .hint("raise TransportBuilder::answer_limit if you trust this server"),
            ..failure
        },
        _ => failure,
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
