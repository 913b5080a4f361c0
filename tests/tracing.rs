//! Under full tracing, the walk leaves no secret in any event or span.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use sugar_oauth::sandbox::{Fault, Sandbox};
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

    let log = log.0.lock().unwrap().clone();
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
