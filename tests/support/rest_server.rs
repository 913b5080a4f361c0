//! A server of the tests' own: it answers each request as a test says, hostile answers included, and keeps what came.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Came {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Came {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn is_token(&self) -> bool {
        self.target.ends_with("/oauth2/token")
    }
}

/// The bytes to answer; none closes the connection.
pub type Reply = Vec<u8>;
type Pending = Pin<Box<dyn Future<Output = Reply> + Send>>;

pub struct RestServer {
    address: std::net::SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
    task: tokio::task::JoinHandle<()>,
}

impl RestServer {
    /// The answer is told by the request and how many came before it.
    pub async fn start(reply: impl Fn(&Came, usize) -> Reply + Send + Sync + 'static) -> Self {
        let reply = Arc::new(reply);
        Self::start_slow(move |came, count| {
            let bytes = reply(&came, count);
            async move { bytes }
        })
        .await
    }

    /// As `start`, with answers that take their time.
    pub async fn start_slow<F>(reply: impl Fn(Came, usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let came = Arc::new(Mutex::new(Vec::new()));
        let reply: Arc<dyn Fn(Came, usize) -> Pending + Send + Sync> =
            Arc::new(move |came, count| Box::pin(reply(came, count)));
        let log = Arc::clone(&came);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&reply)));
            }
        });
        Self { address, came, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// How many came that a test looks for.
    pub fn count(&self, which: impl Fn(&Came) -> bool) -> usize {
        self.came().iter().filter(|came| which(came)).count()
    }
}

impl Drop for RestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request for each connection.
async fn serve(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<Came>>>,
    reply: Arc<dyn Fn(Came, usize) -> Pending + Send + Sync>,
) -> Option<()> {
    let came = read(&mut stream).await?;
    let count = {
        let mut log = log.lock().unwrap();
        log.push(came.clone());
        log.len() - 1
    };
    stream.write_all(&reply(came, count).await).await.ok()?;
    stream.shutdown().await.ok()
}

async fn read(stream: &mut TcpStream) -> Option<Came> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Came {
        method,
        target,
        headers,
        body,
    })
}

/// An answer of this status, type and body.
pub fn answer(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    bytes
}

pub fn ok(body: &Value) -> Reply {
    answer(200, "application/json", body.to_string())
}

pub fn refusal(status: u16, code: &str, message: &str) -> Reply {
    answer(
        status,
        "application/json",
        json!({"error": code, "error_message": message}).to_string(),
    )
}

/// The documented answer of a grant, with tokens of a number of one's own.
pub fn tokens(number: usize, expires_in: i64) -> Value {
    json!({
        "access_token": format!("access-{number}"),
        "expires_in": expires_in,
        "token_type": "bearer",
        "scope": null,
        "refresh_token": format!("refresh-{number}"),
        "refresh_expires_in": 1209600,
        "download_token": format!("download-{number}"),
    })
}
