//! Servers that cannot be reached, are no CRM, or break off.
#![cfg(unix)]

mod process;

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::{Compress, Compression, FlushCompress};
use process::server::{SERVER_INFO, Server, answer, free_port, json, read_request};
use process::{SECRET, Walkthrough};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sugar_oauth::sandbox::{Fault, Sandbox};

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates");

#[test]
fn a_port_that_nobody_listens_on() {
    let ended = Walkthrough::at(&format!("http://127.0.0.1:{}", free_port())).run();
    ended.failed(
        1,
        &[
            "get_server_info: 127.0.0.1:",
            "refused the connection",
            "check host and port",
        ],
    );
}

#[test]
fn a_host_that_is_not_known() {
    let ended = Walkthrough::at("https://crm.invalid")
        .env("SSL_CERT_FILE", &certificate("other"))
        .run();
    ended.failed(1, &["get_server_info: the host crm.invalid is not known", "spelling"]);
}

fn certificate(name: &str) -> String {
    format!("{CERTIFICATES}/{name}.crt")
}

/// A server that speaks TLS with a certificate of a private CA.
fn private_server() -> Server {
    let certificate = CertificateDer::from_pem_file(certificate("server")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(format!("{CERTIFICATES}/server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    let config = Arc::new(config);
    Server::serving(move |stream| {
        let connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
        let mut stream = rustls::StreamOwned::new(connection, stream);
        if read_request(&mut stream).is_some() {
            let _ = stream.write_all(&answer("404 Not Found", "", b""));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    })
}

#[test]
fn a_certificate_that_is_not_trusted() {
    let server = private_server();
    let url = format!("https://localhost:{}", server.port);
    let ended = Walkthrough::at(&url).env("SSL_CERT_FILE", &certificate("other")).run();
    ended.failed(
        1,
        &[
            "get_server_info: no secure connection to localhost:",
            "certificate is not trusted",
            "private CA",
        ],
    );
    // The same server is spoken to once its CA is trusted: it is the certificate that was refused.
    let ended = Walkthrough::at(&url).env("SSL_CERT_FILE", &certificate("ca")).run();
    ended.failed(1, &["HTTP 404"]);
}

#[test]
fn plain_http_spoken_to_as_https() {
    let server = Server::serving(|mut stream| {
        // As web servers do when the first bytes are no HTTP.
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(&answer("400 Bad Request", "", b""));
    });
    let url = format!("https://127.0.0.1:{}", server.port);
    let ended = Walkthrough::at(&url).env("SSL_CERT_FILE", &certificate("other")).run();
    ended.failed(
        1,
        &["get_server_info", "does not speak TLS on this port", "check the port"],
    );
}

#[test]
fn https_spoken_to_as_plain_http() {
    let server = private_server();
    let ended = Walkthrough::at(&server.url()).run();
    ended.failed(1, &["get_server_info", "http or https"]);
}

#[test]
fn no_ca_certificates_on_the_machine() {
    let nothing = format!("{CERTIFICATES}/none.crt");
    let https = Walkthrough::at("https://127.0.0.1:1")
        .env("SSL_CERT_FILE", &nothing)
        .env("SSL_CERT_DIR", "/nonexistent");
    https
        .run()
        .failed(1, &["get_server_info", "no CA certificates", "ca-certificates"]);
    let sandbox = Walkthrough::new()
        .env("SSL_CERT_FILE", &nothing)
        .env("SSL_CERT_DIR", "/nonexistent");
    sandbox.run().succeeded();
}

#[test]
fn a_redirect_to_https() {
    let redirect = "Location: https://crm.example.com/service/v4_1/rest.php?oauth_token=hidden-token\r\n";
    let server = Server::answering(move |_| answer("301 Moved Permanently", redirect, b""));
    let ended = Walkthrough::at(&server.url()).secret("hidden-token").run();
    ended.failed(
        1,
        &[
            "get_server_info: the server redirects",
            "https://crm.example.com",
            "as the site URL",
        ],
    );
}

#[test]
fn an_html_login_page() {
    let page = b"<!DOCTYPE html><html><head><title>Sign in \x1b[31m</title></head><form></form></html>";
    let server = Server::answering(|_| answer("200 OK", "Content-Type: text/html\r\n", page));
    let ended = Walkthrough::at(&server.url()).secret("\u{1b}").run();
    ended.failed(
        1,
        &[
            "get_server_info: a web page answered instead of the API",
            "titled `Sign in \\u{1b}[31m`",
            "login page",
        ],
    );
}

#[test]
fn nothing_there() {
    let server = Server::answering(|_| answer("404 Not Found", "Content-Type: text/html\r\n", b"<h1>Not Found</h1>"));
    let ended = Walkthrough::at(&server.url()).run();
    ended.failed(
        1,
        &["get_server_info: the server answered HTTP 404", "site URL", "/legacy"],
    );
}

#[test]
fn a_json_api_of_another_product() {
    for body in [r#"{"status":"ok","data":[]}"#, r#"[1,2]"#, r#""pong""#, "17"] {
        let server = Server::answering(move |_| json(body));
        let ended = Walkthrough::at(&server.url()).run();
        ended.failed(
            1,
            &[
                "get_server_info: the answer is JSON, but not of this API",
                "check that the URL",
            ],
        );
    }
    let server = Server::answering(|_| answer("401 Unauthorized", "", br#"{"error":"need_login"}"#));
    Walkthrough::at(&server.url())
        .run()
        .failed(1, &["get_server_info", "HTTP 401"]);
}

/// `body`, cut off where its `Content-Length` promises more.
fn cut_off(body: &str) -> Vec<u8> {
    let mut cut = json(body);
    cut.truncate(cut.len() - 5);
    cut
}

#[test]
fn truncated_bodies_at_every_step() {
    // A connection that breaks off, and a body that is too short in itself.
    for (name, broken) in [("cut", true), ("short", false)] {
        let server = Server::answering(move |request| match request.contains("method=get_server_info") {
            true if broken => cut_off(SERVER_INFO),
            true => json(&SERVER_INFO[..20]),
            false => json(SERVER_INFO),
        });
        let ended = Walkthrough::at(&server.url()).run();
        let text = if broken {
            "the answer was cut off"
        } else {
            "the JSON breaks off"
        };
        ended.failed(1, &["get_server_info: ", text, "try again"]);

        let tokens = r#""oauth_token=0123456789ab&oauth_token_secret=hidden-secret""#;
        let server = Server::answering(move |request| match request.contains("method=get_server_info") {
            true => json(SERVER_INFO),
            false if broken => cut_off(tokens),
            false => json(&tokens[..40]),
        });
        let ended = Walkthrough::at(&server.url()).secret("hidden-s").run();
        ended.failed(1, &["request token: ", if broken { "cut off" } else { "breaks off" }]);
        let _ = name;
    }
}

#[tokio::test]
async fn a_truncated_session_or_list_leaves_no_session_behind() {
    for method in ["oauth_access", "get_user_id", "get_available_modules"] {
        let sandbox = Sandbox::start().await.expect("it starts");
        sandbox.fault(Fault::truncate(1).on_method(method));
        let mut running = Walkthrough::on(&sandbox).args(["--no-callback"]).start();
        let (_, token) = running.authorize_url();
        running.type_line(&sandbox.approve(&token).expect("it is there"));
        let ended = running.finish();
        if method == "oauth_access" {
            ended.failed(1, &["oauth_access: the answer was cut off", "try again"]);
        } else {
            assert_eq!(ended.status, Some(1), "{}", ended.errors);
            assert!(
                ended
                    .errors
                    .starts_with(&format!("error: {method}: the answer was cut off")),
                "{}",
                ended.errors
            );
            assert!(sandbox.state().sessions.is_empty(), "the session was not logged out");
        }
        ended.tells_no_secret(&process::secrets_of(&sandbox));
    }
}

/// 10 MB of gzip that would become 10 GB: one compressed piece, over and over.
fn bomb(stream: &mut impl Write) {
    let piece = {
        let mut compressor = Compress::new(Compression::best(), false);
        let mut piece = Vec::with_capacity(64 * 1024);
        let zeros = vec![b' '; 1024 * 1024];
        compressor
            .compress_vec(&zeros, &mut piece, FlushCompress::Full)
            .expect("it fits");
        piece
    };
    let pieces = 10 * 1024;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        10 + piece.len() * pieces
    );
    let gzip_header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&gzip_header));
    for _ in 0..pieces {
        if stream.write_all(&piece).is_err() {
            // The client has seen enough.
            return;
        }
    }
}

#[test]
fn ten_megabytes_of_gzip_that_would_become_ten_gigabytes() {
    let server = Server::serving(|mut stream| {
        if read_request(&mut stream).is_some() {
            bomb(&mut stream);
        }
    });
    let started = Instant::now();
    let ended = Walkthrough::at(&server.url()).run();
    ended.failed(
        1,
        &["get_server_info: the answer is larger than 65536 bytes after decompression"],
    );
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn a_proxy_in_the_environment() {
    let proxy = Server::answering(|_| answer("502 Bad Gateway", "", b""));
    let variables = |walkthrough: Walkthrough, port: u16| {
        let url = format!("http://user:hunter2@127.0.0.1:{port}");
        let set = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"].iter();
        set.fold(walkthrough.secret("hunter2"), |walkthrough, name| {
            walkthrough.env(name, &url)
        })
    };
    // This machine is never asked through it.
    variables(Walkthrough::new(), proxy.port).run().succeeded();
    assert_eq!(proxy.connections(), 0);
    // Plain http through it needs the yes, too.
    let ended = variables(Walkthrough::at("http://crm.invalid"), proxy.port).run();
    ended.failed(1, &["plain http", "--allow-http"]);
    assert_eq!(proxy.connections(), 0);
    // With the yes it is used, and one that is down is named.
    let ended = variables(Walkthrough::at("http://crm.invalid").args(["--allow-http"]), proxy.port).run();
    ended.failed(1, &["get_server_info", "502"]);
    assert!(proxy.connections() > 0);
    let ended = variables(
        Walkthrough::at("http://crm.invalid").args(["--allow-http"]),
        free_port(),
    )
    .run();
    ended.failed(1, &["get_server_info", "proxy", "HTTP_PROXY"]);
    let https = variables(Walkthrough::at("https://crm.invalid"), free_port());
    let ended = https.env("SSL_CERT_FILE", &certificate("other")).run();
    ended.failed(1, &["get_server_info", "proxy", "HTTPS_PROXY"]);
}

#[tokio::test]
async fn a_server_that_repeats_secrets_in_its_errors() {
    let sandbox = Sandbox::start().await.expect("it starts");
    let error = format!(
        r#"{{"name":"No","number":40,"description":"{} \u001b[2J"}}"#,
        sandbox.consumer_secret()
    );
    sandbox.fault(
        Fault::status(200)
            .header("Content-Type", "application/json")
            .body(error)
            .on_method("oauth_request_token"),
    );
    let ended = Walkthrough::on(&sandbox).run();
    ended.failed(1, &["request token", "[secret]", "\\u{1b}"]);
    assert!(!ended.errors.contains(SECRET));
}
