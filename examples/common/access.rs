//! Whose records they are: the instance that the environment names, or a practice instance inside this process.

use std::env;
use std::time::Duration;

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{AccessToken, Callback, Client, Consumer, Instance, Session, TokenSecret, Verifier};

use super::failure::Failure;
use super::interrupt::Interrupt;

/// What the environment has to give for an instance other than the practice instance.
const VARIABLES: [&str; 5] = [
    "SUGAR_URL",
    "SUGAR_CONSUMER_KEY",
    "SUGAR_CONSUMER_SECRET",
    "SUGAR_ACCESS_TOKEN",
    "SUGAR_ACCESS_TOKEN_SECRET",
];

/// How long a logout may take when the program is to end.
const LOGOUT: Duration = Duration::from_secs(3);

/// A client with an access token, and the practice instance behind them, if it is one.
pub struct Access {
    pub client: Client,
    pub token: AccessToken,
    pub practice: Option<Sandbox>,
}

impl Access {
    /// From the environment if it names an instance or an access token, otherwise on a practice instance, which approves
    /// by itself.
    pub async fn find() -> Result<Self, Failure> {
        if is_named() {
            return from_environment();
        }
        let sandbox = Sandbox::start()
            .await
            .map_err(|error| Failure::own(format!("the practice instance does not start: {}", error.kind())))?;
        let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?;
        let client = Client::new(Instance::parse(sandbox.url())?, consumer);
        let request_token = client.request_token(Callback::OutOfBand).await?;
        let verifier = sandbox.approve(request_token.token()).map_err(Failure::own)?;
        let token = client.access_token(&request_token, &Verifier::new(verifier)).await?;
        Ok(Self {
            client,
            token,
            practice: Some(sandbox),
        })
    }

    /// Opens a session.
    pub async fn session(&self) -> sugar_oauth::Result<Session> {
        self.client.oauth_access(&self.token).await
    }
}

/// Whether the environment names an instance. The key and its secret alone do not: they may be there for something else.
pub fn is_named() -> bool {
    let mut names = VARIABLES[..1].iter().chain(&VARIABLES[3..]);
    names.any(|name| env::var_os(name).is_some())
}

fn from_environment() -> Result<Access, Failure> {
    let get = |name: &str| {
        env::var(name).map_err(|_| {
            Failure::usage(format!("{name} is not set; needed are {}", VARIABLES.join(", ")))
                .hint("keep an access token with `cargo run --example walkthrough -- --save FILE`, and source FILE")
        })
    };
    let wrong = |name: &'static str| move |error: sugar_oauth::Error| Failure::input(name, &error);
    let mut instance = Instance::parse(&get("SUGAR_URL")?).map_err(wrong("SUGAR_URL"))?;
    if let Ok(url) = env::var("SUGAR_SIGNING_URL") {
        instance = instance.with_signing_url(&url).map_err(wrong("SUGAR_SIGNING_URL"))?;
    }
    let (key, secret) = (get("SUGAR_CONSUMER_KEY")?, get("SUGAR_CONSUMER_SECRET")?);
    let consumer = Consumer::new(key, secret).map_err(wrong("SUGAR_CONSUMER_KEY with SUGAR_CONSUMER_SECRET"))?;
    let client = Client::builder(instance)
        .consumer(consumer)
        .allow_http(env::var("SUGAR_ALLOW_HTTP").is_ok_and(|value| value == "1"))
        .build();
    let token = get("SUGAR_ACCESS_TOKEN")?;
    let secret = TokenSecret::new(get("SUGAR_ACCESS_TOKEN_SECRET")?);
    let token =
        AccessToken::from_parts(token, secret).map_err(wrong("SUGAR_ACCESS_TOKEN with SUGAR_ACCESS_TOKEN_SECRET"))?;
    Ok(Access {
        client,
        token,
        practice: None,
    })
}

/// Opens a session, unless Ctrl-C comes first: one that opens all the same is closed again.
pub async fn open(access: &Access, interrupt: &Interrupt) -> Result<Session, Failure> {
    match interrupt.or_after(access.session()).await {
        Ok(session) => Ok(session?),
        Err((failure, late)) => {
            if let Some(Ok(session)) = late {
                close(&session).await;
            }
            Err(failure.into())
        }
    }
}

/// Logs out at the end of a program. A session that cannot be closed ends by itself.
pub async fn close(session: &Session) {
    let _ = tokio::time::timeout(LOGOUT, session.logout()).await;
}
