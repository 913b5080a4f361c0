//! Requests from a socket.

use super::Response;
use crate::sandbox::received::ReceivedRequest;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Apache's `LimitRequestLine`.
const MAX_REQUEST_LINE: usize = 8190;
const MAX_HEAD: usize = 128 * 1024;
const MAX_HEADERS: usize = 100;
const MAX_BODY: usize = 256 * 1024 * 1024;

/// Why there is no request.
pub(super) enum NoRequest {
    /// The client closed the connection, or it broke.
    Gone,
    /// What came is answered with this, and the connection is closed.
    Refused(Box<Response>),
}

impl From<io::Error> for NoRequest {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// A request, and whether the client wants to keep the connection.
pub(super) struct Incoming {
    pub(super) request: ReceivedRequest,
    pub(super) keep_alive: bool,
    pub(super) is_http_1_0: bool,
}

/// A socket and what was read from it beyond the last request.
pub(super) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::with_capacity(4096),
        }
    }

    /// Whether nothing of a next request has been read.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    pub(super) async fn next(&mut self, stream: &mut TcpStream, peer: SocketAddr) -> Result<Incoming, NoRequest> {
        let (head, head_length) = loop {
            match parse_head(&self.buffer)? {
                Some(found) => break found,
                None => self.fill(stream).await?,
            }
        };
        self.buffer.drain(..head_length);
        if head.expects_continue && self.buffer.is_empty() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = match head.length {
            Length::Known(length) if length > MAX_BODY => {
                return Err(NoRequest::Refused(Box::new(Response::apache_error(
                    413,
                    "The body is too large.",
                ))));
            }
            Length::Known(length) => self.take(stream, length).await?,
            Length::Chunked => self.chunks(stream).await?,
        };
        let mut request = head.request;
        request.body = body;
        request.peer = peer;
        Ok(Incoming {
            request,
            keep_alive: head.keep_alive,
            is_http_1_0: head.is_http_1_0,
        })
    }

    async fn fill(&mut self, stream: &mut TcpStream) -> Result<(), NoRequest> {
        match stream.read_buf(&mut self.buffer).await? {
            0 => Err(NoRequest::Gone),
            _ => Ok(()),
        }
    }

    async fn take(&mut self, stream: &mut TcpStream, length: usize) -> Result<Vec<u8>, NoRequest> {
        while self.buffer.len() < length {
            self.fill(stream).await?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    async fn line(&mut self, stream: &mut TcpStream) -> Result<Vec<u8>, NoRequest> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.pop();
                line.pop_if(|last| *last == b'\r');
                return Ok(line);
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(bad_request());
            }
            self.fill(stream).await?;
        }
    }

    async fn chunks(&mut self, stream: &mut TcpStream) -> Result<Vec<u8>, NoRequest> {
        let mut body = Vec::new();
        loop {
            let line = self.line(stream).await?;
            let line = String::from_utf8_lossy(&line);
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| bad_request())?;
            if size > MAX_BODY || body.len() + size > MAX_BODY {
                return Err(bad_request());
            }
            if size == 0 {
                while !self.line(stream).await?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.take(stream, size).await?);
            self.line(stream).await?;
        }
    }
}

enum Length {
    Known(usize),
    Chunked,
}

struct Head {
    request: ReceivedRequest,
    length: Length,
    keep_alive: bool,
    is_http_1_0: bool,
    expects_continue: bool,
}

fn bad_request() -> NoRequest {
    let text = "Your browser sent a request that this server could not understand.<br />";
    NoRequest::Refused(Box::new(Response::apache_error(400, text)))
}

fn parse_head(buffer: &[u8]) -> Result<Option<(Head, usize)>, NoRequest> {
    let first_line = buffer.iter().position(|byte| *byte == b'\n').unwrap_or(buffer.len());
    if first_line > MAX_REQUEST_LINE + 1 {
        let text = "The requested URL's length exceeds the capacity\nlimit for this server.<br />";
        return Err(NoRequest::Refused(Box::new(Response::apache_error(414, text))));
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let head_length = match parsed.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if buffer.len() > MAX_HEAD => return Err(bad_request()),
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(bad_request()),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = parsed
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), text(header.value)));
    let target = parsed.path.unwrap_or_default();
    let request = ReceivedRequest::new(parsed.method.unwrap_or_default(), target, headers.collect());
    let is_http_1_0 = parsed.version == Some(0);
    let header_has = |name: &str, word: &str| {
        let value = request.header(name).unwrap_or_default().to_ascii_lowercase();
        value.split(',').any(|part| part.trim() == word)
    };
    if !is_http_1_0 && request.header("Host").is_none() {
        return Err(bad_request());
    }
    let length = match request.header("Content-Length") {
        _ if header_has("Transfer-Encoding", "chunked") => Length::Chunked,
        Some(length) => Length::Known(length.trim().parse().map_err(|_| bad_request())?),
        None => Length::Known(0),
    };
    let head = Head {
        length,
        keep_alive: if is_http_1_0 {
            header_has("Connection", "keep-alive")
        } else {
            !header_has("Connection", "close")
        },
        is_http_1_0,
        expects_continue: header_has("Expect", "100-continue"),
        request,
    };
    Ok(Some((head, head_length)))
}
