//! Calls on a sandbox, each part of which a test can change.
#![allow(dead_code, reason = "each test file uses a part of this")]

use crate::raw_http::{self, Answer};
use crate::signer::{Signer, form};
use serde_json::Value;
use std::collections::HashMap;
use sugar_oauth::sandbox::{Sandbox, SandboxBuilder};

pub const JSON: [(&str, &str); 2] = [("input_type", "JSON"), ("response_type", "JSON")];

pub struct Harness {
    pub sandbox: Sandbox,
}

impl Harness {
    pub async fn start() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub async fn with(builder: SandboxBuilder) -> Self {
        Self {
            sandbox: builder.start().await.expect("the sandbox starts"),
        }
    }

    pub fn url(&self) -> &str {
        self.sandbox.url()
    }

    /// The path of `rest.php` below the site.
    pub fn path(&self, api: &str) -> String {
        let site = self.url().split_once("://").expect("a URL").1;
        let site_path = site.find('/').map_or("", |at| &site[at..]);
        format!("{site_path}/service/{api}/rest.php")
    }

    pub fn rest_url(&self, api: &str) -> String {
        format!("{}/service/{api}/rest.php", self.url())
    }

    pub fn signer(&self) -> Signer {
        Signer::new(self.sandbox.consumer_key(), self.sandbox.consumer_secret())
    }

    /// Signs a POST form and sends it to v4_1.
    pub fn signed(&self, signer: &Signer, parameters: &[(&str, &str)]) -> Answer {
        self.signed_to("v4_1", signer, parameters)
    }

    pub fn signed_to(&self, api: &str, signer: &Signer, parameters: &[(&str, &str)]) -> Answer {
        let pairs = signer.sign("POST", &self.rest_url(api), parameters);
        raw_http::post(self.url(), &self.path(api), &[], &form(&pairs))
    }

    /// A form that is not signed.
    pub fn plain(&self, parameters: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        raw_http::post(self.url(), &self.path("v4_1"), &[], &form(&pairs))
    }

    /// A call in JSON with these arguments, not signed.
    pub fn call(&self, method: &str, rest_data: &Value) -> Answer {
        self.plain(&[
            JSON[0],
            JSON[1],
            ("method", method),
            ("rest_data", &rest_data.to_string()),
        ])
    }

    /// A call in JSON with these arguments, signed with a token.
    pub fn direct(&self, token: &(String, String), method: &str, rest_data: &str) -> Answer {
        let signer = self.signer().token(&token.0, &token.1);
        self.signed(
            &signer,
            &[JSON[0], JSON[1], ("method", method), ("rest_data", rest_data)],
        )
    }

    pub fn request_token(&self, callback: &str) -> (String, String) {
        let parameters = [("method", "oauth_request_token"), ("oauth_callback", callback)];
        token_of(&self.signed(&self.signer(), &parameters))
    }

    pub fn exchange(&self, token: &(String, String), verifier: &str) -> Answer {
        let signer = self.signer().token(&token.0, &token.1);
        self.signed(
            &signer,
            &[("method", "oauth_access_token"), ("oauth_verifier", verifier)],
        )
    }

    pub fn access_token(&self) -> (String, String) {
        let request_token = self.request_token("oob");
        let verifier = self.sandbox.approve(&request_token.0).expect("a request token");
        token_of(&self.exchange(&request_token, &verifier))
    }

    pub fn session(&self) -> String {
        let answer = self.direct(&self.access_token(), "oauth_access", "");
        answer.json()["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no session: {}", answer.text()))
            .to_owned()
    }
}

pub fn fields(text: &str) -> HashMap<String, String> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// Token and secret of an answer.
pub fn token_of(answer: &Answer) -> (String, String) {
    let mut fields = fields(&answer.text());
    let mut take = |name: &str| fields.remove(name).unwrap_or_else(|| panic!("no {name}: {answer:?}"));
    (take("oauth_token"), take("oauth_token_secret"))
}

pub fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Every OAuth failure looks like this.
#[track_caller]
pub fn assert_refused(answer: &Answer) {
    assert_eq!(
        answer.status_line,
        "HTTP/1.0 500 Internal Server Error",
        "{}",
        answer.text()
    );
    assert_eq!(answer.text(), "");
    assert_eq!(answer.header("Content-Type"), Some("text/html; charset=UTF-8"));
}

#[track_caller]
pub fn assert_error(answer: &Answer, number: i64) {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(answer.json()["number"], number, "{}", answer.text());
}
