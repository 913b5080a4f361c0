//! What is to be read, and the calls that read it.

use super::pool::Pace;
use super::unreadable::may_be_a_record;
use super::watermark::Pass;
use super::window::Window;
use super::{GetEntryList, Session};
use crate::error::{Error, Result};
use crate::filter::{Column, Filter, stored};
use crate::utc::UtcTime;
use crate::v4_1::{GetEntriesCount, GetModuleFields};

/// Above it pages gain nothing (`docs/server.md`).
const PAGE_SIZE: u32 = 250;

#[derive(Clone)]
pub(super) struct Plan {
    pub(super) module_name: String,
    pub(super) select: Vec<String>,
    pub(super) filter: String,
    pub(super) table: Option<String>,
    pub(super) key: Option<String>,
    pub(super) links: Vec<(String, Vec<String>)>,
    pub(super) page_size: u32,
    pub(super) sessions: usize,
    pub(super) rate_limit: Option<f64>,
    pub(super) deleted: bool,
}

/// A plan whose key has its table.
#[derive(Clone)]
pub(super) struct Resolved {
    pub(super) plan: Plan,
    pub(super) key: String,
    column: Column,
    changed: Column,
    filter: Option<Filter>,
}

impl Plan {
    pub(super) fn new(module_name: String) -> Self {
        Self {
            module_name,
            select: Vec::new(),
            filter: String::new(),
            table: None,
            key: None,
            links: Vec::new(),
            page_size: PAGE_SIZE,
            sessions: 1,
            rate_limit: None,
            deleted: false,
        }
    }

    /// Finds the key's column, and looks through the filter.
    pub(super) async fn resolve(&self, session: &Session) -> Result<Resolved> {
        let filter = match self.filter.trim() {
            "" => None,
            sql => Some(Filter::raw(sql)?),
        };
        if self.rate_limit.is_some_and(|limit| !limit.is_finite() || limit <= 0.0) {
            return Err(Error::invalid_input(
                "a rate limit is a number of requests a second greater than 0",
            ));
        }
        let key = match &self.key {
            Some(key) => key.clone(),
            None if self.module_name == "EmailText" => String::from("email_id"),
            None => String::from("id"),
        };
        let table = match &self.table {
            Some(table) => table.clone(),
            None => {
                let fields = GetModuleFields::new(self.module_name.as_str()).select([key.as_str()]);
                session.call(&fields).await?.table_name
            }
        };
        if table.is_empty() {
            return Err(Error::invalid_input("the server does not tell the module's table")
                .hint("name it with Records::table, such as contacts for Contacts"));
        }
        let table = Filter::on(&table)?;
        Ok(Resolved {
            column: table.column(&key)?,
            changed: table.own_column("date_modified")?,
            plan: self.clone(),
            key,
            filter,
        })
    }
}

impl Resolved {
    /// The records of a window behind what has been read of it.
    pub(super) fn list(&self, window: &Window, max_results: u32) -> GetEntryList {
        self.with_fields(self.conditions(window, max_results), &[])
    }

    /// The fields and links of the plan, the key, and these.
    fn with_fields(&self, list: GetEntryList, fields: &[&str]) -> GetEntryList {
        let plan = &self.plan;
        let mut select = plan.select.clone();
        if !select.is_empty() {
            for field in [self.key.as_str()].iter().chain(fields) {
                if !select.iter().any(|selected| selected == field) {
                    select.push((*field).to_owned());
                }
            }
        }
        let with_link = |list: GetEntryList, (link, fields): &(String, Vec<String>)| list.with_link(link, fields);
        plan.links.iter().fold(list.select(select), with_link)
    }

    /// The same with nothing but the keys.
    pub(super) fn keys_only(&self, window: &Window, max_results: u32) -> GetEntryList {
        self.conditions(window, max_results).select([self.key.as_str()])
    }

    /// The key of the first record at or behind a bound in what has not been read of a window.
    pub(super) fn first_from(&self, window: &Window, bound: &str) -> GetEntryList {
        let condition = Filter::all([self.column.ge(bound)].into_iter().chain(self.within(window)));
        self.list_of(condition.to_string(), 1).select([self.key.as_str()])
    }

    /// The key of the last record in front of a bound in what has not been read of a window.
    pub(super) fn last_before(&self, window: &Window, bound: &str) -> GetEntryList {
        let condition = Filter::all([self.column.lt(bound)].into_iter().chain(self.within(window)));
        self.list_of(condition.to_string(), 1)
            .order_by(format!("{} DESC", self.column))
            .select([self.key.as_str()])
    }

    /// A key as it is stored: `a<b` may be that or `a&lt;b`, which comes as the same and stands elsewhere in the
    /// database's order. `None` when the server cannot tell.
    pub(super) async fn stored_key(&self, session: &Session, pace: &Pace, key: &str) -> Result<Option<String>> {
        if !key.contains(['\'', '"', '<', '>', '&']) {
            return Ok(Some(key.to_owned()));
        }
        let mut found = None;
        for form in stored(key) {
            let condition = self.column.ge(&form).and(self.column.le(&form));
            let list = self.list_of(condition.to_string(), 1).select([self.key.as_str()]);
            pace.wait().await;
            match session.call(&list).await {
                Ok(list) if list.entries.is_empty() => {}
                Ok(_) if found.is_some() => return Ok(None),
                Ok(_) => found = Some(form),
                Err(error) if may_be_a_record(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// How many records there are in what has not been read of a window.
    pub(super) fn count(&self, window: &Window) -> GetEntriesCount {
        GetEntriesCount::new(self.plan.module_name.as_str())
            .query(self.query(window))
            .deleted(self.plan.deleted)
    }

    /// The records that were changed within a pass, behind what has been read of it.
    pub(super) fn changes(&self, since: UtcTime, pass: &Pass, max_results: u32) -> GetEntryList {
        let (changed, key) = (&self.changed, &self.column);
        let from = match &pass.after {
            None => changed.ge(since),
            Some((time, after)) => changed.gt(time).or(changed.eq(time).and(key.gt(after))),
        };
        let mut conditions: Vec<Filter> = self.filter.iter().cloned().collect();
        conditions.push(from);
        conditions.extend(pass.until.map(|until| changed.le(until)));
        let list = self
            .list_of(Filter::all(conditions).to_string(), max_results)
            .order_by(format!("{changed}, {key}"));
        self.with_fields(list, &["date_modified", "deleted"])
    }

    fn conditions(&self, window: &Window, max_results: u32) -> GetEntryList {
        self.list_of(self.query(window), max_results)
    }

    fn query(&self, window: &Window) -> String {
        let conditions = self.within(window);
        match conditions.is_empty() {
            true => String::new(),
            false => Filter::all(conditions).to_string(),
        }
    }

    fn within(&self, window: &Window) -> Vec<Filter> {
        let column = &self.column;
        let mut conditions: Vec<Filter> = self.filter.iter().cloned().collect();
        conditions.extend(window.lower.as_ref().map(|lower| column.ge(lower)));
        conditions.extend(window.after.as_ref().map(|after| column.gt(after)));
        conditions.extend(window.upper.as_ref().map(|upper| column.lt(upper)));
        conditions
    }

    fn list_of(&self, query: String, max_results: u32) -> GetEntryList {
        GetEntryList::new(self.plan.module_name.as_str())
            .query(query)
            .order_by(self.column.clone())
            .max_results(u64::from(max_results))
            .deleted(self.plan.deleted)
    }
}
