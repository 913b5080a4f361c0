//! From a request's pairs to its base string, its signature and its place on the wire.

use std::cmp::Ordering;
use std::fmt::Display;
use std::ops::Range;

use oauth1_request::serializer::Serializer;

use super::encode::respelled;
use super::key::SigningKey;
use super::oauth_name::{
    CALLBACK, CONSUMER_KEY, NONCE, OAuthName, SIGNATURE, SIGNATURE_METHOD, TIMESTAMP, TOKEN, VERIFIER, VERSION,
};
use super::oauth_parameters::OAuthParameters;
use super::signed_request::{Placement, SignedRequest, Target};
use super::twofold::{AMPERSAND, Twofold, into_text};

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

/// Where a pair stands in the two texts.
struct Pair {
    name_start: usize,
    value_start: usize,
    end: usize,
    twice_start: usize,
    twice_end: usize,
    origin: Origin,
    /// The place among the protocol's own parameters, of which each comes once; 0 for all others.
    rank: u8,
}

impl Pair {
    fn name(&self) -> Range<usize> {
        self.name_start..self.value_start - 1
    }

    fn value(&self) -> Range<usize> {
        self.value_start..self.end
    }

    fn twice(&self) -> Range<usize> {
        self.twice_start..self.twice_end
    }
}

/// Takes a request's pairs and signs them when they have all come.
pub(super) struct RequestSerializer<'a> {
    key: &'a SigningKey,
    target: &'a Target<'a>,
    oauth: &'a OAuthParameters<'a>,
    placement: Placement,
    /// The pairs as they came, each followed by `&`, behind the base string's head.
    text: Twofold,
    head_length: usize,
    pairs: Vec<Pair>,
    /// Whether they came in the order that the base string wants.
    sorted: bool,
}

impl<'a> RequestSerializer<'a> {
    pub(super) fn new(
        key: &'a SigningKey,
        target: &'a Target<'a>,
        oauth: &'a OAuthParameters<'a>,
        placement: Placement,
    ) -> Self {
        let mut text = Twofold::new();
        target.push_base_string_head(&mut text);
        let mut serializer = Self {
            key,
            target,
            oauth,
            placement,
            head_length: text.twice().len(),
            text,
            pairs: Vec::with_capacity(16),
            sorted: true,
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

    /// Takes a pair; `name` writes its name and an equals sign, `value` its value.
    #[inline]
    fn push(&mut self, origin: Origin, rank: u8, name: impl FnOnce(&mut Twofold), value: impl FnOnce(&mut Twofold)) {
        let (name_start, twice_start) = self.text.ends();
        name(&mut self.text);
        let (value_start, _) = self.text.ends();
        value(&mut self.text);
        let (end, twice_end) = self.text.ends();
        self.text.push_ampersand();
        let pair = Pair {
            name_start,
            value_start,
            end,
            twice_start,
            twice_end,
            origin,
            rank,
        };
        if let Some(last) = self.pairs.last() {
            self.sorted &= match (last.rank, rank) {
                (0, _) | (_, 0) => self.order(last, &pair).is_le(),
                (last, rank) => last < rank,
            };
        }
        self.pairs.push(pair);
    }

    /// Takes a pair that someone else has encoded.
    fn push_encoded(&mut self, name: &str, value: &str, origin: Origin) {
        let well_spelled = |encoded: &str, text: &mut Twofold| match respelled(encoded) {
            Some(respelled) => text.push_encoded(&respelled),
            None => text.push_encoded(encoded),
        };
        let name = |text: &mut Twofold| {
            well_spelled(name, text);
            text.push_equals();
        };
        self.push(origin, 0, name, |text| well_spelled(value, text));
    }

    #[inline]
    fn push_oauth(&mut self, name: &OAuthName, value: impl FnOnce(&mut Twofold)) {
        self.push(Origin::OAuth, name.rank, |text| text.push_name(name), value);
    }

    /// What pairs are sorted by (section 3.4.1.3.2).
    #[inline]
    fn order(&self, left: &Pair, right: &Pair) -> Ordering {
        let once = self.text.once();
        let names = once[left.name()].cmp(&once[right.name()]);
        names.then_with(|| once[left.value()].cmp(&once[right.value()]))
    }

    fn sort(&mut self) {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.sort_by(|left, right| self.order(left, right));
        self.pairs = pairs;
    }

    /// Section 3.4.1.1, of pairs that came in another order.
    fn sorted_base_string(&self) -> Vec<u8> {
        let twice = self.text.twice();
        let mut base_string = Vec::with_capacity(twice.len());
        base_string.extend_from_slice(&twice[..self.head_length]);
        for (index, pair) in self.pairs.iter().enumerate() {
            if index > 0 {
                base_string.extend_from_slice(AMPERSAND);
            }
            base_string.extend_from_slice(&twice[pair.twice()]);
        }
        base_string
    }

    /// The pairs of these origins as a form or query, each followed by `&`.
    fn form(&self, origins: &[Origin]) -> Vec<u8> {
        let once = self.text.once();
        let mut form = Vec::with_capacity(once.len());
        for pair in self.pairs.iter().filter(|pair| origins.contains(&pair.origin)) {
            form.extend_from_slice(&once[pair.name_start..=pair.end]);
        }
        form
    }

    /// Section 3.5.1.
    fn authorization(&self) -> String {
        let once = self.text.once();
        let mut header = b"OAuth ".to_vec();
        let pairs = self.pairs.iter().filter(|pair| pair.origin == Origin::OAuth);
        for (index, pair) in pairs.enumerate() {
            if index > 0 {
                header.extend_from_slice(b", ");
            }
            header.extend_from_slice(&once[pair.name()]);
            header.extend_from_slice(b"=\"");
            header.extend_from_slice(&once[pair.value()]);
            header.push(b'"');
        }
        into_text(header)
    }
}

impl Serializer for RequestSerializer<'_> {
    type Output = SignedRequest;

    fn serialize_parameter<V: Display>(&mut self, key: &str, value: V) {
        let name = |text: &mut Twofold| {
            text.push(key);
            text.push_equals();
        };
        self.push(Origin::Request, 0, name, |text| text.print(value));
    }

    fn serialize_parameter_encoded<V: Display>(&mut self, key: &str, value: V) {
        self.push_encoded(key, &value.to_string(), Origin::Request);
    }

    fn serialize_oauth_callback(&mut self) {
        if let Some(callback) = self.oauth.callback {
            self.push_oauth(&CALLBACK, |text| text.push(callback));
        }
    }

    fn serialize_oauth_consumer_key(&mut self) {
        let consumer_key = self.oauth.consumer_key;
        self.push_oauth(&CONSUMER_KEY, |text| text.push(consumer_key));
    }

    fn serialize_oauth_nonce(&mut self) {
        let nonce = self.oauth.nonce;
        self.push_oauth(&NONCE, |text| text.push(nonce));
    }

    fn serialize_oauth_signature_method(&mut self) {
        self.push_oauth(&SIGNATURE_METHOD, |text| text.push_unreserved("HMAC-SHA1"));
    }

    fn serialize_oauth_timestamp(&mut self) {
        let timestamp = self.oauth.timestamp;
        self.push_oauth(&TIMESTAMP, |text| text.push_number(timestamp));
    }

    fn serialize_oauth_token(&mut self) {
        if let Some(token) = self.oauth.token {
            self.push_oauth(&TOKEN, |text| text.push(token));
        }
    }

    fn serialize_oauth_verifier(&mut self) {
        if let Some(verifier) = self.oauth.verifier {
            self.push_oauth(&VERIFIER, |text| text.push(verifier));
        }
    }

    fn serialize_oauth_version(&mut self) {
        if self.oauth.with_version {
            self.push_oauth(&VERSION, |text| text.push_unreserved("1.0"));
        }
    }

    fn end(mut self) -> SignedRequest {
        let base_string = match self.sorted {
            true => None,
            false => {
                self.sort();
                Some(self.sorted_base_string())
            }
        };
        // Without the separator behind the last pair.
        let in_order = &self.text.twice()[..self.pairs.last().map_or(self.head_length, |pair| pair.twice_end)];
        let (base_length, signature) = match &base_string {
            Some(sorted) => (sorted.len(), self.key.signature_of(sorted)),
            None => (in_order.len(), self.key.signature_of(in_order)),
        };
        self.push_oauth(&SIGNATURE, |text| text.push(&signature));
        // What came in order and has nothing of the URL is a form already.
        let is_form = base_string.is_none() && self.pairs.iter().all(|pair| pair.origin != Origin::Url);
        let (authorization, parameters) = match self.placement {
            Placement::Header => (Some(self.authorization()), Some(self.form(&[Origin::Request]))),
            _ if is_form => (None, None),
            _ => (None, Some(self.form(&[Origin::Request, Origin::OAuth]))),
        };
        let (once, twice) = self.text.into_parts();
        let mut base_string = base_string.unwrap_or(twice);
        base_string.truncate(base_length);
        let mut parameters = parameters.unwrap_or(once);
        parameters.pop();
        let parameters = into_text(parameters);
        let (mut url, mut body) = (self.target.call_url.clone(), None);
        match self.placement {
            Placement::Form => body = Some(parameters),
            Placement::Header if self.target.method.has_body() => body = Some(parameters),
            _ => extend_query(&mut url, &parameters),
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
