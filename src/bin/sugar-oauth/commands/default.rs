//! `default`: which profile is meant when none is named.

use clap::Args;

use crate::context::Context;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth default staging
  sugar-oauth default";

/// Makes a profile the one that is used when none is named; without a name, tells which it is
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Default {
    /// The profile
    name: Option<String>,
}

impl Default {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let profiles = context.profiles()?;
        if let Some(name) = &self.name {
            profiles.set_default(name)?;
        }
        let name = profiles.default_name()?;
        if context.output.is_json() {
            return context.output.json(&serde_json::json!({"default": name}));
        }
        match name {
            Some(name) => context.output.line(name),
            None => context.output.line("none"),
        }
    }
}
