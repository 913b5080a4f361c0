//! What can go wrong, told so that a person knows at which step and what to try.

mod api;
mod kind;
mod rest;
mod step;

use std::fmt;
use std::io;
use std::sync::Arc;

pub use api::ApiError;
pub use kind::ErrorKind;
pub use rest::{RestError, RestErrorCode};
pub use step::Step;

use crate::printable::printable;

/// The result of everything in this crate that can fail.
///
/// ```
/// fn site(arguments: &[String]) -> sugar_oauth::Result<sugar_oauth::Instance> {
///     sugar_oauth::Instance::parse(arguments.first().map_or("", String::as_str))
/// }
/// assert!(site(&[]).is_err());
/// ```
pub type Result<T> = std::result::Result<T, Error>;

/// A failure: what happened, at which step, and what to try.
///
/// `Display` gives all three in one text; `{:#}` puts what to try on lines of their own, for a terminal. It never holds a
/// secret, a parameter's value or a URL with its query; text that came from the server is escaped in it. There is no
/// [`source`](std::error::Error::source) behind it: what other crates say could hold all of these, so it is put into words
/// here.
///
/// ```
/// use sugar_oauth::{ErrorKind, Instance, Session};
/// use sugar_oauth::v4_1::SetEntry;
///
/// let error = Instance::parse("crm.example.com").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert_eq!(error.hints(), ["write it with its scheme: https://crm.example.com"]);
///
/// async fn write(session: &Session, entry: &SetEntry) {
///     match session.set_entry(entry).await {
///         Ok(id) => println!("{id}"),
///         // Look before it is written again.
///         Err(error) if error.may_have_applied() => eprintln!("perhaps written: {error}"),
///         // What happened and what to try, on lines of their own.
///         Err(error) => eprintln!("not written: {error:#}"),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    step: Option<Step>,
    method: Option<String>,
    message: String,
    hints: Vec<String>,
    api: Option<ApiError>,
    rest: Option<RestError>,
    http_status: Option<u16>,
    quoted: Vec<String>,
    may_have_applied: bool,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                step: None,
                method: None,
                message: message.into(),
                hints: Vec::new(),
                api: None,
                rest: None,
                http_status: None,
                quoted: Vec::new(),
                may_have_applied: false,
            }),
        }
    }

    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn from_api(api: ApiError) -> Self {
        let mut error = Self::new(ErrorKind::Api, format!("the server answered {api}"))
            .quoting(&api.name)
            .quoting(&api.description);
        error.change().api = Some(api);
        error
    }

    pub(crate) fn from_rest(rest: RestError) -> Self {
        let mut error = Self::new(ErrorKind::Api, format!("the server answered {rest}"))
            .quoting(rest.code.as_str())
            .quoting(&rest.message);
        error.change().rest = Some(rest);
        error
    }

    /// Adds one thing to try; the likeliest comes first.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.change().hints.push(hint.into());
        self
    }

    /// Adds what is likelier than all hints so far.
    pub(crate) fn first_hint(mut self, hint: impl Into<String>) -> Self {
        self.change().hints.insert(0, hint.into());
        self
    }

    pub(crate) fn hints_from<I: IntoIterator<Item = S>, S: Into<String>>(mut self, hints: I) -> Self {
        self.change().hints.extend(hints.into_iter().map(Into::into));
        self
    }

    /// Names the step, unless a step nearer to the failure did already.
    pub(crate) fn at(mut self, step: Step) -> Self {
        let inner = self.change();
        inner.step.get_or_insert(step);
        self
    }

    /// Names the API method for the `call` step.
    pub(crate) fn in_method(mut self, method: &str) -> Self {
        let inner = self.change();
        inner.method.get_or_insert_with(|| method.to_owned());
        self
    }

    pub(crate) fn kind_is(mut self, kind: ErrorKind) -> Self {
        self.change().kind = kind;
        self
    }

    pub(crate) fn may_apply(mut self, may_have_applied: bool) -> Self {
        self.change().may_have_applied = may_have_applied;
        self
    }

    /// Notes a text of the server's that message or hints show by [`printable`].
    pub(crate) fn quoting(mut self, server_text: &str) -> Self {
        self.change().quoted.push(server_text.to_owned());
        self
    }

    /// Blots out secrets that the server repeated in its texts. Our own words stay, whatever a secret may be.
    pub(crate) fn without<'a, I: IntoIterator<Item = &'a str>>(mut self, secrets: I) -> Self {
        let inner = self.change();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            for quoted in inner.quoted.iter_mut().filter(|quoted| quoted.contains(secret)) {
                let blotted = quoted.replace(secret, "[secret]");
                // Before it was cut and escaped for the screen, so that no half of it stays.
                let (shown, instead) = (printable(quoted), printable(&blotted));
                for text in inner.hints.iter_mut().chain([&mut inner.message]) {
                    *text = text.replace(&shown, &instead);
                }
                *quoted = blotted;
            }
            if let Some(api) = &mut inner.api {
                for text in [&mut api.name, &mut api.description] {
                    *text = text.replace(secret, "[secret]");
                }
            }
            if let Some(rest) = &mut inner.rest {
                rest.without(secret);
            }
        }
        self
    }

    /// Notes the status of the answer.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.change().http_status = Some(status);
        self
    }

    fn change(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.inner)
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The step of the walk at which it happened; `None` for input that was refused before any step.
    pub fn step(&self) -> Option<Step> {
        self.inner.step
    }

    /// The API's own error, where the server gave one.
    pub fn api(&self) -> Option<&ApiError> {
        self.inner.api.as_ref()
    }

    /// The refusal of REST v10 or v11, where the server gave one ([`oauth2`](crate::oauth2)).
    pub fn rest(&self) -> Option<&RestError> {
        self.inner.rest.as_ref()
    }

    /// The HTTP status, where it is what failed ([`ErrorKind::HttpStatus`]).
    pub fn http_status(&self) -> Option<u16> {
        self.inner.http_status
    }

    /// Whether the call may have taken effect on the server although it failed here.
    ///
    /// `false` means that the server refused before it acted, or never saw the request.
    pub fn may_have_applied(&self) -> bool {
        self.inner.may_have_applied
    }

    /// What happened, without the step and without the hints.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// What to try, the likeliest first.
    pub fn hints(&self) -> &[String] {
        &self.inner.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.inner;
        match (inner.step, &inner.method) {
            (Some(Step::Call), Some(method)) => write!(formatter, "{}: ", printable(method))?,
            (Some(step), _) => write!(formatter, "{step}: ")?,
            (None, _) => {}
        }
        formatter.write_str(&inner.message)?;
        if inner.may_have_applied {
            formatter.write_str("; the server may have acted on it all the same")?;
        }
        fmt_hints(formatter, &inner.hints)
    }
}

/// What to try: on one line, or (`{:#}`) on lines of their own.
fn fmt_hints(formatter: &mut fmt::Formatter<'_>, hints: &[String]) -> fmt::Result {
    match (hints, formatter.alternate()) {
        ([], _) => Ok(()),
        ([only], false) => write!(formatter, ". Try: {only}"),
        ([only], true) => write!(formatter, "\n  Try: {only}"),
        (many, false) => {
            formatter.write_str(". Try, the likeliest first:")?;
            for (index, hint) in many.iter().enumerate() {
                let separator = if index == 0 { "" } else { ";" };
                write!(formatter, "{separator} ({}) {hint}", index + 1)?;
            }
            Ok(())
        }
        (many, true) => {
            formatter.write_str("\n  Try, the likeliest first:")?;
            for (index, hint) in many.iter().enumerate() {
                write!(formatter, "\n    {}. {hint}", index + 1)?;
            }
            Ok(())
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("step", &self.inner.step)
            .field("message", &self.inner.message)
            .field("hints", &self.inner.hints)
            .field("api", &self.inner.api)
            .field("rest", &self.inner.rest)
            .field("may_have_applied", &self.inner.may_have_applied)
            .finish()
    }
}

impl std::error::Error for Error {}

/// Why a file cannot be read or written, in the words of people: the standard library calls a missing one an entity.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => String::from("no such file or folder"),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
