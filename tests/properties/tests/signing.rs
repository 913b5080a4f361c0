//! Every signature against a second implementation, written from RFC 5849 in other words and with another HMAC; every
//! placed request read back and verified as a server would.

mod rfc5849;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oauth1_request::Request;
use oauth1_request::request::AssertSorted;
use oauth1_request::serializer::{Serializer, SerializerExt};
use proptest::prelude::*;
use rfc5849::{Pairs, Received};
use sugar_oauth::signing::{
    HttpMethod, OAuthParameters, Parameters, Placement, SignedRequest, SigningKey, Target, base_string, percent_encode,
    sign,
};
use sugar_oauth::{ConsumerSecret, TokenSecret};
use url::Url;

const CONSUMER_KEY: &str = "key & more";

/// What the protocol adds, and with which secrets.
#[derive(Debug, Clone)]
struct Credentials {
    nonce: String,
    timestamp: u64,
    consumer_secret: String,
    token: Option<(String, String)>,
    callback: Option<String>,
    verifier: Option<String>,
    with_version: bool,
}

impl Credentials {
    fn key(&self) -> SigningKey {
        let token_secret = self.token.as_ref().map(|(_, secret)| TokenSecret::new(secret.as_str()));
        SigningKey::new(
            &ConsumerSecret::new(self.consumer_secret.as_str()),
            token_secret.as_ref(),
        )
    }

    fn oauth(&self) -> OAuthParameters<'_> {
        let mut oauth = OAuthParameters::new(CONSUMER_KEY, &self.nonce, self.timestamp);
        if let Some((token, _)) = &self.token {
            oauth = oauth.token(token);
        }
        if let Some(callback) = &self.callback {
            oauth = oauth.callback(callback);
        }
        if let Some(verifier) = &self.verifier {
            oauth = oauth.verifier(verifier);
        }
        if !self.with_version {
            oauth = oauth.without_version();
        }
        oauth
    }

    /// The protocol's parameters, without the signature.
    fn expected(&self) -> Pairs {
        let mut pairs = vec![
            ("oauth_consumer_key", CONSUMER_KEY.to_owned()),
            ("oauth_nonce", self.nonce.clone()),
            ("oauth_signature_method", "HMAC-SHA1".to_owned()),
            ("oauth_timestamp", self.timestamp.to_string()),
        ];
        pairs.extend(self.token.iter().map(|(token, _)| ("oauth_token", token.clone())));
        pairs.extend(
            self.callback
                .iter()
                .map(|callback| ("oauth_callback", callback.clone())),
        );
        pairs.extend(
            self.verifier
                .iter()
                .map(|verifier| ("oauth_verifier", verifier.clone())),
        );
        pairs.extend(self.with_version.then(|| ("oauth_version", "1.0".to_owned())));
        pairs.into_iter().map(rfc5849::bytes).collect()
    }

    fn token_secret(&self) -> &str {
        self.token.as_ref().map_or("", |(_, secret)| secret)
    }
}

/// Text in which everything that has a meaning in forms, headers and sorting comes up often.
fn text() -> impl Strategy<Value = String> {
    let telling = vec![
        '+', '%', '&', '=', '~', '*', ' ', '/', '"', ',', 'a', 'A', 'z', '0', '-', '.', '_',
    ];
    let character = prop_oneof![
        4 => prop::sample::select(telling),
        2 => (0_u8..0x80).prop_map(char::from),
        1 => prop::sample::select(vec!['é', 'ß', '株', '🦀', '\u{80}', '\u{7ff}', '\u{ffff}', '\u{202e}']),
        1 => any::<char>(),
    ];
    prop::collection::vec(character, 0..8).prop_map(String::from_iter)
}

/// A name that is not the protocol's own.
fn name() -> impl Strategy<Value = String> {
    text().prop_filter("the protocol's own", |name| !name.starts_with("oauth_"))
}

/// Pairs of which many share a name, so that the values decide their order.
fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let common = vec!["a", "a b", "aé", "a~", "method", "oauth", "p", "rest_data"];
    let name = prop_oneof![prop::sample::select(common).prop_map(String::from), name()];
    prop::collection::vec((name, text()), 0..8)
}

fn credentials() -> impl Strategy<Value = Credentials> {
    let token = prop::option::of((text(), text()));
    let (callback, verifier) = (prop::option::of(text()), prop::option::of(text()));
    (text(), any::<u64>(), text(), token, callback, verifier, any::<bool>()).prop_map(
        |(nonce, timestamp, consumer_secret, token, callback, verifier, with_version)| Credentials {
            nonce,
            timestamp,
            consumer_secret,
            token,
            callback,
            verifier,
            with_version,
        },
    )
}

fn placement() -> impl Strategy<Value = Placement> {
    prop::sample::select(vec![Placement::Form, Placement::Query, Placement::Header])
}

/// A URL of any of the kinds that matter to the base string, with a query of its own or without.
fn target_url() -> impl Strategy<Value = Url> {
    let base = prop::sample::select(vec![
        "https://crm.example.com/service/v4_1/rest.php",
        "http://CRM.example.com:80/legacy/service/v4/rest.php",
        "http://127.0.0.1:8080/rest.php",
        "https://[::1]:8443/a%20b/~c",
        "https://bücher.example",
    ]);
    let query = prop_oneof![
        2 => Just(String::new()),
        1 => Just(String::from("?")),
        1 => Just(String::from("?b5=%3D%253D&a3=a&c%40=&a2=r+b&&flag&binary=%ff%A3&half=%4")),
        1 => pairs().prop_map(|pairs| {
            format!("?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
        }),
    ];
    (base, query).prop_map(|(base, query)| Url::parse(&format!("{base}{query}")).unwrap())
}

fn received(signed: &SignedRequest) -> Received {
    Received::new(
        signed.method().as_str(),
        signed.url(),
        signed.body(),
        signed.authorization(),
    )
}

/// Reads a request back as a server does and verifies it: every parameter is there once, in its place, and the signature
/// over what arrived is the one that arrived.
fn verify(
    signed: &SignedRequest,
    url: &Url,
    credentials: &Credentials,
    own: &[(String, String)],
    placement: Placement,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(signed.method(), placement.http_method());
    prop_assert_eq!(signed.body().is_some(), placement != Placement::Query);
    prop_assert_eq!(signed.authorization().is_some(), placement == Placement::Header);

    let own: Pairs = own.iter().cloned().map(rfc5849::bytes).collect();
    let mut protocol = credentials.expected();
    protocol.push(rfc5849::bytes(("oauth_signature", signed.signature().to_owned())));
    let of_url = rfc5849::parse_form(url.query().unwrap_or_default().as_bytes());
    let (query, body, header) = match placement {
        Placement::Query => ([of_url, own, protocol].concat(), vec![], vec![]),
        Placement::Form => (of_url, [own, protocol].concat(), vec![]),
        _ => (of_url, own, protocol),
    };
    let received = received(signed);
    prop_assert_eq!(sorted(&received.query), sorted(&query));
    prop_assert_eq!(sorted(&received.body), sorted(&body));
    prop_assert_eq!(sorted(&received.header), sorted(&header));
    // Other people's reader of forms finds the same in the body.
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let read_by_others: Vec<_> = form_urlencoded::parse(signed.body().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let read_by_us: Vec<_> = received
        .body
        .iter()
        .map(|(name, value)| (text(name), text(value)))
        .collect();
    prop_assert_eq!(read_by_others, read_by_us);

    let base_string = received.base_string(url);
    prop_assert_eq!(signed.base_string(), base_string.as_str());
    let signature = rfc5849::signature(&base_string, &credentials.consumer_secret, credentials.token_secret());
    prop_assert_eq!(signed.signature(), signature.as_str());
    prop_assert_eq!(received.signature(), Some(signature));
    Ok(())
}

fn sorted(pairs: &Pairs) -> Pairs {
    let mut sorted = pairs.clone();
    sorted.sort();
    sorted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_placed_request_verifies(
        url in target_url(), own in pairs(), credentials in credentials(), placement in placement(),
    ) {
        let parameters: Parameters = own.iter().cloned().collect();
        let target = Target::new(placement.http_method(), &url);
        let signed = sign(&credentials.key(), &target, &credentials.oauth(), &parameters, placement);
        verify(&signed, &url, &credentials, &own, placement)?;
        prop_assert_eq!(base_string(&target, &credentials.oauth(), &parameters), signed.base_string());
        // A pure function.
        prop_assert_eq!(sign(&credentials.key(), &target, &credentials.oauth(), &parameters, placement), signed);
    }

    #[test]
    fn the_order_in_which_parameters_are_given_changes_nothing(
        own in pairs().prop_shuffle(), credentials in credentials(), placement in placement(),
    ) {
        let url = Url::parse("https://crm.example.com/rest.php").unwrap();
        let target = Target::new(placement.http_method(), &url);
        let sign = |pairs: &[(String, String)]| {
            let parameters: Parameters = pairs.iter().cloned().collect();
            sign(&credentials.key(), &target, &credentials.oauth(), &parameters, placement)
        };
        let mut sorted = own.clone();
        sorted.sort();
        prop_assert_eq!(sign(&own), sign(&sorted));
    }

    #[test]
    fn requests_of_other_crates_verify(
        own in prop::collection::btree_map(name(), text(), 0..8),
        credentials in credentials(),
        placement in placement(),
    ) {
        let url = Url::parse("https://crm.example.com/rest.php").unwrap();
        let target = Target::new(placement.http_method(), &url);
        let foreign = AssertSorted::new(&own);
        let signed = sign(&credentials.key(), &target, &credentials.oauth(), &foreign, placement);
        let own: Vec<_> = own.clone().into_iter().collect();
        verify(&signed, &url, &credentials, &own, placement)?;
    }

    /// Sorted raw, as `oauth1-request`'s own list does, which is another order than that of the encoded pairs.
    #[test]
    fn requests_sorted_raw_verify(mut own in pairs(), credentials in credentials(), placement in placement()) {
        own.sort();
        let url = Url::parse("https://crm.example.com/rest.php").unwrap();
        let target = Target::new(placement.http_method(), &url);
        let foreign = AssertSorted::new(own.iter().map(|(name, value)| (name, value)));
        let signed = sign(&credentials.key(), &target, &credentials.oauth(), &foreign, placement);
        verify(&signed, &url, &credentials, &own, placement)?;
    }

    /// Encoded by someone else: lower-case hex, more than needs it, or less.
    #[test]
    fn requests_encoded_by_others_verify(
        own in prop::collection::vec((name(), text(), any::<u64>()), 0..6),
        credentials in credentials(),
        placement in placement(),
    ) {
        let url = Url::parse("https://crm.example.com/rest.php").unwrap();
        let target = Target::new(placement.http_method(), &url);
        let encoded = own.iter().map(|(name, value, how)| (loosely(name, *how), loosely(value, *how)));
        let foreign = Encoded(encoded.collect());
        let signed = sign(&credentials.key(), &target, &credentials.oauth(), &foreign, placement);
        let own: Vec<_> = own.into_iter().map(|(name, value, _)| (name, value)).collect();
        verify(&signed, &url, &credentials, &own, placement)?;
    }

    #[test]
    fn encoding_is_the_rfcs(text in any::<String>()) {
        let encoded = percent_encode(&text).to_string();
        prop_assert_eq!(&encoded, &rfc5849::encode(text.as_bytes()));
        let read_back = form_urlencoded::parse(encoded.as_bytes()).next().unwrap_or_default().0;
        prop_assert_eq!(read_back, text);
    }
}

/// A foreign request that hands over text which it has encoded itself, unsorted, the protocol's parameters first.
struct Encoded(Vec<(String, String)>);

impl Request for Encoded {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        serializer.serialize_oauth_parameters();
        for (name, value) in &self.0 {
            serializer.serialize_parameter_encoded(name, value);
        }
        serializer.end()
    }
}

/// Percent-encodes each character in one of the ways that decode to it; the bits of `how` choose.
fn loosely(text: &str, how: u64) -> String {
    let mut encoded = String::new();
    for (index, character) in text.chars().enumerate() {
        let choice = (how >> (2 * index % 62)) & 3;
        if choice == 0 && character != '%' {
            encoded.push(character);
            continue;
        }
        for byte in character.to_string().bytes() {
            encoded += &match choice {
                1 => format!("%{byte:02x}"),
                _ => format!("%{byte:02X}"),
            };
        }
    }
    encoded
}

#[test]
fn every_ascii_byte_is_signed_and_sent_in_name_and_value() {
    let credentials = Credentials {
        nonce: "n".into(),
        timestamp: 1,
        consumer_secret: "s".into(),
        token: None,
        callback: None,
        verifier: None,
        with_version: true,
    };
    let url = Url::parse("http://127.0.0.1:8080/rest.php").unwrap();
    let mut seen = BTreeSet::new();
    for byte in 0_u8..0x80 {
        let byte = char::from(byte);
        let own = vec![
            (format!("n{byte}"), String::from(byte)),
            ("n".into(), format!("{byte}v")),
        ];
        for placement in [Placement::Form, Placement::Query, Placement::Header] {
            let parameters: Parameters = own.iter().cloned().collect();
            let target = Target::new(placement.http_method(), &url);
            let signed = sign(
                &credentials.key(),
                &target,
                &credentials.oauth(),
                &parameters,
                placement,
            );
            verify(&signed, &url, &credentials, &own, placement).unwrap();
            seen.insert(signed.signature().to_owned());
        }
    }
    // GET and POST differ; beyond that no two bytes are signed alike.
    assert_eq!(seen.len(), 2 * 0x80);
}

#[test]
fn a_query_with_post_and_a_header_with_get_verify_too() {
    let url = Url::parse("http://127.0.0.1:8080/rest.php?kept=%20").unwrap();
    let oauth = OAuthParameters::new("k", "n", 1);
    let key = SigningKey::new(&ConsumerSecret::new("s"), None);
    let parameters = Parameters::new().with("a", "é").with("a", "z");
    for (method, placement) in [
        (HttpMethod::Post, Placement::Query),
        (HttpMethod::Get, Placement::Header),
    ] {
        let signed = sign(&key, &Target::new(method, &url), &oauth, &parameters, placement);
        let received = received(&signed);
        let base_string = received.base_string(&url);
        assert_eq!(signed.base_string(), base_string);
        assert_eq!(received.signature(), Some(rfc5849::signature(&base_string, "s", "")));
        assert_eq!(received.body, []);
    }
}

/// The case that sorting raw values gets wrong: `é` is encoded to `%C3%A9`, which stands before `z`.
#[test]
fn values_are_sorted_encoded() {
    let url = Url::parse("http://127.0.0.1/rest.php").unwrap();
    let oauth = OAuthParameters::new("k", "n", 1);
    let raw_sorted = AssertSorted::new([("a", "z"), ("a", "é")]);
    let text = base_string(&Target::post(&url), &oauth, &raw_sorted);
    assert!(text.contains("&a%3D%25C3%25A9%26a%3Dz%26oauth_consumer_key"), "{text}");
    let ours = Parameters::new().with("a", "z").with("a", "é");
    assert_eq!(base_string(&Target::post(&url), &oauth, &ours), text);
}

/// Values that are not text until they are written, and come in pieces.
#[test]
fn displayed_values_are_signed_and_sent_as_written() {
    #[derive(Clone)]
    struct InPieces;
    impl fmt::Display for InPieces {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a b")?;
            formatter.write_str("&!")
        }
    }
    let url = Url::parse("http://127.0.0.1/rest.php").unwrap();
    let oauth = OAuthParameters::new("k", "n", 1);
    let key = SigningKey::new(&ConsumerSecret::new("s"), None);
    let pieces = AssertSorted::new([("n", InPieces)]);
    let signed = sign(&key, &Target::post(&url), &oauth, &pieces, Placement::Header);
    assert_eq!(signed.body(), Some("n=a%20b%26%21"));
    let numbers = BTreeMap::from([("offset", -20_i64)]);
    let numbers = AssertSorted::new(&numbers);
    let signed = sign(&key, &Target::post(&url), &oauth, &numbers, Placement::Header);
    assert_eq!(signed.body(), Some("offset=-20"));
}
