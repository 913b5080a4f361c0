//! `sandbox`: a practice instance.

use clap::Args;
use serde_json::json;
use sugar_oauth::sandbox::{Flavour, Sandbox as Instance};

use crate::arguments::Takes;
use crate::context::Context;
use crate::environment::variable;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth sandbox
  sugar-oauth sandbox --port 8080 --flavour sugarce65
  sugar-oauth sandbox --records 1000,20000

It listens on 127.0.0.1 only, keeps everything in memory and forgets it at the end. Secrets of your
own come from SUGAR_CONSUMER_SECRET and SUGAR_PASSWORD; otherwise they are random.";

/// Runs a practice instance until Ctrl-C, and prints how to log in
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Sandbox {
    /// The port; any free one unless given
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// What it plays
    #[arg(long, value_name = "NAME", default_value = "suitecrm7", value_parser = flavours())]
    flavour: String,
    /// So many accounts and contacts
    #[arg(long, value_name = "ACCOUNTS,CONTACTS", value_parser = numbers)]
    records: Option<(usize, usize)>,
    /// The consumer key; random unless given
    #[arg(long, value_name = "KEY")]
    consumer_key: Option<String>,
    /// The name of the user
    #[arg(long, value_name = "NAME", default_value = "admin")]
    user: String,
    /// A platform for logins by OAuth 2, beside base, mobile and portal (sugar11)
    #[arg(long, value_name = "NAME")]
    platform: Option<String>,
}

impl Sandbox {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let flavour: Flavour = self
            .flavour
            .parse()
            .map_err(|_| Failure::usage("there is no such flavour"))?;
        let secret = |name| Ok::<_, Failure>(variable(name)?.filter(|value| !value.is_empty()));
        let mut builder = Instance::builder().flavour(flavour).port(self.port);
        let (key, consumer_secret) = (self.consumer_key, secret("SUGAR_CONSUMER_SECRET")?);
        if key.is_some() || consumer_secret.is_some() {
            builder = builder.consumer(or_random(key)?, or_random(consumer_secret)?);
        }
        builder = builder.user(self.user, or_random(secret("SUGAR_PASSWORD")?)?);
        if let Some((accounts, contacts)) = self.records {
            builder = builder.records(accounts, contacts);
        }
        if let Some(platform) = &self.platform {
            builder = builder.platform(platform);
        }
        let started = context.interrupt.or(builder.start()).await?;
        let sandbox = started.map_err(|error| {
            Failure::failed(format!("the practice instance does not start: {}", error.kind()))
                .hint("give another port, or none")
        })?;
        tell(context, &sandbox, self.platform.as_deref().unwrap_or("mobile"))?;
        context.interrupt.pressed().await;
        sandbox.stop().await;
        Ok(())
    }
}

/// Secrets are printed: they are of no other use than to log in here.
fn tell(context: &Context, sandbox: &Instance, platform: &str) -> Result<(), Failure> {
    let output = context.output;
    let is_rest = sandbox.flavour() == Flavour::Sugar11;
    if output.is_json() {
        return output.json(&json!({
            "flavour": sandbox.flavour().name(),
            "url": sandbox.url(),
            "signing_url": sandbox.signing_url(),
            "consumer_key": (!is_rest).then(|| sandbox.consumer_key()),
            "consumer_secret": (!is_rest).then(|| sandbox.consumer_secret()),
            "user": sandbox.user_name(),
            "password": sandbox.password(),
        }));
    }
    output.heading(format!("Practice instance ({})", sandbox.flavour()))?;
    output.pair("URL", sandbox.url())?;
    if let Some(url) = sandbox.signing_url() {
        output.pair("URL to sign", url)?;
    }
    if is_rest {
        output.pair("client id", "sugar, without a secret")?;
    } else {
        output.pair("consumer key", sandbox.consumer_key())?;
        output.pair("its secret", sandbox.consumer_secret())?;
    }
    output.pair("user", sandbox.user_name())?;
    output.pair("password", sandbox.password())?;
    output.line(if is_rest {
        format!(
            "Log in: sugar-oauth login {} --api v11 --platform {platform} --user {}",
            sandbox.url(),
            sandbox.user_name()
        )
    } else {
        format!(
            "Log in: sugar-oauth login {} --consumer-key {}",
            sandbox.url(),
            sandbox.consumer_key()
        )
    })?;
    output.line("Ctrl-C ends it.")
}

fn flavours() -> clap::builder::PossibleValuesParser {
    Flavour::ALL.map(Flavour::name).into()
}

fn numbers(text: &str) -> Result<(usize, usize), Takes> {
    let numbers = text.split_once(',');
    let numbers = numbers.and_then(|(accounts, contacts)| Some((accounts.parse().ok()?, contacts.parse().ok()?)));
    numbers.ok_or(Takes("two numbers, such as 1000,20000"))
}

fn or_random(given: Option<String>) -> Result<String, Failure> {
    match given {
        Some(given) => Ok(given),
        None => getrandom::u64()
            .map(|random| format!("{random:016x}"))
            .map_err(|_| Failure::failed("this machine gives no random numbers")),
    }
}
