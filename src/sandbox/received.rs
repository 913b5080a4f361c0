//! What a client sent.

use super::php::form::Fields;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};

/// One request as it came, secrets included.
///
/// ```
/// use sugar_oauth::sandbox::Sandbox;
/// use sugar_oauth::{Client, Instance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// Client::builder(Instance::parse(sandbox.url())?).build().server_info().await?;
/// let requests = sandbox.requests();
/// let last = requests.last().ok_or("a request")?;
/// assert_eq!((last.method.as_str(), last.rest_method().as_deref()), ("POST", Some("get_server_info")));
/// assert_eq!(last.parameter("response_type").as_deref(), Some("JSON"));
/// assert!(last.header("Content-Type").is_some_and(|kind| kind.contains("x-www-form-urlencoded")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// For example `POST`.
    pub method: String,
    /// The path and query as sent.
    pub target: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// What stands after `?`, still percent-encoded.
    pub query: Option<String>,
    /// Names as sent, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, without its chunk framing.
    pub body: Vec<u8>,
    /// Where the connection came from.
    pub peer: SocketAddr,
    /// The server's time when the request was complete, in seconds since 1970.
    pub received_at: i64,
    pub(crate) get: Fields,
    pub(crate) post: Fields,
}

impl ReceivedRequest {
    pub(crate) fn new(method: &str, target: &str, headers: Vec<(String, String)>) -> Self {
        // A request to a proxy names the whole URL; only its path and query matter.
        let local = match target.split_once("://") {
            Some((_, rest)) if !target.starts_with('/') => rest.find('/').map_or("/", |at| &rest[at..]),
            _ => target,
        };
        let (path, query) = match local.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (local, None),
        };
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            path: path.to_owned(),
            query,
            headers,
            body: Vec::new(),
            peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            received_at: 0,
            get: Fields::default(),
            post: Fields::default(),
        }
    }

    /// Decodes query and body as PHP does before a script starts.
    pub(crate) fn decode_fields(&mut self) {
        self.get = Fields::decode(self.query.as_deref().unwrap_or_default().as_bytes());
        let content_type = self.header("Content-Type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if self.method == "POST" && media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            self.post = Fields::decode(&self.body);
        }
    }

    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter as PHP's `$_REQUEST` gives it: from the form body, else from the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let bytes = self.post.bytes(name).or_else(|| self.get.bytes(name))?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The REST method that is called, for example `get_entry_list`.
    pub fn rest_method(&self) -> Option<String> {
        self.parameter("method")
    }

    /// The decoded `rest_data`, if it is there and JSON.
    ///
    /// ```no_run
    /// # fn look(sandbox: sugar_oauth::sandbox::Sandbox) {
    /// use sugar_oauth::sandbox::ReceivedRequest;
    ///
    /// let arguments = |request: &ReceivedRequest| Some(request.rest_data()?["module_name"].clone());
    /// let modules: Vec<_> = sandbox.requests().iter().filter_map(arguments).collect();
    /// # }
    /// ```
    pub fn rest_data(&self) -> Option<Value> {
        serde_json::from_str(&self.parameter("rest_data")?).ok()
    }
}
