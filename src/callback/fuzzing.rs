//! For `tests/fuzz`.

use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};

use super::request::{Candidate, Meaning, meaning};

/// Token and verifier of a request to the listener, if it is one that brings them; `None` too for what is no request.
pub fn verifier(
    method: &str,
    target: &str,
    headers: &[(&[u8], &[u8])],
    host: &str,
    path: &str,
) -> Option<(String, String)> {
    let mut request = Request::builder().method(method).uri(target).body(()).ok()?;
    for (name, value) in headers {
        let (name, value) = (HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?);
        request.headers_mut().append(name, value);
    }
    match meaning(&request, host, path) {
        Meaning::Verifier(Candidate { token, verifier }) => Some((token, verifier.expose().to_owned())),
        Meaning::LastPage | Meaning::Nothing => None,
    }
}
