//! Signing, and nothing else: RFC 5849 with HMAC-SHA1, as a pure function.
//!
//! In go method, URL, parameters, credentials, nonce and timestamp; out come the signature base string (section
//! 3.4.1), the signature (3.4.2) and the request with its parameters in their place (3.5). No clock, no randomness,
//! no input or output: those are the caller's, so every published example can be checked as it is printed.
//!
//! Parameters travel through the [`Request`] and
//! [`Serializer`](oauth1_request::serializer::Serializer) traits of `oauth1-request`: any type that implements the
//! first can be signed here. [`Parameters`] is ours: it encodes and sorts as section 3.4.1.3.2 asks, names and values
//! both.
//!
//! ```
//! use sugar_oauth::signing::{OAuthParameters, Parameters, Placement, SigningKey, Target, sign};
//! use sugar_oauth::{ConsumerSecret, TokenSecret};
//!
//! // The photo request of RFC 5849 section 1.2.
//! let url = "http://photos.example.net/photos".parse().unwrap();
//! let key = SigningKey::new(&ConsumerSecret::new("kd94hf93k423kf44"), Some(&TokenSecret::new("pfkkdhi9sl3r4s00")));
//! let oauth = OAuthParameters::new("dpf43f3p2l4k3l03", "chapoH", 137131202)
//!     .token("nnch734d00sl2jdk")
//!     .without_version();
//! let parameters = Parameters::new().with("file", "vacation.jpg").with("size", "original");
//! let signed = sign(&key, &Target::get(&url), &oauth, &parameters, Placement::Query);
//! assert_eq!(signed.signature(), "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
//! ```

mod encode;
mod key;
mod oauth_name;
mod oauth_parameters;
mod parameters;
mod serializer;
mod signed_request;
mod spelling;
mod twofold;

pub use encode::percent_encode;
pub(crate) use encode::pieces as encoded;
pub use key::SigningKey;
pub use oauth_parameters::OAuthParameters;
pub use parameters::Parameters;
pub use signed_request::{HttpMethod, Placement, SignedRequest, Target};

use oauth1_request::Request;

use serializer::RequestSerializer;

/// Signs a request and puts its parameters where `placement` says.
///
/// The same input always gives the same output. A query in the target's URL takes part in the signature, as section
/// 3.4.1.3.1 demands, and stays where it is. A request that hands over text encoded in another spelling than the RFC's
/// (`%7e`, `%41`, a bare `/`) is signed and sent in the RFC's.
///
/// ```
/// use sugar_oauth::ConsumerSecret;
/// use sugar_oauth::signing::{OAuthParameters, Parameters, Placement, SigningKey, Target, sign};
///
/// let url = "https://crm.example.com/service/v4_1/rest.php".parse().expect("a URL");
/// let key = SigningKey::new(&ConsumerSecret::new("CUSTOMSECRET"), None);
/// let oauth = OAuthParameters::new("CUSTOMKEY", "4572616e", 1_795_251_265).callback("oob");
/// let parameters = Parameters::new().with("method", "oauth_request_token");
/// let request = sign(&key, &Target::post(&url), &oauth, &parameters, Placement::Header);
/// assert_eq!(request.body(), Some("method=oauth_request_token"));
/// assert!(request.authorization().is_some_and(|header| header.starts_with("OAuth ")));
/// ```
pub fn sign<R: Request + ?Sized>(
    key: &SigningKey,
    target: &Target<'_>,
    oauth: &OAuthParameters<'_>,
    request: &R,
    placement: Placement,
) -> SignedRequest {
    request.serialize(RequestSerializer::new(key, target, oauth, placement))
}

/// The signature base string of a request (section 3.4.1), for showing and comparing.
///
/// It holds every parameter, a verifier and record data included: show it to the person who asks, keep it out of logs.
///
/// ```
/// use sugar_oauth::signing::{OAuthParameters, Parameters, Target, base_string};
///
/// let url = "http://localhost/rest.php".parse().expect("a URL");
/// let oauth = OAuthParameters::new("KEY", "n1", 1).without_version();
/// assert_eq!(
///     base_string(&Target::get(&url), &oauth, &Parameters::new().with("method", "x")),
///     "GET&http%3A%2F%2Flocalhost%2Frest.php&method%3Dx%26oauth_consumer_key%3DKEY%26oauth_nonce%3Dn1\
///      %26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1"
/// );
/// ```
pub fn base_string<R: Request + ?Sized>(target: &Target<'_>, oauth: &OAuthParameters<'_>, request: &R) -> String {
    let key = SigningKey::unkeyed();
    sign(&key, target, oauth, request, Placement::Query).into_base_string()
}
