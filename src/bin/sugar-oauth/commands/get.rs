//! `get`: one record.

use clap::Args;
use serde_json::Value;
use sugar_oauth::v4_1::GetEntry;
use sugar_oauth::{Session, printable};

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal::{columns, pad};

const EXAMPLES: &str = "\
Examples:
  sugar-oauth get Accounts 1c4d9a1a-c716-ba65-159f-6b015bb081ae
  sugar-oauth get Accounts 1c4d9a1a-c716-ba65-159f-6b015bb081ae --fields name,phone_office
  sugar-oauth get Accounts 1c4d9a1a-c716-ba65-159f-6b015bb081ae --json";

/// Shows one record
///
/// Long values are cut for people; --json has them whole.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Get {
    /// The module, such as Contacts
    module: String,
    /// The record's id
    id: String,
    /// Only these fields
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    fields: Vec<String>,
}

impl Get {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let wanted = GetEntry::new(&self.module, &self.id).select(&self.fields);
        let ask = async |session: Session| Ok(session.call(&wanted).await?);
        let entry = context.with_session(ask).await?.ok_or_else(|| {
            Failure::failed("there is no such record, or this user may not see it")
                .hint("check the id, and the module that it belongs to")
        })?;
        if context.output.is_json() {
            return context.output.json(&entry.to::<Value>()?);
        }
        let widest = entry.fields().map(|name| columns(&printable(name))).max().unwrap_or(0);
        for name in entry.fields() {
            let value = entry.get(name).unwrap_or_default();
            let line = format!("{}  {}", pad(&printable(name), widest), printable(&value));
            context.output.line(line.trim_end())?;
        }
        Ok(())
    }
}
