//! `POST /oauth2/token` and `POST /oauth2/logout` as the vendor's documents have them, and how they are refused.

#[path = "support/rest_server.rs"]
mod rest_server;

use rest_server::{RestServer, answer, ok, refusal, tokens};
use serde_json::json;
use sugar_oauth::oauth2::{AccessToken, Client, ClientBuilder, ClientSecret, Platform, RefreshToken, Tokens};
use sugar_oauth::{Error, ErrorKind, Instance, Password, RestErrorCode, Step};

fn builder(server: &RestServer) -> ClientBuilder {
    Client::builder(
        Instance::parse(&server.url()).unwrap(),
        Platform::new("custom_api").unwrap(),
    )
}

fn password() -> Password {
    Password::new("password")
}

#[tokio::test]
async fn the_grants_are_sent_as_documented() {
    let server = RestServer::start(|_, count| ok(&tokens(count, 3600))).await;
    let session = builder(&server).build().password("admin", password()).await.unwrap();
    let refreshed = session.client().refresh(&RefreshToken::new("refresh-0")).await.unwrap();
    assert_eq!(session.tokens().access_token.expose(), "access-0");
    assert_eq!(refreshed.tokens().refresh_token.unwrap().expose(), "refresh-1");
    let own = builder(&server)
        .api_version("v10")
        .unwrap()
        .client_id("my_key", Some(ClientSecret::new("s3cr3t")))
        .unwrap();
    own.build().password("admin", password()).await.unwrap();
    let omitted = builder(&server).api_version("v11_20").unwrap().omit_client_secret(true);
    omitted.build().password("admin", password()).await.unwrap();

    let came = server.came();
    // Name by name and in the order of the documents.
    let bodies: Vec<&str> = came
        .iter()
        .map(|came| std::str::from_utf8(&came.body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            r#"{"grant_type":"password","client_id":"sugar","client_secret":"","username":"admin","password":"password","platform":"custom_api"}"#,
            r#"{"grant_type":"refresh_token","refresh_token":"refresh-0","client_id":"sugar","client_secret":"","platform":"custom_api"}"#,
            r#"{"grant_type":"password","client_id":"my_key","client_secret":"s3cr3t","username":"admin","password":"password","platform":"custom_api"}"#,
            r#"{"grant_type":"password","client_id":"sugar","username":"admin","password":"password","platform":"custom_api"}"#,
        ]
    );
    let targets: Vec<&str> = came.iter().map(|came| came.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/rest/v11/oauth2/token",
            "/rest/v11/oauth2/token",
            "/rest/v10/oauth2/token",
            "/rest/v11_20/oauth2/token"
        ]
    );
    for came in came {
        assert_eq!(came.method, "POST");
        assert_eq!(came.header("Content-Type"), Some("application/json"));
        assert_eq!(came.header("OAuth-Token"), None);
    }
}

#[tokio::test]
async fn logout_carries_the_access_token_in_its_header_and_ends_all_clones() {
    let server = RestServer::start(|came, _| {
        if came.is_token() {
            ok(&tokens(1, 3600))
        } else {
            ok(&json!({"success": true}))
        }
    })
    .await;
    let session = builder(&server).build().password("admin", password()).await.unwrap();
    let clone = session.clone();
    session.logout().await.unwrap();
    session.logout().await.unwrap();
    let error = clone.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone);
    let came = server.came();
    assert_eq!(came.len(), 2);
    assert_eq!(
        (came[1].method.as_str(), came[1].target.as_str()),
        ("POST", "/rest/v11/oauth2/logout")
    );
    assert_eq!(came[1].header("OAuth-Token"), Some("access-1"));
}

async fn refused(status: u16, code: &'static str, message: &'static str) -> Error {
    let server = RestServer::start(move |_, _| refusal(status, code, message)).await;
    let error = builder(&server)
        .build()
        .password("admin", Password::new("hunter2"))
        .await
        .unwrap_err();
    assert_eq!(server.came().len(), if status == 503 { 4 } else { 1 }, "{error}");
    error
}

#[tokio::test]
async fn refusals_are_typed_and_say_what_to_do() {
    for (status, code, message, typed, says) in [
        (
            401,
            "need_login",
            "You must specify a valid username and password.",
            RestErrorCode::NeedLogin,
            "locked out",
        ),
        (
            401,
            "invalid_grant",
            "",
            RestErrorCode::InvalidGrant,
            "check user name and password",
        ),
        (
            400,
            "invalid_client",
            "",
            RestErrorCode::InvalidClient,
            "Admin > OAuth Keys",
        ),
        (
            422,
            "invalid_parameter",
            "Invalid platform",
            RestErrorCode::InvalidParameter,
            "Admin > Configure API Platforms",
        ),
        (
            503,
            "maintenance",
            "Back soon",
            RestErrorCode::Maintenance,
            "try again later",
        ),
        (
            400,
            "unsupported_grant_type",
            "",
            RestErrorCode::UnsupportedGrantType,
            "single sign-on",
        ),
    ] {
        let error = refused(status, code, message).await;
        let refusal = error.rest().expect(code);
        assert_eq!(
            (refusal.status, &refusal.code, refusal.message.as_str()),
            (status, &typed, message)
        );
        assert_eq!(error.step(), Some(Step::PasswordGrant));
        let text = error.to_string();
        assert!(
            text.contains(says) && text.contains(code) && text.contains(message),
            "{text}"
        );
    }
    assert_eq!(
        refused(400, "brand_new", "").await.rest().unwrap().code.as_str(),
        "brand_new"
    );
}

#[tokio::test]
async fn a_spent_refresh_token_is_a_session_that_is_gone() {
    let server = RestServer::start(|_, _| refusal(400, "invalid_grant", "Invalid refresh token")).await;
    let client = builder(&server).build();
    let error = client.refresh(&RefreshToken::new("spent")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone);
    assert!(error.to_string().contains("used before"), "{error}");
}

/// What a server without this API, or with something before it, answers.
#[tokio::test]
async fn something_else_that_answers_is_told_as_such() {
    let page = "<!DOCTYPE html><title>404 Not Found</title>";
    for (reply, kind, says) in [
        (answer(404, "text/html", page), ErrorKind::HttpStatus, "service/v4_1"),
        (answer(200, "text/html", page), ErrorKind::NotTheApi, "service/v4_1"),
        (
            answer(200, "application/json", "{\"access_token\":"),
            ErrorKind::InvalidAnswer,
            "not JSON",
        ),
        (
            answer(200, "application/json", "{}"),
            ErrorKind::InvalidAnswer,
            "no tokens",
        ),
        (answer(200, "application/json", ""), ErrorKind::InvalidAnswer, "empty"),
        (
            answer(401, "text/html", page),
            ErrorKind::HttpStatus,
            "a login of its own",
        ),
        (answer(403, "text/html", page), ErrorKind::HttpStatus, "forbids"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://sso.example.com/x?token=hidden\r\nContent-Length: 0\r\n\r\n"
                .to_vec(),
            ErrorKind::Redirect,
            "https://sso.example.com",
        ),
        (
            refusal(301, "incorrect_version", "wrong"),
            ErrorKind::Api,
            "incorrect_version",
        ),
    ] {
        let status: u16 = String::from_utf8_lossy(&reply[9..12]).parse().unwrap();
        let server = RestServer::start(move |_, _| reply.clone()).await;
        let error = builder(&server)
            .build()
            .password("admin", password())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.http_status(), (kind == ErrorKind::HttpStatus).then_some(status));
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
}

#[tokio::test]
async fn kept_tokens_open_a_session_and_nothing_is_sent_until_a_call() {
    let server = RestServer::start(|_, _| ok(&json!({"current_user": {"user_name": "admin"}}))).await;
    let client = builder(&server).build();
    let session = client
        .session(Tokens::new(
            AccessToken::new("kept"),
            Some(RefreshToken::new("kept-too")),
        ))
        .unwrap();
    assert_eq!(server.came().len(), 0);
    assert_eq!(session.me().await.unwrap()["current_user"]["user_name"], "admin");
    assert_eq!(server.came()[0].header("OAuth-Token"), Some("kept"));
    let odd = Tokens::new(AccessToken::new("a\r\nX-Y: z"), None);
    assert_eq!(client.session(odd).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(client.refresh(&RefreshToken::new("a b")).await.is_err());
}

#[tokio::test]
async fn plain_http_to_another_machine_needs_two_yeses_for_a_password() {
    let crm = || Instance::parse("http://192.0.2.1").unwrap();
    let builder = || Client::builder(crm(), Platform::new("custom_api").unwrap());
    let error = builder().build().password("admin", password()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PlainHttp);
    assert!(error.to_string().contains("refresh token"), "{error}");
    let error = builder()
        .allow_http(true)
        .build()
        .password("admin", password())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PlainHttp);
    assert!(error.to_string().contains("password would be readable"), "{error}");
    let session = builder()
        .build()
        .session(Tokens::new(AccessToken::new("a"), None))
        .unwrap();
    assert_eq!(session.me().await.unwrap_err().kind(), ErrorKind::PlainHttp);
    assert_eq!(session.logout().await.unwrap_err().kind(), ErrorKind::PlainHttp);
}
