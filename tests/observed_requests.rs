//! What [`ClientBuilder::observe_signed`](sugar_oauth::ClientBuilder::observe_signed) shows is what the server gets.

use std::sync::{Arc, Mutex};

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::signing::{Placement, SignedRequest};
use sugar_oauth::{Callback, Client, Consumer, GetUserId, Instance, Verifier};

#[tokio::test]
async fn every_signed_request_is_shown_as_it_is_sent() {
    for placement in [Placement::Form, Placement::Query, Placement::Header] {
        let sandbox = Sandbox::start().await.expect("it starts");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = shown.clone();
        let client = Client::builder(Instance::parse(sandbox.url()).unwrap())
            .consumer(Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap())
            .placement(placement)
            .observe_signed(move |request: &SignedRequest| seen.lock().unwrap().push(request.clone()))
            .build();
        let request_token = client.request_token(Callback::OutOfBand).await.unwrap();
        // Refused, and not sent again: the observer sees each request once.
        assert!(
            client
                .access_token(&request_token, &Verifier::new("wrong"))
                .await
                .is_err()
        );
        let verifier = Verifier::new(sandbox.approve(request_token.token()).unwrap());
        let access_token = client.access_token(&request_token, &verifier).await.unwrap();
        client.signed(&access_token).unwrap().call(&GetUserId).await.unwrap();

        let received: Vec<_> = sandbox
            .requests()
            .into_iter()
            .filter(|request| request.rest_method().as_deref() != Some("get_server_info"))
            .collect();
        let shown = shown.lock().unwrap();
        assert_eq!(shown.len(), 4, "{placement:?}");
        assert_eq!(shown.len(), received.len(), "{placement:?}");
        for (shown, received) in shown.iter().zip(&received) {
            assert_eq!(shown.method().as_str(), received.method);
            assert_eq!(shown.url().query(), received.query.as_deref());
            assert_eq!(shown.body().unwrap_or_default().as_bytes(), received.body);
            assert_eq!(shown.authorization(), received.header("Authorization"));
            assert!(
                shown
                    .base_string()
                    .starts_with(&format!("{}&http%3A%2F%2F127.0.0.1%3A", received.method))
            );
        }
    }
}
