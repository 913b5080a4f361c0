//! Files of records, streamed from disk and to disk.

#[path = "support/rest_server.rs"]
mod rest_server;

use std::fs;
use std::path::Path;

use rest_server::{Came, RestServer, answer, ok, refusal, tokens};
use serde_json::json;
use sugar_oauth::oauth2::{AccessToken, Client, DownloadToken, Platform, RefreshToken, Session, Tokens, Upload};
use sugar_oauth::{ErrorKind, Instance, Transport};

fn session(server: &RestServer) -> Session {
    let transport = Transport::builder().file_limit(1_000_000).build();
    let mut tokens = Tokens::new(AccessToken::new("access-0"), Some(RefreshToken::new("refresh-0")));
    tokens.download_token = Some(DownloadToken::new("download-0"));
    Client::builder(Instance::parse(&server.url()).unwrap(), Platform::new("test").unwrap())
        .transport(&transport)
        .build()
        .session(tokens)
        .unwrap()
}

fn file(disposition: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Disposition: {disposition}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn entries(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_comes_whole_under_a_safe_name_with_the_download_token() {
    let content = b"0123456789".repeat(50_000);
    let sent = content.clone();
    let server = RestServer::start(move |_, _| file("attachment; filename=\"../../ü.txt\"", &sent)).await;
    let folder = tempfile::tempdir().unwrap();
    let session = session(&server);
    for name in ["ü.txt", "ü (2).txt"] {
        let path = session
            .download("Notes", "a/b", "filename", folder.path())
            .await
            .unwrap();
        assert_eq!(path, folder.path().join(name));
        assert_eq!(fs::read(path).unwrap(), content);
    }
    let came = server.came().remove(0);
    assert_eq!(
        (came.method.as_str(), came.target.as_str()),
        ("GET", "/rest/v11/Notes/a%2Fb/file/filename")
    );
    assert_eq!(came.header("OAuth-Token"), Some("download-0"));
}

#[tokio::test]
async fn where_the_download_token_is_refused_the_access_token_serves_and_then_new_ones() {
    for (taken, asked) in [("access-0", 2), ("download-1", 4), ("access-1", 5)] {
        let server = RestServer::start(move |came, _| match came.header("OAuth-Token") {
            None => ok(&tokens(1, 3600)),
            Some(token) if token == taken => file("attachment", b"x"),
            Some(_) => refusal(401, "invalid_grant", ""),
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let path = session(&server)
            .download("Notes", "1", "filename", folder.path())
            .await
            .unwrap();
        assert_eq!(path, folder.path().join("filename"));
        assert_eq!(server.came().len(), asked, "{taken}");
    }
    let server = RestServer::start(|came, _| {
        if came.is_token() {
            ok(&tokens(1, 3600))
        } else {
            refusal(401, "need_login", "")
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    assert!(
        session(&server)
            .download("Notes", "1", "filename", folder.path())
            .await
            .is_err()
    );
    assert_eq!((server.came().len(), server.count(Came::is_token)), (5, 1));
}

#[tokio::test]
async fn what_was_not_received_whole_does_not_stay() {
    let cut = {
        let mut bytes = file("attachment; filename=\"a.txt\"", &[b'x'; 5000]);
        bytes.truncate(3000);
        bytes
    };
    let large = file("attachment; filename=\"a.txt\"", &vec![b'x'; 1_000_001]);
    for (reply, kind) in [
        (cut, ErrorKind::InvalidAnswer),
        (large, ErrorKind::TooLarge),
        (refusal(404, "not_found", ""), ErrorKind::NotFound),
        (answer(404, "text/html", "<h1>"), ErrorKind::HttpStatus),
    ] {
        let server = RestServer::start(move |_, _| reply.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let error = session(&server)
            .download("Notes", "1", "filename", folder.path())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.to_string().contains("download-0"));
        assert_eq!(entries(folder.path()), [""; 0]);
    }
}

#[tokio::test]
async fn a_file_is_sent_as_the_one_part_of_a_form_with_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    let content = b"%PDF\r\n\0\xff--".repeat(30_000);
    fs::write(&path, &content).unwrap();
    let server = RestServer::start(|came, count| match count {
        0 => refusal(401, "invalid_grant", ""),
        _ if came.is_token() => ok(&tokens(1, 3600)),
        _ => ok(&json!({"filename": {"name": "x"}})),
    })
    .await;
    let upload = Upload::file(&path)
        .named("a \"b\"\r\n.pdf")
        .media_type("application/pdf");
    session(&server)
        .upload("Notes", "1", "filename", &upload)
        .await
        .unwrap();
    let came = server.came();
    assert_eq!(came.len(), 3);
    // The one refused by 401 and the one after the renewal: the whole file each time.
    for came in [&came[0], &came[2]] {
        assert_eq!(
            (came.method.as_str(), came.target.as_str()),
            ("POST", "/rest/v11/Notes/1/file/filename")
        );
        let boundary = came
            .header("Content-Type")
            .unwrap()
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        let before = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"a %22b%22%0D%0A.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        let after = format!("\r\n--{boundary}--\r\n");
        assert_eq!(came.body, [before.as_bytes(), &content, after.as_bytes()].concat());
        assert_eq!(came.header("Transfer-Encoding"), None);
    }
}

#[tokio::test]
async fn an_upload_that_may_have_arrived_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, "x").unwrap();
    let server = RestServer::start(|_, _| Vec::new()).await;
    let session = session(&server);
    let error = session
        .upload("Notes", "1", "filename", &Upload::file(&path))
        .await
        .unwrap_err();
    assert!(error.may_have_applied(), "{error}");
    assert_eq!(server.came().len(), 1);
    for bad in [
        Upload::file(folder.path()),
        Upload::file("no such file"),
        Upload::file(&path).media_type("a\r\nb"),
    ] {
        let error = session.upload("Notes", "1", "filename", &bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(!error.may_have_applied());
    }
    assert_eq!(server.came().len(), 1);
}
