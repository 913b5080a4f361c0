//! As much of an HTTP client as the authorize stand-ins of the providers need.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, its head and its body.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    head: String,
    /// The body as text.
    pub body: String,
}

impl Answer {
    /// The value of a header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The text between the first `start` and the `end` after it.
    pub fn between(&self, start: &str, end: &str) -> Option<&str> {
        Some(self.body.split_once(start)?.1.split_once(end)?.0)
    }
}

/// Posts an urlencoded form to a path of `site`, which is `http://host:port`.
///
/// # Panics
/// When no HTTP answer comes.
pub async fn post_form(site: &str, path: &str, form: &str) -> Answer {
    let host = site.strip_prefix("http://").expect("a provider speaks plain http");
    let mut stream = TcpStream::connect(host).await.expect("the provider listens");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the provider reads the request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("the provider answers");
    let text = String::from_utf8(bytes).expect("the provider answers UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("the answer has a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("the answer has a status");
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
