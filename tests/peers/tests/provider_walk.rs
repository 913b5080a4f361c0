//! Our client walks through two providers whose OAuth is not ours: PECL's `OAuthProvider` and Python's oauthlib.

use serde_json::json;
use sugar_oauth::signing::Placement;
use sugar_oauth::{
    Callback, CallbackListener, Client, Consumer, GetAvailableModules, Instance, RequestToken, Verifier,
};
use sugar_oauth_peers::http::post_form;
use sugar_oauth_peers::process::Background;
use sugar_oauth_peers::programs::{php_with, python_with, scripts};

const KEY: &str = "CUSTOMKEY";
/// A secret that has to be encoded for the signing key.
const SECRET: &str = "s3cr&t +/=%ü";

/// A provider that runs in the background.
struct Provider {
    site: String,
    process: Background,
    _state: tempfile::TempDir,
}

impl Provider {
    fn start(mut command: std::process::Command, ready: impl Fn(&str) -> Option<String>) -> Provider {
        let state = tempfile::tempdir().expect("a temporary folder");
        command
            .env("SUGAR_CONSUMER_KEY", KEY)
            .env("SUGAR_CONSUMER_SECRET", SECRET)
            .env("SUGAR_STATE", state.path());
        let (process, site) = Background::start(command, ready);
        Provider {
            site,
            process,
            _state: state,
        }
    }

    fn pecl() -> Provider {
        let mut command = php_with("oauth");
        command
            .args(["-S", "127.0.0.1:0"])
            .arg(scripts().join("pecl/provider.php"));
        Provider::start(command, |line| {
            Some(line.split_once("Server (")?.1.split_once(')')?.0.to_owned())
        })
    }

    fn oauthlib() -> Provider {
        let mut command = python_with("oauthlib");
        command.arg(scripts().join("oauthlib/provider.py"));
        Provider::start(command, |line| line.starts_with("http://").then(|| line.to_owned()))
    }

    fn client(&self, secret: &str, placement: Placement) -> Client {
        let instance = Instance::parse(&self.site).expect("the provider's URL");
        let consumer = Consumer::new(KEY, secret).expect("key and secret");
        Client::builder(instance)
            .consumer(consumer)
            .placement(placement)
            .build()
    }

    /// Confirms as a person would, and returns the answer of the page.
    async fn confirm(&self, request_token: &RequestToken) -> sugar_oauth_peers::http::Answer {
        let page = request_token.authorize_url().as_str();
        let path = page
            .strip_prefix(&self.site)
            .expect("an authorize URL of this provider");
        let (path, query) = path.split_once('?').expect("the authorize URL has a query");
        post_form(&self.site, path, query).await
    }
}

async fn walk(provider: &Provider, placement: Placement) {
    let client = provider.client(SECRET, placement);
    let request_token = client
        .request_token(Callback::OutOfBand)
        .await
        .expect("a request token");
    let page = provider.confirm(&request_token).await;
    let code = page.between("<big>", "</big>").expect("the page shows the code");

    // A refused verifier spends nothing.
    let wrong = Verifier::new("000000000000");
    client
        .access_token(&request_token, &wrong)
        .await
        .expect_err("a wrong verifier is refused");
    let access_token = client
        .access_token(&request_token, &Verifier::new(code))
        .await
        .expect("an access token");
    client
        .access_token(&request_token, &Verifier::new(code))
        .await
        .expect_err("a second exchange is refused");

    let session = client.oauth_access(&access_token).await.expect("a session");
    let modules = session
        .call(&GetAvailableModules::all())
        .await
        .expect("modules by session");
    assert!(format!("{modules:?}").contains("Contacts"), "{modules:?}");
    assert_eq!(session.get_user_id().await.expect("the user's id").to_string(), "1");

    let signed = client.signed(&access_token).expect("the client has a consumer");
    let modules = signed
        .call(&GetAvailableModules::all())
        .await
        .expect("modules by a direct call");
    assert!(format!("{modules:?}").contains("Contacts"), "{modules:?}");
    let id = signed
        .call_raw("get_user_id", json!({"session": ""}))
        .await
        .expect("the user's id by a direct call");
    assert_eq!(id, json!("1"));

    session.logout().await.expect("a logout");
}

async fn walk_by_callback(provider: &Provider) {
    let client = provider.client(SECRET, Placement::Form);
    let listener = CallbackListener::bind(None).await.expect("a listener");
    let request_token = client
        .request_token(listener.callback())
        .await
        .expect("a request token");
    let answer = provider.confirm(&request_token).await;
    let location = answer
        .header("location")
        .expect("a redirect to the listener")
        .to_owned();
    assert_eq!(answer.status, 301, "{answer:?}");
    assert!(location.starts_with(listener.url().as_str()), "{location}");
    let verifier = Verifier::from_input(&location).expect("the callback URL holds the verifier");
    let access_token = client
        .access_token(&request_token, &verifier)
        .await
        .expect("an access token");
    client.oauth_access(&access_token).await.expect("a session");
}

async fn refusals(provider: &Provider) {
    let stranger = provider.client("another secret", Placement::Form);
    stranger
        .request_token(Callback::OutOfBand)
        .await
        .expect_err("a wrong secret is refused");

    let client = provider.client(SECRET, Placement::Form);
    let request_token = client
        .request_token(Callback::OutOfBand)
        .await
        .expect("a request token");
    let verifier = Verifier::new("0123456789ab");
    client
        .access_token(&request_token, &verifier)
        .await
        .expect_err("nobody has confirmed the request token");
}

async fn everything(provider: Provider) {
    for placement in [Placement::Form, Placement::Query, Placement::Header] {
        walk(&provider, placement).await;
    }
    walk_by_callback(&provider).await;
    refusals(&provider).await;
    let output = provider.process.output();
    assert!(
        !output.contains("Traceback") && !output.contains("PHP Fatal"),
        "{output}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_on_pecls_oauthprovider() {
    everything(Provider::pecl()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_on_oauthlib() {
    everything(Provider::oauthlib()).await;
}
