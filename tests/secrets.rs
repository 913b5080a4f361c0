//! No secret is printed, turned into text or serialised by accident.

use std::fmt::{self, Debug, Display, Write as _};

use serde::Serialize;
use sugar_oauth::oauth2::{self, ClientSecret, DownloadToken, Platform, RefreshToken, Tokens};
use sugar_oauth::signing::{OAuthParameters, Parameters, Placement, SignedRequest, SigningKey, Target, sign};
use sugar_oauth::{
    AccessToken, Arguments, Callback, CallbackListener, Client, ClientBuilder, Consumer, ConsumerSecret, Instance,
    Password, RequestToken, Session, SessionId, Signed, TokenSecret, Transport, Verifier,
};
use url::Url;

const SITE: &str = "https://crm.example.com";

// What each value below holds, and none may show.
const CONSUMER_SECRET: &str = "consumer-s3cr3t";
const TOKEN_SECRET: &str = "token-s3cr3t";
const VERIFIER: &str = "3d07cb03515b";
const SESSION_ID: &str = "728cbb8f6d1a7b1fe57c4b868fc3f493";
const PASSWORD: &str = "hunter2";
const VALUE: &str = "kept-by-nobody";
const TOKEN: &str = "c2d6b05b37d1";
const CLIENT_SECRET: &str = "client-s3cr3t";
const ACCESS: &str = "802b64c0-5eac-8431";
const REFRESH: &str = "85053198-24b1-4521";
const DOWNLOAD: &str = "8c9b5461-0d95-8d87";
const SECRETS: [&str; 11] = [
    CONSUMER_SECRET,
    TOKEN_SECRET,
    VERIFIER,
    SESSION_ID,
    PASSWORD,
    VALUE,
    TOKEN,
    CLIENT_SECRET,
    ACCESS,
    REFRESH,
    DOWNLOAD,
];

fn shown(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

fn shows_a_secret(text: &str) -> bool {
    SECRETS.iter().any(|secret| text.contains(secret))
}

fn consumer() -> Consumer {
    Consumer::new("CUSTOMKEY", CONSUMER_SECRET).unwrap()
}

fn client_builder() -> ClientBuilder {
    Client::builder(Instance::parse(SITE).unwrap()).consumer(consumer())
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let client = client_builder().build();
    let access_token = AccessToken::from_parts(TOKEN, TokenSecret::new(TOKEN_SECRET)).unwrap();
    let request_token = RequestToken::from_parts(&client, TOKEN, TokenSecret::new(TOKEN_SECRET)).unwrap();
    let key = SigningKey::new(
        &ConsumerSecret::new(CONSUMER_SECRET),
        Some(&TokenSecret::new(TOKEN_SECRET)),
    );
    let oauth = OAuthParameters::new("CUSTOMKEY", VALUE, 1)
        .token(TOKEN)
        .verifier(VERIFIER)
        .callback("http://127.0.0.1/kept-by-nobody");
    let parameters = Parameters::new().with("rest_data", format!("{VALUE} {SESSION_ID}"));
    let url: Url = format!("{SITE}/rest.php?a={VALUE}").parse().unwrap();
    let target = Target::post(&url);
    let transport = Transport::builder()
        .proxy("http://someone:hunter2@proxy.example:3128")
        .unwrap();
    let listener = CallbackListener::bind(None).await.unwrap();
    let path = listener.url().path().to_owned();
    let values: [(&str, Box<dyn Debug>); 24] = [
        ("ConsumerSecret", Box::new(ConsumerSecret::new(CONSUMER_SECRET))),
        ("TokenSecret", Box::new(TokenSecret::new(TOKEN_SECRET))),
        ("Verifier", Box::new(Verifier::new(VERIFIER))),
        ("SessionId", Box::new(SessionId::new(SESSION_ID))),
        ("Password", Box::new(Password::new(PASSWORD))),
        ("Consumer", Box::new(consumer())),
        ("ClientBuilder", Box::new(client_builder())),
        ("Client", Box::new(client.clone())),
        ("Session", Box::new(client.session(SessionId::new(SESSION_ID)).unwrap())),
        ("Signed", Box::new(client.signed(&access_token).unwrap())),
        ("AuthorizeUrl", Box::new(request_token.authorize_url().clone())),
        ("AccessToken", Box::new(access_token)),
        ("RequestToken", Box::new(request_token)),
        ("Target", Box::new(format!("{target:?}"))),
        ("OAuthParameters", Box::new(format!("{oauth:?}"))),
        ("Parameters", Box::new(parameters.clone())),
        (
            "form",
            Box::new(sign(&key, &target, &oauth, &parameters, Placement::Form)),
        ),
        (
            "query",
            Box::new(sign(&key, &target, &oauth, &parameters, Placement::Query)),
        ),
        (
            "header",
            Box::new(sign(&key, &target, &oauth, &parameters, Placement::Header)),
        ),
        ("SigningKey", Box::new(key)),
        ("Arguments", Box::new(Arguments::new().with("password", PASSWORD))),
        (
            "Callback",
            Box::new(Callback::Url(url.join("/kept-by-nobody").unwrap())),
        ),
        ("TransportBuilder", Box::new(format!("{transport:?}"))),
        ("Transport", Box::new(transport.build())),
    ];
    for (name, value) in &values {
        let shown = shown(value.as_ref());
        assert!(!shows_a_secret(&shown), "{name}: {shown}");
    }
    for shown in [shown(&listener), shown(&listener.callback())] {
        assert!(!shown.contains(&path), "{shown}");
    }
}

#[test]
fn debug_shows_no_secret_of_oauth_2() {
    let builder = oauth2::Client::builder(Instance::parse(SITE).unwrap(), Platform::new("test").unwrap())
        .client_id("my_key", Some(ClientSecret::new(CLIENT_SECRET)))
        .unwrap();
    let mut tokens = Tokens::new(oauth2::AccessToken::new(ACCESS), Some(RefreshToken::new(REFRESH)));
    tokens.download_token = Some(DownloadToken::new(DOWNLOAD));
    let client = builder.clone().build();
    let values: [(&str, Box<dyn Debug>); 8] = [
        ("ClientSecret", Box::new(ClientSecret::new(CLIENT_SECRET))),
        ("AccessToken", Box::new(tokens.access_token.clone())),
        ("RefreshToken", Box::new(tokens.refresh_token.clone())),
        ("DownloadToken", Box::new(tokens.download_token.clone())),
        ("Tokens", Box::new(tokens.clone())),
        ("Session", Box::new(client.session(tokens).unwrap())),
        ("Client", Box::new(client)),
        ("ClientBuilder", Box::new(builder)),
    ];
    for (name, value) in &values {
        let shown = shown(value.as_ref());
        assert!(!shows_a_secret(&shown), "{name}: {shown}");
    }
}

/// The values hold what is looked for above: a `Debug` that printed it would be found.
#[test]
fn the_search_for_secrets_finds_them() {
    for secret in SECRETS {
        assert!(shows_a_secret(&shown(&Some(secret))), "{secret}");
    }
    let key = SigningKey::new(&ConsumerSecret::new(CONSUMER_SECRET), None);
    let url: Url = format!("{SITE}/?a={VALUE}").parse().unwrap();
    let oauth = OAuthParameters::new("CUSTOMKEY", VALUE, 1).verifier(VERIFIER);
    let signed = sign(&key, &Target::get(&url), &oauth, &Parameters::new(), Placement::Query);
    assert!(shows_a_secret(signed.url().as_str()) && shows_a_secret(signed.base_string()));
    assert_eq!(Verifier::new(VERIFIER).expose(), VERIFIER);
}

/// Whether a type implements a trait: the inherent constant, which asks for the trait, hides the other where it can.
macro_rules! implements {
    ($type:ty: $trait:path) => {{
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "one of the two is hidden")]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> Otherwise for Probe<T> {}
        #[allow(dead_code, reason = "not there for types without the trait")]
        impl<T: ?Sized + $trait> Probe<T> {
            const ANSWER: bool = true;
        }
        <Probe<$type>>::ANSWER
    }};
}

macro_rules! ways_to_text {
    ($($type:ty),*) => {
        [$((
            stringify!($type),
            [
                implements!($type: Display),
                implements!($type: ToString),
                implements!($type: Serialize),
                implements!($type: AsRef<str>),
                implements!($type: AsRef<[u8]>),
                implements!($type: Into<String>),
                implements!($type: std::borrow::Borrow<str>),
                implements!($type: std::ops::Deref),
                implements!($type: fmt::LowerHex),
            ],
        )),*]
    };
}

#[test]
fn secrets_are_neither_displayed_nor_serialised() {
    for (name, ways) in ways_to_text![ConsumerSecret, TokenSecret, Verifier, SessionId, Password] {
        assert_eq!(ways, [false; 9], "{name}");
    }
    for (name, ways) in ways_to_text![
        ClientSecret,
        oauth2::AccessToken,
        RefreshToken,
        DownloadToken,
        Tokens,
        oauth2::Client,
        oauth2::Session
    ] {
        assert_eq!(ways, [false; 9], "{name}");
    }
    for (name, ways) in ways_to_text![
        Consumer,
        AccessToken,
        RequestToken,
        Client,
        Session,
        Signed,
        SigningKey,
        SignedRequest,
        Parameters
    ] {
        assert_eq!(ways, [false; 9], "{name}");
    }
}

/// The probe tells the difference.
#[test]
fn the_probe_knows_a_trait_when_it_is_there() {
    let [(_, ways), (_, of_number), (_, of_nothing)] = ways_to_text![String, u8, Option<Vec<u8>>];
    assert_eq!(ways, [true, true, true, true, true, true, true, true, false]);
    assert_eq!(of_number, [true, true, true, false, false, false, false, false, true]);
    assert_eq!(
        of_nothing,
        [false, false, true, false, false, false, false, false, false]
    );
    struct Careless(&'static str);
    impl Display for Careless {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }
    }
    let mut text = String::new();
    write!(text, "{}", Careless(PASSWORD)).unwrap();
    assert!(shows_a_secret(&text) && implements!(Careless: Display) && !implements!(Careless: Serialize));
}
