//! What happens when the network or the server fails: what is sent again, what never is, and what is said.

use std::time::Duration;

use serde_json::json;
use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::{
    SetDocumentRevision, SetEntries, SetEntry, SetNoteAttachment, SetRelationship, SetRelationships,
};
use sugar_oauth::{
    AccessToken, Callback, Client, Consumer, Error, ErrorKind, GetUserId, Instance, RequestToken, Session, Transport,
    Verifier,
};

struct Place {
    sandbox: Sandbox,
    client: Client,
}

impl Place {
    async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
        let transport = Transport::builder().read_timeout(Duration::from_secs(1)).build();
        let builder = Client::builder(Instance::parse(sandbox.url()).unwrap()).consumer(consumer);
        let client = builder.transport(&transport).build();
        Self { sandbox, client }
    }

    async fn authorized(&self) -> (RequestToken, Verifier) {
        let request_token = self.client.request_token(Callback::OutOfBand).await.unwrap();
        let verifier = Verifier::new(self.sandbox.approve(request_token.token()).unwrap());
        (request_token, verifier)
    }

    async fn access_token(&self) -> AccessToken {
        let (request_token, verifier) = self.authorized().await;
        self.client.access_token(&request_token, &verifier).await.unwrap()
    }

    async fn session(&self) -> Session {
        self.client.oauth_access(&self.access_token().await).await.unwrap()
    }

    fn sent(&self, method: &str) -> usize {
        self.sandbox
            .requests()
            .iter()
            .filter(|request| request.rest_method().as_deref() == Some(method))
            .count()
    }
}

#[tokio::test]
async fn reads_are_sent_again_when_the_server_is_busy_or_the_connection_breaks() {
    let place = Place::start().await;
    let session = place.session().await;
    for fault in [
        Fault::status(502),
        Fault::status(503).header("Retry-After", "1"),
        Fault::status(504),
        Fault::reset_before_answer(),
        Fault::reset_within_answer(1),
        Fault::stall(Duration::from_secs(3)),
    ] {
        let shown = format!("{fault:?}");
        place.sandbox.clear_requests();
        place.sandbox.fault(fault.once().on_method("get_user_id"));
        assert!(session.get_user_id().await.is_ok(), "{shown}");
        assert_eq!(place.sent("get_user_id"), 2, "{shown}");
    }
}

#[tokio::test]
async fn a_server_that_stays_busy_is_left_in_peace_after_four_attempts() {
    let place = Place::start().await;
    let session = place.session().await;
    place.sandbox.fault(Fault::status(503).on_method("get_user_id"));
    let error = session.get_user_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpStatus, "{error}");
    assert!(error.to_string().contains("503"), "{error}");
    assert_eq!(place.sent("get_user_id"), 4);
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_never_repeated_and_the_error_says_so() {
    let place = Place::start().await;
    let session = place.session().await;
    for fault in [
        Fault::status(502).after_acting(),
        Fault::reset_before_answer(),
        Fault::truncate(1),
        Fault::stall(Duration::from_secs(3)),
    ] {
        let shown = format!("{fault:?}");
        place.sandbox.clear_requests();
        place.sandbox.fault(fault.once().on_method("get_user_id"));
        // To the client any raw call may be a write.
        let error = session.call_raw("get_user_id", json!({})).await.unwrap_err();
        assert!(error.may_have_applied(), "{shown}: {error}");
        assert!(error.to_string().contains("may have acted"), "{error}");
        assert_eq!(place.sent("get_user_id"), 1, "{shown}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_told_and_nothing_was_sent() {
    let place = Place::start().await;
    let id = place.session().await.id();
    let instance = place.client.instance().clone();
    // A client with no connection open: on one that was, nobody can know how far a call got.
    let session = Client::builder(instance).build().session(id).unwrap();
    place.sandbox.stop().await;
    let error = session.call_raw("get_user_id", json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(!error.may_have_applied(), "{error}");
}

#[tokio::test]
async fn a_silent_refusal_of_a_signed_read_is_signed_afresh_once() {
    let place = Place::start().await;
    let signed = place.client.signed(&place.access_token().await).unwrap();
    place.sandbox.clear_requests();
    place.sandbox.fault(Fault::status(500).once().on_method("get_user_id"));
    assert!(signed.call(&GetUserId).await.is_ok());
    let nonces: Vec<_> = place
        .sandbox
        .requests()
        .iter()
        .filter(|request| request.rest_method().as_deref() == Some("get_user_id"))
        .filter_map(|request| request.parameter("oauth_nonce"))
        .collect();
    assert_eq!(nonces.len(), 2);
    assert_ne!(nonces[0], nonces[1]);

    place.sandbox.clear_requests();
    place.sandbox.fault(Fault::status(500).on_method("get_user_id"));
    let error = signed.call(&GetUserId).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(place.sent("get_user_id"), 2);
}

#[tokio::test]
async fn request_token_and_oauth_access_are_repeated() {
    let place = Place::start().await;
    place
        .sandbox
        .fault(Fault::reset_before_answer().once().on_method("oauth_request_token"));
    place.sandbox.fault(Fault::status(503).once().on_method("oauth_access"));
    assert!(place.session().await.get_user_id().await.is_ok());
    assert_eq!(place.sent("oauth_request_token"), 2);
    assert_eq!(place.sent("oauth_access"), 2);
}

#[tokio::test]
async fn the_exchange_is_not_repeated_when_its_answer_is_lost() {
    let place = Place::start().await;
    for fault in [
        Fault::truncate(0),
        Fault::reset_within_answer(3),
        Fault::status(504).after_acting(),
    ] {
        let shown = format!("{fault:?}");
        let (request_token, verifier) = place.authorized().await;
        place.sandbox.clear_requests();
        place.sandbox.fault(fault.once().on_method("oauth_access_token"));
        let error: Error = place.client.access_token(&request_token, &verifier).await.unwrap_err();
        assert_eq!(place.sent("oauth_access_token"), 1, "{shown}");
        assert!(error.may_have_applied(), "{shown}: {error}");
        assert!(error.hints()[0].contains("new request token"), "{shown}: {error}");
    }
}

#[tokio::test]
async fn php_notices_and_a_byte_order_mark_before_the_answer_do_no_harm() {
    let place = Place::start().await;
    let notice = "<br />\n<b>Notice</b>:  Undefined index: x in <b>/var/www/a.php</b> on line <b>3</b><br />\n";
    for prefix in ["\u{feff}", notice] {
        place.sandbox.clear_faults();
        place.sandbox.fault(Fault::prefix(prefix));
        let session = place.session().await;
        assert!(session.get_user_id().await.is_ok());
        assert!(!session.get_available_modules().await.unwrap().is_empty());
        session.logout().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_that_dies_at_every_call_is_renewed_once_a_call_and_then_told() {
    let place = Place::start().await;
    let session = place.session().await;
    let dead = r#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#;
    place.sandbox.clear_requests();
    place.sandbox.fault(
        Fault::status(200)
            .header("Content-Type", "application/json")
            .body(dead)
            .on_method("get_user_id"),
    );
    let error = session.get_user_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone, "{error}");
    assert_eq!((place.sent("get_user_id"), place.sent("oauth_access")), (2, 1));
}

#[tokio::test]
async fn null_to_a_read_is_taken_for_a_lost_session() {
    let place = Place::start().await;
    let session = place.session().await;
    place.sandbox.clear_requests();
    place.sandbox.fault(
        Fault::status(200)
            .header("Content-Type", "application/json")
            .body("null")
            .once()
            .on_method("get_user_id"),
    );
    assert!(session.get_user_id().await.is_ok());
    assert_eq!(place.sent("oauth_access"), 1);
}

/// Writes whose repetition would do something twice, or undo what another did meanwhile.
async fn write(session: &Session, which: usize) -> Result<(), Error> {
    match which {
        0 => session
            .call(&SetRelationship::new("Accounts", "1", "contacts", ["2"]))
            .await
            .map(drop),
        1 => {
            let links = SetRelationships::new().with(SetRelationship::new("Accounts", "1", "contacts", ["2"]));
            session.call(&links).await.map(drop)
        }
        2 => session.call(&SetNoteAttachment::new("1", "a", "YQ==")).await.map(drop),
        3 => session
            .call(&SetDocumentRevision::new("1", "1", "a", "YQ=="))
            .await
            .map(drop),
        4 => session
            .call(&SetEntry::create("Accounts").set("name", "a"))
            .await
            .map(drop),
        _ => session.call(&SetEntries::new("Accounts")).await.map(drop),
    }
}

const WRITES: [&str; 6] = [
    "set_relationship",
    "set_relationships",
    "set_note_attachment",
    "set_document_revision",
    "set_entry",
    "set_entries",
];

#[tokio::test]
async fn no_write_is_repeated_when_its_answer_is_lost_unreadable_or_null() {
    let place = Place::start().await;
    let session = place.session().await;
    for (which, name) in WRITES.into_iter().enumerate() {
        for (fault, may_have_applied) in [
            (Fault::status(504), true),
            (Fault::reset_before_answer(), true),
            (Fault::status(200).body("{\"unexpected\":true}"), true),
            (Fault::status(200).body("{\"id\":"), true),
            // `null` to set_entry is an id that the server takes for invalid.
            (Fault::status(200).body("null"), name != "set_entry"),
        ] {
            let shown = format!("{name}, {fault:?}");
            place.sandbox.clear_requests();
            place.sandbox.fault(fault.once().on_method(name));
            let error = write(&session, which).await.unwrap_err();
            assert_eq!(error.may_have_applied(), may_have_applied, "{shown}: {error}");
            assert_eq!((place.sent(name), place.sent("oauth_access")), (1, 0), "{shown}");
        }
    }
}

#[tokio::test]
async fn links_set_before_one_that_failed_are_told() {
    let place = Place::start().await;
    let session = place.session().await;
    let partly = Fault::status(200).body(r#"{"created":1,"failed":1,"deleted":0}"#);
    place.sandbox.fault(partly.once().on_method("set_relationships"));
    let error = write(&session, 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDone);
    assert!(error.may_have_applied(), "{error}");
}

#[tokio::test]
async fn a_logout_that_failed_can_be_repeated() {
    let place = Place::start().await;
    let session = place.session().await;
    place.sandbox.fault(Fault::status(403).once().on_method("logout"));
    assert!(session.logout().await.is_err());
    assert_eq!(session.get_user_id().await.unwrap_err().kind(), ErrorKind::SessionGone);
    session.logout().await.unwrap();
    session.clone().logout().await.unwrap();
    assert_eq!(place.sent("logout"), 2);
}

#[tokio::test]
async fn a_session_that_was_renewed_while_it_was_logged_out_is_ended_too() {
    let place = Place::start().await;
    let session = place.session().await;
    let dead = r#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#;
    place
        .sandbox
        .fault(Fault::status(200).body(dead).once().on_method("get_user_id"));
    place.sandbox.fault(
        Fault::delay(Duration::from_millis(700))
            .once()
            .on_method("oauth_access"),
    );
    let opened = place.sent("oauth_access");
    let logout = async {
        while place.sent("oauth_access") == opened {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        session.logout().await.unwrap();
    };
    let (called, ()) = tokio::join!(session.get_user_id(), logout);
    assert_eq!(called.unwrap_err().kind(), ErrorKind::SessionGone);
    assert_eq!(place.sent("logout"), 2);
}

#[tokio::test]
async fn signed_calls_that_overtake_each_other_on_the_way_are_not_refused() {
    let place = Place::start().await;
    let signed = place.client.signed(&place.access_token().await).unwrap();
    // Up to 300 ms between signing and arrival, by the bytes of each request's own nonce.
    place.sandbox.latency(|request| {
        let nonce = request.parameter("oauth_nonce").unwrap_or_default();
        Duration::from_millis(u64::from_str_radix(nonce.get(..4).unwrap_or("0"), 16).unwrap_or(0) % 300)
    });
    let refused_before = place.sent("get_user_id");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let signed = signed.clone();
            tokio::spawn(async move {
                for _ in 0..15 {
                    signed.call_raw("get_user_id", json!({})).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // Raw calls are never signed afresh, so each that succeeded did so at the first attempt.
    assert_eq!(place.sent("get_user_id") - refused_before, 120);
}
