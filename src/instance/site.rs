//! Reads a site URL as people type and paste it.

use url::Url;

use crate::error::{Error, Result};
use crate::printable::printable;

/// Reads a site URL, or says which one to give instead.
pub(super) fn parse_site(input: &str) -> Result<Url> {
    let input = input.trim();
    if input.is_empty() {
        return Err(Error::invalid_input("the URL is empty").hint("give the site URL, such as https://crm.example.com"));
    }
    let url = match Url::parse(input) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
        Ok(url) if url.has_host() => {
            return Err(Error::invalid_input(format!(
                "the URL begins with {}://, but the API is reached over https:// or http://",
                printable(url.scheme())
            ))
            .hint("give the site URL, such as https://crm.example.com"));
        }
        _ => return Err(without_scheme(input)),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            Error::invalid_input("the URL carries a user name or password").hint(format!(
                "give {} and nothing before the host",
                url.origin().ascii_serialization()
            )),
        );
    }
    let mut site = url.clone();
    site.set_query(None);
    site.set_fragment(None);
    let path = site_path(url.path());
    site.set_path(&path.site);
    let shown = site.as_str().trim_end_matches('/').to_owned();
    if let Some(pointed) = path.points_at {
        let error = Error::invalid_input(format!("the URL points at {}, not at the site", pointed.what));
        let error = error.hint(format!("give {shown}"));
        return Err(pointed.client.map_or(error.clone(), |client| error.hint(client)));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(
            Error::invalid_input("the URL has a query or a fragment, so it is a page and not the site")
                .hint(format!("give {shown}")),
        );
    }
    Ok(site)
}

fn without_scheme(input: &str) -> Error {
    let error = Error::invalid_input("that is not a URL of a site");
    let candidate = format!("https://{input}");
    match Url::parse(&candidate) {
        // Nothing before an `@` is repeated: it may be a password.
        Ok(url) if url.has_host() && !input.contains('@') && !input.contains("//") => {
            let mut site = url;
            site.set_query(None);
            site.set_fragment(None);
            error.hint(format!(
                "write it with its scheme: {}",
                printable(site.as_str().trim_end_matches('/'))
            ))
        }
        _ => error.hint("give the site URL, such as https://crm.example.com"),
    }
}

struct SitePath {
    site: String,
    points_at: Option<Pointed>,
}

/// What a URL points at instead of the site.
struct Pointed {
    what: String,
    /// Which client asks it.
    client: Option<&'static str>,
}

impl Pointed {
    /// What a segment of a path and the one behind it stand for.
    fn read(segment: &str, next: &str) -> Option<Self> {
        let (what, client) = match segment {
            "service" if next.starts_with('v') => (
                format!("the legacy API's own address (service/{}, OAuth 1.0a)", printable(next)),
                Some(
                    "that API is asked with sugar_oauth::Client; oauth2::Client asks rest/v10 and rest/v11 of the same site",
                ),
            ),
            "rest" if next.starts_with("v1") => (
                format!("the REST API {} (OAuth 2)", printable(next)),
                Some(
                    "that API is asked with sugar_oauth::oauth2::Client, or --api v11 on the command line; sugar_oauth::Client asks service/v4_1 of the same site",
                ),
            ),
            "Api" | "api" if next.eq_ignore_ascii_case("v8") || next == "access_token" => (
                String::from("SuiteCRM's V8 API, which is OAuth 2"),
                Some("that API is not of this crate: SuiteCRM has service/v4_1 too, which sugar_oauth::Client asks"),
            ),
            name if name.ends_with(".php") => (String::from("one page"), None),
            _ => return None,
        };
        Some(Self { what, client })
    }
}

/// Cuts from a path what belongs to a page or an API below the site.
fn site_path(path: &str) -> SitePath {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let found = segments.iter().enumerate().find_map(|(index, segment)| {
        let next = segments.get(index + 1).copied().unwrap_or("");
        Pointed::read(segment, next).map(|pointed| (index, pointed))
    });
    let (kept, points_at) = match found {
        Some((index, pointed)) => (&segments[..index], Some(pointed)),
        None => (&segments[..], None),
    };
    let mut site = String::from("/");
    for segment in kept {
        site.push_str(segment);
        site.push('/');
    }
    SitePath { site, points_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_site_url_is_answered_with_the_one_to_give() {
        for (input, hint) in [
            (
                "https://crm.example.com/service/v4_1/rest.php",
                "give https://crm.example.com",
            ),
            (
                "https://crm.example.com/crm/service/v4/rest.php?method=x",
                "give https://crm.example.com/crm",
            ),
            (
                "https://crm.example.com/index.php?module=Home",
                "give https://crm.example.com",
            ),
            ("https://crm.example.com/rest/v11_4/me", "give https://crm.example.com"),
            ("https://crm.example.com/?x=1", "give https://crm.example.com"),
            ("https://crm.example.com/#/home", "give https://crm.example.com"),
            ("crm.example.com", "https://crm.example.com"),
            ("localhost:8080", "https://localhost:8080"),
            ("ftp://crm.example.com", "https://crm.example.com"),
            ("", "https://crm.example.com"),
            ("https://", "https://crm.example.com"),
        ] {
            let error = parse_site(input).unwrap_err();
            assert!(error.hints()[0].contains(hint), "{input}: {error}");
        }
    }

    #[test]
    fn the_address_of_an_api_is_told_with_the_client_that_asks_it() {
        for (input, what, client) in [
            ("https://x.example/rest/v10", "REST API v10 (OAuth 2)", "oauth2::Client"),
            (
                "https://x.example/rest/v10/",
                "REST API v10 (OAuth 2)",
                "oauth2::Client",
            ),
            (
                "https://x.example/crm/rest/v11_5/oauth2/token",
                "REST API v11_5 (OAuth 2)",
                "oauth2::Client",
            ),
            (
                "https://x.example/service/v4_1/rest.php",
                "service/v4_1, OAuth 1.0a",
                "sugar_oauth::Client",
            ),
            (
                "https://x.example/service/v2/soap.php?wsdl",
                "service/v2, OAuth 1.0a",
                "sugar_oauth::Client",
            ),
            ("https://x.example/Api/V8/module", "V8", "service/v4_1"),
        ] {
            let error = parse_site(input).unwrap_err();
            assert!(error.message().contains(what), "{error}");
            assert!(error.hints()[1].contains(client), "{error}");
        }
    }

    #[test]
    fn credentials_in_a_url_are_refused_and_not_repeated() {
        for input in [
            "https://admin:hunter2@crm.example.com",
            "admin:hunter2@crm.example.com",
            "https://hunter2@x",
            "crm.example.com\\:hunter2@crm.example.com",
        ] {
            let error = parse_site(input).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
