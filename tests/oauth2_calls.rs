//! Calls: what is sent, what is sent again, and what failures say.

#[path = "support/rest_server.rs"]
mod rest_server;

use std::time::Duration;

use rest_server::{RestServer, answer, ok, refusal};
use serde_json::{Value, json};
use sugar_oauth::oauth2::{
    AccessToken, BulkRequest, Client, DownloadToken, Platform, RefreshToken, Session, Tokens, Upload,
};
use sugar_oauth::{ErrorKind, Instance, RestErrorCode, Transport};

const SECRETS: [&str; 3] = ["kept-access", "kept-refresh", "kept-download"];

fn session(server: &RestServer) -> Session {
    let transport = Transport::builder()
        .read_timeout(Duration::from_secs(2))
        .answer_limit(1000)
        .build();
    let mut tokens = Tokens::new(AccessToken::new(SECRETS[0]), Some(RefreshToken::new(SECRETS[1])));
    tokens.download_token = Some(DownloadToken::new(SECRETS[2]));
    Client::builder(Instance::parse(&server.url()).unwrap(), Platform::new("test").unwrap())
        .transport(&transport)
        .build()
        .session(tokens)
        .unwrap()
}

#[tokio::test]
async fn calls_carry_method_path_query_body_and_token() {
    let server = RestServer::start(|_, count| ok(&json!({"call": count}))).await;
    let session = session(&server);
    let query = [("filter[0][name]", "a & b"), ("max_num", "5")];
    assert_eq!(session.get("Contacts", &query).await.unwrap(), json!({"call": 0}));
    session.post("Contacts", &json!({"last_name": "Öz"})).await.unwrap();
    session.put(["Contacts", "x/../y"], &json!({"a": null})).await.unwrap();
    session.delete(["Contacts", "x"]).await.unwrap();
    session
        .post(["Contacts", "x", "link", "calls", "y"], &json!({}))
        .await
        .unwrap();
    session.me().await.unwrap();
    session.ping().await.unwrap();
    let came = server.came();
    let lines: Vec<String> = came
        .iter()
        .map(|came| format!("{} {}", came.method, came.target))
        .collect();
    assert_eq!(
        lines,
        [
            "GET /rest/v11/Contacts?filter%5B0%5D%5Bname%5D=a+%26+b&max_num=5",
            "POST /rest/v11/Contacts",
            "PUT /rest/v11/Contacts/x%2F..%2Fy",
            "DELETE /rest/v11/Contacts/x",
            "POST /rest/v11/Contacts/x/link/calls/y",
            "GET /rest/v11/me",
            "GET /rest/v11/ping",
        ]
    );
    assert_eq!(came[1].json(), json!({"last_name": "Öz"}));
    assert_eq!(came[1].header("Content-Type"), Some("application/json"));
    assert!(came.iter().all(|came| came.header("OAuth-Token") == Some(SECRETS[0])));
    assert!(came[3].body.is_empty());
}

#[tokio::test]
async fn reads_are_sent_again_and_writes_are_not() {
    for reply in [answer(503, "text/html", "busy"), Vec::new()] {
        let server = RestServer::start(move |_, count| if count == 0 { reply.clone() } else { ok(&json!({})) }).await;
        session(&server).get("Contacts", &[]).await.unwrap();
        assert_eq!(server.came().len(), 2);
    }
    let broken = answer(200, "application/json", "{\"id\":");
    for reply in [
        answer(503, "text/html", "busy"),
        Vec::new(),
        broken,
        refusal(500, "fatal_error", ""),
    ] {
        let server = RestServer::start(move |_, _| reply.clone()).await;
        let error = session(&server).post("Contacts", &json!({})).await.unwrap_err();
        assert!(error.may_have_applied(), "{error}");
        assert!(error.to_string().starts_with("POST Contacts: "), "{error}");
        assert_eq!(server.came().len(), 1);
    }
    for reply in [
        refusal(422, "missing_parameter", "last_name"),
        refusal(503, "maintenance", ""),
        answer(404, "text/html", ""),
    ] {
        let server = RestServer::start(move |_, _| reply.clone()).await;
        let error = session(&server).delete(["Contacts", "x"]).await.unwrap_err();
        assert!(!error.may_have_applied(), "{error}");
        assert_eq!(server.came().len(), 1);
    }
}

#[tokio::test]
async fn refusals_of_calls_are_typed() {
    for (status, code, kind, says) in [
        (404, "not_found", ErrorKind::NotFound, "the user may see the record"),
        (403, "not_authorized", ErrorKind::Api, "a role"),
        (404, "no_method", ErrorKind::Api, "the version"),
        (409, "edit_conflict", ErrorKind::Api, "read the record again"),
    ] {
        let server = RestServer::start(move |_, _| refusal(status, code, "in the server's words")).await;
        let error = session(&server).get(["Contacts", "an-id"], &[]).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.rest().unwrap().code.as_str(), code);
        let text = error.to_string();
        assert!(
            text.contains(says) && text.contains("in the server's words") && !text.contains("an-id"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn secrets_that_the_server_repeats_and_controls_stay_out_of_errors() {
    let echo = SECRETS.join(" ") + "\u{1b}[31m";
    let server = RestServer::start(move |_, _| refusal(400, &echo, &echo)).await;
    let session = session(&server);
    let part = RestServer::start(|_, _| {
        ok(&json!([{"status": 400, "contents": {"error": SECRETS[0], "error_message": SECRETS[1]}}]))
    })
    .await;
    let in_part = self::session(&part)
        .bulk(&[BulkRequest::get("Contacts", &[])])
        .await
        .unwrap();
    for error in [
        session.me().await.unwrap_err(),
        session.logout().await.unwrap_err(),
        in_part.into_iter().next().unwrap().result.unwrap_err(),
    ] {
        for text in [error.to_string(), format!("{error:?}"), format!("{error:#}")] {
            assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "{text}");
            assert!(!text.contains('\u{1b}'), "{text:?}");
        }
    }
}

#[tokio::test]
async fn answers_are_limited() {
    let server = RestServer::start(|_, _| ok(&json!("x".repeat(2000)))).await;
    let error = session(&server).get("Contacts", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let server = RestServer::start(|_, _| ok(&json!({"access_token": "x".repeat(70_000)}))).await;
    let error = session(&server)
        .client()
        .refresh(&RefreshToken::new("r"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_bulk_is_sent_as_documented_and_each_part_has_its_answer() {
    let server = RestServer::start(|_, _| {
        ok(&json!([
            {"contents": {"id": "1"}, "headers": {}, "status": 200},
            {"contents": {"error": "invalid_parameter", "error_message": "no"}, "headers": {}, "status": 422},
            {"contents": "oops", "headers": {}, "status": "500"},
            {"contents": {"records": []}, "headers": {}, "status": 200},
        ]))
    })
    .await;
    let requests = [
        BulkRequest::post("Contacts", &json!({"last_name": "Öz"})).unwrap(),
        BulkRequest::put(["Contacts", "a b"], &json!({"x": 1})).unwrap(),
        BulkRequest::delete(["Contacts", "c"]),
        BulkRequest::get("Contacts", &[("fields", "id,name")]),
    ];
    let answers = session(&server).bulk(&requests).await.unwrap();
    let came = server.came().remove(0);
    assert_eq!((came.method.as_str(), came.target.as_str()), ("POST", "/rest/v11/bulk"));
    let expected = json!({"requests": [
        {"url": "/v11/Contacts", "method": "POST", "data": "{\"last_name\":\"Öz\"}"},
        {"url": "/v11/Contacts/a%20b", "method": "PUT", "data": "{\"x\":1}"},
        {"url": "/v11/Contacts/c", "method": "DELETE"},
        {"url": "/v11/Contacts?fields=id%2Cname", "method": "GET"},
    ]});
    assert_eq!(came.json(), expected);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 422, 500, 200]);
    let mut results = answers.into_iter().map(|answer| answer.result);
    let mut next = || results.next().unwrap();
    assert_eq!(next().unwrap()["id"], "1");
    let refused = next().unwrap_err();
    assert_eq!(refused.rest().unwrap().code, RestErrorCode::InvalidParameter);
    assert!(!refused.may_have_applied());
    assert!(refused.to_string().starts_with("PUT Contacts: "), "{refused}");
    assert!(next().unwrap_err().may_have_applied());
    assert_eq!(next().unwrap(), json!({"records": []}));
}

#[tokio::test]
async fn a_bulk_whose_answer_is_no_list_of_the_same_length_may_have_been_done() {
    for reply in [json!([]), json!({"contents": []}), Value::Null, json!([{}, {}, {}])] {
        let server = RestServer::start(move |_, _| ok(&reply)).await;
        let requests = [
            BulkRequest::delete(["Contacts", "a"]),
            BulkRequest::delete(["Contacts", "b"]),
        ];
        let error = session(&server).bulk(&requests).await.unwrap_err();
        assert!(
            error.may_have_applied() && error.kind() == ErrorKind::InvalidAnswer,
            "{error}"
        );
    }
    let server = RestServer::start(|_, _| ok(&json!([{"contents": {}}]))).await;
    let answers = session(&server)
        .bulk(&[BulkRequest::delete(["Contacts", "a"])])
        .await
        .unwrap();
    assert!(answers[0].result.as_ref().unwrap_err().may_have_applied());
}

/// Every call can run in a task of its own.
#[tokio::test]
async fn sessions_and_their_calls_can_go_to_other_threads() {
    fn goes<T: Send>(_: &T) {}
    fn is_shared<T: Send + Sync + Clone>(_: &T) {}
    let server = RestServer::start(|_, _| ok(&json!({}))).await;
    let session = session(&server);
    is_shared(&session);
    is_shared(session.client());
    let (body, parts, upload) = (json!({}), [BulkRequest::delete("x")], Upload::file("x"));
    goes(&session.get("x", &[]));
    goes(&session.post("x", &body));
    goes(&session.bulk(&parts));
    goes(&session.upload("Notes", "1", "filename", &upload));
    goes(&session.download("Notes", "1", "filename", "."));
    goes(&session.logout());
    goes(&session.client().refresh(&RefreshToken::new("x")));
    goes(&session.client().password_with("x", || async { None }));
    assert_eq!(server.came().len(), 0);
}
