//! A session: from the environment's access token, or on a practice instance.

use std::env;
use std::error::Error;

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{AccessToken, Callback, Client, Consumer, Instance, Session, TokenSecret, Verifier};

/// What the environment has to give for an instance other than the practice instance.
const VARIABLES: [&str; 5] = [
    "SUGAR_URL",
    "SUGAR_CONSUMER_KEY",
    "SUGAR_CONSUMER_SECRET",
    "SUGAR_ACCESS_TOKEN",
    "SUGAR_ACCESS_TOKEN_SECRET",
];

/// A session, and the practice instance that it is on, if it is.
pub async fn open() -> Result<(Session, Option<Sandbox>), Box<dyn Error>> {
    let mut access = VARIABLES[..1].iter().chain(&VARIABLES[3..]);
    if access.any(|name| env::var_os(name).is_some()) {
        return Ok((from_environment().await?, None));
    }
    println!("No SUGAR_* variables, so this exports a practice instance inside this process.");
    let sandbox = Sandbox::start().await?;
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?;
    let client = Client::new(Instance::parse(sandbox.url())?, consumer);
    let request_token = client.request_token(Callback::OutOfBand).await?;
    let verifier = Verifier::new(sandbox.approve(request_token.token())?);
    let access_token = client.access_token(&request_token, &verifier).await?;
    Ok((client.oauth_access(&access_token).await?, Some(sandbox)))
}

async fn from_environment() -> Result<Session, Box<dyn Error>> {
    let get =
        |name: &str| env::var(name).map_err(|_| format!("{name} is not set; needed are {}", VARIABLES.join(", ")));
    let mut instance = Instance::parse(&get("SUGAR_URL")?)?;
    if let Ok(url) = env::var("SUGAR_SIGNING_URL") {
        instance = instance.with_signing_url(&url)?;
    }
    let client = Client::builder(instance)
        .consumer(Consumer::new(
            get("SUGAR_CONSUMER_KEY")?,
            get("SUGAR_CONSUMER_SECRET")?,
        )?)
        .allow_http(env::var("SUGAR_ALLOW_HTTP").is_ok_and(|value| value == "1"))
        .build();
    let secret = TokenSecret::new(get("SUGAR_ACCESS_TOKEN_SECRET")?);
    let access_token = AccessToken::from_parts(get("SUGAR_ACCESS_TOKEN")?, secret)?;
    Ok(client.oauth_access(&access_token).await?)
}
