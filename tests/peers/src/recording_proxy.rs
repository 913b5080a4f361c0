//! An HTTP proxy that a browser is sent through to see everything it asks for, favicons included.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request's head as the browser sent it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The whole URL, or `host:port` of a `CONNECT`.
    pub url: String,
    /// The headers, a line each.
    pub headers: Vec<String>,
}

impl Seen {
    /// The value of a header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// The proxy. It forwards plain http to 127.0.0.1 and nothing else.
pub struct RecordingProxy {
    /// `127.0.0.1:port`.
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

impl RecordingProxy {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> RecordingProxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address")
            .to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A browser hangs up whenever it likes: what breaks here is no concern of the test.
                let record = record.clone();
                tokio::spawn(async move { serve(stream, record).await.ok() });
            }
        });
        RecordingProxy { address, seen, task }
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no recorder panics").clone()
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request a connection: the answer is passed on until the server closes.
async fn serve(browser: TcpStream, record: Arc<Mutex<Vec<Seen>>>) -> std::io::Result<()> {
    let mut browser = BufReader::new(browser);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if browser.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines[0].split(' ').map(str::to_owned);
    let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let seen = Seen {
        method,
        url,
        headers: lines.split_off(1),
    };
    record.lock().expect("no recorder panics").push(seen.clone());

    let target = seen.url.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
    let Some((host, path)) = target.filter(|(host, _)| host.starts_with("127.0.0.1:")) else {
        let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return browser.write_all(refusal.as_bytes()).await;
    };
    let length = seen
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    browser.read_exact(&mut body).await?;

    let mut head = format!("{} /{path} HTTP/1.1\r\n", seen.method);
    for line in &seen.headers {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if !matches!(name.as_str(), "connection" | "proxy-connection" | "keep-alive") {
            head.push_str(line);
            head.push_str("\r\n");
        }
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut server = TcpStream::connect(host).await?;
    server.write_all(head.as_bytes()).await?;
    server.write_all(&body).await?;
    tokio::io::copy(&mut server, &mut browser).await?;
    browser.shutdown().await
}
