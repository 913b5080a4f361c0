//! Runs a practice instance until Ctrl-C.

use std::env;
use std::process::ExitCode;
use sugar_oauth::sandbox::{Flavour, Sandbox};

const HELP: &str = "\
Runs a practice instance on 127.0.0.1 until Ctrl-C.

Usage: cargo run --example sandbox -- [options]

  --port PORT           the port (any free one)
  --flavour NAME        suitecrm7 (default), sugarce65, suitecrm8, display-errors, no-oauth,
                        callback-ignored, stale-site-url, hostile, sugar11
  --consumer-key KEY    the consumer key (random)
  --user NAME           the name of the user (admin)
  --platform NAME       a platform for OAuth 2, beside base, mobile and portal (sugar11 only)
  --help                this text

The secrets come from the environment: SUGAR_CONSUMER_SECRET and SUGAR_PASSWORD; random if unset.
";

#[derive(Default)]
struct Options {
    port: u16,
    flavour: Flavour,
    consumer_key: Option<String>,
    user: Option<String>,
    platform: Option<String>,
    help: bool,
}

fn options() -> Result<Options, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options::default();
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = arguments.value()?.parse()?,
            Long("flavour") => options.flavour = arguments.value()?.parse()?,
            Long("consumer-key") => options.consumer_key = Some(arguments.value()?.string()?),
            Long("user") => options.user = Some(arguments.value()?.string()?),
            Long("platform") => options.platform = Some(arguments.value()?.string()?),
            Short('h') | Long("help") => options.help = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

/// Sixteen random hexadecimal digits.
fn random() -> Result<String, getrandom::Error> {
    Ok(format!("{:016x}", getrandom::u64()?))
}

/// A secret from the environment, or a random one.
fn secret(variable: &str) -> Result<String, getrandom::Error> {
    match env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => random(),
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let key = options.consumer_key.map_or_else(random, Ok)?;
    let user = options.user.unwrap_or_else(|| "admin".to_owned());
    let mut builder = Sandbox::builder()
        .flavour(options.flavour)
        .port(options.port)
        .consumer(key, secret("SUGAR_CONSUMER_SECRET")?)
        .user(user, secret("SUGAR_PASSWORD")?);
    if let Some(platform) = &options.platform {
        builder = builder.platform(platform);
    }
    let sandbox = builder.start().await?;
    println!("Practice instance ({})", sandbox.flavour());
    println!("  URL              {}", sandbox.url());
    if sandbox.flavour() == Flavour::Sugar11 {
        println!("  OAuth 2          {}/rest/v11/oauth2/token", sandbox.url());
        println!("  Client id        sugar, without a secret");
        let own = options.platform.map(|name| format!(", {name}")).unwrap_or_default();
        println!("  Platforms        base, mobile, portal{own}");
    } else {
        println!("  Consumer key     {}", sandbox.consumer_key());
        println!("  Consumer secret  {}", sandbox.consumer_secret());
    }
    println!("  User name        {}", sandbox.user_name());
    println!("  Password         {}", sandbox.password());
    println!("Ctrl-C ends it.");
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(options) if options.help => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The practice instance does not run: {error}");
            ExitCode::FAILURE
        }
    }
}
