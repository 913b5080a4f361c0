//! The client against the practice instance, which shares no code with it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use sugar_oauth::oauth2::{BulkRequest, Client, ClientBuilder, ClientSecret, Platform, RefreshToken, Session, Upload};
use sugar_oauth::sandbox::{Fault, Flavour, Sandbox, SandboxBuilder};
use sugar_oauth::{Error, ErrorKind, Instance, Password, RestErrorCode};

const PLATFORM: &str = "data_migration";

fn instance() -> SandboxBuilder {
    Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .user("admin", "s3cr3t")
        .platform(PLATFORM)
}

fn on(sandbox: &Sandbox, platform: &str) -> ClientBuilder {
    Client::builder(
        Instance::parse(sandbox.url()).unwrap(),
        Platform::new(platform).unwrap(),
    )
}

async fn log_in(sandbox: &Sandbox) -> Session {
    on(sandbox, PLATFORM)
        .build()
        .password("admin", Password::new("s3cr3t"))
        .await
        .unwrap()
}

async fn refused(builder: ClientBuilder, password: &str) -> Error {
    builder
        .build()
        .password("admin", Password::new(password))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_login_a_call_and_the_end_in_each_version() {
    let sandbox = instance().start().await.unwrap();
    for version in ["v10", "v11", "v11_20"] {
        let client = on(&sandbox, PLATFORM).api_version(version).unwrap().build();
        let session = client.password("admin", Password::new("s3cr3t")).await.unwrap();
        assert_eq!(session.me().await.unwrap()["current_user"]["user_name"], "admin");
        session.ping().await.unwrap();
        assert_eq!(sandbox.state().logins.len(), 1);
        session.logout().await.unwrap();
        assert_eq!(sandbox.state().logins.len(), 0);
        assert_eq!(session.me().await.unwrap_err().kind(), ErrorKind::SessionGone);
    }
}

#[tokio::test]
async fn logins_are_refused_for_what_was_wrong() {
    let sandbox = instance().oauth2_key("my_key", Some("hidden")).start().await.unwrap();
    let error = refused(on(&sandbox, PLATFORM), "wrong").await;
    assert_eq!(error.rest().unwrap().code, RestErrorCode::NeedLogin);
    let error = refused(on(&sandbox, "unheard_of"), "s3cr3t").await;
    assert_eq!(error.rest().unwrap().code, RestErrorCode::InvalidParameter);
    assert!(error.hints()[0].contains("Configure API Platforms"), "{error}");
    for id in ["my_key", "nobody"] {
        let wrong = on(&sandbox, PLATFORM)
            .client_id(id, Some(ClientSecret::new("guessed")))
            .unwrap();
        let error = refused(wrong, "s3cr3t").await;
        assert_eq!(error.rest().unwrap().code, RestErrorCode::InvalidClient);
    }
    let own = on(&sandbox, PLATFORM)
        .client_id("my_key", Some(ClientSecret::new("hidden")))
        .unwrap();
    own.build().password("admin", Password::new("s3cr3t")).await.unwrap();
    for builder in [on(&sandbox, "base"), on(&sandbox, PLATFORM).omit_client_secret(true)] {
        builder
            .build()
            .password("admin", Password::new("s3cr3t"))
            .await
            .unwrap();
    }
    sandbox.fault(Fault::maintenance().times(4));
    let error = refused(on(&sandbox, PLATFORM), "s3cr3t").await;
    assert!(error.to_string().contains("503"), "{error}");
}

#[tokio::test]
async fn an_access_token_that_ended_by_the_servers_clock_is_renewed_and_rotates() {
    let sandbox = instance().start().await.unwrap();
    let session = log_in(&sandbox).await;
    let (first, kept) = (session.tokens(), Arc::new(Mutex::new(Vec::new())));
    let seen = Arc::clone(&kept);
    session.on_renewal(move |tokens| seen.lock().unwrap().push(tokens.clone()));
    for _ in 0..3 {
        sandbox.clock().advance(Duration::from_secs(3601));
        session.me().await.unwrap();
    }
    let newest = kept.lock().unwrap().last().unwrap().clone();
    assert_eq!(kept.lock().unwrap().len(), 3);
    // Each refresh has ended the tokens before it.
    let client = session.client().clone();
    let spent = client.refresh(first.refresh_token.as_ref().unwrap()).await.unwrap_err();
    assert_eq!(spent.kind(), ErrorKind::SessionGone);
    assert_eq!(spent.rest().unwrap().code, RestErrorCode::InvalidGrant);
    // What was kept opens a session elsewhere.
    client.session(newest).unwrap().me().await.unwrap();
    sandbox.clock().advance(Duration::from_secs(15 * 24 * 60 * 60));
    let error = session.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone);
}

#[tokio::test]
async fn short_lives_are_renewed_before_they_end() {
    let lives = (Duration::from_secs(30), Duration::from_secs(600));
    let sandbox = instance().token_lifetimes(lives.0, lives.1).start().await.unwrap();
    let session = log_in(&sandbox).await;
    let mut ending = session.tokens();
    let now = sugar_oauth::UtcTime::now().unix_seconds();
    let left = ending.expires_at.unwrap().unix_seconds() - now;
    assert!((28..=30).contains(&left), "{left}");
    ending.expires_at = Some(sugar_oauth::UtcTime::from_unix_seconds(now));
    let session = session.client().session(ending).unwrap();
    session.me().await.unwrap();
    let paths: Vec<String> = sandbox.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(
        paths,
        ["/rest/v11/oauth2/token", "/rest/v11/oauth2/token", "/rest/v11/me"]
    );
}

#[tokio::test]
async fn a_second_login_ends_the_first_unless_it_has_another_platform() {
    let sandbox = instance().start().await.unwrap();
    let first = log_in(&sandbox).await;
    let browser = on(&sandbox, "base")
        .build()
        .password("admin", Password::new("s3cr3t"))
        .await
        .unwrap();
    first.me().await.unwrap();
    let second = log_in(&sandbox).await;
    assert_eq!(first.me().await.unwrap_err().kind(), ErrorKind::SessionGone);
    second.me().await.unwrap();
    browser.me().await.unwrap();
}

#[tokio::test]
async fn a_provider_logs_in_again_when_everything_was_ended() {
    let sandbox = instance().start().await.unwrap();
    let client = on(&sandbox, PLATFORM).build();
    let session = client
        .password_with("admin", || async { Some(Password::new("s3cr3t")) })
        .await
        .unwrap();
    sandbox.end_logins();
    session.me().await.unwrap();
    assert_eq!(sandbox.state().logins.len(), 1);
}

#[tokio::test]
async fn records_links_bulk_and_files_go_there_and_back() {
    let sandbox = instance().start().await.unwrap();
    let session = log_in(&sandbox).await;
    let account = session
        .post("Accounts", &json!({"name": "Löwe & Söhne"}))
        .await
        .unwrap();
    let id = account["id"].as_str().unwrap();
    session
        .put(["Accounts", id], &json!({"phone_office": "1"}))
        .await
        .unwrap();
    let read = session
        .get(["Accounts", id], &[("fields", "name,phone_office")])
        .await
        .unwrap();
    assert_eq!(
        (&read["name"], &read["phone_office"]),
        (&json!("Löwe & Söhne"), &json!("1"))
    );

    let requests = [
        BulkRequest::post("Contacts", &json!({"last_name": "Öz"})).unwrap(),
        BulkRequest::put(["Contacts", "no-such-id"], &json!({"last_name": "x"})).unwrap(),
        BulkRequest::post("Notes", &json!({"name": "with a file"})).unwrap(),
        BulkRequest::get("Accounts", &[("filter[0][name]", "Löwe & Söhne")]),
    ];
    let mut parts = session.bulk(&requests).await.unwrap().into_iter();
    let mut next = || parts.next().unwrap();
    let contact = next().result.unwrap()["id"].as_str().unwrap().to_owned();
    let missing = next();
    assert_eq!(
        (missing.status, missing.result.unwrap_err().kind()),
        (404, ErrorKind::NotFound)
    );
    let note = next().result.unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(next().result.unwrap()["records"][0]["id"], *id);

    session
        .post(["Accounts", id, "link", "contacts", &contact], &json!({}))
        .await
        .unwrap();
    assert_eq!(sandbox.stored_links("Accounts", id, "contacts"), [contact]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.bin");
    let content = b"\0\xff\r\n--".repeat(40_000);
    std::fs::write(&path, &content).unwrap();
    let upload = Upload::file(&path).named("über.pdf").media_type("application/pdf");
    session.upload("Notes", &note, "filename", &upload).await.unwrap();
    assert_eq!(sandbox.stored_file(&note).unwrap(), content);
    let received = session
        .download("Notes", &note, "filename", folder.path())
        .await
        .unwrap();
    assert_eq!(received, folder.path().join("über.pdf"));
    assert_eq!(std::fs::read(received).unwrap(), content);

    session.delete(["Accounts", id]).await.unwrap();
    assert_eq!(
        session.get(["Accounts", id], &[]).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn an_instance_of_the_old_line_is_told_as_such() {
    for flavour in [Flavour::SuiteCrm7, Flavour::SugarCe65] {
        let sandbox = Sandbox::builder().flavour(flavour).start().await.unwrap();
        let error = refused(on(&sandbox, PLATFORM), "s3cr3t").await;
        assert_eq!(error.kind(), ErrorKind::HttpStatus);
        assert!(
            error.to_string().contains("service/v4_1/rest.php (OAuth 1.0a)"),
            "{error}"
        );
    }
    // And the other way round.
    let sandbox = instance().start().await.unwrap();
    let old = sugar_oauth::Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
    let error = old.server_info().await.unwrap_err();
    assert!(error.to_string().contains("oauth2::Client"), "{error}");
}

#[tokio::test]
async fn a_refresh_token_of_another_platform_or_client_is_refused() {
    let sandbox = instance().oauth2_key("my_key", None).start().await.unwrap();
    let session = log_in(&sandbox).await;
    let token: RefreshToken = session.tokens().refresh_token.unwrap();
    for builder in [
        on(&sandbox, "base"),
        on(&sandbox, PLATFORM).client_id("my_key", None).unwrap(),
    ] {
        assert_eq!(
            builder.build().refresh(&token).await.unwrap_err().kind(),
            ErrorKind::SessionGone
        );
    }
    on(&sandbox, PLATFORM)
        .build()
        .refresh(&token)
        .await
        .unwrap()
        .me()
        .await
        .unwrap();
}
