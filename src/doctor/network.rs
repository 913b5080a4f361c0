//! Name resolution and TCP, and what failed where no answer came.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::probe::Probe;
use super::{Finding, FindingId, Notes, Remedy, remedies};
use crate::error::ErrorKind;
use crate::transport::{SendFailure, TlsCause};

/// How long a name or a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// So many addresses of a name are tried.
const MOST_ADDRESSES: usize = 8;

/// Whether the request may be sent at all, and whether the port takes connections. `None` ends the examination.
pub(super) async fn look(probe: &Probe<'_>, notes: &mut Notes) -> Option<()> {
    let site = probe.site();
    if probe.client.check_exposure(false).is_err() {
        let origin = probe.client.instance().origin();
        notes.add(
            Finding::new(
                FindingId::PlainHttp,
                format!("{origin} is plain http, so nothing was sent"),
            )
            .mend(remedies::site_url(
                "use https if the server has it",
                origin.replacen("http://", "https://", 1),
            ))
            .mend(remedies::allow_http()),
        );
        return None;
    }
    if probe.client.instance().is_plain_http() && !probe.client.instance().is_loopback() {
        notes.add(Finding::new(
            FindingId::PlainHttpAllowed,
            "plain http: whoever is on the way reads and changes everything but the consumer secret",
        ));
    }
    if probe.client.shared.transport.is_proxied(site) {
        notes.add(
            Finding::new(
                FindingId::ThroughProxy,
                "a proxy is set, so that name and port are its business and were not tried",
            )
            .seen("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names it, or the transport's settings do"),
        );
        return Some(());
    }
    let addresses = resolve(site, notes).await?;
    connect(&addresses, notes).await
}

async fn resolve(site: &Url, notes: &mut Notes) -> Option<Vec<SocketAddr>> {
    let port = site.port_or_known_default().unwrap_or(443);
    let name = match site.host()? {
        Host::Ipv4(address) => return Some(vec![(address, port).into()]),
        Host::Ipv6(address) => return Some(vec![(address, port).into()]),
        Host::Domain(name) => name,
    };
    let unknown = |evidence: String| {
        Finding::new(FindingId::NameUnknown, format!("the name {name} has no address here"))
            .seen(evidence)
            .mend(remedies::site_url_unknown("check the host's spelling"))
            .mend(Remedy::act(format!(
                "check this machine's name server: `getent hosts {name}`"
            )))
    };
    let looked_up = timeout(PATIENCE, lookup_host((name, port))).await;
    let addresses: Vec<SocketAddr> = match looked_up {
        Ok(Ok(addresses)) => addresses.take(MOST_ADDRESSES).collect(),
        Ok(Err(error)) => {
            notes.add(unknown(format!("the resolver says: {error}")));
            return None;
        }
        Err(_) => {
            notes.add(unknown(format!(
                "the resolver said nothing for {} s",
                PATIENCE.as_secs()
            )));
            return None;
        }
    };
    if addresses.is_empty() {
        notes.add(unknown("the resolver knows no address".to_owned()));
        return None;
    }
    let listed: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    notes.add(Finding::new(
        FindingId::NameResolved,
        format!("{name} is {}", listed.join(", ")),
    ));
    Some(addresses)
}

async fn connect(addresses: &[SocketAddr], notes: &mut Notes) -> Option<()> {
    let outcomes = join_all(addresses.iter().map(|address| async move {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(outcome) => outcome.map(drop).map_err(|error| error.kind()),
            Err(_) => Err(io::ErrorKind::TimedOut),
        }
    }))
    .await;
    let evidence: Vec<String> = addresses
        .iter()
        .zip(&outcomes)
        .map(|(address, outcome)| match outcome {
            Ok(()) => format!("{address} takes connections"),
            Err(kind) => format!("{address}: {kind}"),
        })
        .collect();
    if outcomes.iter().any(Result::is_ok) {
        notes.add(Finding::new(FindingId::TcpConnected, "the port takes connections").seen_all(evidence));
        return Some(());
    }
    notes.add(no_connection(&outcomes).seen_all(evidence));
    None
}

/// What it means that no address took a connection.
fn no_connection(outcomes: &[Result<(), io::ErrorKind>]) -> Finding {
    let all = |kind: io::ErrorKind| outcomes.iter().all(|outcome| *outcome == Err(kind));
    if all(io::ErrorKind::ConnectionRefused) {
        Finding::new(
            FindingId::ConnectionRefused,
            "the host refuses connections on this port",
        )
        .mend(remedies::site_url_unknown("check host and port"))
        .mend(Remedy::act(
            "check that the web server runs and listens on that address",
        ))
    } else if outcomes.contains(&Err(io::ErrorKind::TimedOut)) {
        Finding::new(FindingId::ConnectionTimeout, "the host does not answer on this port")
            .mend(Remedy::act(
                "have the firewall between let this machine through, or use the VPN",
            ))
            .mend(remedies::site_url_unknown("check host and port"))
    } else {
        Finding::new(FindingId::ConnectionFailed, "there is no way to the host")
            .mend(Remedy::act("check this machine's network"))
            .mend(remedies::proxy())
    }
}

/// What it means that a request got no answer.
pub(super) fn failure(probe: &Probe<'_>, failure: &SendFailure) -> Finding {
    let message = probe.message(failure.error.clone());
    if let Some(tls) = &failure.tls {
        let detail = probe.quote(&tls.detail);
        return tls_failure(probe, tls.cause).seen(detail);
    }
    let proxied = probe.client.shared.transport.is_proxied(probe.site());
    let finding = match failure.error.kind() {
        ErrorKind::NoCaCertificates => Finding::new(
            FindingId::TlsNoCaCertificates,
            "this machine has no CA certificates to check https with",
        )
        .mend(Remedy::act("install the package ca-certificates"))
        .mend(remedies::ca_certificate()),
        ErrorKind::Connect | ErrorKind::Timeout if proxied && failure.nothing_sent => {
            Finding::new(FindingId::ProxyFailed, "no way to the host through the proxy")
                .mend(Remedy::act("check that the proxy is up and may reach the host"))
                .mend(remedies::no_proxy())
        }
        ErrorKind::Timeout => Finding::new(
            FindingId::NoAnswer,
            "the server takes the request and does not answer in time",
        )
        .mend(Remedy::act("see the web server's log: PHP or the database may hang"))
        .mend(remedies::read_timeout()),
        ErrorKind::Connect => closed(probe),
        _ => Finding::new(FindingId::AnswerUnreadable, "what came back cannot be read").mend(Remedy::act(
            "see the web server's log: PHP or a proxy may break off in the middle",
        )),
    };
    finding.seen(message)
}

fn closed(probe: &Probe<'_>) -> Finding {
    let finding = Finding::new(
        FindingId::ClosedWithoutAnswer,
        "the server takes the connection and closes it without an answer",
    );
    let broke_off = "the web server, or something on the way, breaks off";
    let log = "the web server's log shows the request, or an error at that time";
    let again = vec![Remedy::act("have the web server's log looked into")];
    if !probe.client.instance().is_plain_http() {
        return finding.cause(broke_off, log, again);
    }
    let https = probe.client.instance().origin().replacen("http://", "https://", 1);
    finding
        .cause(
            "the port speaks https",
            format!("`curl -v {https}` shows a certificate"),
            vec![remedies::site_url("use https", https)],
        )
        .cause(broke_off, log, again)
}

fn tls_failure(probe: &Probe<'_>, cause: TlsCause) -> Finding {
    let host = probe.site().host_str().unwrap_or_default();
    match cause {
        TlsCause::Expired => Finding::new(FindingId::TlsExpired, "the server's certificate has expired")
            .mend(Remedy::act("have the certificate renewed"))
            .mend(Remedy::act(
                "if browsers find nothing wrong with it, set this machine's clock",
            )),
        TlsCause::NotYetValid => Finding::new(FindingId::TlsNotYetValid, "the server's certificate is not valid yet")
            .mend(Remedy::act("set this machine's clock"))
            .mend(Remedy::act("otherwise have a certificate issued that is valid now")),
        TlsCause::OtherName => Finding::new(FindingId::TlsOtherName, format!("the certificate is not for {host}"))
            .mend(remedies::site_url_unknown("use a host name that the certificate names")),
        TlsCause::Untrusted => Finding::new(FindingId::TlsUntrusted, "the certificate's issuer is not trusted here")
            .cause(
                "the certificate is of a private CA, or signs itself",
                "browsers on machines without that CA warn as well",
                vec![remedies::ca_certificate()],
            )
            .cause(
                "the server leaves out the intermediate certificate",
                format!("`openssl s_client -connect {host}:443 -showcerts` shows one certificate only, of a public CA"),
                vec![
                    Remedy::act("have the web server send the whole chain"),
                    remedies::ca_certificate(),
                ],
            ),
        TlsCause::NotSpoken => Finding::new(FindingId::TlsNotSpoken, "the port does not speak TLS").mend(
            remedies::site_url_unknown("check the port, and whether the site is http only"),
        ),
        TlsCause::NothingInCommon => Finding::new(
            FindingId::TlsTooOld,
            "no TLS version or cipher in common: the server speaks only TLS 1.0 or 1.1, or unsafe ciphers",
        )
        .mend(Remedy::act("have the server updated"))
        .mend(Remedy::act(
            "until then put stunnel in front, as docs/troubleshooting.md shows",
        )),
        TlsCause::ClientCertificate => {
            Finding::new(FindingId::TlsClientCertificate, "the server wants a client certificate")
                .mend(remedies::identity())
        }
        TlsCause::Other => Finding::new(FindingId::TlsFailed, "TLS could not be agreed on").mend(Remedy::act(
            "see what the server offers: `openssl s_client -connect HOST:443`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::error::Error;
    use crate::instance::Instance;

    #[test]
    fn refused_timed_out_and_unreachable_are_told_apart() {
        let (refused, timed_out) = (io::ErrorKind::ConnectionRefused, io::ErrorKind::TimedOut);
        let unreachable = io::ErrorKind::NetworkUnreachable;
        for (kinds, id) in [
            (vec![refused, refused], FindingId::ConnectionRefused),
            (vec![refused, timed_out], FindingId::ConnectionTimeout),
            (vec![timed_out], FindingId::ConnectionTimeout),
            (vec![unreachable, refused], FindingId::ConnectionFailed),
            (vec![unreachable], FindingId::ConnectionFailed),
        ] {
            let outcomes: Vec<_> = kinds.iter().map(|kind| Err(*kind)).collect();
            let finding = no_connection(&outcomes);
            assert_eq!(finding.id, id, "{kinds:?}");
            assert!(!finding.remedies.is_empty());
        }
    }

    #[test]
    fn a_machine_without_ca_certificates_is_told_to_install_them() {
        let instance = Instance::parse("https://crm.example.com").unwrap();
        let client = Client::builder(instance).build();
        let error = Error::new(ErrorKind::NoCaCertificates, "this machine has no CA certificates");
        let finding = failure(&Probe { client: &client }, &SendFailure::before_sending(error));
        assert_eq!(finding.id, FindingId::TlsNoCaCertificates);
        assert!(finding.remedies[0].what.contains("ca-certificates"));
    }
}
