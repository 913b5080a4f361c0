//! `login`: the three legs, who authorized, and keeping what came of it.

mod legs;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sugar_oauth::profile::{Api, Credentials, Keep, Profile, User};
use sugar_oauth::v4_1::GetEntry;
use sugar_oauth::{AccessToken, Client, Consumer, Instance, Session, printable};

use crate::context::Context;
use crate::failure::Failure;
use crate::input::{SecretSources, person_is_here, typed_line, variable};
use crate::terminal::Lines;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth login https://crm.example.com --consumer-key KEY
  sugar-oauth --profile staging login https://staging.example.com --no-browser
  sugar-oauth login https://crm.example.com --consumer-key KEY --secret-file secret.txt --expect-user admin

Consumer key and secret come from the instance: Admin > OAuth Keys. Secrets are never arguments, which every
program on the machine can read: the secret comes from SUGAR_CONSUMER_SECRET, a file, standard input or a prompt.";

/// A request token lives one day.
const DAY: u64 = 24 * 60 * 60;

/// Which API to log in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ApiName {
    /// service/v4_1/rest.php, by OAuth 1.0a
    #[value(name = "v4_1")]
    V4_1,
}

/// Where the credentials are to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KeepIn {
    Keyring,
    File,
}

/// Logs in: you authorize this program in a browser, and the credentials are kept as a profile
///
/// They go to the keyring of the operating system, or to a file that only you can read where there is no keyring. They
/// are used for this site and no other.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Login {
    /// The site URL, such as https://crm.example.com [env: SUGAR_URL]
    url: Option<String>,
    /// The API to use
    #[arg(long, value_enum, default_value = "v4_1")]
    api: ApiName,
    /// From Admin > OAuth Keys; asked for if not given
    #[arg(long, value_name = "KEY", env = "SUGAR_CONSUMER_KEY", hide_env_values = true)]
    consumer_key: Option<String>,
    /// A file that holds the secret
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    secret_file: Option<PathBuf>,
    /// Reads the secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    #[arg(long, hide = true, value_name = "SECRET")]
    consumer_secret: Option<String>,
    #[arg(long, hide = true, value_name = "PASSWORD")]
    password: Option<String>,
    /// The site URL as the server sees it, if a proxy stands before it
    #[arg(long, value_name = "URL", env = "SUGAR_SIGNING_URL", hide_env_values = true)]
    signing_url: Option<String>,
    /// Opens no browser; the address stands on a line of its own
    #[arg(long)]
    no_browser: bool,
    /// Does not listen for the browser; the page shows a code to paste
    #[arg(long, conflicts_with = "port")]
    no_callback: bool,
    /// The port of 127.0.0.1 to listen on [default: any free one]
    #[arg(long)]
    port: Option<u16>,
    /// How long to wait for the authorization
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=DAY))]
    timeout: u64,
    /// Fails unless this user authorizes: a user name, or an id
    #[arg(long, value_name = "USER")]
    expect_user: Option<String>,
    /// Where to keep the credentials [default: the keyring, and a file where there is none]
    #[arg(long, value_enum)]
    keep: Option<KeepIn>,
    /// Makes this the profile that is used when none is named
    #[arg(long)]
    default: bool,
}

impl Login {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        self.refuse_secrets()?;
        let instance = self.instance()?;
        let name = match &context.global.profile {
            Some(name) => name.clone(),
            None => Profile::name_for(&instance),
        };
        // Before anyone is sent to a browser for nothing.
        context.profiles()?.check(&name, &instance)?;
        match self.api {
            ApiName::V4_1 => self.by_oauth1(context, &name, instance).await,
        }
    }

    fn refuse_secrets(&self) -> Result<(), Failure> {
        if self.consumer_secret.is_none() && self.password.is_none() {
            return Ok(());
        }
        Err(Failure::usage(
            "a secret is not taken as an argument: every program on this machine can read arguments, and the shell keeps \
             them in its history",
        )
        .hint("leave it out, and be asked for it without echo")
        .hint("or set SUGAR_CONSUMER_SECRET, or give --secret-file FILE or --secret-stdin")
        .hint("and if it was a real one, change it on the instance: it is in the history now"))
    }

    fn instance(&self) -> Result<Instance, Failure> {
        let from_variable = variable("SUGAR_URL")?;
        let parse = |name: &str, url: &str| Instance::parse(url).map_err(|error| Failure::input(name, &error));
        let instance = match (&self.url, &from_variable) {
            (Some(url), None) => parse("URL", url)?,
            (None, Some(url)) => parse("SUGAR_URL", url)?,
            (Some(url), Some(variable)) => {
                let given = parse("URL", url)?;
                if given != parse("SUGAR_URL", variable)? {
                    return Err(Failure::usage("the URL given and SUGAR_URL differ").hint("unset SUGAR_URL"));
                }
                given
            }
            (None, None) => {
                return Err(Failure::usage("no URL is given").hint("sugar-oauth login https://crm.example.com"));
            }
        };
        match &self.signing_url {
            Some(url) => instance
                .with_signing_url(url)
                .map_err(|error| Failure::input("--signing-url", &error)),
            None => Ok(instance),
        }
    }

    async fn by_oauth1(&self, context: &Context, name: &str, instance: Instance) -> Result<(), Failure> {
        let (consumer, mut lines) = self.consumer(context).await?;
        let client = context.client_builder(instance)?.consumer(consumer.clone()).build();
        let access_token = legs::walk(self, context, &client, &mut lines).await?;
        let user = context
            .with_session_of(&client, &access_token, async |session| whose(&session).await)
            .await
            .map_err(|failure| failure.and(&unsaved(&client)))?;
        let kept = self
            .keep(context, name, &client, &consumer, &access_token, user, &mut lines)
            .await;
        let profile = kept.map_err(|failure| failure.and(&unsaved(&client)))?;
        self.say_where(context, &profile)
    }

    /// The consumer, and the reader of what else is typed.
    async fn consumer(&self, context: &Context) -> Result<(Consumer, Lines), Failure> {
        let bad = |error: sugar_oauth::Error| Failure::input("consumer", &error);
        let mut lines = None;
        let key = match &self.consumer_key {
            Some(key) => key.clone(),
            None if person_is_here() && !self.secret_stdin => {
                let lines = lines.insert(Lines::read());
                typed_line("Consumer key, from Admin > OAuth Keys:", lines, context).await?
            }
            None => {
                return Err(Failure::usage("no consumer key is given")
                    .hint("give --consumer-key KEY or set SUGAR_CONSUMER_KEY; it stands under Admin > OAuth Keys"));
            }
        };
        // A key that cannot be used is said before anyone types a secret.
        Consumer::new(key.as_str(), "not yet known").map_err(bad)?;
        let secret = SecretSources {
            what: "consumer secret",
            variable: "SUGAR_CONSUMER_SECRET",
            file: self.secret_file.as_deref(),
            stdin: self.secret_stdin,
        };
        let secret = secret.get(context).await?;
        let consumer = Consumer::new(key, secret).map_err(bad)?;
        Ok((consumer, lines.unwrap_or_else(Lines::read)))
    }

    #[allow(clippy::too_many_arguments, reason = "all that a login has come to")]
    async fn keep(
        &self,
        context: &Context,
        name: &str,
        client: &Client,
        consumer: &Consumer,
        access_token: &AccessToken,
        user: User,
        lines: &mut Lines,
    ) -> Result<Profile, Failure> {
        let profile = Profile::new(name, client.instance().clone(), Api::V4_1, consumer.key(), user)?;
        let credentials = Credentials::OAuth1 {
            consumer: consumer.clone(),
            access_token: access_token.clone(),
        };
        self.confirm(context, &profile, lines).await?;
        self.save(context, profile, credentials).await
    }

    /// Shows who authorized, and asks or compares.
    async fn confirm(&self, context: &Context, profile: &Profile, lines: &mut Lines) -> Result<(), Failure> {
        let shown = printable(&super::status::user(profile));
        context
            .output
            .note(format!("{shown} authorized, on {}.", profile.instance().site_url()));
        if let Some(expected) = &self.expect_user {
            let user = profile.user();
            return if *expected == user.id || Some(expected) == user.name.as_ref() {
                Ok(())
            } else {
                Err(
                    Failure::failed(format!("another user than the expected one authorized: {shown}"))
                        .hint("log out of the CRM in the browser, and log in there as the expected user"),
                )
            };
        }
        if !person_is_here() {
            return Ok(());
        }
        let question = format!("Keep that as the profile {}? [Y/n]", profile.name());
        match typed_line(&question, lines, context)
            .await?
            .to_ascii_lowercase()
            .as_str()
        {
            "" | "y" | "yes" => Ok(()),
            _ => Err(Failure::failed("nothing was kept, as you said")),
        }
    }

    async fn save(&self, context: &Context, profile: Profile, credentials: Credentials) -> Result<Profile, Failure> {
        let keep = match self.keep {
            None => Keep::KeyringOrFile,
            Some(KeepIn::Keyring) => Keep::Keyring,
            Some(KeepIn::File) => Keep::File,
        };
        let (profiles, default) = (context.profiles()?, self.default);
        context
            .blocking(move || {
                let saved = profiles.save(&profile, &credentials, keep)?;
                if default {
                    profiles.set_default(saved.name())?;
                }
                Ok(saved)
            })
            .await
    }

    fn say_where(&self, context: &Context, profile: &Profile) -> Result<(), Failure> {
        let output = context.output;
        if output.is_json() {
            return output.json(&super::status::as_json(profile, Some(&Ok(()))));
        }
        let user = printable(&super::status::user(profile));
        output.line(format!("Logged in to {} as {user}.", profile.instance().site_url()))?;
        output.line(format!(
            "The profile {} is kept in {}.",
            profile.name(),
            profile.place()
        ))
    }
}

/// The user whose session it is. Not every user may see their own name.
async fn whose(session: &Session) -> Result<User, Failure> {
    let id = session.get_user_id().await?;
    let entry = session
        .call(&GetEntry::new("Users", id.as_str()).select(["user_name"]))
        .await;
    let name = entry
        .ok()
        .flatten()
        .and_then(|entry| entry.get("user_name").map(|name| name.into_owned()));
    Ok(User {
        id,
        name: name.filter(|name| !name.is_empty()),
    })
}

/// What a login that was not kept leaves behind.
fn unsaved(client: &Client) -> String {
    format!(
        "an access token was given out and not kept: delete it on {} under Admin > OAuth Keys > {} > its tokens",
        client.instance().site_url(),
        printable(client.consumer_key().unwrap_or_default())
    )
}
