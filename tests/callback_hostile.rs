//! The loopback listener against requests that a hostile page, or another program of this machine, can make. None of
//! them counts, although each knows the address, which no page can.

#[path = "support/callback.rs"]
mod callback;

use std::time::Duration;

use callback::{TOKEN, VERIFIER, callback_target, connect, exchange, get, host, request_token};
use sugar_oauth::CallbackListener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The verifier of whoever is not the person.
const STOLEN: &str = "57013e0ff057";

/// None of what was sent counts: the person's own navigation is the first that does.
async fn only_the_person_counts(mut listener: CallbackListener) {
    let target = callback_target(&listener, TOKEN, VERIFIER);
    let answer = exchange(&listener, &get(&listener, &target, "")).await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let verifier = listener.next_verifier(&request_token()).await.unwrap();
    assert_eq!(verifier.expose(), VERIFIER);
}

/// Sends each on a connection of its own. No answer lets a page read it or leads anywhere.
async fn nothing_comes_of(listener: CallbackListener, requests: Vec<String>) {
    for request in requests {
        let answer = exchange(&listener, &request).await;
        let head = answer.to_ascii_lowercase();
        let refused = ["", "HTTP/1.1 404 ", "HTTP/1.0 404 ", "HTTP/1.1 400 ", "HTTP/1.1 431 "];
        assert!(
            refused.iter().any(|start| match *start {
                "" => answer.is_empty(),
                start => answer.starts_with(start),
            }),
            "{request}\n{answer}"
        );
        for header in ["access-control-", "location:", "set-cookie:", "upgrade:"] {
            assert!(!head.contains(header), "{request}\n{answer}");
        }
        assert!(!answer.contains(STOLEN), "{answer}");
    }
    only_the_person_counts(listener).await;
}

#[tokio::test]
async fn a_page_that_fetches_embeds_prefetches_or_posts() {
    let listener = CallbackListener::bind(None).await.unwrap();
    let target = callback_target(&listener, TOKEN, STOLEN);
    let (host, query) = (host(&listener), target.split_once('?').unwrap().1);
    let mut requests: Vec<String> = [
        ("cors", "empty"),
        ("no-cors", "empty"),
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("no-cors", "style"),
        ("same-origin", "empty"),
        ("navigate", "iframe"),
        ("navigate", "frame"),
        ("navigate", "embed"),
        ("navigate", "object"),
        ("websocket", "websocket"),
    ]
    .into_iter()
    .map(|(mode, destination)| {
        let headers = format!(
            "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: {mode}\r\n\
             Sec-Fetch-Dest: {destination}\r\n"
        );
        get(&listener, &target, &headers)
    })
    .collect();
    for prefetch in [
        "Purpose: prefetch",
        "Sec-Purpose: prefetch;prerender",
        "X-Moz: prefetch",
    ] {
        requests.push(get(&listener, &target, &format!("{prefetch}\r\n")));
    }
    // A form, and the question that a browser asks before a page may read an answer.
    requests.push(format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\nSec-Fetch-Mode: navigate\r\n\
         Sec-Fetch-Dest: document\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{query}",
        query.len()
    ));
    requests.push(format!(
        "OPTIONS {target} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\n\
         Access-Control-Request-Method: GET\r\nAccess-Control-Request-Private-Network: true\r\n\r\n"
    ));
    for method in ["HEAD", "PUT", "DELETE", "PATCH", "TRACE", "GETS", "get"] {
        requests.push(format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    }
    nothing_comes_of(listener, requests).await;
}

/// A name that an attacker's DNS leads to 127.0.0.1 stands in `Host`.
#[tokio::test]
async fn a_page_that_reaches_it_under_another_name() {
    let listener = CallbackListener::bind(None).await.unwrap();
    let target = callback_target(&listener, TOKEN, STOLEN);
    let own = host(&listener);
    let port = listener.url().port().unwrap();
    let mut requests: Vec<String> = [
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("{own}.evil.example"),
        format!("evil.example@{own}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        format!("127.0.0.1.:{port}"),
        String::from("127.0.0.1"),
        String::new(),
    ]
    .into_iter()
    .map(|name| format!("GET {target} HTTP/1.1\r\nHost: {name}\r\n\r\n"))
    .collect();
    requests.push(format!("GET {target} HTTP/1.1\r\n\r\n"));
    requests.push(format!("GET {target} HTTP/1.0\r\n\r\n"));
    for (first, second) in [(own.as_str(), "evil.example"), ("evil.example", own.as_str())] {
        requests.push(format!(
            "GET {target} HTTP/1.1\r\nHost: {first}\r\nHost: {second}\r\n\r\n"
        ));
    }
    requests.push(format!(
        "GET http://evil.example:{port}{target} HTTP/1.1\r\nHost: {own}\r\n\r\n"
    ));
    nothing_comes_of(listener, requests).await;
}

#[tokio::test]
async fn other_spellings_of_the_path_and_other_queries() {
    let listener = CallbackListener::bind(None).await.unwrap();
    let path = listener.url().path().to_owned();
    let query = format!("oauth_verifier={STOLEN}&oauth_token={TOKEN}");
    let paths = [
        path.replace("/callback/", "/%63allback/"),
        path.replace("/callback/", "//callback/"),
        path.replace("/callback/", "/x/../callback/"),
        path.replace("/callback/", "/callback%2F"),
        format!("{path}/"),
        format!("{path}%00"),
        format!("{path};x=y"),
        path.to_uppercase(),
        String::from("/callback/"),
        String::from("*"),
    ];
    let mut requests: Vec<String> = paths
        .iter()
        .map(|path| get(&listener, &format!("{path}?{query}"), ""))
        .collect();
    let queries = [
        format!("oauth_verifier={STOLEN}&oauth_verifier={VERIFIER}&oauth_token={TOKEN}"),
        format!("{query}&oauth_token=000000000000"),
        format!("oauth_verifier=&oauth_token={TOKEN}"),
        format!("oauth_verifier={STOLEN}%0d%0aSet-Cookie:%20a=b&oauth_token={TOKEN}"),
        format!("oauth_verifier={STOLEN}%00&oauth_token={TOKEN}"),
        format!("oauth_verifier={}&oauth_token={TOKEN}", "a".repeat(256)),
        format!("oauth_verifier%5b%5d={STOLEN}&oauth_token={TOKEN}"),
        format!("oauth_verifier={STOLEN};oauth_token={TOKEN}"),
        format!("#{query}"),
    ];
    requests.extend(
        queries
            .iter()
            .map(|query| get(&listener, &format!("{path}?{query}"), "")),
    );
    nothing_comes_of(listener, requests).await;
}

/// What stands in a body, or behind a request, is no request.
#[tokio::test]
async fn a_request_within_a_request() {
    let listener = CallbackListener::bind(None).await.unwrap();
    let hidden = get(&listener, &callback_target(&listener, TOKEN, STOLEN), "");
    let (host, length) = (host(&listener), hidden.len());
    let chunked = "Transfer-Encoding: chunked\r\n";
    let requests = vec![
        // One after another.
        get(&listener, "/", "") + &hidden,
        // In a body by its length, by both lengths, and behind the end of a body in pieces.
        format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n{chunked}\r\n0\r\n\r\n{hidden}"),
        format!("POST / HTTP/1.1\r\nHost: {host}\r\n{chunked}Content-Length: 5\r\n\r\n0\r\n\r\n{hidden}"),
        format!("POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}"),
        format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: +0\r\n\r\n{hidden}"),
        // In a header: bare line feeds, a folded line, a name with a space.
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: y\r\r\n{hidden}"),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: y\r\n {hidden}"),
        format!("GET / HTTP/1.1\r\nHost : {host}\r\n\r\n{hidden}"),
        // Another protocol first.
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{hidden}"),
        format!("\x16\x03\x01\x02\r\n\r\n{hidden}"),
        format!("GET /\r\n{hidden}"),
    ];
    nothing_comes_of(listener, requests).await;
}

#[tokio::test]
async fn heads_that_are_too_long() {
    let listener = CallbackListener::bind(None).await.unwrap();
    let target = callback_target(&listener, TOKEN, STOLEN);
    let requests = vec![
        get(&listener, &target, &format!("Cookie: {}\r\n", "c".repeat(500_000))),
        get(&listener, &target, &"X: y\r\n".repeat(50_000)),
        get(&listener, &format!("{target}&x={}", "y".repeat(500_000)), ""),
        format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\n{}",
            host(&listener),
            "x".repeat(500_000)
        ),
    ];
    for request in requests {
        let mut stream = connect(&listener).await;
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        // The connection may be reset while the rest of the head is under way.
        let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    only_the_person_counts(listener).await;
}

/// More connections than are served at once, each of which says a little now and then.
#[tokio::test]
async fn many_connections_that_never_finish_their_request() {
    let listener = CallbackListener::bind(None).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..300 {
        let mut stream = connect(&listener).await;
        stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
        held.push(stream);
    }
    let dripping = tokio::spawn(async move {
        loop {
            for stream in &mut held {
                let _ = stream.write_all(b"x").await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    tokio::time::timeout(Duration::from_secs(60), only_the_person_counts(listener))
        .await
        .expect("the person's browser is answered");
    dripping.abort();
}
