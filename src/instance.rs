//! Where a server is, and where it believes itself to be.

use std::net::IpAddr;

use url::{Host, Url};

use crate::error::{Error, Result};
use crate::printable::printable;

/// The two versions of the API that know OAuth 1.0a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `service/v4_1/rest.php`, the last and largest.
    #[default]
    V4_1,
    /// `service/v4/rest.php`, where a SugarCRM 6.5 gives out request tokens.
    V4,
}

impl ApiVersion {
    fn path(self) -> &'static str {
        match self {
            ApiVersion::V4_1 => "service/v4_1/rest.php",
            ApiVersion::V4 => "service/v4/rest.php",
        }
    }
}

/// A SugarCRM or SuiteCRM instance: its site URL, and the URL it signs with when a proxy stands before it.
///
/// ```
/// use sugar_oauth::{ApiVersion, Instance};
/// let crm = Instance::parse("https://crm.example.com/legacy")?;
/// assert_eq!(crm.rest_url(ApiVersion::V4_1).as_str(), "https://crm.example.com/legacy/service/v4_1/rest.php");
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    site: Url,
    signing_site: Option<Url>,
}

impl Instance {
    /// Reads a site URL: what a person types to reach the CRM's start page, with a path such as `/legacy` if it has one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming the URL to give instead, when the text is
    /// not an `http` or `https` URL, carries credentials, a query or a fragment, or points at a page or an API below
    /// the site.
    pub fn parse(url: &str) -> Result<Self> {
        Ok(Self {
            site: parse_site(url)?,
            signing_site: None,
        })
    }

    /// Sets the site URL to sign with, where it differs from the one to call.
    ///
    /// The server builds the signature base string from what it sees itself (`docs/server.md`): behind a proxy that
    /// ends TLS it signs `http://`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn with_signing_url(mut self, url: &str) -> Result<Self> {
        self.signing_site = Some(parse_site(url)?);
        Ok(self)
    }

    /// The site URL, its path ending in `/`.
    pub fn site_url(&self) -> &Url {
        &self.site
    }

    /// The URL that calls go to.
    pub fn rest_url(&self, version: ApiVersion) -> Url {
        below(&self.site, version.path())
    }

    /// The URL that calls are signed for; the same as [`rest_url`](Self::rest_url) unless set.
    pub fn signing_url(&self, version: ApiVersion) -> Url {
        below(self.signing_site.as_ref().unwrap_or(&self.site), version.path())
    }

    /// The site URL to sign with, where one was set.
    pub(crate) fn signing_site(&self) -> Option<&Url> {
        self.signing_site.as_ref()
    }

    /// The page at which a person authorizes a request token, without the token.
    pub fn authorize_page(&self) -> Url {
        let mut page = below(&self.site, "index.php");
        page.set_query(Some("module=OAuthTokens&action=authorize"));
        page
    }

    /// Scheme, host and port: what the server's redirects and `authorize_url` are held against.
    pub fn origin(&self) -> String {
        self.site.origin().ascii_serialization()
    }

    /// Whether the instance is on this machine (`localhost`, `127.0.0.0/8`, `[::1]`).
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.site)
    }

    /// Whether calls would travel unencrypted.
    pub fn is_plain_http(&self) -> bool {
        self.site.scheme() == "http"
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn below(site: &Url, path: &str) -> Url {
    let mut url = site.clone();
    url.set_path(&format!("{}{path}", site.path()));
    url
}

fn parse_site(input: &str) -> Result<Url> {
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
    fn a_site_url_is_taken_with_its_path_and_port() {
        for (input, rest) in [
            (
                "https://crm.example.com",
                "https://crm.example.com/service/v4_1/rest.php",
            ),
            (
                " https://crm.example.com/ ",
                "https://crm.example.com/service/v4_1/rest.php",
            ),
            (
                "http://localhost:8080/crm",
                "http://localhost:8080/crm/service/v4_1/rest.php",
            ),
            (
                "https://x.example:443/legacy//",
                "https://x.example/legacy/service/v4_1/rest.php",
            ),
        ] {
            assert_eq!(
                Instance::parse(input).unwrap().rest_url(ApiVersion::V4_1).as_str(),
                rest
            );
        }
    }

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
            let error = Instance::parse(input).unwrap_err();
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
            let error = Instance::parse(input).unwrap_err();
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
            let error = Instance::parse(input).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_url_to_sign_can_differ_from_the_url_to_call() {
        let crm = Instance::parse("https://crm.example.com")
            .unwrap()
            .with_signing_url("http://10.0.0.5:8080/crm")
            .unwrap();
        assert_eq!(
            crm.rest_url(ApiVersion::V4).as_str(),
            "https://crm.example.com/service/v4/rest.php"
        );
        assert_eq!(
            crm.signing_url(ApiVersion::V4).as_str(),
            "http://10.0.0.5:8080/crm/service/v4/rest.php"
        );
    }
}
