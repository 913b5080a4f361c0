//! What the browser gets: never the verifier back.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use hyper::{Response, StatusCode};

use crate::clock::random_hex;

pub(super) type Body = Full<Bytes>;

const STYLE: &str = "
  :root { color-scheme: light dark }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; box-sizing: border-box;
         font: 1.05rem/1.6 system-ui, sans-serif; background: #f3f5f8; color: #1d2733 }
  main { max-width: 30rem; padding: 2.5rem 3rem; background: #fff; border-radius: .75rem; text-align: center;
         box-shadow: 0 1px 3px #0002, 0 8px 24px #0001 }
  .mark { width: 3.5rem; height: 3.5rem; margin: 0 auto 1rem; border-radius: 50%; background: #1a7f4b; color: #fff;
          font-size: 1.9rem; line-height: 3.5rem }
  h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.3 }
  p { margin: .5rem 0 0 }
  .aside { color: #5b6775; font-size: .95rem }
  @media (prefers-color-scheme: dark) {
    body { background: #14181d; color: #e6eaee } main { background: #1e242b } .aside { color: #9aa6b2 }
  }
";

/// Sends the browser on, so that the verifier is neither in the history it shows nor in the `Referer` of its next request.
pub(super) fn see_other(location: &str) -> Response<Body> {
    let mut response = response(StatusCode::SEE_OTHER, String::new(), "");
    if let Ok(location) = location.parse() {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

pub(super) fn done() -> Response<Body> {
    let mark = "<div class=\"mark\" aria-hidden=\"true\">&#10003;</div>";
    page(
        StatusCode::OK,
        "Go back to the program",
        mark,
        "<p>The CRM has sent your authorization, and the program is taking it from here.</p>\
             <p class=\"aside\">You can close this tab. Whether all went well is said in the program.</p>",
    )
}

pub(super) fn not_found() -> Response<Body> {
    let text = "<p>This address only waits for the CRM to send you back after you authorize.</p>";
    page(StatusCode::NOT_FOUND, "Nothing here", "", text)
}

fn page(status: StatusCode, title: &str, mark: &str, text: &str) -> Response<Body> {
    // Nothing may be loaded or run but the page's own style, which the policy names by this.
    let nonce = random_hex().unwrap_or_default();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n\
         <style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n<body>\n<main>\n{mark}\n<h1>{title}</h1>\n{text}\n</main>\n</body>\n</html>\n"
    );
    response(status, html, &format!(" style-src 'nonce-{nonce}';"))
}

fn response(status: StatusCode, body: String, style: &str) -> Response<Body> {
    let policy = format!("default-src 'none';{style} base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let fixed = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (CONNECTION, "close"),
        (CONTENT_SECURITY_POLICY, policy.as_str()),
    ];
    for (name, value) in fixed {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
