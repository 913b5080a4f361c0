//! TLS that fails, each way. The certificates in `tests/certificates/doctor` were made once with OpenSSL: a CA, and
//! certificates of it for `../server.key` by `openssl ca -startdate … -enddate …`; the CA's key was thrown away.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use sugar_oauth::doctor::{Doctor, FindingId as Id};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Client, Consumer, Instance, Transport};

use crate::server::{Server, answer, read_request};
use crate::{assert_found, at};

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates");

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(format!("{CERTIFICATES}/doctor/{name}.crt")).expect("a certificate")
}

/// What a server with this certificate is set up with; `for_known` wants certificates of its clients.
fn tls(name: &str, for_known: bool) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::from_pem_file(format!("{CERTIFICATES}/server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("TLS");
    let mut roots = RootCertStore::empty();
    roots.add(certificate("ca")).expect("a CA");
    let builder = match for_known {
        true => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .expect("a verifier"),
        ),
        false => builder.with_no_client_auth(),
    };
    Arc::new(
        builder
            .with_single_cert(vec![certificate(name)], key)
            .expect("they belong together"),
    )
}

/// Answers 404 behind TLS.
fn secure(config: Arc<ServerConfig>) -> Server {
    Server::serving(move |stream| {
        let connection = ServerConnection::new(config.clone()).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        if read_request(&mut stream).is_some() {
            let _ = stream.write_all(&answer("404 Not Found", "", b""));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    })
}

fn transport() -> Transport {
    let ca = std::fs::read(format!("{CERTIFICATES}/doctor/ca.crt")).expect("a CA");
    Transport::builder()
        .ca_certificate_pem(&ca)
        .expect("a CA")
        .no_proxy()
        .build()
}

fn strict() -> Transport {
    let ca = std::fs::read(format!("{CERTIFICATES}/other.crt")).expect("a CA");
    Transport::builder()
        .ca_certificate_pem(&ca)
        .expect("a CA")
        .no_proxy()
        .build()
}

/// Server, transport, what it is, and what mends it.
fn cases() -> Vec<(&'static str, Server, Transport, Id, &'static str)> {
    let plain = || {
        Server::serving(|mut stream| {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(&answer("400 Bad Request", "", b""));
        })
    };
    // The alert protocol_version, in a record of TLS 1.0.
    let old = Server::serving(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&[21, 3, 1, 0, 2, 2, 70]);
    });
    // The alert internal_error.
    let broken = Server::serving(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 80]);
    });
    vec![
        (
            "expired",
            secure(tls("expired", false)),
            transport(),
            Id::TlsExpired,
            "renewed",
        ),
        (
            "not yet valid",
            secure(tls("not-yet-valid", false)),
            transport(),
            Id::TlsNotYetValid,
            "set this machine's clock",
        ),
        (
            "another host's",
            secure(tls("other-name", false)),
            transport(),
            Id::TlsOtherName,
            "Instance::parse",
        ),
        (
            "a private CA",
            secure(tls("good", false)),
            strict(),
            Id::TlsUntrusted,
            "TransportBuilder::ca_certificate_pem",
        ),
        ("plain http", plain(), transport(), Id::TlsNotSpoken, "check the port"),
        ("old TLS", old, transport(), Id::TlsTooOld, "stunnel"),
        ("broken TLS", broken, transport(), Id::TlsFailed, "openssl"),
        (
            "known clients only",
            secure(tls("good", true)),
            transport(),
            Id::TlsClientCertificate,
            "TransportBuilder::client_identity_pem",
        ),
        (
            "nothing there",
            secure(tls("good", false)),
            transport(),
            Id::NothingThere,
            "",
        ),
    ]
}

#[tokio::test]
async fn every_failure_of_tls_is_named() {
    for (name, server, transport, id, remedy) in cases() {
        let client = at(&format!("https://localhost:{}", server.port))
            .transport(&transport)
            .build();
        let report = Doctor::new(&client).examine().await;
        assert_found(name, &report, id, remedy);
        let trusted = report.findings.iter().any(|finding| finding.id == Id::TlsTrusted);
        assert_eq!(trusted, id == Id::NothingThere, "{name}:\n{report}");
    }
}

#[tokio::test]
async fn dates_and_names_of_the_certificate_are_evidence() {
    for (name, seen) in [
        ("expired", "2021-01-01"),
        ("not-yet-valid", "2119-01-01"),
        ("other-name", "crm.example.com"),
    ] {
        let server = secure(tls(name, false));
        let client = at(&format!("https://localhost:{}", server.port))
            .transport(&transport())
            .build();
        let report = Doctor::new(&client).examine().await;
        assert!(report.to_string().contains(seen), "{report}");
    }
}

/// Ends TLS before a practice instance and passes everything on as it is, `Host` included.
fn proxy_before(sandbox: &Sandbox) -> Server {
    let config = tls("good", false);
    let backend = sandbox.url().trim_start_matches("http://").to_owned();
    Server::serving(move |stream| {
        let connection = ServerConnection::new(config.clone()).expect("a connection");
        let mut client = StreamOwned::new(connection, stream);
        let Some(request) = read_request(&mut client) else {
            return;
        };
        let mut backend = TcpStream::connect(&backend).expect("it listens");
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        backend.write_all(request.as_bytes()).expect("it reads");
        let _ = backend.shutdown(Shutdown::Write);
        let mut whole = Vec::new();
        let _ = backend.read_to_end(&mut whole);
        let _ = client.write_all(&whole);
        client.conn.send_close_notify();
        let _ = client.flush();
    })
}

#[tokio::test]
async fn a_proxy_that_ends_tls_is_found_and_its_remedy_mends_it() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let proxy = proxy_before(&sandbox);
    let url = format!("https://localhost:{}", proxy.port);
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
    let client = at(&url).consumer(consumer.clone()).transport(&transport()).build();
    let report = Doctor::new(&client).examine().await;
    assert_found("a proxy", &report, Id::SigningUrl, "Instance::with_signing_url");
    let problem = report.problems().next().expect("a problem");
    let value = problem.remedies[0].value.clone().expect("a value");
    assert_eq!(value, url.replace("https://", "http://"));

    let instance = Instance::parse(&url).and_then(|instance| instance.with_signing_url(&value));
    let mended = Client::builder(instance.expect("a site URL")).consumer(consumer);
    let report = Doctor::new(&mended.transport(&transport()).build()).examine().await;
    assert!(report.healthy, "{report}");
    assert_eq!(report.signing_url, Some(value));
}
