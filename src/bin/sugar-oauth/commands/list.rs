//! `list`: the records of a module.

use clap::Args;
use futures_util::StreamExt as _;
use serde_json::Value;
use sugar_oauth::v4_1::{EntryList, GetModuleFields};
use sugar_oauth::{GetEntryList, Session, printable};

use super::count::condition;
use crate::context::Context;
use crate::failure::Failure;
use crate::listing::{Column, Listing};

const EXAMPLES: &str = "\
Examples:
  sugar-oauth list Contacts
  sugar-oauth list Contacts --fields last_name,phone_work --order-by 'contacts.last_name' --limit 50
  sugar-oauth list Accounts --filter \"accounts.industry = 'Banking'\" --json > banks.ndjson

Without --limit a table has 20 records, and --json has all of them, an object a line. Without
--order-by all records of a module come by its key, each exactly once, whatever is written meanwhile.";

/// What a table shows of a record unless told otherwise: those of them that the module has.
const TELLING: [&str; 9] = [
    "id",
    "name",
    "document_name",
    "filename",
    "user_name",
    "email_address",
    "status",
    "date_modified",
    "assigned_user_name",
];

/// How many records a table has unless told otherwise.
const SOME: u64 = 20;

/// Records an ordered page.
const PAGE: u64 = 250;

/// Lists the records of a module: a table for people, NDJSON for scripts with --json
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct List {
    /// The module, such as Contacts
    module: String,
    /// Only these fields, in this order
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    fields: Vec<String>,
    /// Only records that match this SQL condition; columns have the module's table before them
    #[arg(long, value_name = "SQL")]
    filter: Option<String>,
    /// In this order: SQL, such as `contacts.last_name DESC`
    #[arg(long, value_name = "SQL")]
    order_by: Option<String>,
    /// At most so many records; 0 for all
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

impl List {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let sql = condition(self.filter.as_deref())?;
        let limit = match self.limit {
            Some(0) => None,
            None if !context.output.is_json() => Some(SOME),
            limit => limit,
        };
        context
            .with_session(async |session: Session| {
                self.warn_of_unknown_fields(context, &session).await?;
                if !context.output.is_json() {
                    return self.table(context, &session, &sql, limit).await;
                }
                match (&self.order_by, limit) {
                    (None, None) => self.lines(context, &session, &sql).await,
                    _ => self.ordered_lines(context, &session, &sql, limit).await,
                }
            })
            .await
    }

    /// The server answers as if a field that is not there were empty.
    async fn warn_of_unknown_fields(&self, context: &Context, session: &Session) -> Result<(), Failure> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let about = session.call(&GetModuleFields::new(&self.module)).await?;
        let unknown = self.fields.iter().filter(|name| about.field(name).is_none());
        let unknown: Vec<String> = unknown.map(|name| printable(name).to_string()).collect();
        if !unknown.is_empty() {
            let (names, module) = (unknown.join(", "), printable(&self.module));
            context.output.warn(format!(
                "{module} has no field {names}: `sugar-oauth fields {module}` lists them"
            ));
        }
        Ok(())
    }

    /// All records, by key.
    async fn lines(&self, context: &Context, session: &Session, sql: &str) -> Result<(), Failure> {
        let records = session.records(&self.module).filter(sql).select(&self.fields);
        let mut lines = records.lines();
        let mut refused = 0_u64;
        while let Some(page) = lines.next().await {
            match page {
                Ok(page) => context.output.json_text(&String::from_utf8_lossy(&page))?,
                Err(error) if error.kind() == sugar_oauth::ErrorKind::RecordRefused => {
                    refused += 1;
                    context.output.warn(Failure::from(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        all_came(refused)
    }

    /// Records in the order asked for, or the first of a module.
    async fn ordered_lines(
        &self,
        context: &Context,
        session: &Session,
        sql: &str,
        limit: Option<u64>,
    ) -> Result<(), Failure> {
        self.pages(session, sql, &self.fields, limit, |page| {
            for entry in &page.entries {
                context.output.json(&entry.to::<Value>()?)?;
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    async fn table(&self, context: &Context, session: &Session, sql: &str, limit: Option<u64>) -> Result<(), Failure> {
        let fields = self.shown_fields(session).await?;
        let mut listing = Listing::new(fields.iter().map(Column::text).collect());
        let mut shown = 0;
        let total = self
            .pages(session, sql, &fields, limit, |page| {
                for entry in &page.entries {
                    shown += 1;
                    listing.row(
                        fields
                            .iter()
                            .map(|field| entry.get(field).unwrap_or_default().into_owned()),
                    );
                }
                Ok(())
            })
            .await?;
        listing.print(context.output)?;
        if let Some(total) = total.filter(|total| *total > shown) {
            context
                .output
                .note(format!("{shown} of {total} records; --limit 0 shows all"));
        }
        Ok(())
    }

    /// The fields that were asked for, or those that tell most.
    async fn shown_fields(&self, session: &Session) -> Result<Vec<String>, Failure> {
        if !self.fields.is_empty() {
            return Ok(self.fields.clone());
        }
        let about = session.call(&GetModuleFields::new(&self.module)).await?;
        let there = TELLING.into_iter().filter(|name| about.field(name).is_some());
        let fields: Vec<String> = there.map(str::to_owned).collect();
        match fields.is_empty() {
            true => Ok(about.fields.into_iter().take(5).map(|field| field.name).collect()),
            false => Ok(fields),
        }
    }

    /// Page after page by offset, up to the limit. The answer is how many match, where the server counts.
    async fn pages(
        &self,
        session: &Session,
        sql: &str,
        fields: &[String],
        limit: Option<u64>,
        mut take: impl FnMut(&EntryList) -> Result<(), Failure>,
    ) -> Result<Option<u64>, Failure> {
        let order = self.order(session).await?;
        let (mut offset, mut total) = (0, None);
        loop {
            let wanted = limit.map_or(PAGE, |limit| limit.saturating_sub(offset).min(PAGE));
            if wanted == 0 {
                return Ok(total);
            }
            let list = GetEntryList::new(&self.module)
                .query(sql)
                .order_by(&order)
                .offset(offset)
                .select(fields)
                .max_results(wanted);
            let page = session.call(&list).await?;
            total = page.total_count;
            take(&page)?;
            offset += page.entries.len() as u64;
            if (page.entries.len() as u64) < wanted {
                return Ok(total);
            }
        }
    }

    /// The order asked for, and the id behind it: without that, records that are alike may come twice or never.
    async fn order(&self, session: &Session) -> Result<String, Failure> {
        let about = session.call(&GetModuleFields::new(&self.module).select(["id"])).await?;
        let key = match (about.field("id"), about.table_name.as_str()) {
            (Some(_), table) if !table.is_empty() => Some(format!("{table}.id")),
            _ => None,
        };
        Ok([self.order_by.clone(), key]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "))
    }
}

/// Records that the server could not give were told one by one.
fn all_came(refused: u64) -> Result<(), Failure> {
    match refused {
        0 => Ok(()),
        refused => Err(Failure::new(
            crate::failure::Status::PartlyDone,
            format!("the server could not give {refused} records"),
        )),
    }
}
