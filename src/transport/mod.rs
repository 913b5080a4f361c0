//! HTTP, with its limits: the only room that knows the HTTP library.
//!
//! Redirects are not followed, proxies are heeded except for this machine itself, bytes are counted after
//! decompression, and no error text carries a URL.

mod answer;
mod builder;
mod failure;

pub(crate) use answer::Answer;
pub use builder::{Transport, TransportBuilder};
pub(crate) use failure::{SendFailure, TlsCause};

use url::Url;

/// A request to send.
pub(crate) struct Outgoing<'a> {
    pub(crate) url: &'a Url,
    /// The form body of a POST; without one it is a GET.
    pub(crate) form: Option<&'a str>,
    pub(crate) authorization: Option<&'a str>,
}
