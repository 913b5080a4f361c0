//! Where a server is, and where it believes itself to be.

mod site;

use std::net::IpAddr;

use url::{Host, Url};

use crate::error::Result;
use site::parse_site;

/// The two versions of the API that know OAuth 1.0a.
///
/// ```
/// use sugar_oauth::{ApiVersion, Client, Consumer, Instance};
///
/// // An instance on which v4_1 was taken away.
/// let crm = Instance::parse("https://crm.example.com")?;
/// assert_eq!(crm.rest_url(ApiVersion::V4).path(), "/service/v4/rest.php");
/// let client = Client::builder(crm)
///     .consumer(Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?)
///     .api_version(ApiVersion::V4)
///     .build();
/// # let _ = client;
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
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
    /// ```
    /// use sugar_oauth::{ApiVersion, Instance};
    ///
    /// let crm = Instance::parse("https://crm.example.com")?.with_signing_url("http://10.0.0.7:8080/crm")?;
    /// assert_eq!(crm.rest_url(ApiVersion::V4_1).as_str(), "https://crm.example.com/service/v4_1/rest.php");
    /// assert_eq!(crm.signing_url(ApiVersion::V4_1).as_str(), "http://10.0.0.7:8080/crm/service/v4_1/rest.php");
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
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
    ///
    /// ```
    /// use sugar_oauth::Instance;
    ///
    /// let page = Instance::parse("https://crm.example.com/legacy")?.authorize_page();
    /// assert_eq!(page.as_str(), "https://crm.example.com/legacy/index.php?module=OAuthTokens&action=authorize");
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn authorize_page(&self) -> Url {
        let mut page = below(&self.site, "index.php");
        page.set_query(Some("module=OAuthTokens&action=authorize"));
        page
    }

    /// Scheme, host and port: what the server's redirects and `authorize_url` are held against.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    ///
    /// assert_eq!(Instance::parse("https://crm.example.com:8443/legacy")?.origin(), "https://crm.example.com:8443");
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn origin(&self) -> String {
        self.site.origin().ascii_serialization()
    }

    /// Whether the instance is on this machine (`localhost`, `127.0.0.0/8`, `[::1]`).
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.site)
    }

    /// Whether calls would travel unencrypted.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    ///
    /// let test_machine = Instance::parse("http://127.0.0.1:8080")?;
    /// assert!(test_machine.is_plain_http() && test_machine.is_loopback());
    ///
    /// let exposed = Instance::parse("http://crm.example.com")?;
    /// assert!(exposed.is_plain_http() && !exposed.is_loopback());
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
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
