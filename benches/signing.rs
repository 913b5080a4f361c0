//! Signing one call, beside the least that HMAC-SHA1 itself costs and beside other crates.

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group};
use hmac::{Hmac, KeyInit, Mac};
use oauth1_request::signature_method::HmacSha1;
use sha1::Sha1;
use sugar_oauth::signing::{OAuthParameters, Parameters, Placement, SigningKey, Target, base_string, sign};
use sugar_oauth::{ConsumerSecret, TokenSecret};
use sugar_oauth_bench::REST_DATA;

const URL: &str = "https://crm.example.com/service/v4_1/rest.php";
const KEY: &str = "CUSTOMKEY";
const SECRET: &str = "CUSTOMSECRET";
const TOKEN: &str = "c2d6b05b37d1";
const TOKEN_SECRET: &str = "773eab1abc65";
const NONCE: &str = "8d0c42bb533e7cab8d0c42bb533e7cab";
const TIMESTAMP: u64 = 1_795_251_265;

const PAIRS: [(&str, &str); 5] = [
    ("input_type", "JSON"),
    ("method", "get_entry_list"),
    ("request_type", "JSON"),
    ("response_type", "JSON"),
    ("rest_data", REST_DATA),
];

fn signing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signing/get_entry_list");
    let url = URL.parse().expect("a URL");
    let parameters: Parameters = PAIRS.into_iter().collect();
    let oauth = OAuthParameters::new(KEY, NONCE, TIMESTAMP).token(TOKEN);
    let key = SigningKey::new(&ConsumerSecret::new(SECRET), Some(&TokenSecret::new(TOKEN_SECRET)));

    group.bench_function("sugar-oauth", |bencher| {
        bencher.iter(|| {
            sign(
                &key,
                &Target::post(&url),
                black_box(&oauth),
                black_box(&parameters),
                Placement::Form,
            )
        });
    });

    let base_string = base_string(&Target::post(&url), &oauth, &parameters);
    let state = Hmac::<Sha1>::new_from_slice(format!("{SECRET}&{TOKEN_SECRET}").as_bytes()).expect("a key");
    group.bench_function("bare-hmac", |bencher| {
        bencher.iter(|| {
            let mut state = state.clone();
            state.update(black_box(base_string.as_bytes()));
            state.finalize()
        });
    });

    // It writes the Authorization header only; its form body is written by a second pass.
    let client = oauth1_request::Credentials::new(KEY, SECRET);
    let token = oauth1_request::Token::new(client, oauth1_request::Credentials::new(TOKEN, TOKEN_SECRET));
    let list = oauth1_request::ParameterList::new(PAIRS);
    group.bench_function("oauth1-request", |bencher| {
        bencher.iter(|| {
            let authorization = oauth1_request::Builder::with_token(token.as_ref(), HmacSha1::new())
                .nonce(NONCE)
                .timestamp(std::num::NonZeroU64::new(TIMESTAMP))
                .post(URL, black_box(&list));
            (authorization, oauth1_request::to_form(&list))
        });
    });

    group.bench_function("oauth-client", |bencher| {
        let consumer = oauth_client::Token::new(KEY, SECRET);
        let token = oauth_client::Token::new(TOKEN, TOKEN_SECRET);
        let mut pairs = oauth_client::ParamList::new();
        pairs.extend(PAIRS.map(|(name, value)| (name.into(), value.into())));
        bencher
            .iter(|| oauth_client::authorization_header("POST", URL, &consumer, Some(&token), Some(black_box(&pairs))));
    });
    group.finish();
}

criterion_group!(benches, signing);

/// With `SUGAR_BENCH_CALL` set it prints the call and its signature, for peers in other languages to sign.
fn main() {
    if std::env::var_os("SUGAR_BENCH_CALL").is_some() {
        print_call();
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}

fn print_call() {
    let url = URL.parse().expect("a URL");
    let parameters: Parameters = PAIRS.into_iter().collect();
    let oauth = OAuthParameters::new(KEY, NONCE, TIMESTAMP).token(TOKEN);
    let key = SigningKey::new(&ConsumerSecret::new(SECRET), Some(&TokenSecret::new(TOKEN_SECRET)));
    let signed = sign(&key, &Target::post(&url), &oauth, &parameters, Placement::Form);
    let call = serde_json::json!({
        "url": URL, "key": KEY, "secret": SECRET, "token": TOKEN, "token_secret": TOKEN_SECRET, "nonce": NONCE,
        "timestamp": TIMESTAMP, "pairs": PAIRS.into_iter().collect::<HashMap<_, _>>(), "signature": signed.signature(),
    });
    println!("{call}");
}
