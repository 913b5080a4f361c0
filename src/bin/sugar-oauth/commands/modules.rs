//! `modules`: which there are, and how many records.

use clap::Args;
use serde_json::json;
use sugar_oauth::Session;
use sugar_oauth::records::export::PlannedModule;

use crate::context::Context;
use crate::failure::Failure;
use crate::input::person_is_here;
use crate::listing::{Column, Listing};

const EXAMPLES: &str = "\
Examples:
  sugar-oauth modules
  sugar-oauth modules --names
  sugar-oauth modules --json | grep '\"exportable\":true'

Some modules can be read although the server's list does not name them: they are tried. What only
other users may see is counted as hidden. --names asks once and tries nothing.";

/// Lists the modules: which can be exported, how many records they have, how many are hidden
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Modules {
    /// Only what the server's list names, without counts
    #[arg(long)]
    names: bool,
}

impl Modules {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        context
            .with_session(async |session: Session| match self.names {
                true => names(context, &session).await,
                false => all(context, &session).await,
            })
            .await
    }
}

async fn names(context: &Context, session: &Session) -> Result<(), Failure> {
    let modules = session.get_available_modules().await?;
    if context.output.is_json() {
        for module in modules {
            context
                .output
                .json(&json!({"module": module.key, "label": module.label}))?;
        }
        return Ok(());
    }
    let mut listing = Listing::new(vec![Column::text("module"), Column::text("label")]);
    for module in modules {
        listing.row([module.key, module.label]);
    }
    listing.print(context.output)
}

async fn all(context: &Context, session: &Session) -> Result<(), Failure> {
    if !context.output.is_json() && person_is_here() {
        context
            .output
            .note("Asking about every module; --names lists them at once.");
    }
    let plan = session.export().plan().await?;
    if context.output.is_json() {
        for module in &plan.modules {
            context.output.json(&as_json(module))?;
        }
        for module in plan.left_out {
            let line = json!({"module": module.module, "exportable": false, "reason": module.reason});
            context.output.json(&line)?;
        }
        return Ok(());
    }
    let columns = ["records", "hidden", "fields"].map(Column::number);
    let mut listing = Listing::new([vec![Column::text("module")], columns.to_vec(), vec![Column::text("")]].concat());
    for module in &plan.modules {
        let withheld = match module.credential_fields.as_slice() {
            [] => String::new(),
            fields => format!("exported without {}", fields.join(", ")),
        };
        let counts = [counted(module.total_count), hidden(module), module.fields.to_string()];
        listing.row(std::iter::once(module.module.clone()).chain(counts).chain([withheld]));
    }
    for module in plan.left_out {
        let nothing = [String::new(), String::new(), String::new()];
        let why = format!("not exported: {}", module.reason);
        listing.row(std::iter::once(module.module).chain(nothing).chain([why]));
    }
    listing.print(context.output)
}

/// A module as `--json` prints it.
pub fn as_json(module: &PlannedModule) -> serde_json::Value {
    json!({
        "module": module.module,
        "exportable": true,
        "count": module.total_count,
        "hidden": module.hidden(),
        "fields": module.fields,
        "credential_fields": module.credential_fields,
    })
}

/// A count, or that the server does not count.
pub fn counted(count: Option<u64>) -> String {
    count.map_or_else(|| String::from("?"), |count| count.to_string())
}

/// Records that this user may not see; nothing for none.
pub fn hidden(module: &PlannedModule) -> String {
    match module.hidden() {
        Some(0) => String::new(),
        hidden => counted(hidden),
    }
}
