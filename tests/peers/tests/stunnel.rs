//! The stunnel configuration of docs/troubleshooting.md, as it stands there but for its addresses and its certificates,
//! before a server that speaks TLS 1.0 only.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Callback, Client, Consumer, ErrorKind, Instance, Transport, Verifier};
use sugar_oauth_peers::process::Background;
use sugar_oauth_peers::programs::program;

/// A port that was free a moment ago; stunnel wants to be told one.
fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn documented() -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/troubleshooting.md"));
    let page = page.expect("docs/troubleshooting.md");
    let block = page.split("```ini\n").nth(1).and_then(|rest| rest.split("```").next());
    block.expect("a configuration").to_owned()
}

fn certificate(folder: &Path) {
    let made = Command::new(program("openssl", "openssl"))
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
        .args(["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=crm.example.com"])
        .args(["-addext", "subjectAltName=DNS:crm.example.com"])
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn stunnel(folder: &Path, name: &str, configuration: &str) -> Background {
    let file = folder.join(name);
    fs::write(&file, configuration).expect("a file");
    let mut command = Command::new(program("stunnel", "stunnel4"));
    command.arg(file);
    let ready = |line: &str| line.contains("Configuration successful").then_some(());
    Background::start(command, ready).0
}

#[tokio::test]
async fn the_documented_configuration_reaches_a_server_of_tls_1_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    certificate(folder);
    let (front, old) = (port(), port());
    let seen_as = format!("https://127.0.0.1:{front}");
    let sandbox = Sandbox::builder().seen_as(&seen_as).start().await.unwrap();
    let backend = sandbox.url().trim_start_matches("http://");
    let _server = stunnel(
        folder,
        "server.conf",
        &format!(
            "foreground = yes\npid =\n[old]\naccept = 127.0.0.1:{old}\nconnect = {backend}\ncert = {0}/cert.pem\n\
             key = {0}/key.pem\nsslVersion = TLSv1\nciphers = ALL:@SECLEVEL=0\n",
            folder.display()
        ),
    );
    let mut configuration = documented();
    for (theirs, ours) in [
        ("127.0.0.1:8443", format!("127.0.0.1:{front}")),
        ("crm.example.com:443", format!("127.0.0.1:{old}")),
        (
            "/etc/ssl/certs/ca-certificates.crt",
            format!("{}/cert.pem", folder.display()),
        ),
    ] {
        assert_eq!(configuration.matches(theirs).count(), 1, "{theirs}");
        configuration = configuration.replace(theirs, &ours);
    }

    // Straight at it there is no way.
    let transport = Transport::builder().danger_accept_invalid_certificates().build();
    let instance = Instance::parse(&format!("https://127.0.0.1:{old}")).unwrap();
    let client = Client::builder(instance).transport(&transport).build();
    let error = client.server_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(error.to_string().contains("docs/troubleshooting.md"), "{error}");

    let tunnel = stunnel(folder, "crm-tls.conf", &configuration);
    let instance = Instance::parse(&format!("http://127.0.0.1:{front}")).unwrap();
    let instance = instance.with_signing_url(&seen_as).unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(instance, consumer);
    let request_token = client.request_token(Callback::OutOfBand).await.unwrap();
    let verifier = Verifier::new(sandbox.approve(request_token.token()).unwrap());
    let access_token = client.access_token(&request_token, &verifier).await.unwrap();
    let session = client.oauth_access(&access_token).await.unwrap();
    assert!(!session.get_available_modules().await.unwrap().is_empty());
    session.logout().await.unwrap();
    drop(tunnel);

    // And it does check the certificate.
    let wrong = configuration.replace("checkHost = crm.example.com", "checkHost = other.example.com");
    let _tunnel = stunnel(folder, "wrong.conf", &wrong);
    assert!(client.server_info().await.is_err());
}
