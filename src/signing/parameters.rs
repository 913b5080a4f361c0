//! The parameters of a call: pairs, in the order in which they were given, names repeated or not.

use std::fmt;

use oauth1_request::Request;
use oauth1_request::serializer::Serializer;

use super::encode::percent_encode;

/// Pairs of names and values to sign and send, both raw.
///
/// `Debug` prints the names only: values hold session ids and record data.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pair. A name may be added more than once; an empty value is a value.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a pair in place.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.pairs.push((name.into(), value.into()));
    }

    /// The pairs as they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The pairs as an unsigned form body or query.
    pub fn to_form(&self) -> String {
        let mut form = String::new();
        for (name, value) in self.iter() {
            if !form.is_empty() {
                form.push('&');
            }
            form.extend(percent_encode(name));
            form.push('=');
            form.extend(percent_encode(value));
        }
        form
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { pairs: pairs.collect() }
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.pairs.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}

type OAuthStep<S> = (&'static str, fn(&mut S));

/// The protocol parameters in their order, which is the alphabet's.
fn oauth_steps<S: Serializer>() -> [OAuthStep<S>; 8] {
    [
        ("oauth_callback", S::serialize_oauth_callback),
        ("oauth_consumer_key", S::serialize_oauth_consumer_key),
        ("oauth_nonce", S::serialize_oauth_nonce),
        ("oauth_signature_method", S::serialize_oauth_signature_method),
        ("oauth_timestamp", S::serialize_oauth_timestamp),
        ("oauth_token", S::serialize_oauth_token),
        ("oauth_verifier", S::serialize_oauth_verifier),
        ("oauth_version", S::serialize_oauth_version),
    ]
}

impl Request for Parameters {
    /// Feeds the pairs encoded, sorted by encoded name and then by encoded value (RFC 5849 section 3.4.1.3.2).
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        let mut encoded: Vec<(String, String)> = self
            .iter()
            .map(|(name, value)| (percent_encode(name).to_string(), percent_encode(value).to_string()))
            .collect();
        encoded.sort_unstable();
        let mut oauth = oauth_steps::<S>().into_iter().peekable();
        for (name, value) in &encoded {
            while let Some((_, serialize)) = oauth.next_if(|(next, _)| *next < name.as_str()) {
                serialize(&mut serializer);
            }
            serializer.serialize_parameter_encoded(name, value);
        }
        for (_, serialize) in oauth {
            serialize(&mut serializer);
        }
        serializer.end()
    }
}
