//! `count`: how many records a module has.

use clap::Args;
use serde_json::json;
use sugar_oauth::Session;
use sugar_oauth::filter::Filter;

use crate::context::Context;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth count Contacts
  sugar-oauth count Accounts --filter \"accounts.industry = 'Banking'\"

Records that only other users may see are told apart, on standard error.";

/// Counts the records of a module that this user can list
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Count {
    /// The module, such as Contacts
    module: String,
    /// Only those that match this SQL condition; columns have the module's table before them
    #[arg(long, value_name = "SQL")]
    filter: Option<String>,
}

impl Count {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let sql = condition(self.filter.as_deref())?;
        let count = async |session: Session| {
            let visible = session.records(&self.module).filter(sql.as_str()).total_count().await?;
            // Where the list counts, this one tells only what others may see.
            let all = session.get_entries_count(&self.module, &sql).await;
            match visible {
                Some(visible) => Ok((visible, all.ok().map(|all| all.saturating_sub(visible)))),
                None => Ok((all?, None)),
            }
        };
        let (count, hidden) = context.with_session(count).await?;
        if context.output.is_json() {
            return context
                .output
                .json(&json!({"module": self.module, "count": count, "hidden": hidden}));
        }
        match hidden {
            Some(0) => {}
            Some(hidden) => context
                .output
                .warn(format!("{hidden} more may not be seen by this user")),
            None => context
                .output
                .warn("the server does not tell how many may not be seen by this user"),
        }
        context.output.line(count)
    }
}

/// A condition of the user's own, looked through before anything is sent; empty for none.
pub fn condition(sql: Option<&str>) -> Result<String, Failure> {
    match sql.map(Filter::raw) {
        None => Ok(String::new()),
        Some(Ok(filter)) => Ok(String::from(filter)),
        Some(Err(error)) => Err(Failure::input("--filter", &error)),
    }
}
