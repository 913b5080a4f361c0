//! The settings that mend, each named once: in the library, as a flag and as a variable of the command line.

use super::Remedy;

/// Another site URL.
pub(super) fn site_url(what: &str, url: impl Into<String>) -> Remedy {
    site_url_unknown(what).to(url)
}

pub(super) fn site_url_unknown(what: &str) -> Remedy {
    Remedy::set(what, "Instance::parse", None, Some("SUGAR_URL"))
}

pub(super) fn allow_http() -> Remedy {
    Remedy::set(
        "on a network that you trust, say yes to plain http",
        "ClientBuilder::allow_http",
        Some("--allow-http"),
        Some("SUGAR_ALLOW_HTTP=1"),
    )
}

pub(super) fn signing_url(what: &str, url: impl Into<String>) -> Remedy {
    Remedy::set(
        what,
        "Instance::with_signing_url",
        Some("--signing-url"),
        Some("SUGAR_SIGNING_URL"),
    )
    .to(url)
}

pub(super) fn consumer(what: &str) -> Remedy {
    Remedy::set(
        what,
        "Consumer::new",
        Some("--consumer-key"),
        Some("SUGAR_CONSUMER_KEY"),
    )
}

pub(super) fn consumer_secret(what: &str) -> Remedy {
    Remedy::set(
        what,
        "Consumer::new",
        Some("--secret-file"),
        Some("SUGAR_CONSUMER_SECRET"),
    )
}

pub(super) fn api_v4(what: &str) -> Remedy {
    Remedy::set(what, "ClientBuilder::api_version", None, None)
}

pub(super) fn tolerated_clock_lead() -> Remedy {
    Remedy::set(
        "if the server's clock is ahead and cannot be set, allow its lead",
        "ClientBuilder::tolerated_clock_lead",
        None,
        None,
    )
}

pub(super) fn allow_unconfirmed_callback() -> Remedy {
    Remedy::set(
        "or go on all the same, which lets a stranger make someone authorize the stranger's token",
        "ClientBuilder::allow_unconfirmed_callback",
        None,
        None,
    )
}

pub(super) fn allow_authorize_origin(origin: &str) -> Remedy {
    Remedy::set(
        "only if people log in there, accept it",
        "ClientBuilder::allow_authorize_origin",
        None,
        None,
    )
    .to(origin)
}

pub(super) fn login() -> Remedy {
    Remedy::set("log in by user name and password", "Client::login", None, None)
}

pub(super) fn oauth2() -> Remedy {
    Remedy::set(
        "use the OAuth 2 API, which this instance has",
        "oauth2::Client",
        Some("--api v11"),
        None,
    )
}

pub(super) fn ca_certificate() -> Remedy {
    Remedy::set(
        "trust the missing certificate",
        "TransportBuilder::ca_certificate_pem",
        Some("--ca-certificate"),
        None,
    )
}

pub(super) fn identity() -> Remedy {
    Remedy::set(
        "give one that the server's administrator issued",
        "TransportBuilder::client_identity_pem",
        None,
        None,
    )
}

pub(super) fn proxy() -> Remedy {
    Remedy::set(
        "if this machine reaches the outside only through a proxy, set it",
        "TransportBuilder::proxy",
        None,
        Some("HTTPS_PROXY"),
    )
}

pub(super) fn no_proxy() -> Remedy {
    Remedy::set(
        "or go without it, naming the host in NO_PROXY",
        "TransportBuilder::no_proxy",
        None,
        Some("NO_PROXY"),
    )
}

pub(super) fn read_timeout() -> Remedy {
    Remedy::set("or wait longer", "TransportBuilder::read_timeout", None, None)
}
