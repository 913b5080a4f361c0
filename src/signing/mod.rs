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
mod twofold;

pub use encode::percent_encode;
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
pub fn base_string<R: Request + ?Sized>(target: &Target<'_>, oauth: &OAuthParameters<'_>, request: &R) -> String {
    let key = SigningKey::unkeyed();
    sign(&key, target, oauth, request, Placement::Query).into_base_string()
}
