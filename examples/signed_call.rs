//! A direct call: signed with the access token, without a session.
//!
//!     cargo run --example signed_call
//!
//! With the variables that `walkthrough --save FILE` keeps (`. FILE`) and SUGAR_CONSUMER_SECRET it calls that instance;
//! without any of them a practice instance inside this process.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::v4_1::GetEntryList;
use sugar_oauth::{AccessToken, Callback, Client, Consumer, Instance, TokenSecret, Verifier, printable};

/// What the environment has to give for an instance other than the practice instance.
const VARIABLES: [&str; 5] = [
    "SUGAR_URL",
    "SUGAR_CONSUMER_KEY",
    "SUGAR_CONSUMER_SECRET",
    "SUGAR_ACCESS_TOKEN",
    "SUGAR_ACCESS_TOKEN_SECRET",
];

/// A client and an access token from the environment.
fn from_environment() -> Result<(Client, AccessToken), Box<dyn Error>> {
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
    Ok((client, AccessToken::from_parts(get("SUGAR_ACCESS_TOKEN")?, secret)?))
}

/// A client and an access token of a practice instance, which approves by itself.
async fn from_sandbox(sandbox: &Sandbox) -> Result<(Client, AccessToken), Box<dyn Error>> {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?;
    let client = Client::new(Instance::parse(sandbox.url())?, consumer);
    let request_token = client.request_token(Callback::OutOfBand).await?;
    let verifier = Verifier::new(sandbox.approve(request_token.token())?);
    let access_token = client.access_token(&request_token, &verifier).await?;
    Ok((client, access_token))
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut practice = None;
    let (client, access_token) = if VARIABLES[..1]
        .iter()
        .chain(&VARIABLES[3..])
        .any(|name| env::var_os(name).is_some())
    {
        from_environment()?
    } else {
        println!("No SUGAR_* variables, so this calls a practice instance inside this process.");
        let sandbox = practice.insert(Sandbox::start().await?);
        from_sandbox(sandbox).await?
    };
    println!(
        "Calling get_entry_list on {}, signed, no session:",
        client.instance().site_url()
    );
    let call = GetEntryList::new("Accounts")
        .select(["id", "name", "billing_address_city"])
        .max_results(5);
    let list = client.signed(&access_token)?.call(&call).await?;
    if let Some(total) = list.total_count {
        println!("{} of {total} accounts", list.entries.len());
    }
    for entry in &list.entries {
        let field = |name: &str| printable(&entry.get(name).unwrap_or_default());
        println!(
            "  {}  {}, {}",
            printable(entry.id()),
            field("name"),
            field("billing_address_city")
        );
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
