//! Answers that try to mislead or overwhelm the client.

use super::Sandbox;
use super::http::{Body, Ending, Response};
use super::oauth::encode;
use super::received::ReceivedRequest;
use flate2::{Compress, Compression, FlushCompress};
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;

/// What [`Flavour::Hostile`](super::Flavour::Hostile) does to its answers.
///
/// Tricks on tokens and `authorize_url` concern the two token calls, the others every answer of
/// `rest.php`. Set by [`Sandbox::hostile`]; the tokens behind altered answers stay valid.
///
/// ```
/// use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};
/// use sugar_oauth::{Callback, Client, Consumer, Instance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().flavour(Flavour::Hostile).start().await?;
/// sandbox.hostile(Trick::TokenLineBreak);
/// let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?;
/// let client = Client::new(Instance::parse(sandbox.url())?, consumer);
/// assert!(client.request_token(Callback::OutOfBand).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trick {
    /// Answers as SuiteCRM 7 does.
    Nothing,
    /// `authorize_url` on another host.
    #[default]
    AuthorizeUrlForeignHost,
    /// `authorize_url` on another port of the same host.
    AuthorizeUrlOtherPort,
    /// `authorize_url` with another scheme on the same host and port.
    AuthorizeUrlOtherScheme,
    /// `authorize_url` whose real host is hidden behind userinfo that looks like the instance.
    AuthorizeUrlUserinfo,
    /// `authorize_url` with userinfo on the instance's own origin.
    AuthorizeUrlOwnUserinfo,
    /// `authorize_url` with a fragment, which would swallow the token.
    AuthorizeUrlFragment,
    /// `authorize_url` that is a script.
    AuthorizeUrlJavascript,
    /// `authorize_url` that is a local file.
    AuthorizeUrlFile,
    /// `authorize_url` that looks like an option of a command.
    AuthorizeUrlOption,
    /// `authorize_url` with a line break, an escape sequence and shell text.
    AuthorizeUrlControlCharacters,
    /// `authorize_url` without the slash before `index.php`, as some old builds send it.
    AuthorizeUrlWithoutSlash,
    /// No `authorize_url`.
    AuthorizeUrlMissing,
    /// No `oauth_callback_confirmed`.
    CallbackUnconfirmed,
    /// `oauth_callback_confirmed=false`.
    CallbackDenied,
    /// A token with quotes.
    TokenQuotes,
    /// A token with a line break and a header after it.
    TokenLineBreak,
    /// A token that a shell would run.
    TokenShell,
    /// A token of 300 characters.
    TokenLong,
    /// An empty token.
    TokenEmpty,
    /// Two tokens under the same name.
    TokenTwice,
    /// A token secret with a line break.
    TokenSecretLineBreak,
    /// A session id with a line break and quotes.
    SessionIdLineBreak,
    /// Errors with escape sequences, line breaks and characters that turn the writing direction.
    ErrorControlCharacters,
    /// Labels of modules with the same.
    LabelControlCharacters,
    /// A `Date` header of the year 2099.
    DateFarAhead,
    /// A `gmt_time` of the year 2099.
    GmtTimeFarAhead,
    /// A body of 4 GiB.
    HugeBody,
    /// A body that announces 1 TiB in `Content-Length` and then comes a byte at a time.
    HugeLength,
    /// A gzip body of a few MiB that becomes 8 GiB.
    GzipBomb,
    /// A redirect to another host.
    RedirectElsewhere,
    /// A redirect from here to here.
    RedirectLoop,
    /// JSON nested 200,000 deep.
    DeepNesting,
    /// An error that repeats the whole request: header, query and body.
    EchoRequest,
    /// A page that repeats the whole request, with status 500.
    EchoRequestPage,
    /// A body that is no UTF-8.
    InvalidUtf8,
    /// Five thousand headers.
    ManyHeaders,
}

impl Trick {
    /// Every trick.
    pub const ALL: [Trick; 37] = [
        Trick::Nothing,
        Trick::AuthorizeUrlForeignHost,
        Trick::AuthorizeUrlOtherPort,
        Trick::AuthorizeUrlOtherScheme,
        Trick::AuthorizeUrlUserinfo,
        Trick::AuthorizeUrlOwnUserinfo,
        Trick::AuthorizeUrlFragment,
        Trick::AuthorizeUrlJavascript,
        Trick::AuthorizeUrlFile,
        Trick::AuthorizeUrlOption,
        Trick::AuthorizeUrlControlCharacters,
        Trick::AuthorizeUrlWithoutSlash,
        Trick::AuthorizeUrlMissing,
        Trick::CallbackUnconfirmed,
        Trick::CallbackDenied,
        Trick::TokenQuotes,
        Trick::TokenLineBreak,
        Trick::TokenShell,
        Trick::TokenLong,
        Trick::TokenEmpty,
        Trick::TokenTwice,
        Trick::TokenSecretLineBreak,
        Trick::SessionIdLineBreak,
        Trick::ErrorControlCharacters,
        Trick::LabelControlCharacters,
        Trick::DateFarAhead,
        Trick::GmtTimeFarAhead,
        Trick::HugeBody,
        Trick::HugeLength,
        Trick::GzipBomb,
        Trick::RedirectElsewhere,
        Trick::RedirectLoop,
        Trick::DeepNesting,
        Trick::EchoRequest,
        Trick::EchoRequestPage,
        Trick::InvalidUtf8,
        Trick::ManyHeaders,
    ];
}

impl Sandbox {
    /// Sets what the hostile flavour does from now on. Other flavours do not change.
    pub fn hostile(&self, trick: Trick) {
        self.server().set_trick(trick);
    }
}

/// A text that would move the cursor, set a window's title, break lines and turn the direction.
const CONTROL_TEXT: &str =
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31mred\r\nSet-Cookie: a=b\n\u{202e}desrever\u{2066}\u{9b}1m\u{0}\u{200b}";

/// Alters what a token call answers.
pub(crate) fn token_answer(trick: Trick, answer: &str) -> String {
    let fields = answer.split('&').filter_map(|pair| pair.split_once('='));
    let mut changed: Vec<(String, String)> = Vec::new();
    for (name, value) in fields {
        let value = match (name, new_value(trick, name, value)) {
            (_, Change::Keep) => value.to_owned(),
            (_, Change::Set(value)) => encode(value.as_bytes()),
            (_, Change::Drop) => continue,
        };
        changed.push((name.to_owned(), value));
        if trick == Trick::TokenTwice && name == "oauth_token" {
            changed.push((name.to_owned(), "ffffffffffff".to_owned()));
        }
    }
    let pairs: Vec<String> = changed
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

enum Change {
    Keep,
    Set(String),
    Drop,
}

fn new_value(trick: Trick, name: &str, value: &str) -> Change {
    let url = String::from_utf8_lossy(&super::php::form::raw_url_decode(value.as_bytes())).into_owned();
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let set = |text: &str| Change::Set(text.to_owned());
    match (name, trick) {
        ("authorize_url", Trick::AuthorizeUrlForeignHost) => set(&format!("http://login.elsewhere.example{path}")),
        ("authorize_url", Trick::AuthorizeUrlOtherPort) => {
            let name = host.split(':').next().unwrap_or_default();
            set(&format!("http://{name}:1{path}"))
        }
        ("authorize_url", Trick::AuthorizeUrlOtherScheme) => set(&format!("ftp://{rest}")),
        ("authorize_url", Trick::AuthorizeUrlUserinfo) => set(&format!("http://{host}@elsewhere.example{path}")),
        ("authorize_url", Trick::AuthorizeUrlOwnUserinfo) => set(&format!("http://user:word@{rest}")),
        ("authorize_url", Trick::AuthorizeUrlFragment) => set(&format!("{url}#")),
        ("authorize_url", Trick::AuthorizeUrlJavascript) => set(&format!("javascript://{rest}%0aalert(1)")),
        ("authorize_url", Trick::AuthorizeUrlFile) => set("file:///etc/passwd"),
        ("authorize_url", Trick::AuthorizeUrlOption) => set("--new-window=http://elsewhere.example/"),
        ("authorize_url", Trick::AuthorizeUrlControlCharacters) => {
            set(&format!("{url}&x=\r\n\u{1b}[2J$(touch x)`id`;\u{202e}"))
        }
        ("authorize_url", Trick::AuthorizeUrlWithoutSlash) => set(&url.replacen("/index.php", "index.php", 1)),
        ("authorize_url", Trick::AuthorizeUrlMissing) => Change::Drop,
        ("oauth_callback_confirmed", Trick::CallbackUnconfirmed) => Change::Drop,
        ("oauth_callback_confirmed", Trick::CallbackDenied) => set("false"),
        ("oauth_token", Trick::TokenQuotes) => set("a'b\"c"),
        ("oauth_token", Trick::TokenLineBreak) => set("abc\r\nX-Injected: 1"),
        ("oauth_token", Trick::TokenShell) => set("$(touch pwned);`id`|&"),
        ("oauth_token", Trick::TokenLong) => set(&"a".repeat(300)),
        ("oauth_token", Trick::TokenEmpty) => set(""),
        ("oauth_token_secret", Trick::TokenSecretLineBreak) => set("abc\r\nexport PATH=."),
        _ => Change::Keep,
    }
}

/// Alters the result of a method.
pub(crate) fn result(trick: Trick, method: &str, mut value: Value) -> Value {
    match trick {
        Trick::SessionIdLineBreak if value.get("id").is_some() => value["id"] = json!("abc\r\n\"'$(id)"),
        Trick::GmtTimeFarAhead if method == "get_server_info" => value["gmt_time"] = json!("2099-01-01 00:00:00"),
        Trick::LabelControlCharacters => {
            if let Some(modules) = value.get_mut("modules").and_then(Value::as_array_mut) {
                modules
                    .iter_mut()
                    .for_each(|module| module["module_label"] = json!(CONTROL_TEXT));
            }
        }
        _ => {}
    }
    value
}

/// Alters an answer of `rest.php`.
pub(crate) fn response(trick: Trick, request: &ReceivedRequest, mut response: Response) -> Response {
    const JSON: &str = "application/json; charset=UTF-8";
    let error = |text: &str| {
        let error = json!({"name": text, "number": 40, "description": text});
        Response::new(200, JSON, super::php_json::encode(&error))
    };
    match trick {
        Trick::ErrorControlCharacters => error(CONTROL_TEXT),
        Trick::DateFarAhead => response.header("Date", "Thu, 01 Jan 2099 00:00:00 GMT"),
        Trick::HugeBody => huge_body(4 << 30),
        Trick::HugeLength => {
            response.ending = Ending::Trickle(Duration::from_millis(100));
            response.header("Content-Length", (1_u64 << 40).to_string())
        }
        Trick::GzipBomb => gzip_bomb(8 << 30),
        Trick::RedirectElsewhere => {
            Response::html(302, "").header("Location", "http://elsewhere.example/service/v4_1/rest.php?a=b")
        }
        Trick::RedirectLoop => Response::html(307, "").header("Location", request.target.clone()),
        Trick::DeepNesting => Response::new(200, JSON, "[".repeat(200_000)),
        Trick::EchoRequest => error(&whole(request)),
        Trick::EchoRequestPage => Response::html(500, whole(request)),
        Trick::InvalidUtf8 => Response::new(
            200,
            JSON,
            &b"{\"id\":\"\xff\xfe\xc3\x28\",\"name\":\"\xed\xa0\x80\"}"[..],
        ),
        Trick::ManyHeaders => {
            response
                .headers
                .extend((0..5000).map(|place| (format!("X-{place}"), "x".to_owned())));
            response
        }
        _ => response,
    }
}

/// A request in one text, with nothing left out.
fn whole(request: &ReceivedRequest) -> String {
    let mut text = format!("{} {}\n", request.method, request.target);
    request
        .headers
        .iter()
        .for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
    let body = super::php::form::url_decode(&request.body);
    text + "\n" + &String::from_utf8_lossy(&request.body) + "\n" + &String::from_utf8_lossy(&body)
}

const BLOCK: usize = 1 << 20;

/// At least `bytes` spaces, sent in blocks.
pub(crate) fn huge_body(bytes: u64) -> Response {
    let mut response = Response::new(200, "application/json; charset=UTF-8", "");
    let times = bytes.div_ceil(BLOCK as u64);
    response.body = Body::Repeated {
        start: Vec::new(),
        block: vec![b' '; BLOCK],
        times,
        end: b"null".to_vec(),
    };
    response
}

/// A gzip stream of at least `bytes` spaces. Each block ends with a full flush and so depends on
/// nothing before it: the same bytes can be sent again and again.
pub(crate) fn gzip_bomb(bytes: u64) -> Response {
    let mut compressor = Compress::new(Compression::best(), false);
    let spaces = vec![b' '; BLOCK];
    let mut block = Vec::with_capacity(64 * 1024);
    // A vector with room enough: the compressor takes all input and writes all output at once.
    let _ = compressor.compress_vec(&spaces, &mut block, FlushCompress::Full);
    let mut response = huge_body(0).header("Content-Encoding", "gzip");
    response.body = Body::Repeated {
        start: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
        block,
        times: bytes.div_ceil(BLOCK as u64),
        // An empty last block and a trailer that is wrong: no reader should come so far.
        end: vec![3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    };
    response
}

/// A gzip stream of these bytes whose second half is none.
pub(crate) fn broken_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a vector does not fail.
    let _ = encoder.write_all(bytes);
    let mut stream = encoder.finish().unwrap_or_default();
    let half = stream.len() / 2;
    stream[half..].fill(0xff);
    stream
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_bomb_is_gzip_of_the_promised_size() {
        let Body::Repeated {
            start,
            block,
            times,
            end,
        } = gzip_bomb(8 << 20).body
        else {
            panic!("a repeated body")
        };
        assert_eq!(times, 8);
        let mut sent = start;
        (0..times).for_each(|_| sent.extend(&block));
        sent.extend(end);
        assert!(sent.len() < 16 * 1024, "{} bytes sent", sent.len());
        let mut received = Vec::new();
        let outcome = flate2::read::GzDecoder::new(&sent[..]).read_to_end(&mut received);
        assert_eq!(received.len(), 8 << 20);
        assert!(received.iter().all(|byte| *byte == b' '));
        assert!(outcome.is_err(), "the trailer is wrong");
    }

    #[test]
    fn broken_gzip_gives_a_part_and_then_fails() {
        let text: Vec<u8> = (0..40_000_u32)
            .flat_map(|number| number.to_string().into_bytes())
            .collect();
        let sent = broken_gzip(&text);
        let mut received = Vec::new();
        assert!(
            flate2::read::GzDecoder::new(&sent[..])
                .read_to_end(&mut received)
                .is_err()
        );
        assert!(received.len() > 1_000 && received.len() < text.len());
    }

    #[test]
    fn every_trick_is_listed_once() {
        let listed: std::collections::HashSet<_> = Trick::ALL.into_iter().collect();
        assert_eq!(listed.len(), Trick::ALL.len());
    }
}
