//! The three legs and the session.

use std::time::Duration;

use sugar_oauth::sandbox::Flavour;
use sugar_oauth::signing::Placement;
use sugar_oauth::{AccessToken, Callback, CallbackListener, RequestToken, Verifier};

use crate::cases;
use crate::person::Answer;
use crate::target::Target;

cases![
    out_of_band,
    through_the_callback_listener,
    a_callbacks_own_query_is_kept,
    a_wrong_verifier_spends_nothing,
    tokens_survive_as_parts,
    every_placement_walks,
    the_server_tells_its_product_and_its_time,
];

async fn out_of_band(target: Target) {
    let client = target.client();
    let request_token = target.request_token(&client).await;
    assert!(request_token.authorize_url().as_str().contains(request_token.token()));
    let Answer::Page(code) = target.authorize(&request_token).await else {
        panic!("without a callback the page shows the code");
    };
    let verifier = Verifier::from_input(&code).unwrap();
    let access_token = client.access_token(&request_token, &verifier).await.unwrap();
    assert_ne!(access_token.token(), request_token.token());
    let session = client.oauth_access(&access_token).await.unwrap();
    assert!(!session.get_user_id().await.unwrap().is_empty());
    assert!(!session.get_available_modules().await.unwrap().is_empty());
    session.logout().await.unwrap();
}

async fn through_the_callback_listener(target: Target) {
    let client = target.client();
    let mut listener = CallbackListener::bind(None).await.unwrap();
    let request_token = client.request_token(listener.callback()).await.unwrap();
    let verifier = match target.authorize(&request_token).await {
        Answer::SentTo(url) => {
            assert!(
                url.starts_with(listener.url().as_str()),
                "sent elsewhere than to the callback"
            );
            let browser = tokio::spawn(async move { reqwest_get(&url).await });
            let waited = tokio::time::timeout(Duration::from_secs(30), listener.next_verifier(&request_token)).await;
            let page = browser.await.unwrap();
            assert!(page.contains("Go back to the program"), "{page}");
            waited.expect("the browser came").unwrap()
        }
        // Some old builds ignore the callback: the paste prompt beside the listener is for them.
        Answer::Page(code) => {
            assert!(
                !matches!(target.flavour, Some(Flavour::SuiteCrm7)),
                "this flavour knows callbacks"
            );
            Verifier::from_input(&code).unwrap()
        }
    };
    listener.finish().await;
    assert!(client.access_token(&request_token, &verifier).await.is_ok());
}

async fn reqwest_get(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn a_callbacks_own_query_is_kept(target: Target) {
    let client = target.client();
    let callback = "http://127.0.0.1:9/back?state=a%26b&x=1".parse().unwrap();
    let request_token = client.request_token(Callback::Url(callback)).await.unwrap();
    if let Answer::SentTo(url) = target.authorize(&request_token).await {
        let url: url::Url = url.parse().unwrap();
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(value("state").as_deref(), Some("a&b"));
        assert_eq!(value("oauth_token").as_deref(), Some(request_token.token()));
        let verifier = Verifier::from_input(url.as_str()).unwrap();
        assert!(client.access_token(&request_token, &verifier).await.is_ok());
    }
}

async fn a_wrong_verifier_spends_nothing(target: Target) {
    let client = target.client();
    let request_token = target.request_token(&client).await;
    let right = target.verifier(&request_token).await;
    let wrong = client
        .access_token(&request_token, &Verifier::new("000000000000"))
        .await
        .unwrap_err();
    assert!(wrong.hints().iter().any(|hint| hint.contains("verifier")), "{wrong}");
    assert!(client.access_token(&request_token, &right).await.is_ok());
}

async fn tokens_survive_as_parts(target: Target) {
    let (token, secret) = target.request_token(&target.client()).await.into_parts();
    let client = target.client();
    let request_token = RequestToken::from_parts(&client, token, secret).unwrap();
    let verifier = target.verifier(&request_token).await;
    let (token, secret) = client
        .access_token(&request_token, &verifier)
        .await
        .unwrap()
        .into_parts();
    let access_token = AccessToken::from_parts(token, secret).unwrap();
    let session = target.client().oauth_access(&access_token).await.unwrap();
    assert!(!session.get_user_id().await.unwrap().is_empty());
    session.logout().await.unwrap();
}

async fn every_placement_walks(target: Target) {
    for placement in [Placement::Form, Placement::Query, Placement::Header] {
        let client = target
            .builder()
            .consumer(target.consumer())
            .placement(placement)
            .build();
        let session = target.session(&client).await;
        assert!(!session.get_user_id().await.unwrap().is_empty(), "{placement:?}");
        session.logout().await.unwrap();
    }
}

async fn the_server_tells_its_product_and_its_time(target: Target) {
    let info = target.client().server_info().await.unwrap();
    assert!(!info.version.is_empty());
    assert!(info.gmt_time.is_some());
    assert!(info.product().contains("CRM"));
}
