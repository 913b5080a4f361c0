//! Answers, and how they become bytes.

use std::time::Duration;

/// Bodies longer than this are sent in chunks, as Apache does when PHP's output leaves its buffer.
const CHUNKED_FROM: usize = 8192;

/// Where an answer is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    BeforeHead,
    /// After so many bytes of the body, counted as they go over the wire.
    InBody(usize),
    /// After all of it.
    BehindBody,
}

/// How an answer ends on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As announced.
    #[default]
    Whole,
    /// The connection is closed.
    Close(Cut),
    /// The connection is reset (TCP RST).
    Reset(Cut),
    /// Nothing more comes for so long; then the connection is closed.
    Stall(Cut, Duration),
    /// One byte at a time, with a pause after each.
    Trickle(Duration),
}

/// What stands after the head.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// `start`, then `block` so many times, then `end`; sent in chunks without being held whole.
    Repeated {
        start: Vec<u8>,
        block: Vec<u8>,
        times: u64,
        end: Vec<u8>,
    },
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// PHP's own 500s carry the status line `HTTP/1.0`.
    pub(crate) is_http_1_0: bool,
    /// Without `Date`, `Server`, the length and `Connection`, which are added on the way out.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content_type: String,
    pub(crate) body: Body,
    pub(crate) ending: Ending,
    /// A whole answer to send instead, head and all.
    pub(crate) raw: Option<Vec<u8>>,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            is_http_1_0: false,
            headers: Vec::new(),
            content_type: content_type.to_owned(),
            body: Body::Whole(body.into()),
            ending: Ending::Whole,
            raw: None,
        }
    }

    pub(crate) fn html(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "text/html; charset=UTF-8", body)
    }

    /// An error page of Apache itself.
    pub(crate) fn apache_error(status: u16, text: &str) -> Self {
        let title = reason(status);
        let body = format!(
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {title}</title>\n\
             </head><body>\n<h1>{title}</h1>\n<p>{text}</p>\n</body></html>\n"
        );
        Self::new(status, "text/html; charset=iso-8859-1", body)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The head as bytes; true when the body is to be sent in chunks.
    pub(crate) fn head(&self, date: &str, keep_alive: bool, may_chunk: bool) -> (Vec<u8>, bool) {
        let version = if self.is_http_1_0 { "1.0" } else { "1.1" };
        let mut head = format!("HTTP/{version} {} {}\r\n", self.status, reason(self.status));
        let mut add = |name: &str, value: &str| {
            head.push_str(name);
            head.push_str(": ");
            // A line break would end the header; the server's own code refuses that too.
            head.extend(value.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')));
            head.push_str("\r\n");
        };
        if !self.names("Date") {
            add("Date", date);
        }
        add("Server", "Apache/2.4.71 (Debian) PHP/8.2.35");
        for (name, value) in &self.headers {
            add(name, value);
        }
        let chunked = match &self.body {
            Body::Whole(body) if !may_chunk || body.len() < CHUNKED_FROM => {
                if !self.names("Content-Length") {
                    add("Content-Length", &body.len().to_string());
                }
                false
            }
            _ => may_chunk,
        };
        if keep_alive {
            add("Keep-Alive", "timeout=5");
            add("Connection", "Keep-Alive");
        } else {
            add("Connection", "close");
        }
        if chunked {
            add("Transfer-Encoding", "chunked");
        }
        if !self.content_type.is_empty() {
            add("Content-Type", &self.content_type);
        }
        head.push_str("\r\n");
        (head.into_bytes(), chunked)
    }

    fn names(&self, header: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
