//! HTTP, with its limits: the only room that knows the HTTP library.
//!
//! Redirects are not followed, proxies are heeded except for this machine itself, bytes are counted after
//! decompression, and no error text carries a URL.

mod answer;
mod builder;
mod connections;
mod exposure;
mod failure;
mod patience;
mod turns;

pub(crate) use answer::{Answer, Incoming};
pub use builder::TransportBuilder;
pub use connections::Transport;
pub(crate) use exposure::{Exposed, Exposure};
pub(crate) use failure::{SendFailure, TlsCause};

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use url::Url;

/// A request to send.
pub(crate) struct Outgoing<'a> {
    pub(crate) verb: Verb,
    pub(crate) url: &'a Url,
    pub(crate) content: Content<'a>,
    pub(crate) credential: Option<Credential<'a>>,
}

/// What is to be done there (RFC 9110 section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// What a request carries.
pub(crate) enum Content<'a> {
    Nothing,
    /// `application/x-www-form-urlencoded`.
    Form(&'a str),
    /// `application/json`.
    Json(&'a str),
    /// A body that comes piece by piece, as from a disk.
    Pieces(&'a dyn Pieces),
}

/// A body that can be begun again, for a request that is sent again.
pub(crate) trait Pieces: Send + Sync {
    fn content_type(&self) -> &str;
    /// All bytes of it.
    fn length(&self) -> u64;
    fn open(&self) -> PieceStream;
}

pub(crate) type PieceStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>;

/// A header that opens a door. It is marked as sensitive, so that the HTTP library does not print it.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    Authorization(&'a str),
    /// `OAuth-Token`, the header of REST v10 and v11.
    OAuthToken(&'a str),
}

impl<'a> Outgoing<'a> {
    /// A call of the legacy API: a form, or parameters in the URL.
    pub(crate) fn legacy(url: &'a Url, form: Option<&'a str>, authorization: Option<&'a str>) -> Self {
        Self {
            verb: if form.is_some() { Verb::Post } else { Verb::Get },
            url,
            content: form.map_or(Content::Nothing, Content::Form),
            credential: authorization.map(Credential::Authorization),
        }
    }
}

impl Verb {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Delete => "DELETE",
        }
    }
}
