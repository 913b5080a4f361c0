//! What fails before anything answers.

use sugar_oauth::doctor::{Doctor, FindingId as Id};
use sugar_oauth::{ClientBuilder, Transport};

use crate::server::{Server, answer, free_port, json};
use crate::{assert_found, at, found};

fn direct(url: &str) -> ClientBuilder {
    at(url).transport(&Transport::builder().no_proxy().build())
}

fn through(url: &str, port: u16) -> ClientBuilder {
    let proxy = Transport::builder()
        .proxy(&format!("http://127.0.0.1:{port}"))
        .expect("a proxy");
    at(url).transport(&proxy.build()).allow_http(true)
}

#[tokio::test]
async fn plain_http_to_another_machine_waits_for_the_yes() {
    let report = Doctor::new(&direct("http://crm.invalid").build()).examine().await;
    assert_found("plain http", &report, Id::PlainHttp, "--allow-http, SUGAR_ALLOW_HTTP");
    assert_eq!(report.findings.len(), 1, "{report}");
    let report = Doctor::new(&direct("http://crm.invalid").allow_http(true).build())
        .examine()
        .await;
    assert_found("an unknown name", &report, Id::NameUnknown, "getent hosts crm.invalid");
    assert!(found(&report, Id::PlainHttpAllowed).is_some());
}

#[tokio::test]
async fn names_and_ports() {
    let report = Doctor::new(&direct(&format!("http://127.0.0.1:{}", free_port())).build())
        .examine()
        .await;
    assert_found("nobody listens", &report, Id::ConnectionRefused, "web server runs");
    let server = Server::answering(|_| answer("404 Not Found", "", b""));
    let report = Doctor::new(&direct(&format!("http://localhost:{}", server.port)).build())
        .examine()
        .await;
    assert_found("a web server", &report, Id::NothingThere, "");
    for id in [Id::NameResolved, Id::TcpConnected] {
        assert!(found(&report, id).is_some(), "{report}");
    }
}

#[tokio::test]
async fn proxies() {
    let server = Server::answering(|_| answer("404 Not Found", "", b""));
    let report = Doctor::new(&through("http://crm.invalid", server.port).build())
        .examine()
        .await;
    assert_found("a proxy", &report, Id::NothingThere, "");
    assert!(found(&report, Id::ThroughProxy).is_some(), "{report}");
    for url in ["http://crm.invalid", "https://crm.invalid"] {
        let report = Doctor::new(&through(url, free_port()).build()).examine().await;
        assert_found(
            "a proxy that is down",
            &report,
            Id::ProxyFailed,
            "TransportBuilder::no_proxy",
        );
    }
}

/// Neither `gmt_time` nor `Date`: a timestamp would be a guess.
#[tokio::test]
async fn a_server_without_a_clock_is_not_signed_for() {
    let server = Server::answering(|request| {
        assert!(!request.contains("oauth_signature"), "{request}");
        match request.contains("oauth_access") {
            true => json(r#"{"name":"Invalid Login","number":10,"description":""}"#),
            false => json(r#"{"flavor":"CE","version":"6.5.26","gmt_time":""}"#),
        }
    });
    let consumer = sugar_oauth::Consumer::new("key", "secret").expect("a consumer");
    let report = Doctor::new(&direct(&server.url()).consumer(consumer).build())
        .examine()
        .await;
    assert_found("no clock", &report, Id::ClockUnknown, "Date header");
}
