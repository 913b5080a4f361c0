//! Our client of REST v11 logs in, renews and logs out at a provider whose OAuth 2 is not ours: Python's oauthlib.

use serde_json::json;
use sugar_oauth::oauth2::{Client, ClientSecret, Platform, Session};
use sugar_oauth::{Error, ErrorKind, Instance, Password, RestErrorCode};
use sugar_oauth_peers::http::post_form;
use sugar_oauth_peers::process::Background;
use sugar_oauth_peers::programs::{python_with, scripts};

const USER: &str = "jürgen";
const PASSWORD: &str = "p&ss w=rd\"\\";
const CLIENT_ID: &str = "my_key";
const CLIENT_SECRET: &str = "s3cr&t +/=%ü";

/// The provider, in the background.
struct Provider {
    site: String,
    _process: Background,
}

impl Provider {
    fn start() -> Provider {
        let mut command = python_with("oauthlib");
        command
            .arg(scripts().join("oauthlib/oauth2_provider.py"))
            .env("SUGAR_USER", USER)
            .env("SUGAR_PASSWORD", PASSWORD)
            .env("SUGAR_CLIENT_ID", CLIENT_ID)
            .env("SUGAR_CLIENT_SECRET", CLIENT_SECRET);
        let (process, site) = Background::start(command, |line| line.starts_with("http://").then(|| line.to_owned()));
        Provider {
            site,
            _process: process,
        }
    }

    fn client(&self, client_secret: &str, platform: &str) -> Client {
        let instance = Instance::parse(&self.site).expect("the provider's URL");
        Client::builder(instance, Platform::new(platform).expect("a platform"))
            .client_id(CLIENT_ID, Some(ClientSecret::new(client_secret)))
            .expect("a client id")
            .build()
    }

    async fn log_in(&self) -> Session {
        let client = self.client(CLIENT_SECRET, "custom_api");
        client.password(USER, Password::new(PASSWORD)).await.expect("a session")
    }

    /// Ends all access tokens, as time would.
    async fn expire(&self) {
        assert_eq!(post_form(&self.site, "/expire", "").await.status, 200);
    }
}

fn refusal(error: &Error) -> (ErrorKind, RestErrorCode) {
    (error.kind(), error.rest().expect("a refusal").code.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_wait_share_one_refresh() {
    let provider = Provider::start();
    let session = provider.log_in().await;
    session.ping().await.expect("an access token that works");
    let first = session.tokens();
    assert!(first.expires_at.is_some(), "oauthlib says `expires_in`");

    provider.expire().await;
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.ping().await })
        })
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("a call after the renewal");
    }
    let granted = session.get("grants", &[]).await.expect("an answer");
    assert_eq!(granted, json!(["password", "refresh_token"]));
    assert_ne!(session.tokens().access_token.expose(), first.access_token.expose());

    let spent = first.refresh_token.expect("oauthlib gives one");
    let error = session.client().refresh(&spent).await.expect_err("a spent token");
    assert_eq!(refusal(&error), (ErrorKind::SessionGone, RestErrorCode::InvalidGrant));
    session.ping().await.expect("what the refusal left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_bound_to_its_platform() {
    let provider = Provider::start();
    let refresh_token = provider.log_in().await.tokens().refresh_token.expect("one");
    let other = provider.client(CLIENT_SECRET, "another_api");
    let error = other
        .refresh(&refresh_token)
        .await
        .expect_err("another platform's token");
    assert_eq!(refusal(&error), (ErrorKind::SessionGone, RestErrorCode::InvalidGrant));
    let own = provider.client(CLIENT_SECRET, "custom_api");
    let session = own.refresh(&refresh_token).await.expect("a session");
    session.ping().await.expect("an access token that works");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_says_why() {
    let provider = Provider::start();
    let client = provider.client(CLIENT_SECRET, "custom_api");
    let error = client
        .password(USER, Password::new("wrong"))
        .await
        .expect_err("refused");
    assert_eq!(refusal(&error), (ErrorKind::Api, RestErrorCode::InvalidGrant));
    // oauthlib's own words, under RFC 6749's name `error_description`.
    assert!(error.to_string().contains("Invalid credentials given."), "{error}");

    let client = provider.client("wrong", "custom_api");
    let error = client
        .password(USER, Password::new(PASSWORD))
        .await
        .expect_err("refused");
    assert_eq!(refusal(&error), (ErrorKind::Api, RestErrorCode::InvalidClient));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_ends_the_session() {
    let provider = Provider::start();
    let session = provider.log_in().await;
    let copy = session.client().session(session.tokens()).expect("tokens");
    copy.logout().await.expect("an end");
    for _ in 0..2 {
        let error = session.ping().await.expect_err("nothing left to renew with");
        assert_eq!(refusal(&error), (ErrorKind::SessionGone, RestErrorCode::InvalidGrant));
    }
}
