//! The loopback listener against browsers, junk and hostile pages, on raw connections.

#[path = "support/callback.rs"]
mod callback;

use std::time::Duration;

use callback::{TOKEN, VERIFIER, callback_target, exchange, get, request_token};
use sugar_oauth::{CallbackListener, ErrorKind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = answer
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {answer}"))
        .split_once(": ")
        .unwrap()
        .1
}

#[tokio::test]
async fn a_browser_is_sent_on_to_a_page_that_does_not_hold_the_verifier() {
    let mut listener = CallbackListener::bind(None).await.unwrap();
    let target = callback_target(&listener, TOKEN, VERIFIER);
    let answer = exchange(&listener, &get(&listener, &target, "")).await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let page_target = header(&answer, "location").to_owned();
    let page = exchange(&listener, &get(&listener, &page_target, "")).await;
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert!(page.contains("Go back to the program"), "{page}");
    for answer in [&answer, &page] {
        assert!(!answer.contains(VERIFIER) && !answer.contains(TOKEN), "{answer}");
        assert_eq!(header(answer, "cache-control"), "no-store");
        assert_eq!(header(answer, "referrer-policy"), "no-referrer");
        assert!(
            header(answer, "content-security-policy").starts_with("default-src 'none'"),
            "{answer}"
        );
        assert_eq!(header(answer, "connection"), "close");
    }
    assert_eq!(
        listener.next_verifier(&request_token()).await.unwrap().expose(),
        VERIFIER
    );
    listener.finish().await;
}

#[tokio::test]
async fn favicons_prefetches_other_methods_and_other_pages_do_not_count() {
    let mut listener = CallbackListener::bind(None).await.unwrap();
    let target = callback_target(&listener, TOKEN, "stolen");
    let port = listener.url().port().unwrap();
    for request in [
        get(
            &listener,
            "/favicon.ico",
            &format!("Referer: http://127.0.0.1:{port}{target}\r\n"),
        ),
        get(&listener, &target, "Sec-Purpose: prefetch\r\n"),
        get(
            &listener,
            &target,
            "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        ),
        get(&listener, "/?oauth_verifier=stolen&oauth_token=bf1492236fbe", ""),
        format!("HEAD {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
        format!("POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n"),
        format!("GET {target} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
        format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
    ] {
        let answer = exchange(&listener, &request).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{request}{answer}");
    }
    let target = callback_target(&listener, TOKEN, VERIFIER);
    exchange(
        &listener,
        &get(
            &listener,
            &target,
            "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
        ),
    )
    .await;
    assert_eq!(
        listener.next_verifier(&request_token()).await.unwrap().expose(),
        VERIFIER
    );
}

#[tokio::test]
async fn it_waits_on_after_another_walks_token_and_after_a_wrong_verifier() {
    let mut listener = CallbackListener::bind(None).await.unwrap();
    for (token, verifier) in [("000000000000", "strange"), (TOKEN, "wrong"), (TOKEN, VERIFIER)] {
        exchange(
            &listener,
            &get(&listener, &callback_target(&listener, token, verifier), ""),
        )
        .await;
    }
    let request_token = request_token();
    assert_eq!(listener.next_verifier(&request_token).await.unwrap().expose(), "wrong");
    assert_eq!(listener.next_verifier(&request_token).await.unwrap().expose(), VERIFIER);
}

#[tokio::test]
async fn idle_and_junk_connections_do_not_keep_a_browser_out() {
    let mut listener = CallbackListener::bind(None).await.unwrap();
    let address = listener.url().socket_addrs(|| None).unwrap()[0];
    let mut held = Vec::new();
    for count in 0..200 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        match count % 3 {
            0 => {}
            1 => stream
                .write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
                .await
                .unwrap(),
            _ => stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap(),
        }
        held.push(stream);
    }
    let endless = exchange(&listener, &format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(200_000))).await;
    assert!(
        !endless.starts_with("HTTP/1.1 200"),
        "{}",
        &endless[..endless.len().min(200)]
    );
    let target = callback_target(&listener, TOKEN, VERIFIER);
    let request = get(&listener, &target, "");
    let answered = tokio::time::timeout(Duration::from_secs(60), exchange(&listener, &request)).await;
    assert!(answered.expect("an answer").starts_with("HTTP/1.1 303 "));
    assert_eq!(
        listener.next_verifier(&request_token()).await.unwrap().expose(),
        VERIFIER
    );
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let first = CallbackListener::bind(None).await.unwrap();
    let port = first.url().port().unwrap();
    let error = CallbackListener::bind(Some(port)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Callback);
    assert!(error.to_string().contains(&format!("port {port}")), "{error}");
    drop(first);
}

#[tokio::test]
async fn the_path_cannot_be_guessed_and_differs_each_time() {
    let (one, other) = (
        CallbackListener::bind(None).await.unwrap(),
        CallbackListener::bind(None).await.unwrap(),
    );
    assert_eq!(one.url().host_str(), Some("127.0.0.1"));
    let secret = |listener: &CallbackListener| listener.url().path().rsplit('/').next().unwrap().to_owned();
    assert_eq!(secret(&one).len(), 32, "128 bits in hexadecimal");
    assert_ne!(secret(&one), secret(&other));
}
