//! Why no answer came, in words that hold neither a URL nor a secret.

use std::error::Error as StdError;
use std::io;

use url::Url;

use crate::error::{Error, ErrorKind};
use crate::utc::UtcTime;

/// A request that got no usable answer.
pub(crate) struct SendFailure {
    pub(crate) error: Error,
    /// No byte of the request reached the server, so that sending it again cannot do anything twice.
    pub(crate) nothing_sent: bool,
    /// The same request may well succeed a moment later.
    pub(crate) transient: bool,
    /// What of TLS failed, if that did.
    pub(crate) tls: Option<TlsFailure>,
}

/// What of TLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsCause {
    Expired,
    NotYetValid,
    OtherName,
    Untrusted,
    NotSpoken,
    NothingInCommon,
    ClientCertificate,
    Other,
}

/// What of TLS failed, and what the certificate or the library says of it: server text, not escaped.
#[derive(Debug, Clone)]
pub(crate) struct TlsFailure {
    pub(crate) cause: TlsCause,
    pub(crate) detail: String,
}

impl SendFailure {
    pub(crate) fn before_sending(error: Error) -> Self {
        Self {
            error,
            nothing_sent: true,
            transient: false,
            tls: None,
        }
    }

    pub(crate) fn after_sending(error: Error) -> Self {
        Self {
            nothing_sent: false,
            ..Self::before_sending(error)
        }
    }

    /// Reads what the HTTP library says of a request that got no answer. With a proxy on the way, that may be what fails.
    pub(super) fn while_sending(error: &reqwest::Error, url: &Url, proxied: bool) -> Self {
        let mut failure = Self::without_answer(error, url, proxied);
        if proxied && failure.nothing_sent && matches!(failure.error.kind(), ErrorKind::Connect | ErrorKind::Timeout) {
            failure.error = failure.error.first_hint(PROXY);
        }
        failure
    }

    /// The request may have arrived, but nothing came back for too long.
    pub(super) fn no_answer_in_time(url: &Url, proxied: bool) -> Self {
        Self::timed_out(
            format!("no answer in time from {}", place(url, proxied)),
            "try again later, or raise TransportBuilder::read_timeout",
        )
    }

    /// An answer that began has not gone on for too long.
    pub(super) fn stalled(received: usize) -> Self {
        Self::timed_out(format!("the answer stalled after {received} bytes"), "try again")
    }

    fn timed_out(what: String, hint: &'static str) -> Self {
        Self {
            transient: true,
            ..Self::after_sending(Error::new(ErrorKind::Timeout, what).hint(hint))
        }
    }

    fn without_answer(error: &reqwest::Error, url: &Url, proxied: bool) -> Self {
        if error.is_builder() || error.is_request() && error.is_redirect() {
            return Self::before_sending(Error::invalid_input("the request could not be built"));
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            return Self {
                // Once connected, TLS may fail behind a request that arrived.
                nothing_sent: error.is_connect(),
                tls: Some(TlsFailure::from(tls)),
                ..Self::before_sending(tls_failure(tls, &authority(url)))
            };
        }
        let host = place(url, proxied);
        let nothing_sent = error.is_connect();
        if error.is_timeout() {
            if !nothing_sent {
                return Self::no_answer_in_time(url, proxied);
            }
            let hint = match url.scheme() {
                "https" => {
                    "check host and port, whether https is spoken there, and whether a firewall drops the packets"
                }
                _ => "check host and port, and whether a firewall drops the packets",
            };
            return Self {
                nothing_sent,
                ..Self::timed_out(format!("no connection in time from {host}"), hint)
            };
        }
        let kind = find::<io::Error>(error).map(io::Error::kind);
        if nothing_sent && says(error, "dns error") {
            return Self::before_sending(
                Error::new(ErrorKind::Connect, format!("the host {host} is not known"))
                    .hint("check the host's spelling")
                    .hint("check this machine's network and name server"),
            );
        }
        if nothing_sent && says(error, "tunnel") {
            let what = format!("the proxy opened no way to {}", authority(url));
            return Self::before_sending(Error::new(ErrorKind::Connect, what));
        }
        let (what, hint) = match kind {
            Some(io::ErrorKind::ConnectionRefused) => (
                "refused the connection",
                "check host and port, and that the web server runs",
            ),
            _ if nothing_sent => (
                "cannot be reached",
                "check this machine's network and its proxy settings",
            ),
            _ => (
                "closed the connection without an answer",
                "check that the URL is http or https as the server speaks it",
            ),
        };
        Self {
            error: Error::new(ErrorKind::Connect, format!("{host} {what}")).hint(hint),
            nothing_sent,
            transient: true,
            tls: None,
        }
    }

    /// Reads what the HTTP library says of an answer that broke off.
    pub(super) fn while_reading(error: &reqwest::Error, received: usize) -> Self {
        // The HTTP library calls every trouble with a body "decoding"; what hyper says of it is the connection's.
        if error.is_timeout() {
            return Self::stalled(received);
        }
        let connection = find::<hyper::Error>(error).is_some();
        let what = if error.is_decode() && !connection {
            "could not be decompressed"
        } else {
            "was cut off"
        };
        let what = format!("the answer {what} after {received} bytes");
        Self {
            transient: true,
            ..Self::after_sending(Error::new(ErrorKind::InvalidAnswer, what).hint("try again"))
        }
    }
}

const PROXY: &str =
    "check that the proxy which HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names is up, or name the host in NO_PROXY";

/// Host and port, which the caller gave and may read.
fn authority(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::from("the server"),
    }
}

/// Who did not answer as wanted: the host, or what stands before it.
fn place(url: &Url, proxied: bool) -> String {
    let host = authority(url);
    if proxied {
        host + " or the proxy on the way to it"
    } else {
        host
    }
}

fn tls_failure(error: &rustls::Error, host: &str) -> Error {
    use rustls::CertificateError as Certificate;
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => (
                "its certificate has expired",
                "have the certificate renewed, and check this machine's clock",
            ),
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => (
                "its certificate is for another host",
                "use the host name that the certificate names",
            ),
            _ => (
                "its certificate is not trusted here",
                "add the private CA with TransportBuilder::ca_certificate_pem if this is your own server",
            ),
        },
        rustls::Error::InvalidMessage(_) => (
            "it does not speak TLS on this port",
            "check the port, or whether the site is http only",
        ),
        _ => (
            "no TLS version or cipher in common",
            "servers that speak only TLS 1.0 or 1.1 need a proxy such as stunnel in front (docs/troubleshooting.md)",
        ),
    };
    Error::new(ErrorKind::Tls, format!("no secure connection to {host}: {what}")).hint(hint)
}

impl From<&rustls::Error> for TlsFailure {
    fn from(error: &rustls::Error) -> Self {
        use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error as Tls};
        let time = |time: &rustls::pki_types::UnixTime| {
            UtcTime::from_unix_seconds(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
        };
        let (cause, detail) = match error {
            Tls::InvalidCertificate(Certificate::ExpiredContext { not_after, .. }) => (
                TlsCause::Expired,
                format!("the certificate was valid until {} UTC", time(not_after)),
            ),
            Tls::InvalidCertificate(Certificate::NotValidYetContext { not_before, .. }) => (
                TlsCause::NotYetValid,
                format!("the certificate is valid from {} UTC", time(not_before)),
            ),
            Tls::InvalidCertificate(Certificate::NotValidForNameContext { presented, .. }) => (
                TlsCause::OtherName,
                format!("the certificate names {}", presented.join(", ")),
            ),
            Tls::InvalidCertificate(certificate) => {
                let cause = match certificate {
                    Certificate::Expired => TlsCause::Expired,
                    Certificate::NotValidYet => TlsCause::NotYetValid,
                    Certificate::NotValidForName => TlsCause::OtherName,
                    _ => TlsCause::Untrusted,
                };
                (cause, error.to_string())
            }
            Tls::InvalidMessage(_) => (TlsCause::NotSpoken, error.to_string()),
            Tls::AlertReceived(Alert::CertificateRequired | Alert::BadCertificate) => {
                (TlsCause::ClientCertificate, error.to_string())
            }
            Tls::AlertReceived(Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity)
            | Tls::PeerIncompatible(_) => (TlsCause::NothingInCommon, error.to_string()),
            _ => (TlsCause::Other, error.to_string()),
        };
        Self { cause, detail }
    }
}

/// The first cause of a type, looked for inside `io::Error`s as well.
fn find<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        // An `io::Error` passes over what it wraps when it is asked for its source.
        cause = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => current.source(),
        };
    }
    None
}

/// Whether a cause calls itself so; the HTTP library keeps these causes to itself.
fn says(error: &reqwest::Error, name: &str) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = cause {
        if current.to_string().contains(name) {
            return true;
        }
        cause = current.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::transport::{Outgoing, Transport};

    /// What a TLS client is told of a server that answers its first words so.
    async fn failure_when_answered(answer: &'static [u8]) -> Error {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        });
        let transport = Transport::builder().danger_accept_invalid_certificates().build();
        let request = Outgoing::legacy(&url, None, None);
        let failure = transport.send(&request, None).await.err().unwrap();
        server.join().unwrap();
        failure.error
    }

    #[tokio::test]
    async fn a_server_without_tls_is_told_from_one_out_of_reach() {
        let error = failure_when_answered(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        assert_eq!(error.kind(), ErrorKind::Tls);
        assert!(error.to_string().contains("does not speak TLS"), "{error}");
    }

    #[tokio::test]
    async fn a_server_of_old_tls_only_is_told_as_such() {
        // The alert protocol_version, in a record of TLS 1.0.
        let error = failure_when_answered(&[21, 3, 1, 0, 2, 2, 70]).await;
        assert_eq!(error.kind(), ErrorKind::Tls);
        assert!(error.to_string().contains("TLS 1.0 or 1.1"), "{error}");
    }
}
