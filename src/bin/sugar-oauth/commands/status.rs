//! `status`: who is logged in where, and whether that still holds.

use clap::Args;
use serde_json::{Value, json};
use sugar_oauth::profile::{Api, Profile};
use sugar_oauth::{Session, printable};

use crate::context::Context;
use crate::failure::{Failure, Status as ExitStatus};

const EXAMPLES: &str = "\
Examples:
  sugar-oauth status
  sugar-oauth status --all --offline
  sugar-oauth --profile staging status --json";

/// Tells who is logged in where, since when, where the credentials lie, and asks the server whether they still hold
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Status {
    /// Asks no server
    #[arg(long)]
    offline: bool,
    /// Tells of all profiles
    #[arg(long)]
    all: bool,
}

impl Status {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        if !self.all {
            return self.tell(context, &context.profile()?).await;
        }
        let profiles = context.profiles()?;
        let names = profiles.names()?;
        if names.is_empty() {
            // The error that says how to log in.
            profiles.choose(None)?;
        }
        let mut worst = Ok(());
        for (index, name) in names.iter().enumerate() {
            if index > 0 && !context.output.is_json() {
                context.output.line("")?;
            }
            let told = async { self.tell(context, &profiles.get(name)?).await }.await;
            match told {
                Err(failure @ Failure::Told { .. }) if !failure.is_interrupt() => {
                    context.output.warn(format!("{name}: {failure}"));
                    worst = Err(Failure::new(ExitStatus::PartlyDone, "not all profiles are alive"));
                }
                other => other?,
            }
        }
        worst
    }

    async fn tell(&self, context: &Context, profile: &Profile) -> Result<(), Failure> {
        let output = context.output;
        if !output.is_json() {
            output.heading(profile.name())?;
            output.pair("user", &user(profile))?;
            output.pair("site", profile.instance().site_url().as_str())?;
            output.pair("API", profile.api().name())?;
            if let Api::Rest { platform, .. } = profile.api() {
                output.pair("platform", platform.name())?;
            }
            output.pair("consumer key", profile.consumer_key())?;
            output.pair("since", &format!("{} UTC", profile.since()))?;
            output.pair("credentials", &profile.place().to_string())?;
        }
        let asked = match self.offline {
            true => None,
            false => Some(self.is_alive(context, profile).await),
        };
        if output.is_json() {
            output.json(&as_json(profile, asked.as_ref()))?;
        } else if let Some(Ok(())) = asked {
            output.pair("alive", "yes")?;
        } else if let Some(Err(_)) = asked {
            output.pair("alive", "no")?;
        }
        asked.unwrap_or(Ok(()))
    }

    /// Asks whose the credentials are: for v4_1 by a session, which is what its access token is for.
    async fn is_alive(&self, context: &Context, profile: &Profile) -> Result<(), Failure> {
        let now = match profile.api() {
            Api::Rest { .. } => {
                let session = context.rest_session_of(profile).await?;
                let me = context.interrupt.or(session.me()).await??;
                me["current_user"]["id"].as_str().unwrap_or_default().to_owned()
            }
            _ => {
                let (client, access_token) = context.client_of(profile).await?;
                let ask = async |session: Session| Ok(session.get_user_id().await?);
                context.with_session_of(&client, &access_token, ask).await?
            }
        };
        if now == profile.user().id {
            return Ok(());
        }
        Err(Failure::failed(format!(
            "the credentials now belong to the user {}, not to {} who logged in",
            printable(&now),
            printable(&profile.user().id)
        ))
        .hint("log in anew"))
    }
}

/// Name and id.
pub fn user(profile: &Profile) -> String {
    let user = profile.user();
    match &user.name {
        Some(name) => format!("{name} (id {})", user.id),
        None => format!("id {}", user.id),
    }
}

/// A profile as `--json` prints it; `alive` is null where no server was asked.
pub fn as_json(profile: &Profile, asked: Option<&Result<(), Failure>>) -> Value {
    json!({
        "profile": profile.name(),
        "user": {"id": profile.user().id, "name": profile.user().name},
        "url": profile.instance().site_url().as_str(),
        "api": profile.api().name(),
        "platform": match profile.api() {
            Api::Rest { platform, .. } => Some(platform.name()),
            _ => None,
        },
        "consumer_key": profile.consumer_key(),
        "since": profile.since().to_string(),
        "credentials": profile.place().to_string(),
        "alive": asked.map(Result::is_ok),
    })
}
