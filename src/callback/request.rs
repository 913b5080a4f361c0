//! Which requests count.

use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Request};

use crate::secret::Verifier;

/// A verifier that someone brought, and the token that they say it is for.
pub(super) struct Candidate {
    pub(super) token: String,
    pub(super) verifier: Verifier,
}

pub(super) enum Meaning {
    /// A person's browser, back from the authorize page.
    Verifier(Candidate),
    /// The same browser, fetching the page that it was sent on to.
    LastPage,
    /// Anything else: favicons, prefetches, other pages, other programs.
    Nothing,
}

/// Reads a request. `host` is ours with its port; a page that reaches us under another name is not the person's.
pub(super) fn meaning<B>(request: &Request<B>, host: &str, path: &str) -> Meaning {
    let headers = request.headers();
    if request.method() != Method::GET || !names_us(request, host) || !is_navigation(headers) {
        return Meaning::Nothing;
    }
    if request.uri().path() == format!("{path}/done") {
        return Meaning::LastPage;
    }
    if request.uri().path() != path {
        return Meaning::Nothing;
    }
    match candidate(request.uri().query().unwrap_or_default()) {
        Some(candidate) => Meaning::Verifier(candidate),
        None => Meaning::Nothing,
    }
}

/// Whether it is for this host and no other, by all that it names.
fn names_us<B>(request: &Request<B>, host: &str) -> bool {
    let mut named = request.headers().get_all(HOST).iter();
    let only = named.next().filter(|_| named.next().is_none());
    let in_target = request.uri().authority();
    only.is_some_and(|named| named.as_bytes() == host.as_bytes())
        && in_target.is_none_or(|authority| authority.as_str() == host)
}

/// Whether a person went there: browsers that say so say `navigate`, and prefetches say what they are.
fn is_navigation(headers: &HeaderMap) -> bool {
    let says = |name: &str, wanted: &str| {
        headers
            .get(name)
            .is_none_or(|value| value.as_bytes() == wanted.as_bytes())
    };
    let prefetch = ["purpose", "sec-purpose", "x-moz", "x-purpose"]
        .into_iter()
        .filter_map(|name| headers.get(name))
        .any(|value| {
            let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
            value.contains("prefetch") || value.contains("prerender") || value.contains("preview")
        });
    says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document") && !prefetch
}

fn candidate(query: &str) -> Option<Candidate> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let only = |wanted: &str| {
        let mut values = pairs
            .iter()
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    };
    let verifier = only("oauth_verifier")?;
    let fits = !verifier.is_empty() && verifier.len() <= 255 && verifier.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(Candidate {
        token: only("oauth_token")?.to_owned(),
        verifier: Verifier::new(verifier),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, target: &str, headers: &[(&str, &str)]) -> bool {
        let mut builder = Request::builder()
            .method(method)
            .uri(target)
            .header("host", "127.0.0.1:9");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        matches!(
            meaning(&builder.body(()).unwrap(), "127.0.0.1:9", "/callback/r"),
            Meaning::Verifier(_)
        )
    }

    const GOOD: &str = "/callback/r?state=1&oauth_verifier=3d07cb03515b&oauth_token=bf1492236fbe";

    #[test]
    fn a_navigation_with_verifier_and_token_counts() {
        assert!(request(Method::GET, GOOD, &[]));
        assert!(request(
            Method::GET,
            GOOD,
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
        ));
    }

    #[test]
    fn nothing_else_counts() {
        for (method, target, headers) in [
            (Method::POST, GOOD, &[][..]),
            (Method::HEAD, GOOD, &[]),
            (Method::GET, "/favicon.ico", &[]),
            (Method::GET, "/callback/other?oauth_verifier=x&oauth_token=y", &[]),
            (Method::GET, "/callback/r?oauth_token=y", &[]),
            (Method::GET, "/callback/r?oauth_verifier=x", &[]),
            (Method::GET, "/callback/r?oauth_verifier=&oauth_token=y", &[]),
            (
                Method::GET,
                "/callback/r?oauth_verifier=a&oauth_verifier=b&oauth_token=y",
                &[],
            ),
            (Method::GET, "/callback/r?oauth_verifier=a%0Ab&oauth_token=y", &[]),
            (Method::GET, GOOD, &[("sec-purpose", "prefetch;prerender")]),
            (Method::GET, GOOD, &[("purpose", "prefetch")]),
            (
                Method::GET,
                GOOD,
                &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            ),
            (
                Method::GET,
                GOOD,
                &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            ),
        ] {
            assert!(
                !request(method.clone(), target, headers),
                "{method} {target} {headers:?}"
            );
        }
        let rebound = Request::builder()
            .uri(GOOD)
            .header("host", "evil.example:9")
            .body(())
            .unwrap();
        assert!(matches!(
            meaning(&rebound, "127.0.0.1:9", "/callback/r"),
            Meaning::Nothing
        ));
    }
}
