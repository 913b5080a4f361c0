//! HTTP by hand: requests as bytes on a socket, answers as they came.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer, with its chunk framing removed.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status_line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let mut lines = head.split("\r\n");
        let status_line = lines.next()?.to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut answer = Self {
            status_line,
            headers,
            body: bytes[end + 4..].to_vec(),
        };
        if answer.header("Transfer-Encoding") == Some("chunked") {
            answer.body = unchunk(&answer.body)?;
        }
        Some(answer)
    }

    pub fn status(&self) -> u16 {
        self.status_line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

fn unchunk(mut framed: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = framed.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&framed[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend(framed.get(end + 2..end + 2 + size)?);
        framed = framed.get(end + 4 + size..)?;
    }
}

/// The `host:port` of a URL.
pub fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

pub fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(authority(url)).expect("the sandbox listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout");
    stream
}

/// Sends bytes and reads to the end of the connection.
pub fn exchange(url: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = connect(url);
    stream.write_all(request).expect("the request is sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    bytes
}

pub fn send(url: &str, request: &[u8]) -> Answer {
    let bytes = exchange(url, request);
    Answer::parse(&bytes).unwrap_or_else(|| panic!("no HTTP answer: {}", String::from_utf8_lossy(&bytes)))
}

/// A request with these headers beside `Host` and `Connection`, to a path on the URL's host.
pub fn request(method: &str, url: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head.push_str(&format!("Host: {}\r\n", authority(url)));
    }
    head.push_str("Connection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let mut bytes = (head + "\r\n").into_bytes();
    bytes.extend(body);
    bytes
}

pub fn get(url: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
    send(url, &request("GET", url, target, headers, b""))
}

pub fn post(url: &str, target: &str, headers: &[(&str, &str)], form: &str) -> Answer {
    let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
    all.extend(headers);
    send(url, &request("POST", url, target, &all, form.as_bytes()))
}
