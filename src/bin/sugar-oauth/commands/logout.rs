//! `logout`: forgets a profile.

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth logout
  sugar-oauth --profile staging logout";

/// Forgets a login: its profile, and its credentials in the keyring or the file
///
/// The server has no way to give an access token of OAuth 1.0a back: it stays valid until someone deletes it there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Logout {}

impl Logout {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let profile = context.profile()?;
        let (profiles, removed) = (context.profiles()?, profile.clone());
        context.blocking(move || profiles.remove(&removed)).await?;
        let left = still_valid(&profile);
        if context.output.is_json() {
            return context
                .output
                .json(&json!({"profile": profile.name(), "revoked": false, "note": left}));
        }
        context
            .output
            .line(format!("The profile {} is removed from this machine.", profile.name()))?;
        context.output.line(left)
    }
}

/// What stays on the server.
fn still_valid(profile: &sugar_oauth::profile::Profile) -> String {
    format!(
        "The access token itself stays valid on {} until an administrator deletes it there: Admin > OAuth Keys > {} > \
         its tokens.",
        profile.instance().site_url(),
        sugar_oauth::printable(profile.consumer_key())
    )
}
