//! What the walkthrough is told: by arguments, by the environment, by a prompt.

use std::env::{self, VarError};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use sugar_oauth::sandbox::Flavour;
use sugar_oauth::signing::Placement;
use sugar_oauth::{ApiVersion, Instance};

use crate::failure::Failure;

pub const HELP: &str = "\
Walks the three legs of OAuth 1.0a for a SugarCRM or SuiteCRM, and says at each step what is sent
and what came back.

Usage: cargo run --example walkthrough -- [options]

Without options it walks on a practice instance inside this process: nothing else is needed.

The instance (in brackets the variables that stand in for options)
  --url URL                    the CRM's site URL, such as https://crm.example.com [SUGAR_URL]
  --consumer-key KEY           from Admin > OAuth Keys [SUGAR_CONSUMER_KEY]
  --consumer-secret-file FILE  a file that holds the consumer secret. Otherwise it comes from
                               SUGAR_CONSUMER_SECRET, or is asked for; it is never an argument
  --signing-url URL            the site URL as the server sees it, if a proxy stands before it
                               [SUGAR_SIGNING_URL]
  --allow-http                 plain http:// to another machine: all of it can be read, tokens and
                               password included [SUGAR_ALLOW_HTTP=1]
  --flavour NAME               which kind of practice instance: suitecrm7 (default), sugarce65,
                               suitecrm8, display-errors, no-oauth, callback-ignored,
                               stale-site-url, hostile

The walk
  --no-browser                 opens no browser; the address stands on a line of its own
  --no-callback                does not listen for the browser; the page shows a code to paste
  --port PORT                  the port of 127.0.0.1 to listen on (any free one)
  --timeout SECONDS            how long to wait for the authorization (300)
  --api v4|v4_1                the version of the API (v4_1, and v4 for the request token where
                               v4_1 refuses it)
  --placement form|query|header
                               where the signed parameters go (form)
  --explain                    shows the signature base string of each signed request
  --save FILE                  keeps URL, key and access token in FILE, for a shell to source
  --help                       this text

Examples
  cargo run --example walkthrough
  cargo run --example walkthrough -- --explain --flavour sugarce65
  cargo run --example walkthrough -- --url https://crm.example.com --consumer-key KEY
  cargo run --example walkthrough -- --url https://crm.example.com --consumer-key KEY \\
      --consumer-secret-file secret.txt --no-browser --save crm.env
";

/// What the walkthrough was told.
#[derive(Default)]
pub struct Arguments {
    pub help: bool,
    pub url: Option<String>,
    pub consumer_key: Option<String>,
    pub consumer_secret_file: Option<PathBuf>,
    pub signing_url: Option<String>,
    pub allow_http: bool,
    pub flavour: Option<Flavour>,
    pub no_browser: bool,
    pub no_callback: bool,
    pub port: Option<u16>,
    pub timeout: Option<Duration>,
    pub api: Option<ApiVersion>,
    pub placement: Placement,
    pub explain: bool,
    pub save: Option<PathBuf>,
}

/// How long to wait for the authorization unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(300);
/// A request token lives no longer.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Arguments {
    /// Reads the command line, and the environment where the command line is silent.
    pub fn read() -> Result<Self, Failure> {
        let mut arguments = Self::from_command_line(lexopt::Parser::from_env())?;
        if arguments.help {
            return Ok(arguments);
        }
        arguments.url = or_variable(arguments.url, "SUGAR_URL")?;
        arguments.allow_http |= variable("SUGAR_ALLOW_HTTP")?.is_some_and(|value| value == "1");
        if arguments.url.is_some() {
            arguments.consumer_key = or_variable(arguments.consumer_key, "SUGAR_CONSUMER_KEY")?;
            arguments.signing_url = or_variable(arguments.signing_url, "SUGAR_SIGNING_URL")?;
        }
        arguments.check()?;
        Ok(arguments)
    }

    fn from_command_line(mut parser: lexopt::Parser) -> Result<Self, Failure> {
        use lexopt::Arg::{Long, Short};
        let mut arguments = Self::default();
        while let Some(argument) = parser.next().map_err(cannot_be_read)? {
            let Long(name) = argument else {
                match argument {
                    Short('h') => arguments.help = true,
                    Short(letter) => return Err(Failure::usage(format!("there is no option -{letter}")).hint("--help")),
                    // It may be anything, a secret included: it is not repeated.
                    _ => {
                        return Err(Failure::usage("there is an argument without an option before it")
                            .hint("give the instance as --url URL, and see --help"));
                    }
                }
                continue;
            };
            let name = name.to_owned();
            let mut value = || {
                let value = parser
                    .value()
                    .map_err(|_| Failure::usage(format!("--{name} needs a value")).hint("--help"));
                value.and_then(|value| text(&name, value))
            };
            match name.as_str() {
                "help" => arguments.help = true,
                "url" => arguments.url = Some(value()?),
                "consumer-key" => arguments.consumer_key = Some(value()?),
                "consumer-secret" => return Err(secret_as_argument()),
                "consumer-secret-file" => arguments.consumer_secret_file = Some(value()?.into()),
                "signing-url" => arguments.signing_url = Some(value()?),
                "allow-http" => arguments.allow_http = true,
                "flavour" => arguments.flavour = Some(chosen(&name, &value()?)?),
                "no-browser" => arguments.no_browser = true,
                "no-callback" => arguments.no_callback = true,
                "port" => arguments.port = Some(chosen(&name, &value()?)?),
                "timeout" => arguments.timeout = Some(Duration::from_secs(chosen(&name, &value()?)?)),
                "api" => {
                    arguments.api = Some(match value()?.as_str() {
                        "v4" => ApiVersion::V4,
                        "v4_1" => ApiVersion::V4_1,
                        _ => return Err(Failure::usage("--api is v4 or v4_1")),
                    });
                }
                "placement" => {
                    arguments.placement = match value()?.as_str() {
                        "form" => Placement::Form,
                        "query" => Placement::Query,
                        "header" => Placement::Header,
                        _ => return Err(Failure::usage("--placement is form, query or header")),
                    };
                }
                "explain" => arguments.explain = true,
                "save" => arguments.save = Some(value()?.into()),
                _ => {
                    let shown = sugar_oauth::printable(&name);
                    return Err(Failure::usage(format!("there is no option --{shown}")).hint("--help"));
                }
            }
        }
        Ok(arguments)
    }

    fn check(&self) -> Result<(), Failure> {
        if self.timeout.is_some_and(|timeout| timeout.is_zero() || timeout > DAY) {
            return Err(Failure::usage(
                "--timeout is between 1 and 86400 seconds: a request token lives one day",
            ));
        }
        if self.no_callback && self.port.is_some() {
            return Err(Failure::usage("--port and --no-callback exclude each other"));
        }
        match self.url {
            Some(_) if self.flavour.is_some() => Err(Failure::usage(
                "--flavour is for the practice instance, and a URL is given (--url or SUGAR_URL)",
            )),
            Some(_) => Ok(()),
            None => {
                let alone = [
                    ("--consumer-key", self.consumer_key.is_some()),
                    ("--consumer-secret-file", self.consumer_secret_file.is_some()),
                    ("--signing-url", self.signing_url.is_some()),
                ];
                match alone.into_iter().find(|(_, given)| *given) {
                    Some((option, _)) => Err(Failure::usage(format!(
                        "{option} belongs to an instance, and none is given"
                    ))
                    .hint("give the instance as --url URL")),
                    None => Ok(()),
                }
            }
        }
    }

    /// How long to wait for the authorization.
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(TIMEOUT)
    }

    /// The instance to walk, if not the practice instance.
    pub fn instance(&self) -> Result<Option<Instance>, Failure> {
        let Some(url) = &self.url else {
            return Ok(None);
        };
        let instance = Instance::parse(url).map_err(|error| Failure::input("site URL (--url or SUGAR_URL)", &error))?;
        let instance = match &self.signing_url {
            Some(url) => instance
                .with_signing_url(url)
                .map_err(|error| Failure::input("--signing-url", &error))?,
            None => instance,
        };
        Ok(Some(instance))
    }
}

/// An environment variable. One that is set and empty counts as set, so that a mistake in a script is noticed.
pub fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::usage(format!("{name} is not text in UTF-8"))),
    }
}

fn or_variable(given: Option<String>, name: &str) -> Result<Option<String>, Failure> {
    match given {
        Some(given) => Ok(Some(given)),
        None => variable(name),
    }
}

fn text(name: &str, value: OsString) -> Result<String, Failure> {
    value
        .into_string()
        .map_err(|_| Failure::usage(format!("the value of --{name} is not text in UTF-8")))
}

/// A value that is read from text; the value itself is not repeated.
fn chosen<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Failure> {
    value
        .parse()
        .map_err(|_| Failure::usage(format!("--{name} has a value that it does not know")).hint("--help"))
}

/// lexopt's own texts repeat values.
fn cannot_be_read(error: lexopt::Error) -> Failure {
    match error {
        lexopt::Error::UnexpectedValue { option, .. } => {
            Failure::usage(format!("{option} takes no value")).hint("--help")
        }
        _ => Failure::usage("the command line cannot be read").hint("--help"),
    }
}

fn secret_as_argument() -> Failure {
    Failure::usage(
        "the consumer secret is not taken as an argument: every program on this machine can read arguments, and the \
         shell keeps them in its history",
    )
    .hint("leave it out, and be asked for it without echo")
    .hint("or set SUGAR_CONSUMER_SECRET, or give --consumer-secret-file FILE")
    .hint("and if it was a real one, change it under Admin > OAuth Keys: it is in the history now")
}
