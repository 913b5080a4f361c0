//! The readers that are not public, reached through the network as a hostile server or a stranger on this machine would:
//! token answers, the JSON envelope, headers, and the callback listener.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sugar_oauth::{
    Callback, CallbackListener, Client, Consumer, Error, Instance, RequestToken, SessionId, TokenSecret, UtcTime,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

const CONSUMER_SECRET: &str = "cs9f3kq7xw";
const SESSION: &str = "728cbb8f6d1a7b1fe57c4b868fc3f493";

/// The whole answer to everything but `get_server_info`.
type Answer = Arc<Mutex<Vec<u8>>>;

async fn serve(listener: TcpListener, answer: Answer) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        tokio::spawn(answer_one(stream, Arc::clone(&answer)));
    }
}

async fn answer_one(mut stream: TcpStream, answer: Answer) -> std::io::Result<()> {
    let mut request = Vec::new();
    // All requests are forms of a few hundred bytes; they end with what `Content-Length` says.
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break;
            }
        }
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let answer = if String::from_utf8_lossy(&request).contains("method=get_server_info") {
        let body = format!(
            r#"{{"flavor":"CE","version":"6.5.25","gmt_time":"{}"}}"#,
            UtcTime::now()
        );
        with_length("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", body.as_bytes())
    } else {
        answer.lock().unwrap().clone()
    };
    stream.write_all(&answer).await?;
    stream.shutdown().await
}

fn with_length(head: &str, body: &[u8]) -> Vec<u8> {
    let end = format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), end.as_bytes(), body].concat()
}

/// Bodies made of what answers are made of, and of anything.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec![
        "oauth_token=",
        "oauth_token_secret=",
        "oauth_callback_confirmed=true",
        "&",
        "=",
        "abc",
        "bf1492236fbe",
        "%00",
        "%C3%A5",
        "%2",
        "authorize_url=",
        "http%3A%2F%2F127.0.0.1%2Findex.php",
        "http%3A%2F%2Fevil.example%2F",
        "javascript:alert(1)",
        "\"",
        "\\\"",
        "\\u0000",
        "{",
        "}",
        "[",
        "]",
        "null",
        ":",
        ",",
        "1e999",
        "\"number\":11",
        "{\"name\":\"cs9f3kq7xw\u{1b}[2J\",\"number\":\"-1\",\"description\":\"x\"}",
        "{\"id\":\"abc\"}",
        "<html>",
        "<title>",
        "cs9f3kq7xw",
        "\u{202e}",
        "\u{1b}]0;x\u{7}",
        "</title>",
        "\u{feff}",
        "\r\n",
        " ",
        "<br />\n<b>Notice</b>:",
        "Warning",
    ];
    let texts =
        prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    let tokens = ("[a-z0-9]{0,6}[%&=\"]?", "[a-z0-9]{0,6}[%+]?", "[!-~]{0,30}").prop_map(|(token, secret, url)| {
        let confirmed = "oauth_callback_confirmed=true";
        format!("oauth_token=t{token}&oauth_token_secret=s{secret}&{confirmed}&authorize_url={url}").into_bytes()
    });
    let json = prop_oneof![
        "\\{\"(id|name|number|x)\":(1|\"a\"|null|\\[\\])\\}",
        "[0-9]{1,30}|\"[a-z]{0,9}\"|\\[\\]|null"
    ];
    let json = json.prop_map(String::into_bytes);
    let bytes = prop::collection::vec(any::<u8>(), 0..80);
    let nested = (0_usize..3000).prop_map(|depth| "[{\"a\":".repeat(depth).into_bytes());
    prop_oneof![4 => texts, 4 => tokens, 3 => json, 2 => bytes, 1 => nested]
}

/// Whole answers. 502 to 504, which are waited for and asked again, have their own tests.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let refused = vec![201, 204, 301, 302, 400, 401, 403, 404, 413, 500, 599];
    let status = prop_oneof![3 => Just(200), 1 => prop::sample::select(refused)];
    let header = prop::sample::select(vec![
        "Content-Type: text/html\r\n",
        "Content-Type: application/json\r\n",
        "Content-Type: \u{80}\r\n",
        "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
        "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
        "Date: cs9f3kq7xw\r\n",
        "Location: https://other.example/cs9f3kq7xw?cs9f3kq7xw\r\n",
        "Location: //\u{202e}@\r\n",
        "Retry-After: 99999999999999999999999\r\n",
        "Content-Encoding: gzip\r\n",
        "Set-Cookie: a=b\r\n",
        "",
    ]);
    (status, header, body())
        .prop_map(|(status, header, body)| with_length(&format!("HTTP/1.1 {status} \r\n{header}"), &body))
}

fn fit_to_show(error: &Error) -> Result<(), TestCaseError> {
    for text in [error.to_string(), format!("{:?}", error)] {
        prop_assert!(!text.contains(CONSUMER_SECRET) && !text.contains(SESSION), "{:?}", text);
    }
    let text = error.to_string();
    let moves = |character: char| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character);
    prop_assert!(!text.chars().any(moves), "{:?}", text);
    Ok(())
}

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&strategy, test) {
        panic!("{failure}");
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn whatever_a_server_answers_is_read_or_refused_with_an_error_fit_to_show() {
    let runtime = runtime();
    let answers = Answer::default();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(serve(listener, Arc::clone(&answers)));
    let consumer = Consumer::new("KEY", CONSUMER_SECRET).unwrap();
    let client = Client::new(Instance::parse(&site).unwrap(), consumer);
    let session = client.session(SessionId::new(SESSION)).unwrap();
    let read = Mutex::new((0, 0));
    run(1000, answer(), |answer| {
        *answers.lock().unwrap() = answer;
        runtime.block_on(async {
            match client.request_token(Callback::OutOfBand).await {
                Ok(request_token) => {
                    read.lock().unwrap().0 += 1;
                    let authorize_url = request_token.authorize_url().url();
                    prop_assert_eq!(authorize_url.origin().ascii_serialization(), site.clone());
                    let token = request_token.token();
                    prop_assert!(
                        token
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
                    );
                    let query = format!("token={token}");
                    prop_assert!(authorize_url.query().is_some_and(|found| found.ends_with(&query)));
                }
                Err(error) => fit_to_show(&error)?,
            }
            match session.call_raw("get_user_id", serde_json::json!({})).await {
                Ok(_) => read.lock().unwrap().1 += 1,
                Err(error) => fit_to_show(&error)?,
            }
            Ok(())
        })
    });
    let (tokens, values) = *read.lock().unwrap();
    assert!(
        tokens > 20 && values > 20,
        "{tokens} token answers and {values} values were readable: too few to tell"
    );
}

/// Addresses made of pieces, the instance's own among them.
fn address(site: &str) -> impl Strategy<Value = String> {
    let host = site.trim_start_matches("http://");
    let pieces = vec![
        site.to_owned(),
        host.to_owned(),
        format!("{site}@"),
        format!("{site}.evil.example"),
        format!("http://evil.example@{host}"),
        format!("user:word@{host}"),
        "http://".to_owned(),
        "https://".to_owned(),
        "//".to_owned(),
        "/index.php?module=OAuthTokens&action=authorize".to_owned(),
        "/".to_owned(),
        "\\".to_owned(),
        "?".to_owned(),
        "&token=other".to_owned(),
        "#".to_owned(),
        "evil.example".to_owned(),
        "javascript:alert(1)".to_owned(),
        "\r\n".to_owned(),
        "\u{202e}".to_owned(),
        " ".to_owned(),
        "..".to_owned(),
        "%00".to_owned(),
        "--new-window".to_owned(),
        "$(id)".to_owned(),
    ];
    let made = prop::collection::vec(prop::sample::select(pieces), 0..6).prop_map(|pieces| pieces.concat());
    let own = "(/[!-~]{0,12}|[!-~]{0,12})";
    let site = site.to_owned();
    prop_oneof![3 => made, 1 => own.prop_map(move |end| format!("{site}{end}")), 1 => any::<String>()]
}

#[test]
fn whatever_authorize_url_is_offered_the_browser_goes_to_the_instance_with_this_token() {
    let runtime = runtime();
    let answers = Answer::default();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(serve(listener, Arc::clone(&answers)));
    let consumer = Consumer::new("KEY", CONSUMER_SECRET).unwrap();
    let client = Client::new(Instance::parse(&site).unwrap(), consumer);
    let taken = Mutex::new(0);
    run(400, address(&site), |offered| {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("oauth_token", "bf14"),
                ("oauth_token_secret", "s"),
                ("oauth_callback_confirmed", "true"),
            ])
            .append_pair("authorize_url", &offered)
            .finish();
        *answers.lock().unwrap() = with_length("HTTP/1.1 200 OK\r\n", body.as_bytes());
        let request_token = runtime.block_on(client.request_token(Callback::OutOfBand)).unwrap();
        let authorize_url = request_token.authorize_url();
        *taken.lock().unwrap() += u32::from(authorize_url.is_servers_own());
        let text = authorize_url.as_str();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
        // Read by the rule of RFC 3986, by hand: nothing but the instance's host stands before the path.
        let rest = text.strip_prefix(&site).unwrap_or("?");
        prop_assert!(rest.starts_with('/'), "{}", text);
        prop_assert!(!text.contains('#') && text.ends_with("token=bf14"), "{}", text);
        Ok(())
    });
    assert!(taken.into_inner().unwrap() > 10, "too few were fit to tell");
}

#[test]
fn whatever_a_stranger_sends_to_the_listener_the_browser_is_still_served() {
    let runtime = runtime();
    let (mut listener, request_token) = runtime.block_on(async {
        let client = Client::builder(Instance::parse("https://crm.example.com").unwrap()).build();
        let request_token = RequestToken::from_parts(&client, "bf1492236fbe", TokenSecret::new("s")).unwrap();
        (CallbackListener::bind(None).await.unwrap(), request_token)
    });
    let url = listener.url().clone();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let pieces = vec![
        String::from("GET "),
        format!("GET {}", url.path()),
        url.path().to_owned(),
        String::from("POST "),
        String::from("/done"),
        String::from("?oauth_verifier=x&oauth_token=y"),
        String::from("?oauth_verifier=%ff%00&oauth_token=bf1492236fbe"),
        String::from(" HTTP/1.1\r\n"),
        String::from(" HTTP/0.9"),
        format!("Host: {address}\r\n"),
        String::from("Host: evil\r\n"),
        String::from("Transfer-Encoding: chunked\r\n"),
        String::from("Content-Length: 18446744073709551615\r\n"),
        String::from("Expect: 100-continue\r\n"),
        String::from("Connection: keep-alive\r\n"),
        String::from("\r\n\r\n"),
        String::from("\r\n"),
        String::from("\0"),
        String::from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        "x".repeat(70_000),
    ];
    let piece = prop_oneof![
        8 => prop::sample::select(pieces).prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    let junk = prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat());
    run(200, junk, |junk| {
        let answer = runtime.block_on(send(address, &junk));
        prop_assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1."),
            "{:?}",
            String::from_utf8_lossy(&answer)
        );
        let answer = String::from_utf8_lossy(&answer).into_owned();
        prop_assert!(
            !answer.contains("oauth_verifier") && !answer.contains("evil"),
            "{}",
            answer
        );
        Ok(())
    });
    runtime.block_on(async {
        let target = format!("{}?oauth_verifier=3d07cb03515b&oauth_token=bf1492236fbe", url.path());
        let answer = send(
            address,
            format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(
            answer.starts_with(b"HTTP/1.1 303 "),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        // Junk that happened to bring a verifier for this token comes first; it holds no white space or control either.
        let brought = async {
            loop {
                let verifier = listener.next_verifier(&request_token).await.unwrap();
                assert!(verifier.expose().bytes().all(|byte| byte.is_ascii_graphic()));
                if verifier.expose() == "3d07cb03515b" {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), brought)
            .await
            .expect("the browser's verifier");
    });
}

/// Sends bytes, ends the sending side and reads what comes. A reset counts as nothing.
async fn send(address: std::net::SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let exchange = async {
        stream.write_all(bytes).await?;
        stream.shutdown().await?;
        stream.read_to_end(&mut answer).await
    };
    let _ = tokio::time::timeout(Duration::from_secs(30), exchange)
        .await
        .expect("an end of the connection");
    answer
}
