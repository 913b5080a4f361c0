//! The command line.

use std::error::Error;
use std::fmt;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use sugar_oauth::printable;

use crate::commands::Command;
use crate::failure::Failure;
use crate::global::Global;

const AFTER_HELP: &str = "\
Examples:
  sugar-oauth login https://crm.example.com --consumer-key KEY
  sugar-oauth status
  sugar-oauth modules
  sugar-oauth list Contacts --limit 5
  sugar-oauth export Accounts Contacts --out crm-export
  sugar-oauth --profile staging logout

Variables: SUGAR_PROFILE, SUGAR_URL, SUGAR_SIGNING_URL, SUGAR_CONSUMER_KEY, SUGAR_CONSUMER_SECRET,
  SUGAR_USER, SUGAR_PASSWORD, SUGAR_ALLOW_HTTP=1, NO_COLOR
Exit status: 0 done, 1 failed, 2 usage, 3 not logged in, 4 refused by the server, 5 partly done,
  130 Ctrl-C";

/// OAuth 1.0a for the legacy SugarCRM and SuiteCRM REST API.
#[derive(Debug, Parser)]
#[command(name = "sugar-oauth", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What an option takes, said when it was given something else. A fixed text, so that no value is in it.
#[derive(Debug)]
pub struct Takes(pub &'static str);

impl fmt::Display for Takes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Error for Takes {}

/// What is wrong with the command line; `None` for help, which is printed as it is. clap's own texts repeat values, which
/// may be secrets in the wrong place: here only names of options are repeated.
pub fn failure(error: &clap::Error) -> Option<Failure> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let given = context(ContextKind::InvalidArg);
    let what = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return None;
        }
        ErrorKind::UnknownArgument if given.starts_with("--") => {
            let name = given.split('=').next().unwrap_or_default();
            format!("there is no option {} here", printable(name))
        }
        ErrorKind::UnknownArgument if given.starts_with('-') => {
            format!(
                "there is no option {} here",
                printable(&given.chars().take(2).collect::<String>())
            )
        }
        ErrorKind::UnknownArgument => String::from("there is an argument too many"),
        ErrorKind::InvalidSubcommand => String::from("there is no such command"),
        ErrorKind::MissingSubcommand => String::from("there is no command"),
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => format!("{given} needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let known = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) if !values.is_empty() => {
                    format!("; it knows {}", values.join(", "))
                }
                _ => match error.source().and_then(|cause| cause.downcast_ref::<Takes>()) {
                    Some(takes) => format!("; it takes {takes}"),
                    None => String::new(),
                },
            };
            format!("{given} has a value that it does not know{known}")
        }
        ErrorKind::MissingRequiredArgument => match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::Strings(names)) => format!("missing: {}", names.join(", ")),
            _ => String::from("an argument is missing"),
        },
        ErrorKind::ArgumentConflict => {
            let other = match error.get(ContextKind::PriorArg) {
                Some(ContextValue::String(name)) => name.clone(),
                Some(ContextValue::Strings(names)) => names.join(", "),
                _ => String::from("another option"),
            };
            format!("{given} and {other} exclude each other")
        }
        _ => String::from("the command line cannot be read"),
    };
    Some(Failure::usage(what).hint("sugar-oauth --help, or --help behind a command"))
}
