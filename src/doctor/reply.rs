//! What an answer to `get_server_info` is.

use url::Url;

use super::probe::{Outcome, Probe};
use crate::error::ErrorKind;
use crate::rest::Envelope;
use crate::transport::{Answer, SendFailure};
use crate::v4_1::{GetServerInfo, Method, ServerInfo};

pub(super) enum Reply {
    /// The API, and whether something of PHP's stood before its JSON.
    Info {
        info: Box<ServerInfo>,
        after_messages: bool,
    },
    /// A redirect, to this URL if it names one.
    Redirect(Option<Url>),
    Status(u16),
    /// A page that is not the API's, as it may be shown.
    Page(String),
    OtherProduct,
    Unreadable(String),
    Failure(Box<SendFailure>),
}

impl Reply {
    pub(super) fn read(probe: &Probe<'_>, asked: &Url, outcome: &Outcome) -> Self {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => {
                return Reply::Failure(Box::new(SendFailure {
                    error: failure.error.clone(),
                    tls: failure.tls.clone(),
                    ..*failure
                }));
            }
        };
        match answer.status {
            200 => Self::read_success(probe, answer),
            300..=399 => Reply::Redirect(target(answer, asked)),
            status => Reply::Status(status),
        }
    }

    fn read_success(probe: &Probe<'_>, answer: &Answer) -> Self {
        match Envelope::read(answer) {
            Ok(Envelope::Value(value)) => match GetServerInfo.read(value) {
                Ok(info) => Reply::Info {
                    info: Box::new(info),
                    after_messages: !answer.body.trim_ascii_start().starts_with(b"{"),
                },
                Err(_) => Reply::OtherProduct,
            },
            Ok(Envelope::Null) => Reply::Unreadable("the answer is `null`".to_owned()),
            Ok(Envelope::Error(error)) => {
                let error = format!("{} ({})", error.name, error.number);
                Reply::Unreadable(format!("the API answers {}", probe.quote(&error)))
            }
            Err(error) if error.kind() == ErrorKind::NotTheApi => Reply::Page(probe.message(error)),
            Err(error) => Reply::Unreadable(probe.message(error)),
        }
    }

    pub(super) fn is_api(&self) -> bool {
        matches!(self, Reply::Info { .. })
    }

    /// In a few words, for evidence.
    pub(super) fn brief(&self) -> String {
        match self {
            Reply::Info { .. } => "answers".to_owned(),
            Reply::Redirect(_) => "redirects".to_owned(),
            Reply::Status(status) => format!("HTTP {status}"),
            Reply::Page(_) => "a web page".to_owned(),
            Reply::OtherProduct => "JSON of something else".to_owned(),
            Reply::Unreadable(what) => what.clone(),
            Reply::Failure(_) => "no answer".to_owned(),
        }
    }
}

/// Where a redirect points.
pub(super) fn target(answer: &Answer, asked: &Url) -> Option<Url> {
    let location = answer.location.as_deref()?;
    asked.join(location).ok().filter(Url::has_host)
}
