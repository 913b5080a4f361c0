//! Under full tracing, the walk leaves no secret in any event or span.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sugar_oauth::oauth2::{self, ClientSecret, Platform, Tokens};
use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};
use sugar_oauth::{Callback, Client, Consumer, GetEntryList, GetUserId, Instance, Password, Verifier};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down every field of every event and span, of this crate and of those below it.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Everything {
    fn line(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Fields<'_>)) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\n{} {}", metadata.target(), metadata.name());
        record(&mut Fields(&mut text));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.line(span.metadata(), |fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line(event.metadata(), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Grants, calls, a renewal, refusals and a logout; the secrets and values that were sent and given meanwhile.
async fn walk_oauth2() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .oauth2_key("my_key", Some("client-s3cr3t"))
        .start();
    let sandbox = sandbox.await.unwrap();
    let client = oauth2::Client::builder(Instance::parse(sandbox.url()).unwrap(), Platform::new("base").unwrap())
        .client_id("my_key", Some(ClientSecret::new("client-s3cr3t")))
        .unwrap()
        .build();
    let wrong = client
        .password(sandbox.user_name(), Password::new("wr0ng-passw0rd"))
        .await;
    assert!(wrong.is_err());
    let session = client
        .password(sandbox.user_name(), Password::new(sandbox.password()))
        .await
        .unwrap();
    let mut secrets = vec![String::from("client-s3cr3t"), String::from("wr0ng-passw0rd")];
    let mut keep = |tokens: Tokens| {
        secrets.push(tokens.access_token.expose().to_owned());
        secrets.push(tokens.refresh_token.unwrap().expose().to_owned());
        secrets.push(tokens.download_token.unwrap().expose().to_owned());
    };
    keep(session.tokens());
    sandbox.clock().advance(Duration::from_secs(3601));
    session
        .get("Accounts", &[("filter[0][name]", "private condition")])
        .await
        .unwrap();
    keep(session.tokens());
    session
        .post(["Notes", "private-id", "link", "accounts", "x"], &())
        .await
        .unwrap_err();
    sandbox.fault(Fault::status(503).once());
    session.me().await.unwrap();
    session.logout().await.unwrap();
    secrets.push(String::from("private condition"));
    assert_eq!(secrets.len(), 9);
    (sandbox, secrets)
}

#[tokio::test]
async fn no_secret_reaches_an_event() {
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();

    let sandbox = Sandbox::start().await.unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let request_token = client.request_token(Callback::OutOfBand).await.unwrap();
    let verifier = Verifier::new(sandbox.approve(request_token.token()).unwrap());
    let access_token = client.access_token(&request_token, &verifier).await.unwrap();
    let session = client.oauth_access(&access_token).await.unwrap();
    let first = session.id();
    sandbox.expire_sessions();
    session.get_user_id().await.unwrap();
    session
        .call(&GetEntryList::new("Accounts").query("accounts.name = 'private condition'"))
        .await
        .unwrap();
    sandbox.fault(Fault::status(503).once());
    session.get_user_id().await.unwrap();
    client.signed(&access_token).unwrap().call(&GetUserId).await.unwrap();
    let login = client
        .login(sandbox.user_name(), Password::new(sandbox.password()))
        .await
        .unwrap();
    login.logout().await.unwrap();
    session.logout().await.unwrap();

    let (newer, of_oauth2) = walk_oauth2().await;

    let log = log.0.lock().unwrap().clone();
    assert!(
        log.contains("password grant") && log.contains("refresh grant") && log.contains("GET Accounts"),
        "OAuth 2 was not traced: {log}"
    );
    assert!(log.contains("platform base"), "no warning of the platform: {log}");
    assert!(
        log.contains("method=\"POST Notes\"") && !log.contains("private-id"),
        "{log}"
    );
    for secret in &of_oauth2 {
        assert!(
            !log.contains(secret.as_str()),
            "a secret of OAuth 2 or a parameter's value was traced"
        );
    }
    assert!(!log.contains(newer.password()));
    assert!(
        log.contains("oauth_request_token") && log.contains("get_entry_list"),
        "nothing was traced: {log}"
    );
    for secret in [
        sandbox.consumer_secret(),
        request_token.secret().expose(),
        verifier.expose(),
        access_token.secret().expose(),
        first.expose(),
        session.id().expose(),
        login.id().expose(),
        sandbox.password(),
        "private condition",
        "oauth_signature",
    ] {
        assert!(!log.contains(secret), "a secret or a parameter's value was traced");
    }
}
