//! RFC 5849 once more, from its text, on bytes, as a server reads a request. It shares nothing with the crate: its own
//! encoder, `ring`'s HMAC and its own Base64.

use ring::hmac;
use url::Url;

/// Names and values as bytes: a server does not ask whether they are text.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

pub fn bytes<N: Into<String>>((name, value): (N, String)) -> (Vec<u8>, Vec<u8>) {
    (name.into().into_bytes(), value.into_bytes())
}

/// Section 3.6.
pub fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::new();
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => {
                encoded.push('%');
                for half in [byte >> 4, byte & 15] {
                    encoded.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
                }
            }
        }
    }
    encoded
}

/// W3C.REC-html40 section 17.13.4, read back: `+` is a space, and what is not two hex digits stays as it is.
pub fn parse_form(form: &[u8]) -> Pairs {
    form.split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |&byte| byte == b'=');
            let name = halves.next().unwrap_or_default();
            (decode(name, true), decode(halves.next().unwrap_or_default(), true))
        })
        .collect()
}

fn decode(text: &[u8], form: bool) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let hex = text.get(at + 1..at + 3).and_then(|digits| {
            let digits = std::str::from_utf8(digits)
                .ok()
                .filter(|digits| !digits.starts_with('+'))?;
            u8::from_str_radix(digits, 16).ok()
        });
        match (text[at], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 2;
            }
            (b'+', _) if form => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    decoded
}

/// A request as it arrives.
pub struct Received {
    method: String,
    pub query: Pairs,
    pub body: Pairs,
    pub header: Pairs,
}

impl Received {
    pub fn new(method: &str, url: &Url, body: Option<&str>, authorization: Option<&str>) -> Self {
        Self {
            method: method.to_owned(),
            query: parse_form(url.query().unwrap_or_default().as_bytes()),
            body: parse_form(body.unwrap_or_default().as_bytes()),
            header: authorization.map(parse_header).unwrap_or_default(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &(Vec<u8>, Vec<u8>)> {
        self.query.iter().chain(&self.header).chain(&self.body)
    }

    /// The signature that came along, if exactly one did.
    pub fn signature(&self) -> Option<String> {
        let mut found = self.all().filter(|(name, _)| name == b"oauth_signature");
        let (_, value) = found.next()?;
        found
            .next()
            .is_none()
            .then(|| String::from_utf8(value.clone()).unwrap())
    }

    /// Section 3.4.1, over what arrived.
    pub fn base_string(&self, url: &Url) -> String {
        let mut normalised: Vec<(String, String)> = Vec::new();
        for (name, value) in self.all().filter(|(name, _)| name != b"oauth_signature") {
            let pair = (encode(name), encode(value));
            let place = normalised.partition_point(|other| *other <= pair);
            normalised.insert(place, pair);
        }
        let mut joined = String::new();
        for (index, (name, value)) in normalised.iter().enumerate() {
            joined += &format!("{}{name}={value}", if index == 0 { "" } else { "&" });
        }
        let port = match (url.scheme(), url.port()) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => String::new(),
            (_, Some(port)) => format!(":{port}"),
        };
        let uri = format!(
            "{}://{}{port}{}",
            url.scheme(),
            url.host_str().unwrap_or_default(),
            url.path()
        );
        format!(
            "{}&{}&{}",
            self.method,
            encode(uri.as_bytes()),
            encode(joined.as_bytes())
        )
    }
}

/// Section 3.5.1. What is not a parameter as written there fails the test.
fn parse_header(header: &str) -> Pairs {
    let parameters = header.strip_prefix("OAuth ").expect("the scheme");
    assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header:?}");
    parameters
        .split(", ")
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').expect("a name and a value");
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .expect("quotes");
            assert!(!value.contains('"'), "{header:?}");
            (decode(name.as_bytes(), false), decode(value.as_bytes(), false))
        })
        .collect()
}

/// Section 3.4.2.
pub fn signature(base_string: &str, consumer_secret: &str, token_secret: &str) -> String {
    let key = format!(
        "{}&{}",
        encode(consumer_secret.as_bytes()),
        encode(token_secret.as_bytes())
    );
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    base64(hmac::sign(&key, base_string.as_bytes()).as_ref())
}

/// RFC 2045 section 6.8.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = 0;
        for index in 0..3 {
            bits = bits << 8 | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for index in 0..4 {
            if index <= group.len() {
                text.push(char::from(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
