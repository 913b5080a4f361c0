//! `logout`: forgets a profile, and ends it on the server where that can be done.

use clap::Args;
use serde_json::json;
use sugar_oauth::printable;
use sugar_oauth::profile::{Api, Profile};

use crate::context::Context;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth logout
  sugar-oauth --profile staging logout";

/// Forgets a login: its profile, and its credentials in the keyring or the file
///
/// A login to v10 or v11 is ended on the server. For v4_1 the server has no way to give an access token back: it stays
/// valid until someone deletes it there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Logout {
    /// Only forgets it here; asks no server
    #[arg(long)]
    offline: bool,
}

impl Logout {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let profile = context.profile()?;
        let revoked = match profile.api() {
            Api::Rest { .. } if !self.offline => self.revoke(context, &profile).await?,
            _ => false,
        };
        let (profiles, removed) = (context.profiles()?, profile.clone());
        context.blocking(move || profiles.remove(&removed)).await?;
        let note = (!revoked).then(|| still_valid(&profile));
        if context.output.is_json() {
            let told = json!({"profile": profile.name(), "revoked": revoked, "note": note});
            return context.output.json(&told);
        }
        context
            .output
            .line(format!("The profile {} is removed from this machine.", profile.name()))?;
        match note {
            Some(note) => context.output.line(note),
            None => context
                .output
                .line(format!("The login was ended on {}.", profile.instance().site_url())),
        }
    }

    /// Ends the login on the server.
    async fn revoke(&self, context: &Context, profile: &Profile) -> Result<bool, Failure> {
        let session = context.rest_session_of(profile).await?;
        let ended = context.interrupt.or(session.logout()).await?;
        let failure = ended.map(|()| true).map_err(Failure::from);
        failure.map_err(|failure| {
            failure
                .and("the profile is still there")
                .hint("to forget it here all the same: sugar-oauth logout --offline")
        })
    }
}

/// What stays on the server.
fn still_valid(profile: &Profile) -> String {
    let site = profile.instance().site_url();
    match profile.api() {
        Api::Rest { platform, .. } => format!(
            "The login itself stays valid on {site} until it ends, or the same user logs in again with the platform {}.",
            platform.name()
        ),
        _ => format!(
            "The access token itself stays valid on {site} until an administrator deletes it there: Admin > OAuth Keys > \
             {} > its tokens.",
            printable(profile.consumer_key())
        ),
    }
}
