//! The trust rules of `docs/design.md`, each against the hostile practice instance.

use std::time::Duration;

use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};
use sugar_oauth::{
    Callback, Client, Consumer, Error, ErrorKind, Instance, Password, RequestToken, Result, SessionId, Transport,
    UtcTime, Verifier,
};

async fn hostile(trick: Trick) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().flavour(Flavour::Hostile).start().await.unwrap();
    sandbox.hostile(trick);
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let transport = Transport::builder().read_timeout(Duration::from_secs(2)).build();
    let client = Client::builder(Instance::parse(sandbox.url()).unwrap())
        .consumer(consumer)
        .transport(&transport)
        .build();
    (sandbox, client)
}

async fn request_token(client: &Client) -> Result<RequestToken> {
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, client.request_token(Callback::OutOfBand))
        .await
        .expect("an end")
}

async fn refused_token(trick: Trick) -> (Sandbox, Error) {
    let (sandbox, client) = hostile(trick).await;
    let error = request_token(&client)
        .await
        .expect_err("a token although the answer is hostile");
    (sandbox, error)
}

#[tokio::test]
async fn an_authorize_url_that_is_not_fit_is_replaced_by_ours() {
    for trick in [
        Trick::AuthorizeUrlForeignHost,
        Trick::AuthorizeUrlOtherPort,
        Trick::AuthorizeUrlOtherScheme,
        Trick::AuthorizeUrlUserinfo,
        Trick::AuthorizeUrlOwnUserinfo,
        Trick::AuthorizeUrlFragment,
        Trick::AuthorizeUrlJavascript,
        Trick::AuthorizeUrlFile,
        Trick::AuthorizeUrlOption,
        Trick::AuthorizeUrlControlCharacters,
        Trick::AuthorizeUrlWithoutSlash,
        Trick::AuthorizeUrlMissing,
    ] {
        let (sandbox, client) = hostile(trick).await;
        let request_token = request_token(&client).await.unwrap();
        let ours = format!(
            "{}/index.php?module=OAuthTokens&action=authorize&token={}",
            sandbox.url(),
            request_token.token()
        );
        assert_eq!(request_token.authorize_url().as_str(), ours, "{trick:?}");
        assert!(!request_token.authorize_url().is_servers_own());
    }
}

#[tokio::test]
async fn an_authorize_url_on_an_origin_that_the_caller_allowed_is_used() {
    let (sandbox, _) = hostile(Trick::AuthorizeUrlOtherPort).await;
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let strict = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer.clone());
    strict.request_token(Callback::OutOfBand).await.unwrap();
    let asked = sandbox
        .requests()
        .into_iter()
        .rev()
        .find(|request| request.path.contains("rest.php"))
        .unwrap();
    assert_eq!(asked.method, "POST");
    // The practice instance offers the next port.
    let port: u16 = sandbox.url().rsplit(':').next().unwrap().parse().unwrap();
    for offered in [port.wrapping_add(1), port.wrapping_sub(1), 1, 8080, 8443, 81] {
        let allowed = format!("http://127.0.0.1:{offered}");
        let builder = Client::builder(Instance::parse(sandbox.url()).unwrap()).consumer(consumer.clone());
        let client = builder.allow_authorize_origin(&allowed).unwrap().build();
        let request_token = client.request_token(Callback::OutOfBand).await.unwrap();
        if request_token.authorize_url().is_servers_own() {
            assert!(request_token.authorize_url().as_str().starts_with(&allowed));
            return;
        }
    }
    panic!("the offered origin was never accepted");
}

#[tokio::test]
async fn an_unconfirmed_callback_needs_the_callers_yes() {
    for trick in [Trick::CallbackUnconfirmed, Trick::CallbackDenied] {
        let (sandbox, client) = hostile(trick).await;
        let error = request_token(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Callback, "{error}");
        let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
        let builder = Client::builder(Instance::parse(sandbox.url()).unwrap()).consumer(consumer);
        let allowed = builder.allow_unconfirmed_callback(true).build();
        assert!(request_token_of(&allowed).await.is_ok());
    }
}

async fn request_token_of(client: &Client) -> Result<RequestToken> {
    request_token(client).await
}

#[tokio::test]
async fn there_is_no_exchange_without_a_verifier() {
    let (sandbox, client) = hostile(Trick::Nothing).await;
    let request_token = request_token(&client).await.unwrap();
    let before = sandbox.requests().len();
    let error = client
        .access_token(&request_token, &Verifier::new(""))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(sandbox.requests().len(), before, "something was sent");
}

#[tokio::test]
async fn tokens_outside_the_alphabet_are_refused() {
    for trick in [
        Trick::TokenQuotes,
        Trick::TokenLineBreak,
        Trick::TokenShell,
        Trick::TokenLong,
        Trick::TokenEmpty,
        Trick::TokenTwice,
        Trick::TokenSecretLineBreak,
    ] {
        let (_sandbox, error) = refused_token(trick).await;
        assert_eq!(error.kind(), ErrorKind::InvalidAnswer, "{trick:?}: {error}");
    }
}

#[tokio::test]
async fn a_session_id_outside_the_alphabet_is_refused() {
    let (sandbox, client) = hostile(Trick::SessionIdLineBreak).await;
    let request_token = request_token(&client).await.unwrap();
    let verifier = Verifier::new(sandbox.approve(request_token.token()).unwrap());
    let access_token = client.access_token(&request_token, &verifier).await.unwrap();
    let error = client.oauth_access(&access_token).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidAnswer, "{error}");
}

#[tokio::test]
async fn server_text_in_errors_is_escaped_and_exact_for_machines() {
    let (_sandbox, error) = refused_token(Trick::ErrorControlCharacters).await;
    let text = error.to_string();
    assert!(
        text.chars()
            .all(|character| !character.is_control() && !('\u{200b}'..='\u{206f}').contains(&character)),
        "{text:?}"
    );
    let exact = error.api().expect("the server's own error");
    assert!(format!("{}{}", exact.name, exact.description).contains('\u{1b}'));
}

#[tokio::test]
async fn limits_count_decompressed_bytes() {
    for trick in [Trick::HugeBody, Trick::GzipBomb] {
        let (_sandbox, error) = refused_token(trick).await;
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{trick:?}: {error}");
    }
}

#[tokio::test]
async fn answers_that_never_end_or_never_were_text_are_errors() {
    for (trick, kinds) in [
        (Trick::InvalidUtf8, &[ErrorKind::InvalidAnswer][..]),
        (Trick::DeepNesting, &[ErrorKind::InvalidAnswer, ErrorKind::TooLarge]),
        (Trick::ManyHeaders, &[ErrorKind::Connect, ErrorKind::InvalidAnswer]),
    ] {
        let (_sandbox, error) = refused_token(trick).await;
        assert!(kinds.contains(&error.kind()), "{trick:?}: {error}");
    }
}

#[tokio::test]
async fn an_answer_of_one_byte_at_a_time_ends_at_the_total_time() {
    let (sandbox, _) = hostile(Trick::HugeLength).await;
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let transport = Transport::builder().total_timeout(Duration::from_secs(1)).build();
    let builder = Client::builder(Instance::parse(sandbox.url()).unwrap()).consumer(consumer);
    let error = request_token(&builder.transport(&transport).build()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed_and_name_the_targets_origin() {
    let (_sandbox, error) = refused_token(Trick::RedirectElsewhere).await;
    assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    assert!(error.to_string().contains("://"), "{error}");
    assert!(!error.to_string().contains('?'), "{error}");
    let (sandbox, error) = refused_token(Trick::RedirectLoop).await;
    assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_forged_date_header_never_dates_a_signature() {
    let (sandbox, client) = hostile(Trick::DateFarAhead).await;
    for _ in 0..3 {
        request_token(&client).await.unwrap();
    }
    let newest = sandbox.state().newest_timestamps[sandbox.consumer_key()];
    assert!(
        newest <= UtcTime::now().unix_seconds(),
        "the key is blocked until {newest}"
    );
}

#[tokio::test]
async fn a_forged_server_time_is_an_error_that_names_both_clocks() {
    let (sandbox, error) = refused_token(Trick::GmtTimeFarAhead).await;
    assert_eq!(error.kind(), ErrorKind::Clock, "{error}");
    assert!(error.to_string().contains("2099-"), "{error}");
    assert!(error.to_string().contains(&UtcTime::now().to_string()[..10]), "{error}");
    assert_eq!(sandbox.state().nonces, 0, "a signature was sent all the same");
}

#[tokio::test]
async fn secrets_that_the_server_echoes_stay_out_of_errors() {
    for trick in [Trick::EchoRequest, Trick::EchoRequestPage] {
        let (sandbox, client) = hostile(Trick::Nothing).await;
        let request_token = request_token(&client).await.unwrap();
        let verifier = Verifier::new(sandbox.approve(request_token.token()).unwrap());
        let access_token = client.access_token(&request_token, &verifier).await.unwrap();
        let session = client.oauth_access(&access_token).await.unwrap();
        sandbox.hostile(trick);
        let id = session.id();
        let given = client.session(SessionId::new(id.expose())).unwrap();
        let errors = [
            given.get_user_id().await.unwrap_err(),
            client.access_token(&request_token, &verifier).await.unwrap_err(),
            client.oauth_access(&access_token).await.unwrap_err(),
            client
                .signed(&access_token)
                .unwrap()
                .call_raw("get_user_id", serde_json::json!({}))
                .await
                .unwrap_err(),
            client
                .login_plain("admin", Password::new("hunter2-hunter2"))
                .await
                .unwrap_err(),
            client
                .login("admin", Password::new("hunter2-hunter2"))
                .await
                .unwrap_err(),
        ];
        let secrets = [
            id.expose(),
            verifier.expose(),
            access_token.token(),
            access_token.secret().expose(),
            "hunter2-hunter2",
            "6ce0ee6ca5bd3ef86ca2b1c3d7bf2dd1",
        ];
        for error in &errors {
            let texts = format!("{error} {error:?}");
            for secret in secrets {
                assert!(!texts.contains(secret), "{trick:?}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn labels_of_modules_come_exactly_as_sent() {
    let (sandbox, client) = hostile(Trick::Nothing).await;
    let session = client
        .login(sandbox.user_name(), Password::new(sandbox.password()))
        .await
        .unwrap();
    sandbox.hostile(Trick::LabelControlCharacters);
    let modules = session.get_available_modules().await.unwrap();
    assert!(modules.iter().any(|module| module.label.contains('\u{1b}')));
}

#[tokio::test]
async fn plain_http_to_another_machine_needs_a_yes_and_sends_nothing_without() {
    // TEST-NET-1 of RFC 5737: nobody answers there, so anything sent would time out and not be refused.
    let instance = Instance::parse("http://192.0.2.1").unwrap();
    let consumer = Consumer::new("KEY", "SECRET").unwrap();
    let error = Client::new(instance.clone(), consumer.clone())
        .request_token(Callback::OutOfBand)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PlainHttp);
    for exposed in ["token secrets", "session id", "password", "data", "forged"] {
        assert!(error.to_string().contains(exposed), "{error}");
    }
    let client = Client::builder(instance).allow_http(true).build();
    let error = client.login("admin", Password::new("hunter2")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PlainHttp, "{error}");
}

#[tokio::test]
async fn http_to_this_machine_needs_a_yes_when_it_would_pass_through_a_proxy() {
    let (sandbox, _) = hostile(Trick::Nothing).await;
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let transport = Transport::builder().proxy("http://192.0.2.1:3128").unwrap().build();
    let builder = Client::builder(Instance::parse(sandbox.url()).unwrap()).consumer(consumer);
    let error = request_token(&builder.transport(&transport).build()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PlainHttp, "{error}");
}

#[tokio::test]
async fn a_6_5_is_known_by_trying_v4() {
    let sandbox = Sandbox::builder().flavour(Flavour::SugarCe65).start().await.unwrap();
    let mut instance = Instance::parse(sandbox.url()).unwrap();
    if let Some(url) = sandbox.signing_url() {
        instance = instance.with_signing_url(url).unwrap();
    }
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    request_token(&Client::new(instance, consumer)).await.unwrap();
    let paths: Vec<String> = sandbox.requests().into_iter().map(|request| request.path).collect();
    assert!(paths.iter().any(|path| path.ends_with("/service/v4_1/rest.php")));
    assert!(paths.last().unwrap().ends_with("/service/v4/rest.php"), "{paths:?}");
}

#[tokio::test]
async fn an_instance_without_oauth_says_so_and_takes_a_password() {
    let sandbox = Sandbox::builder().flavour(Flavour::NoOauth).start().await.unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let error = request_token(&client).await.unwrap_err();
    assert!(error.to_string().contains("no OAuth methods"), "{error}");
    let session = client
        .login(sandbox.user_name(), Password::new(sandbox.password()))
        .await
        .unwrap();
    assert!(!session.get_user_id().await.unwrap().is_empty());
    session.logout().await.unwrap();
}
