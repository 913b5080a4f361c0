//! A signed request: made, spoilt, and whom to ask about it.

use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sugar_oauth::signing::{HttpMethod, OAuthParameters, Parameters, Placement, SigningKey, Target, sign};
use sugar_oauth::{ConsumerSecret, TokenSecret};

use crate::random::Random;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// As RFC 5849 section 3.6 encodes.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The text with another first character.
fn flipped(text: &str) -> String {
    let first = if text.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &text[1..])
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970")
        .as_secs()
}

/// A signed request, as the validators read it, and what it was made of.
#[derive(Clone)]
pub struct Case {
    pub placement: Placement,
    /// All parameters but the protocol's, those of the URL too.
    pub pairs: Vec<(String, String)>,
    /// The values of the protocol's parameters that may hold anything.
    free_text: String,
    nonce: String,
    signature: String,
    pub request: Value,
}

impl Case {
    pub fn random(random: &mut Random) -> Case {
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
        let mut oauth = OAuthParameters::new(&consumer_key, &nonce, now());
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

    /// A form that holds these pairs beside the protocol's, signed with `secret` alone.
    pub fn form(consumer_key: &str, parameters: &Parameters) -> Case {
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

    /// The same request with one thing changed behind the signature's back.
    pub fn spoilt(&self, random: &mut Random) -> (&'static str, Case) {
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
    pub fn is_for_oauthlib(&self) -> bool {
        !self.free_text.contains('%')
    }

    /// Whether PECL's `OAuthProvider` computes the right base string for this request.
    ///
    /// It sorts names and values before it encodes them, where RFC 5849 3.4.1.3.2 sorts them encoded: `é` comes after
    /// `z`, `%C3%A9` before it. And PHP makes a number of a name such as `10`, and the extension ends a name at NUL.
    pub fn is_for_pecl(&self) -> bool {
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
