//! What is signed and what comes of it.

use std::fmt;

use url::{Position, Url};

use super::twofold::{Twofold, into_text};

/// The HTTP methods that the API takes.
///
/// ```
/// use sugar_oauth::signing::{HttpMethod, Placement};
///
/// assert_eq!(Placement::Form.http_method(), HttpMethod::Post);
/// assert_eq!(Placement::Query.http_method().as_str(), "GET");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpMethod {
    /// Parameters in the query.
    Get,
    /// Parameters in the form body.
    Post,
}

impl HttpMethod {
    /// The method's name in upper case, as it stands in a base string.
    pub fn as_str(self) -> &'static str {
        match self {
            HttpMethod::Get => "GET",
            HttpMethod::Post => "POST",
        }
    }

    pub(super) fn has_body(self) -> bool {
        self == HttpMethod::Post
    }
}

/// Where the parameters go (RFC 5849 section 3.5).
///
/// ```
/// use sugar_oauth::signing::Placement;
/// use sugar_oauth::{Client, Consumer, Instance};
///
/// // For a proxy that reads the header before it lets a request in.
/// let client = Client::builder(Instance::parse("https://crm.example.com")?)
///     .consumer(Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?)
///     .placement(Placement::Header)
///     .build();
/// # let _ = client;
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Placement {
    /// All in the form body of a POST: the default, for nothing of it lands in an access log.
    #[default]
    Form,
    /// All in the query of a GET, as the vendor's examples do. The verifier and the data then lie in the web server's log.
    Query,
    /// The protocol's parameters in the `Authorization` header, the others in the form. The server honours it for the
    /// two token calls only (`docs/server.md`); other calls are then placed in the form.
    Header,
}

impl Placement {
    /// The HTTP method that goes with it.
    pub fn http_method(self) -> HttpMethod {
        match self {
            Placement::Query => HttpMethod::Get,
            _ => HttpMethod::Post,
        }
    }
}

/// What a request is sent to: the method, the URL to call and the URL to sign.
///
/// `Debug` shows the URLs without their queries.
///
/// ```
/// use sugar_oauth::signing::{HttpMethod, OAuthParameters, Parameters, Target, base_string};
///
/// let called = "https://crm.example.com/service/v4_1/rest.php".parse().expect("a URL");
/// // The server stands behind a proxy that ends TLS.
/// let signed = "http://crm.example.com/service/v4_1/rest.php".parse().expect("a URL");
/// let target = Target::post(&called).signed_for(&signed);
/// let text = base_string(&target, &OAuthParameters::new("CUSTOMKEY", "4572616e", 1), &Parameters::new());
/// assert!(text.starts_with("POST&http%3A%2F%2Fcrm.example.com%2F"));
///
/// // For a method that is chosen elsewhere.
/// let target = Target::new(HttpMethod::Get, &called);
/// # let _ = target;
/// ```
#[must_use]
#[derive(Clone)]
pub struct Target<'a> {
    pub(super) method: HttpMethod,
    pub(super) call_url: &'a Url,
    pub(super) signing_url: &'a Url,
}

impl<'a> Target<'a> {
    /// A GET of a URL.
    pub fn get(url: &'a Url) -> Self {
        Self::new(HttpMethod::Get, url)
    }

    /// A POST to a URL.
    pub fn post(url: &'a Url) -> Self {
        Self::new(HttpMethod::Post, url)
    }

    /// A request to a URL.
    pub fn new(method: HttpMethod, url: &'a Url) -> Self {
        Self {
            method,
            call_url: url,
            signing_url: url,
        }
    }

    /// Signs for another URL than the one that is called, for servers behind a proxy. What is signed is this one's query,
    /// what is sent the other's.
    pub fn signed_for(mut self, signing_url: &'a Url) -> Self {
        self.signing_url = signing_url;
        self
    }

    /// What a base string begins with (section 3.4.1.1): the method and the encoded base string URI (3.4.1.2), which is
    /// scheme, host, port unless it is the scheme's own, and path; no query, no fragment.
    pub(super) fn push_base_string_head(&self, text: &mut Twofold) {
        let url = self.signing_url;
        // A URL is written down in this form; only a name and password may stand in between.
        text.push(&url[..Position::BeforeUsername]);
        text.push(&url[Position::BeforeHost..Position::AfterPath]);
        text.end_head(self.method.as_str());
    }
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_query = |url: &Url| format!("{}{}", url.origin().ascii_serialization(), url.path());
        formatter
            .debug_struct("Target")
            .field("method", &self.method)
            .field("call_url", &without_query(self.call_url))
            .field("signing_url", &without_query(self.signing_url))
            .finish()
    }
}

/// A signed request, ready to send.
///
/// `Debug` shows neither the parameters nor the signature.
///
/// ```
/// use sugar_oauth::ConsumerSecret;
/// use sugar_oauth::signing::{OAuthParameters, Parameters, Placement, SignedRequest, SigningKey, Target, sign};
///
/// let url = "https://crm.example.com/service/v4_1/rest.php".parse().expect("a URL");
/// let key = SigningKey::new(&ConsumerSecret::new("CUSTOMSECRET"), None);
/// let oauth = OAuthParameters::new("CUSTOMKEY", "4572616e", 1_795_251_265).callback("oob");
/// let parameters = Parameters::new().with("method", "oauth_request_token");
/// let request: SignedRequest = sign(&key, &Target::post(&url), &oauth, &parameters, Placement::Form);
/// assert!(request.body().is_some_and(|body| body.contains("oauth_signature=")));
/// assert_eq!(request.authorization(), None);
/// assert_eq!(key.signature(request.base_string()), request.signature());
/// ```
#[must_use]
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    method: HttpMethod,
    url: Url,
    body: Option<String>,
    authorization: Option<String>,
    signature: String,
    /// ASCII; only those who look at it want it as text.
    base_string: Vec<u8>,
}

impl SignedRequest {
    pub(super) fn new(
        method: HttpMethod,
        url: Url,
        body: Option<String>,
        authorization: Option<String>,
        signature: String,
        base_string: Vec<u8>,
    ) -> Self {
        Self {
            method,
            url,
            body,
            authorization,
            signature,
            base_string,
        }
    }

    /// The HTTP method to send it with.
    pub fn method(&self) -> HttpMethod {
        self.method
    }

    /// The URL to call, with all parameters where they were placed in the query.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The body to send as `application/x-www-form-urlencoded`, where there is one.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// The value of the `Authorization` header, where there is one.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// The signature (`oauth_signature`), in Base64, not percent-encoded.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The signature base string that was signed.
    pub fn base_string(&self) -> &str {
        std::str::from_utf8(&self.base_string).expect("percent-encoded text is ASCII")
    }

    pub(super) fn into_base_string(self) -> String {
        into_text(self.base_string)
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignedRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}
