//! `login`: the three legs, who authorized, and keeping what came of it.

mod legs;
mod oauth1;
mod oauth2;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sugar_oauth::oauth2::RestVersion;
use sugar_oauth::profile::{Credentials, Keep, Profile};
use sugar_oauth::{Instance, printable};

use crate::arguments::Takes;
use crate::context::Context;
use crate::environment::variable;
use crate::failure::Failure;
use crate::input::{SecretSources, person_is_here, typed_line};
use crate::terminal::Lines;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth login https://crm.example.com --consumer-key KEY
  sugar-oauth --profile staging login https://staging.example.com --no-browser
  sugar-oauth login https://crm.example.com --secret-file secret.txt --expect-user admin
  sugar-oauth login https://new.example.com --api v11 --platform data_migration --user admin

Consumer key and secret come from the instance: Admin > OAuth Keys. Secrets are never arguments,
which every program on the machine can read: the secret comes from SUGAR_CONSUMER_SECRET, a file,
standard input or a prompt without echo.";

/// A request token lives one day.
const DAY: u64 = 24 * 60 * 60;

/// Which API to log in to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ApiName {
    V4_1,
    Rest(RestVersion),
}

impl ApiName {
    fn parse(text: &str) -> Result<Self, Takes> {
        match text {
            "v4_1" => Ok(ApiName::V4_1),
            other => RestVersion::new(other)
                .map(ApiName::Rest)
                .map_err(|_| Takes("v4_1, v10, v11 or v11_N, such as v11_20")),
        }
    }
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
    /// The API: v4_1, by OAuth 1.0a in the browser; v10, v11 or v11_N, by user name and password
    #[arg(long, default_value = "v4_1", value_parser = ApiName::parse)]
    api: ApiName,
    /// From Admin > OAuth Keys; asked for if not given, and `sugar` for v10 and v11
    #[arg(long, value_name = "KEY", env = "SUGAR_CONSUMER_KEY", hide_env_values = true)]
    consumer_key: Option<String>,
    /// A file that holds the consumer secret
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    secret_file: Option<PathBuf>,
    /// Reads the consumer secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    #[arg(long, hide = true, value_name = "SECRET")]
    consumer_secret: Option<String>,
    #[arg(long, hide = true, value_name = "PASSWORD")]
    password: Option<String>,
    /// The site URL as the server sees it, if a proxy stands before it
    #[arg(long, value_name = "URL", env = "SUGAR_SIGNING_URL", hide_env_values = true)]
    signing_url: Option<String>,
    /// Opens no browser: the address stands on a line of its own
    #[arg(long)]
    no_browser: bool,
    /// Does not listen for the browser: the page shows a code to paste
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
    /// The platform of this program, as registered under Admin > Configure API Platforms. `base` throws the user out of
    /// the browser
    #[arg(long, value_name = "NAME", help_heading = "Options of v10 and v11")]
    platform: Option<String>,
    /// Who logs in; asked for if not given
    #[arg(
        long,
        value_name = "NAME",
        env = "SUGAR_USER",
        hide_env_values = true,
        help_heading = "Options of v10 and v11"
    )]
    user: Option<String>,
    /// A file that holds the password, which otherwise comes from SUGAR_PASSWORD or is asked for
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "password_stdin",
        help_heading = "Options of v10 and v11"
    )]
    password_file: Option<PathBuf>,
    /// Reads the password from standard input
    #[arg(long, conflicts_with = "secret_stdin", help_heading = "Options of v10 and v11")]
    password_stdin: bool,
    /// Says yes to a password over plain http:// to another machine
    #[arg(long, help_heading = "Options of v10 and v11")]
    allow_password_over_http: bool,
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
        match &self.api {
            ApiName::V4_1 => oauth1::log_in(&self, context, &name, instance).await,
            ApiName::Rest(version) => oauth2::log_in(&self, context, &name, instance, version).await,
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
        .hint("or set SUGAR_CONSUMER_SECRET, SUGAR_PASSWORD, or give a file or standard input: login --help")
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

    /// Where the consumer secret may come from.
    fn consumer_secret(&self) -> SecretSources<'_> {
        SecretSources {
            what: "consumer secret",
            variable: "SUGAR_CONSUMER_SECRET",
            option: "--secret",
            file: self.secret_file.as_deref(),
            stdin: self.secret_stdin,
        }
    }

    /// Shows who authorized, and compares, or asks where there are lines to ask by.
    async fn confirm(&self, context: &Context, profile: &Profile, lines: Option<&mut Lines>) -> Result<(), Failure> {
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
        let Some(lines) = lines.filter(|_| person_is_here()) else {
            return Ok(());
        };
        let question = format!("Keep that as the profile {}? [Y/n]", profile.name());
        // Only a no is a no: a slip of the finger would cost the authorization.
        loop {
            let answer = typed_line(&question, lines, context).await?;
            match answer.to_ascii_lowercase().as_str() {
                "" | "y" | "yes" => return Ok(()),
                "n" | "no" => return Err(Failure::failed("nothing was kept, as you said")),
                _ => context.output.warn("Type y or n."),
            }
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
