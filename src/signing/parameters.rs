//! The parameters of a call: pairs, in the order in which they were given, names repeated or not.

use std::fmt;

use oauth1_request::Request;
use oauth1_request::serializer::Serializer;

use super::encode::pieces;
use super::spelling::{compare_encoded, is_unreserved_text};

/// Pairs of names and values to sign and send, both raw.
///
/// `Debug` prints the names only: values hold session ids and record data.
///
/// ```
/// use sugar_oauth::signing::Parameters;
///
/// let mut parameters: Parameters = [("method", "get_user_id"), ("input_type", "JSON")].into_iter().collect();
/// parameters.push("rest_data", r#"{"session":""}"#);
/// assert_eq!(parameters.to_form(), "method=get_user_id&input_type=JSON&rest_data=%7B%22session%22%3A%22%22%7D");
/// assert_eq!(parameters.iter().count(), 3);
/// ```
#[must_use]
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
            form.extend(pieces(name));
            form.push('=');
            form.extend(pieces(value));
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

impl Request for Parameters {
    /// Feeds the pairs sorted by encoded name and then by encoded value (RFC 5849 section 3.4.1.3.2), the protocol's own
    /// in their places among them.
    fn serialize<S: Serializer>(&self, serializer: S) -> S::Output {
        let in_order = |left: &(String, String), right: &(String, String)| {
            compare_encoded(&left.0, &right.0).then_with(|| compare_encoded(&left.1, &right.1))
        };
        if self.pairs.is_sorted_by(|left, right| in_order(left, right).is_le()) {
            return serialize_sorted(self.pairs.iter(), serializer);
        }
        let mut pairs: Vec<&(String, String)> = self.pairs.iter().collect();
        pairs.sort_unstable_by(|left, right| in_order(left, right));
        serialize_sorted(pairs.into_iter(), serializer)
    }
}

fn serialize_sorted<'a, S: Serializer>(
    pairs: impl Iterator<Item = &'a (String, String)>,
    mut serializer: S,
) -> S::Output {
    let mut pairs = pairs.peekable();
    let mut feed_up_to = |serializer: &mut S, oauth: &str| {
        while let Some((name, value)) = pairs.next_if(|(name, _)| compare_encoded(name, oauth).is_le()) {
            feed(serializer, name, value);
        }
    };
    feed_up_to(&mut serializer, "oauth_callback");
    serializer.serialize_oauth_callback();
    feed_up_to(&mut serializer, "oauth_consumer_key");
    serializer.serialize_oauth_consumer_key();
    feed_up_to(&mut serializer, "oauth_nonce");
    serializer.serialize_oauth_nonce();
    feed_up_to(&mut serializer, "oauth_signature_method");
    serializer.serialize_oauth_signature_method();
    feed_up_to(&mut serializer, "oauth_timestamp");
    serializer.serialize_oauth_timestamp();
    feed_up_to(&mut serializer, "oauth_token");
    serializer.serialize_oauth_token();
    feed_up_to(&mut serializer, "oauth_verifier");
    serializer.serialize_oauth_verifier();
    feed_up_to(&mut serializer, "oauth_version");
    serializer.serialize_oauth_version();
    for (name, value) in pairs {
        feed(&mut serializer, name, value);
    }
    serializer.end()
}

fn feed<S: Serializer>(serializer: &mut S, name: &str, value: &str) {
    if is_unreserved_text(name) {
        serializer.serialize_parameter(name, value);
    } else {
        // Serializers differ in whether they encode a name; none encodes one here.
        serializer.serialize_parameter_encoded(&pieces(name).to_string(), pieces(value));
    }
}
