//! The site URLs that a server may believe itself to have, the likeliest first.

use url::Url;

/// How backends behind a proxy that passes no `Host` on are often called.
const BACKENDS: [&str; 4] = [
    "http://127.0.0.1",
    "http://localhost",
    "http://127.0.0.1:8080",
    "http://localhost:8080",
];

/// The site URLs to sign for in the place of `signed`, where `called` is the one that calls go to and `site_url` what the
/// server's configuration says. Only what is signed ever differs: calls go where they always go.
pub(super) fn signing_sites(called: &Url, signed: &Url, site_url: Option<&Url>) -> Vec<Url> {
    let mut sites: Vec<Url> = Vec::new();
    let mut add = |site: Option<Url>| {
        if let Some(site) = site
            && site != *signed
            && !sites.contains(&site)
        {
            sites.push(site);
        }
    };
    let other = if called.scheme() == "https" { "http" } else { "https" };
    add(Some(called.clone()));
    // A proxy that ends TLS and keeps the host, with its port or without.
    add(with(called, other, called.port()));
    add(with(called, other, None));
    add(with(called, called.scheme(), None));
    add(with(called, other, called.port_or_known_default()));
    if let Some(site_url) = site_url {
        let other = if site_url.scheme() == "https" { "http" } else { "https" };
        add(Some(site_url.clone()));
        add(with(site_url, other, site_url.port()));
        // Its host, with the path that is called.
        add(at_path(site_url, called.path()));
    }
    // A proxy that serves the backend's root below a path.
    add(at_path(called, "/"));
    add(with(called, other, None).and_then(|site| at_path(&site, "/")));
    for backend in BACKENDS {
        let backend = Url::parse(backend).ok();
        add(backend.as_ref().and_then(|site| at_path(site, called.path())));
    }
    sites
}

fn with(site: &Url, scheme: &str, port: Option<u16>) -> Option<Url> {
    let mut changed = site.clone();
    // The old port goes first: it may be the new scheme's own.
    changed.set_port(None).ok()?;
    changed.set_scheme(scheme).ok()?;
    changed.set_port(port).ok()?;
    Some(changed)
}

fn at_path(site: &Url, path: &str) -> Option<Url> {
    let mut changed = site.clone();
    changed.set_path(path);
    Some(changed)
}

/// The `site_url` in the description of the SOAP service: the address of `soap.php` without its path.
pub(super) fn site_url_of(description: &str) -> Option<Url> {
    let address = description.split("<soap:address").nth(1)?;
    let address = address[address.find("location=\"")? + "location=\"".len()..]
        .split('"')
        .next()?;
    let site = address.split("/service/").next().filter(|site| *site != address)?;
    let site = Url::parse(&format!("{}/", site.trim_end_matches('/'))).ok()?;
    let plain = site.username().is_empty() && site.password().is_none();
    (plain && matches!(site.scheme(), "http" | "https") && site.has_host()).then_some(site)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn sites(called: &str, site_url: Option<&str>) -> Vec<String> {
        let called = url(called);
        let site_url = site_url.map(url);
        let sites = signing_sites(&called, &called, site_url.as_ref());
        sites.iter().map(Url::to_string).collect()
    }

    #[test]
    fn scheme_port_path_and_host_are_tried_one_by_one() {
        let found = sites("https://crm.example:8443/sales/", Some("http://10.0.0.5/crm/"));
        assert_eq!(
            found[..8],
            [
                "http://crm.example:8443/sales/",
                "http://crm.example/sales/",
                "https://crm.example/sales/",
                "http://10.0.0.5/crm/",
                "https://10.0.0.5/crm/",
                "http://10.0.0.5/sales/",
                "https://crm.example:8443/",
                "http://crm.example/",
            ]
        );
        let found = sites("https://crm.example/", None);
        assert_eq!(found[..2], ["http://crm.example/", "http://crm.example:443/"]);
        assert!(found.len() <= 16);
    }

    #[test]
    fn what_was_signed_is_not_tried_again_and_nothing_is_tried_twice() {
        let called = url("https://crm.example/");
        let signed = url("http://crm.example/");
        let sites = signing_sites(&called, &signed, Some(&called));
        assert!(!sites.contains(&signed));
        assert_eq!(sites[0], called);
        let mut once = sites.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), sites.len());
    }

    #[test]
    fn the_site_url_is_read_from_the_description_and_nothing_else_is() {
        let description = |address: &str| format!("<port><soap:address location=\"{address}\"/></port>");
        for (address, site) in [
            ("http://crm.example/service/v4_1/soap.php", Some("http://crm.example/")),
            ("https://x:8/a/b/service/v4/soap.php", Some("https://x:8/a/b/")),
            ("http://crm.example/", None),
            ("javascript:alert(1)/service/", None),
            ("http://user:word@crm.example/service/v4_1/soap.php", None),
            ("", None),
        ] {
            assert_eq!(site_url_of(&description(address)), site.map(url), "{address}");
        }
        assert_eq!(site_url_of("<soap:address"), None);
        assert_eq!(site_url_of("<soap:address location=\""), None);
    }
}
