//! Where the walk goes: the practice instance, or one of the caller's.

use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Client, Consumer, Instance};

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::input::{consumer_secret, person_is_here};
use crate::interrupt::Interrupt;
use crate::screen::{Screen, shortened};
use crate::sent::Sent;

/// The instance with its client, and the sandbox if it is one.
pub struct Place {
    pub client: Client,
    pub sandbox: Option<Sandbox>,
}

impl Place {
    pub async fn find(arguments: &Arguments, screen: Screen, interrupt: &Interrupt) -> Result<Self, Failure> {
        screen.title("From a consumer key to a session: OAuth 1.0a for SugarCRM and SuiteCRM");
        let (instance, consumer, sandbox) = match arguments.instance()? {
            Some(instance) => {
                let consumer = ask_consumer(arguments, interrupt).await?;
                screen.pair("instance", instance.site_url().as_str());
                screen.pair("consumer key", consumer.key());
                (instance, consumer, None)
            }
            None => {
                let sandbox = start_sandbox(arguments).await?;
                introduce(&sandbox, screen);
                let (instance, consumer) = credentials(&sandbox)?;
                (instance, consumer, Some(sandbox))
            }
        };
        let sent = Sent::new(screen, arguments.explain);
        let mut builder = Client::builder(instance)
            .consumer(consumer)
            .allow_http(arguments.allow_http)
            .placement(arguments.placement)
            .observe_signed(move |request| sent.show(request));
        if let Some(version) = arguments.api {
            builder = builder.api_version(version);
        }
        let client = builder.build();
        Ok(Self { client, sandbox })
    }
}

async fn ask_consumer(arguments: &Arguments, interrupt: &Interrupt) -> Result<Consumer, Failure> {
    let bad = |error: sugar_oauth::Error| Failure::input("consumer", &error);
    let Some(key) = &arguments.consumer_key else {
        return Err(Failure::usage("no consumer key is given")
            .hint("give --consumer-key KEY or set SUGAR_CONSUMER_KEY; it stands under Admin > OAuth Keys"));
    };
    // A key that cannot be used is said before anyone types a secret.
    Consumer::new(key, "not yet known").map_err(bad)?;
    let secret = consumer_secret(arguments.consumer_secret_file.as_deref(), interrupt).await?;
    Consumer::new(key, secret.expose()).map_err(bad)
}

async fn start_sandbox(arguments: &Arguments) -> Result<Sandbox, Failure> {
    let flavour = arguments.flavour.unwrap_or_default();
    let started = Sandbox::builder().flavour(flavour).start().await;
    started.map_err(|error| Failure::own(format!("the practice instance cannot start: {}", error.kind())))
}

fn introduce(sandbox: &Sandbox, screen: Screen) {
    screen.note("No --url is given, so this walks on a practice instance inside this process.");
    screen.blank();
    screen.pair(
        "practice instance",
        &format!("{} ({})", sandbox.url(), sandbox.flavour()),
    );
    screen.pair("consumer key", sandbox.consumer_key());
    screen.pair("consumer secret", &shortened(sandbox.consumer_secret()));
    if person_is_here() {
        screen.pair(
            "log in there as",
            &format!("{}  password  {}", sandbox.user_name(), sandbox.password()),
        );
    }
}

fn credentials(sandbox: &Sandbox) -> Result<(Instance, Consumer), Failure> {
    let mut instance = Instance::parse(sandbox.url())?;
    if let Some(url) = sandbox.signing_url() {
        instance = instance.with_signing_url(url)?;
    }
    Ok((
        instance,
        Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?,
    ))
}
