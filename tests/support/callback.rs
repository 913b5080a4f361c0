//! What stands at the callback listener's door: requests as text, and the whole answers to them.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::time::Duration;

use sugar_oauth::{CallbackListener, Client, Consumer, Instance, RequestToken, TokenSecret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TOKEN: &str = "bf1492236fbe";
pub const VERIFIER: &str = "3d07cb03515b";

pub fn request_token() -> RequestToken {
    let consumer = Consumer::new("KEY", "SECRET").unwrap();
    let client = Client::new(Instance::parse("https://crm.example.com").unwrap(), consumer);
    RequestToken::from_parts(&client, TOKEN, TokenSecret::new("5b05d09a0b7e")).unwrap()
}

pub async fn connect(listener: &CallbackListener) -> TcpStream {
    let address = listener.url().socket_addrs(|| None).unwrap()[0];
    TcpStream::connect(address).await.unwrap()
}

/// Sends a request's text and returns the whole answer.
pub async fn exchange(listener: &CallbackListener, request: &str) -> String {
    let mut stream = connect(listener).await;
    // The listener may have had enough before the end.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer));
    let _ = end.await.expect("the listener closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn get(listener: &CallbackListener, target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", host(listener))
}

/// As a browser writes it into `Host`.
pub fn host(listener: &CallbackListener) -> String {
    format!("127.0.0.1:{}", listener.url().port().unwrap())
}

pub fn callback_target(listener: &CallbackListener, token: &str, verifier: &str) -> String {
    format!(
        "{}?oauth_verifier={verifier}&oauth_token={token}",
        listener.url().path()
    )
}
