//! What kinds of failure there are.

/// What kind of failure an [`Error`](crate::Error) is.
///
/// ```
/// use sugar_oauth::{Error, ErrorKind};
///
/// /// Whether it may help to try again later.
/// fn is_passing(error: &Error) -> bool {
///     match error.kind() {
///         ErrorKind::Connect | ErrorKind::Timeout => true,
///         ErrorKind::HttpStatus => error.http_status().is_some_and(|status| status >= 500),
///         _ => false,
///     }
/// }
/// # let _ = is_passing;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something the caller gave cannot be used: a URL, a key, a verifier, an argument.
    InvalidInput,
    /// Plain `http://` to another machine without the caller's explicit yes.
    PlainHttp,
    /// No connection: unknown host, refused, reset, no network.
    Connect,
    /// TLS could not be agreed on or the certificate was not trusted.
    Tls,
    /// This machine has no CA certificates to check a server against.
    NoCaCertificates,
    /// No answer in time.
    Timeout,
    /// The server points elsewhere; redirects are not followed.
    Redirect,
    /// An HTTP status that the API does not use (404, 403, 502, …).
    HttpStatus,
    /// Something answered, but not this API: a login page, another product's JSON.
    NotTheApi,
    /// The API answered, but with something that cannot be read: cut off, malformed, unexpected.
    InvalidAnswer,
    /// The answer is larger than the limit, counted after decompression.
    TooLarge,
    /// The server refused the signed request and gave no reason (an empty 500).
    Refused,
    /// The API answered with an error of its own: see [`Error::api`](crate::Error::api) and
    /// [`Error::rest`](crate::Error::rest).
    Api,
    /// The API answered success, but did not do what was asked, or only a part of it.
    NotDone,
    /// The record, file or link that was asked for is not there, or may not be seen.
    NotFound,
    /// The server cannot give this one record; [`Records`](crate::Records) goes on with the others.
    RecordRefused,
    /// The session is gone and could not be renewed.
    SessionGone,
    /// The server's clock is too far ahead to sign with.
    Clock,
    /// The callback: not confirmed by the server, its port is taken, or nobody came in time.
    Callback,
    /// No browser could be opened.
    Browser,
    /// There is no profile of that name, or its credentials are gone from where they were kept.
    NotLoggedIn,
    /// The keyring or a file of credentials cannot be used: locked, readable by others, damaged.
    Storage,
}
