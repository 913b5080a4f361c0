//! From a request's pairs to its base string, its signature and its place on the wire.

use std::fmt::{Display, Write as _};
use std::ops::Range;

use oauth1_request::serializer::Serializer;

use super::encode::{percent_encode, push_encoded_again, respelled};
use super::key::SigningKey;
use super::oauth_parameters::OAuthParameters;
use super::signed_request::{Placement, SignedRequest, Target};

/// Where a pair came from, which decides where it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The URL's own query: signed, and already in its place.
    Url,
    /// The request's own parameters.
    Request,
    /// The protocol's parameters.
    OAuth,
}

struct Pair {
    name: Range<usize>,
    value: Range<usize>,
    origin: Origin,
}

/// Takes a request's pairs, encoded, and signs them when they have all come.
pub(super) struct RequestSerializer<'a> {
    key: &'a SigningKey,
    target: &'a Target<'a>,
    oauth: &'a OAuthParameters<'a>,
    placement: Placement,
    /// All names and values, encoded once; `pairs` points into it.
    text: String,
    pairs: Vec<Pair>,
}

impl<'a> RequestSerializer<'a> {
    pub(super) fn new(
        key: &'a SigningKey,
        target: &'a Target<'a>,
        oauth: &'a OAuthParameters<'a>,
        placement: Placement,
    ) -> Self {
        let mut serializer = Self {
            key,
            target,
            oauth,
            placement,
            text: String::with_capacity(1024),
            pairs: Vec::with_capacity(16),
        };
        let query = target.signing_url.query().unwrap_or_default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            // A form's spelling: only there is a plus a space.
            let pair = pair.replace('+', "%20");
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            serializer.push_encoded(name, value, Origin::Url);
        }
        serializer
    }

    fn push(&mut self, name: impl Display, value: impl Display, origin: Origin) {
        let name = self.append(name);
        let value = self.append(value);
        self.pairs.push(Pair { name, value, origin });
    }

    /// Takes a pair that someone else has encoded.
    fn push_encoded(&mut self, name: impl Display, value: impl Display, origin: Origin) {
        let name = self.append_encoded(name);
        let value = self.append_encoded(value);
        self.pairs.push(Pair { name, value, origin });
    }

    fn append_encoded(&mut self, text: impl Display) -> Range<usize> {
        let start = self.append(text).start;
        if let Some(respelled) = respelled(&self.text[start..]) {
            self.text.replace_range(start.., &respelled);
        }
        start..self.text.len()
    }

    fn append(&mut self, text: impl Display) -> Range<usize> {
        let start = self.text.len();
        // Writing to a String cannot fail; a failing Display of the caller's leaves what it wrote.
        let _ = write!(self.text, "{text}");
        start..self.text.len()
    }

    fn push_oauth(&mut self, name: &'static str, value: &str) {
        self.push(name, percent_encode(value), Origin::OAuth);
    }

    fn sort(&mut self) {
        let text = &self.text;
        let key = |pair: &Pair| (&text[pair.name.clone()], &text[pair.value.clone()]);
        if !self.pairs.is_sorted_by_key(key) {
            self.pairs.sort_by(|left, right| key(left).cmp(&key(right)));
        }
    }

    /// Section 3.4.1.1: method, base string URI and normalised parameters, each encoded, joined by `&`.
    fn base_string(&self) -> String {
        let mut base_string = String::with_capacity(2 * self.text.len() + 128);
        base_string.push_str(self.target.method.as_str());
        base_string.push('&');
        base_string.extend(percent_encode(&self.target.base_string_uri()));
        base_string.push('&');
        for (index, pair) in self.pairs.iter().enumerate() {
            if index > 0 {
                base_string.push_str("%26");
            }
            push_encoded_again(&mut base_string, &self.text[pair.name.clone()]);
            base_string.push_str("%3D");
            push_encoded_again(&mut base_string, &self.text[pair.value.clone()]);
        }
        base_string
    }

    /// The pairs of one or two origins as a form or query.
    fn form(&self, origins: &[Origin], signature: Option<&str>) -> String {
        let mut form = String::with_capacity(self.text.len() + 64);
        for pair in self.pairs.iter().filter(|pair| origins.contains(&pair.origin)) {
            push_pair(&mut form, &self.text[pair.name.clone()], &self.text[pair.value.clone()]);
        }
        if let Some(signature) = signature {
            push_pair(&mut form, "oauth_signature", "");
            form.extend(percent_encode(signature));
        }
        form
    }

    /// Section 3.5.1.
    fn authorization(&self, signature: &str) -> String {
        let mut header = String::from("OAuth ");
        for pair in self.pairs.iter().filter(|pair| pair.origin == Origin::OAuth) {
            let (name, value) = (&self.text[pair.name.clone()], &self.text[pair.value.clone()]);
            let _ = write!(header, "{name}=\"{value}\", ");
        }
        let _ = write!(header, "oauth_signature=\"{}\"", percent_encode(signature));
        header
    }
}

fn push_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(name);
    form.push('=');
    form.push_str(value);
}

impl Serializer for RequestSerializer<'_> {
    type Output = SignedRequest;

    fn serialize_parameter<V: Display>(&mut self, key: &str, value: V) {
        let value = value.to_string();
        self.push(percent_encode(key), percent_encode(&value), Origin::Request);
    }

    fn serialize_parameter_encoded<V: Display>(&mut self, key: &str, value: V) {
        self.push_encoded(key, value, Origin::Request);
    }

    fn serialize_oauth_callback(&mut self) {
        if let Some(callback) = self.oauth.callback {
            self.push_oauth("oauth_callback", callback);
        }
    }

    fn serialize_oauth_consumer_key(&mut self) {
        self.push_oauth("oauth_consumer_key", self.oauth.consumer_key);
    }

    fn serialize_oauth_nonce(&mut self) {
        self.push_oauth("oauth_nonce", self.oauth.nonce);
    }

    fn serialize_oauth_signature_method(&mut self) {
        self.push_oauth("oauth_signature_method", "HMAC-SHA1");
    }

    fn serialize_oauth_timestamp(&mut self) {
        self.push("oauth_timestamp", self.oauth.timestamp, Origin::OAuth);
    }

    fn serialize_oauth_token(&mut self) {
        if let Some(token) = self.oauth.token {
            self.push_oauth("oauth_token", token);
        }
    }

    fn serialize_oauth_verifier(&mut self) {
        if let Some(verifier) = self.oauth.verifier {
            self.push_oauth("oauth_verifier", verifier);
        }
    }

    fn serialize_oauth_version(&mut self) {
        if self.oauth.with_version {
            self.push_oauth("oauth_version", "1.0");
        }
    }

    fn end(mut self) -> SignedRequest {
        self.sort();
        let base_string = self.base_string();
        let signature = self.key.signature(&base_string);
        let mut url = self.target.call_url.clone();
        let (mut body, mut authorization) = (None, None);
        match self.placement {
            Placement::Form => body = Some(self.form(&[Origin::Request, Origin::OAuth], Some(&signature))),
            Placement::Query => extend_query(
                &mut url,
                &self.form(&[Origin::Request, Origin::OAuth], Some(&signature)),
            ),
            Placement::Header => {
                authorization = Some(self.authorization(&signature));
                let parameters = self.form(&[Origin::Request], None);
                if self.target.method.has_body() {
                    body = Some(parameters);
                } else {
                    extend_query(&mut url, &parameters);
                }
            }
        }
        SignedRequest::new(self.target.method, url, body, authorization, signature, base_string)
    }
}

fn extend_query(url: &mut url::Url, more: &str) {
    match url.query() {
        _ if more.is_empty() => {}
        Some(own) if !own.is_empty() => {
            let query = format!("{own}&{more}");
            url.set_query(Some(&query));
        }
        _ => url.set_query(Some(more)),
    }
}
