//! Thousands of random requests that we sign, checked by oauthlib and by PECL's `OAuthProvider`; and as many spoilt
//! ones, which both must refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sugar_oauth::signing::{HttpMethod, OAuthParameters, Parameters, Placement, SigningKey, Target, sign};
use sugar_oauth::{ConsumerSecret, TokenSecret};
use sugar_oauth_peers::process::ask;
use sugar_oauth_peers::programs::{php, python_with, scripts};

const CASES: usize = 5_000;
/// How many of them each peer has to have judged at least, and how many of those in each placement.
const WANTED: usize = 2_000;
const WANTED_EACH_PLACEMENT: usize = 600;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The text with another first character.
fn flipped(text: &str) -> String {
    let first = if text.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &text[1..])
}

/// SplitMix64: the same requests in every run, so that a failure can be looked at.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn text(&mut self) -> String {
        let length = self.below(10);
        let kind = self.below(5);
        (0..length)
            .map(|_| match kind {
                0 => char::from(self.below(128) as u8).to_string(),
                1 => self
                    .pick(&[
                        "+", "%", "&", "=", "~", "*", " ", "%41", "%zz", "'", "\"", "/", ",", "[", "]",
                    ])
                    .into(),
                2 => self
                    .pick(&["é", "ß", "e\u{301}", "Ω", "漢", "字", "🙂", "\u{202e}", "\u{ffff}"])
                    .into(),
                3 => self.pick(&["a", "Z", "0", "-", ".", "_", "~"]).into(),
                _ => char::from(32 + self.below(95) as u8).to_string(),
            })
            .collect()
    }

    /// Names that repeat, among others.
    fn parameters(&mut self, orderly: bool) -> Vec<(String, String)> {
        let count = self.below(6);
        let mut pairs = Vec::new();
        for index in 0..count {
            let name = if orderly {
                format!("p{index}{}", self.text())
            } else {
                self.text()
            };
            let repeats = if self.chance(3) { 1 + self.below(3) } else { 1 };
            for repeat in 0..repeats {
                let value = if orderly && repeats > 1 {
                    format!("{repeat}{}", self.text())
                } else {
                    self.text()
                };
                pairs.push((name.clone(), value));
            }
        }
        // A name of the protocol would be refused by a provider as a second one.
        pairs.retain(|(name, _)| !name.starts_with("oauth_"));
        pairs
    }
}

/// A signed request, as the validators read it, and what it was made of.
#[derive(Clone)]
struct Case {
    placement: Placement,
    /// All parameters but the protocol's, those of the URL too.
    pairs: Vec<(String, String)>,
    /// The values of the protocol's parameters that may hold anything.
    free_text: String,
    nonce: String,
    signature: String,
    request: Value,
}

impl Case {
    fn random(random: &mut Random, now: u64) -> Case {
        let placement = [Placement::Form, Placement::Query, Placement::Header][random.below(3)];
        let method = match placement {
            Placement::Form => HttpMethod::Post,
            _ if random.chance(2) => HttpMethod::Post,
            _ => HttpMethod::Get,
        };
        let orderly = !random.chance(3);
        let mut pairs = random.parameters(orderly);
        let parameters = pairs
            .iter()
            .fold(Parameters::new(), |sum, (name, value)| sum.with(name, value));

        let scheme = random.pick(&["http", "https"]);
        let host = random.pick(&["127.0.0.1", "crm.example.com", "CRM.Example.COM"]);
        let port = random.pick(&["", ":80", ":443", ":8080"]);
        let path = random.pick(&[
            "/",
            "/service/v4_1/rest.php",
            "/legacy/service/v4/rest.php",
            "/a b/é~*/%7e+x.php",
        ]);
        let mut url: url::Url = format!("{scheme}://{host}{port}{path}").parse().expect("a URL");
        if random.chance(4) {
            let own = random.parameters(orderly);
            if !own.is_empty() {
                url.query_pairs_mut()
                    .extend_pairs(own.iter().map(|(name, value)| (format!("u{name}"), value)));
                pairs.extend(own.into_iter().map(|(name, value)| (format!("u{name}"), value)));
            }
        }

        let consumer_key = format!("KEY{}", random.text());
        let consumer_secret = format!("secret{}", random.text());
        let token = (!random.chance(4)).then(|| (format!("{:012x}", random.below(1 << 48)), random.text()));
        let nonce = format!("{:016x}{:016x}", random.next(), random.next());
        let (callback, verifier) = (format!("http://127.0.0.1:1/{}", random.text()), random.text());
        let mut oauth = OAuthParameters::new(&consumer_key, &nonce, now);
        match &token {
            Some((token, _)) => oauth = oauth.token(token),
            None => oauth = oauth.callback(random.pick(&["oob", callback.as_str()])),
        }
        if token.is_some() && random.chance(3) {
            oauth = oauth.verifier(&verifier);
        }
        if random.chance(5) {
            oauth = oauth.without_version();
        }

        let token_secret = token.as_ref().map(|(_, secret)| TokenSecret::new(secret.as_str()));
        let key = SigningKey::new(&ConsumerSecret::new(consumer_secret.as_str()), token_secret.as_ref());
        let signed = sign(&key, &Target::new(method, &url), &oauth, &parameters, placement);
        let request = json!({
            "method": signed.method().as_str(),
            "url": signed.url().as_str(),
            "authorization": signed.authorization(),
            "body": signed.body(),
            "consumer_secret": consumer_secret,
            "token_secret": token_secret.as_ref().map(TokenSecret::expose).unwrap_or_default(),
        });
        let free_text = format!("{consumer_key} {callback} {verifier}");
        Case {
            placement,
            pairs,
            free_text,
            nonce,
            signature: signed.signature().to_owned(),
            request,
        }
    }

    /// The same request with one thing changed behind the signature's back.
    fn spoilt(&self, random: &mut Random) -> (&'static str, Case) {
        let mut case = self.clone();
        let request = &mut case.request;
        let changed =
            |value: &Value, change: &dyn Fn(&str) -> String| json!(change(value.as_str().unwrap_or_default()));
        let wire = match case.placement {
            Placement::Form => "body",
            Placement::Query => "url",
            _ => "authorization",
        };
        let (nonce, signature) = (case.nonce.clone(), case.signature.clone());
        let kind = match random.below(7) {
            0 => {
                request["method"] = json!(if request["method"] == "GET" { "POST" } else { "GET" });
                "the method"
            }
            1 => {
                request["url"] = changed(&request["url"], &|url| {
                    url.replacen("rest.php", "rest.PHP", 1).replacen("://", "://x", 1)
                });
                "the host or path"
            }
            2 => {
                request["url"] = changed(&request["url"], &|url| match url.split_once('?') {
                    Some((front, query)) => format!("{front}?zz=&{query}"),
                    None => format!("{url}?zz="),
                });
                "one parameter more"
            }
            3 => {
                request["consumer_secret"] = changed(&request["consumer_secret"], &|secret| format!("{secret}x"));
                "the consumer secret"
            }
            4 => {
                request[wire] = changed(&request[wire], &|text| text.replacen(&nonce, &flipped(&nonce), 1));
                "the nonce"
            }
            5 => {
                let (before, after) = (encoded(&signature), encoded(&flipped(&signature)));
                request[wire] = changed(&request[wire], &|text| text.replacen(&before, &after, 1));
                "the signature"
            }
            _ => {
                // The first of what is sorted: seldom one of the protocol's.
                let wire = if case.placement == Placement::Header {
                    "body"
                } else {
                    wire
                };
                request[wire] = changed(&request[wire], &|text| match text.split_once('=') {
                    Some((front, value)) => format!("{front}=x{value}"),
                    None => "x=".to_owned(),
                });
                "a value"
            }
        };
        (kind, case)
    }

    /// Whether oauthlib computes the right base string for this request: it decodes what the protocol's own parameters
    /// hold twice.
    fn is_for_oauthlib(&self) -> bool {
        !self.free_text.contains('%')
    }

    /// Whether PECL's `OAuthProvider` computes the right base string for this request.
    ///
    /// It sorts names and values before it encodes them, where RFC 5849 3.4.1.3.2 sorts them encoded: `é` comes after
    /// `z`, `%C3%A9` before it. And PHP makes a number of a name such as `10`, and the extension ends a name at NUL.
    fn is_for_pecl(&self) -> bool {
        let protocol = [
            "oauth_callback",
            "oauth_consumer_key",
            "oauth_nonce",
            "oauth_signature_method",
        ];
        let more = ["oauth_timestamp", "oauth_token", "oauth_verifier", "oauth_version"];
        let names = protocol.iter().chain(&more).map(|name| (*name, ""));
        let mut raw: Vec<(&str, &str)> = self
            .pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        raw.extend(names);
        raw.sort();
        let keeps_order = raw.is_sorted_by_key(|(name, value)| (encoded(name), encoded(value)));
        let awkward = |name: &str| name.contains('\0') || name.parse::<i64>().is_ok();
        keeps_order && !self.pairs.iter().any(|(name, _)| awkward(name))
    }
}

fn oauthlib() -> Command {
    let mut command = python_with("oauthlib");
    command.arg(scripts().join("oauthlib/validate.py"));
    command
}

fn pecl() -> Command {
    let mut command = php();
    command.arg(scripts().join("pecl/validate.php"));
    command
}

fn verdicts(validator: Command, cases: &[&Case]) -> Vec<String> {
    let lines: Vec<String> = cases.iter().map(|case| case.request.to_string()).collect();
    ask(validator, &lines)
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970")
        .as_secs()
}

fn cases(seed: u64) -> Vec<Case> {
    let (mut random, now) = (Random(seed), now());
    (0..CASES).map(|_| Case::random(&mut random, now)).collect()
}

fn all_are_valid(name: &str, validator: Command, cases: &[&Case]) {
    assert!(
        cases.len() >= WANTED,
        "{name} is to judge at least {WANTED} requests, not {}",
        cases.len()
    );
    let mut placements = BTreeMap::new();
    for (case, verdict) in cases.iter().zip(verdicts(validator, cases)) {
        assert_eq!(verdict, "valid", "{name} on {:#}", case.request);
        *placements.entry(format!("{:?}", case.placement)).or_insert(0) += 1;
    }
    assert_eq!(placements.len(), 3);
    assert!(
        placements.values().all(|count| *count >= WANTED_EACH_PLACEMENT),
        "{placements:?}"
    );
    println!("{name}: {} requests of ours are valid: {placements:?}", cases.len());
}

fn none_is_valid(name: &str, validator: Command, cases: &[&Case], seed: u64) {
    let mut random = Random(seed);
    let spoilt: Vec<(&str, Case)> = cases.iter().map(|case| case.spoilt(&mut random)).collect();
    let requests: Vec<&Case> = spoilt.iter().map(|(_, case)| case).collect();
    let mut kinds = BTreeMap::new();
    for ((kind, case), verdict) in spoilt.iter().zip(verdicts(validator, &requests)) {
        assert!(
            verdict.starts_with("invalid"),
            "{name} on {kind} changed in {:#}",
            case.request
        );
        *kinds.entry(*kind).or_insert(0) += 1;
    }
    assert_eq!(kinds.len(), 7);
    println!("{name}: {} spoilt ones are refused: {kinds:?}", cases.len());
}

#[test]
fn oauthlib_finds_them_valid_and_the_spoilt_ones_not() {
    let cases = cases(1);
    let cases: Vec<&Case> = cases.iter().filter(|case| case.is_for_oauthlib()).collect();
    all_are_valid("oauthlib", oauthlib(), &cases);
    none_is_valid("oauthlib", oauthlib(), &cases, 2);
}

#[test]
fn pecl_finds_them_valid_and_the_spoilt_ones_not() {
    let cases = cases(3);
    let cases: Vec<&Case> = cases.iter().filter(|case| case.is_for_pecl()).collect();
    all_are_valid("PECL", pecl(), &cases);
    none_is_valid("PECL", pecl(), &cases, 4);
}

/// What is random could all be tame.
#[test]
fn the_requests_hold_what_is_hard_to_sign() {
    let cases = cases(1);
    let pairs = || cases.iter().flat_map(|case| &case.pairs);
    let ascii: BTreeSet<char> = pairs()
        .flat_map(|(_, value)| value.chars())
        .filter(char::is_ascii)
        .collect();
    assert_eq!(ascii.len(), 128);
    let in_names: BTreeSet<char> = pairs()
        .flat_map(|(name, _)| name.chars())
        .filter(char::is_ascii)
        .collect();
    assert_eq!(in_names.len(), 128);
    let duplicates = |case: &&Case| {
        case.pairs.iter().enumerate().any(|(index, (name, value))| {
            let before = &case.pairs[..index];
            before
                .iter()
                .any(|(other, first)| other == name && encoded(first) != *first && encoded(value) != *value)
        })
    };
    assert!(cases.iter().filter(duplicates).count() > 200);
    assert!(pairs().filter(|(_, value)| value.is_empty()).count() > 200);
    assert!(pairs().filter(|(_, value)| !value.is_ascii()).count() > 1_000);
    assert!(
        cases.iter().filter(|case| !case.is_for_pecl()).count() > 200,
        "orders differ, raw and encoded"
    );
}

/// A form that holds one pair or two beside the protocol's, signed with `secret` alone.
fn form(consumer_key: &str, parameters: &Parameters) -> Case {
    let url = "http://crm.example.com/".parse().expect("a URL");
    let key = SigningKey::new(&ConsumerSecret::new("secret"), None);
    let nonce = "0123456789abcdef0123456789abcdef".to_owned();
    let oauth = OAuthParameters::new(consumer_key, &nonce, now());
    let signed = sign(&key, &Target::post(&url), &oauth, parameters, Placement::Form);
    Case {
        placement: Placement::Form,
        pairs: parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        free_text: consumer_key.to_owned(),
        signature: signed.signature().to_owned(),
        request: json!({"method": "POST", "url": url.as_str(), "authorization": null, "body": signed.body(),
            "consumer_secret": "secret", "token_secret": ""}),
        nonce,
    }
}

/// Why PECL's provider is not asked about every request: it refuses what oauthlib, and the RFC, find right.
#[test]
fn pecl_sorts_before_it_encodes() {
    let case = form("KEY", &Parameters::new().with("a", "z").with("a", "é"));
    assert!(!case.is_for_pecl());
    assert_eq!(verdicts(oauthlib(), &[&case]), ["valid"]);
    assert_eq!(verdicts(pecl(), &[&case]), ["invalid: Signatures do not match"]);
}

/// Why oauthlib is not asked about every request: it refuses what PECL, and the RFC, find right.
#[test]
fn oauthlib_decodes_the_protocols_parameters_twice() {
    let case = form("KEY%41", &Parameters::new().with("a", "%41"));
    assert!(!case.is_for_oauthlib());
    assert_eq!(verdicts(pecl(), &[&case]), ["valid"]);
    assert_eq!(verdicts(oauthlib(), &[&case]), ["invalid: Valid signature: False"]);
}
