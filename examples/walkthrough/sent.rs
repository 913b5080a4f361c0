//! Shows each signed request before it goes out, secrets shortened.

use std::sync::Mutex;

use percent_encoding::percent_decode_str;
use sugar_oauth::signing::{SignedRequest, percent_encode};

use crate::screen::{Screen, shortened};

/// Parameters whose values let someone act, or prove that one may.
const SECRETS: [&str; 5] = [
    "oauth_nonce",
    "oauth_signature",
    "oauth_token",
    "oauth_verifier",
    "rest_data",
];

/// Prints signed requests as they go out.
pub struct Sent {
    screen: Screen,
    explain: bool,
    /// Method and address of the request before this one.
    last: Mutex<Option<(String, String)>>,
}

impl Sent {
    pub fn new(screen: Screen, explain: bool) -> Self {
        Self {
            screen,
            explain,
            last: Mutex::new(None),
        }
    }

    /// Prints one.
    pub fn show(&self, request: &SignedRequest) {
        let mut url = request.url().clone();
        let query = url.query().unwrap_or_default().to_owned();
        url.set_query(None);
        let head = format!("{} {url}", request.method().as_str());
        let parameters = parameters(request, &query);
        let method = parameters
            .iter()
            .find(|(name, ..)| name == "method")
            .map_or("", |(_, value, _)| value);
        let last = {
            let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            last.replace((method.to_owned(), head.clone()))
        };
        let (repeated, same_place) = match &last {
            Some((last_method, last_head)) => (last_method == method, *last_head == head),
            None => (false, false),
        };
        // A verifier is exchanged again only when the person brings another.
        if repeated && method != "oauth_access_token" {
            self.screen.came("no answer, or refused without a word: tried again");
        }
        if repeated && same_place {
            self.screen.sent(format!("{head}, once more: new nonce and signature"));
        } else {
            self.screen.sent(&head);
            for (name, value, place) in &parameters {
                self.screen.pair(name, &format!("{value}{place}"));
            }
        }
        if self.explain {
            self.explain(request);
        }
    }

    /// The text that was signed. It is one line; here it is broken where a parameter begins.
    fn explain(&self, request: &SignedRequest) {
        self.screen
            .note("base string, one line without breaks, signed with HMAC-SHA1:");
        for line in base_string_lines(request.base_string()) {
            self.screen.dim(format!("  {line}"));
        }
    }
}

/// The request's parameters with their secrets shortened, and where each stands if not in the form.
fn parameters(request: &SignedRequest, query: &str) -> Vec<(String, String, &'static str)> {
    let mut parameters = Vec::new();
    for (text, place) in [(query, "   (query)"), (request.body().unwrap_or_default(), "")] {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap_or_default();
        parameters.extend(pairs.into_iter().map(|(name, value)| (name, value, place)));
    }
    let header = request.authorization().unwrap_or_default().trim_start_matches("OAuth ");
    for pair in header.split(',').filter(|pair| !pair.trim().is_empty()) {
        if let Some((name, value)) = pair.trim().split_once('=') {
            let value = percent_decode_str(value.trim_matches('"'))
                .decode_utf8_lossy()
                .into_owned();
            parameters.push((name.to_owned(), value, "   (header)"));
        }
    }
    for (name, value, _) in &mut parameters {
        *value = without_secret(name, value);
    }
    // What is asked first, then its formats, then the protocol's own.
    parameters.sort_by_key(|(name, _, _)| (name != "method", name.starts_with("oauth_"), name.clone()));
    parameters
}

/// A parameter's value, fit to be shown.
pub fn without_secret(name: &str, value: &str) -> String {
    if name == "oauth_callback" {
        return callback(value);
    }
    if SECRETS.contains(&name) {
        shortened(value)
    } else {
        value.to_owned()
    }
}

/// A callback URL without its random path: who knows it can bring verifiers of their own.
pub fn callback(url: &str) -> String {
    match url.rsplit_once('/') {
        Some((before, random)) if random.len() >= 12 => format!("{before}/{}", shortened(random)),
        _ => url.to_owned(),
    }
}

fn base_string_lines(base_string: &str) -> Vec<String> {
    let mut parts = base_string.splitn(3, '&');
    let (method, url, parameters) = (parts.next(), parts.next(), parts.next());
    let mut lines = vec![
        method.unwrap_or_default().to_owned(),
        format!("&{}", url.unwrap_or_default()),
    ];
    let decoded = percent_decode_str(parameters.unwrap_or_default()).decode_utf8_lossy();
    for (index, pair) in decoded.split('&').enumerate() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let shown = without_secret(&plain(name), &plain(value));
        // The mark of what was left out is no part of the text, so it is not encoded.
        let (kept, mark) = shown.strip_suffix('…').map_or((shown.as_str(), ""), |kept| (kept, "…"));
        let pair = format!("{name}={}", percent_encode(kept));
        let separator = if index == 0 { "&" } else { "%26" };
        lines.push(format!("{separator}{}{mark}", percent_encode(&pair)));
    }
    lines
}
