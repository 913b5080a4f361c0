//! What came back, whole and within the limit.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

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

impl Answer {
    pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Result<Self, SendFailure> {
        let heard = Instant::now();
        let headers = response.headers();
        let date = text(headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        let mut answer = Self {
            status: response.status().as_u16(),
            content_type: text(headers, &CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase(),
            location: text(headers, &LOCATION).map(str::to_owned),
            retry_after: text(headers, &RETRY_AFTER).and_then(retry_after),
            date: date.map(UtcTime::from),
            heard,
            body: Vec::new(),
        };
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| SendFailure::while_reading(&error, answer.body.len()))?
        {
            if answer.body.len() + chunk.len() > limit {
                return Err(SendFailure::after_sending(
                    Error::new(
                        ErrorKind::TooLarge,
                        format!("the answer is larger than {limit} bytes after decompression, and was cut off"),
                    )
                    .hint("ask for fewer records or fields at a time")
                    .hint("raise TransportBuilder::answer_limit if you trust this server"),
                ));
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

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
