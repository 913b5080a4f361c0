//! `fields`: what a module is made of.

use clap::Args;
use serde_json::json;
use sugar_oauth::Session;
use sugar_oauth::v4_1::{GetModuleFields, LinkField, ModuleField};

use crate::context::Context;
use crate::failure::Failure;
use crate::listing::{Column, Listing};

const EXAMPLES: &str = "\
Examples:
  sugar-oauth fields Contacts
  sugar-oauth fields Contacts --links
  sugar-oauth fields Opportunities --json | grep '\"field\":\"sales_stage\"'";

/// Lists the fields of a module: name, type, label, length, and what an enumeration or a relation leads to
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Fields {
    /// The module, such as Contacts
    module: String,
    /// The link fields instead: which modules they lead to
    #[arg(long)]
    links: bool,
}

impl Fields {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let ask = async |session: Session| Ok(session.call(&GetModuleFields::new(&self.module)).await?);
        let about = context.with_session(ask).await?;
        match self.links {
            true => links(context, &about.links),
            false => fields(context, &about.fields),
        }
    }
}

fn fields(context: &Context, fields: &[ModuleField]) -> Result<(), Failure> {
    if context.output.is_json() {
        for field in fields {
            context.output.json(&json!({
                "field": field.name,
                "type": field.kind,
                "label": field.label,
                "required": field.required,
                "length": field.length,
                "options": field.options,
                "related_module": field.related_module,
                "id_name": field.id_name,
            }))?;
        }
        return Ok(());
    }
    let mut listing = Listing::new(vec![
        Column::text("field"),
        Column::text("type"),
        Column::number("length"),
        Column::text("label"),
        Column::text("required"),
        Column::text("values"),
    ]);
    for field in fields {
        let length = field.length.map(|length| length.to_string()).unwrap_or_default();
        let required = if field.required { "yes" } else { "" };
        listing.row([
            field.name.clone(),
            field.kind.clone(),
            length,
            field.label.clone(),
            String::from(required),
            values(field),
        ]);
    }
    listing.print(context.output)
}

/// What a value can be: the module that it leads to, or what there is to choose from.
fn values(field: &ModuleField) -> String {
    if !field.related_module.is_empty() {
        return match field.id_name.as_str() {
            "" => field.related_module.clone(),
            id => format!("{} by {id}", field.related_module),
        };
    }
    let values = field.options.iter().map(|(value, _)| value.as_str());
    let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    values.join(", ")
}

fn links(context: &Context, links: &[LinkField]) -> Result<(), Failure> {
    if context.output.is_json() {
        for link in links {
            context.output.json(&json!({
                "link": link.name,
                "module": link.module,
                "relationship": link.relationship,
            }))?;
        }
        return Ok(());
    }
    let mut listing = Listing::new(["link", "module", "relationship"].map(Column::text).to_vec());
    for link in links {
        listing.row([link.name.clone(), link.module.clone(), link.relationship.clone()]);
    }
    listing.print(context.output)
}
