//! What the user looked at last, and what comes next.

use serde_json::Value;

use super::text::decode_entities;
use super::{Method, sealed, text_of};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};

/// `get_last_viewed`: the records that the user looked at last.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetLastViewed;
///
/// for seen in session.call(&GetLastViewed::new(["Accounts", "Contacts"])).await? {
///     println!("{} {} {}", seen.viewed, seen.module_name, sugar_oauth::printable(&seen.summary));
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetLastViewed {
    module_names: Vec<String>,
}

impl GetLastViewed {
    /// In these modules.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(module_names: I) -> Self {
        Self {
            module_names: module_names.into_iter().map(Into::into).collect(),
        }
    }
}

/// A record that the user looked at. Texts are decoded.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{GetEntry, GetLastViewed, LastViewed};
///
/// let seen: Vec<LastViewed> = session.call(&GetLastViewed::new(["Accounts"])).await?;
/// if let Some(last) = seen.first() {
///     // The list may name a record that was deleted since.
///     let record = session.call(&GetEntry::new(last.module_name.as_str(), last.id.as_str())).await?;
///     println!("{}", record.is_some());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastViewed {
    /// The record's id.
    pub id: String,
    /// Its module.
    pub module_name: String,
    /// Its name as it was then.
    pub summary: String,
    /// When, as the server writes it.
    pub viewed: String,
}

impl sealed::Sealed for GetLastViewed {}

impl Method for GetLastViewed {
    const NAME: &'static str = "get_last_viewed";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Vec<LastViewed>;

    fn arguments(&self) -> Arguments {
        Arguments::new().with("module_names", self.module_names.clone())
    }

    fn read(&self, result: Value) -> Result<Vec<LastViewed>> {
        let read = |record: &Value| LastViewed {
            id: decode_entities(text_of(record, "item_id")).into_owned(),
            module_name: text_of(record, "module_name").to_owned(),
            summary: decode_entities(text_of(record, "item_summary")).into_owned(),
            viewed: text_of(record, "date_modified").to_owned(),
        };
        Ok(list(&result)?.iter().map(read).collect())
    }
}

/// `get_upcoming_activities`: the user's next calls, meetings, tasks and opportunities.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetUpcomingActivities;
///
/// for next in session.call(&GetUpcomingActivities).await? {
///     println!("{} {}", next.date_due, sugar_oauth::printable(&next.summary));
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone, Copy, Default)]
pub struct GetUpcomingActivities;

/// Something that comes next. Texts are decoded.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{GetUpcomingActivities, UpcomingActivity};
///
/// let mut next: Vec<UpcomingActivity> = session.call(&GetUpcomingActivities).await?;
/// next.retain(|activity| activity.module_name == "Calls");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpcomingActivity {
    /// The record's id.
    pub id: String,
    /// Its module.
    pub module_name: String,
    /// When it is due, as the server writes it.
    pub date_due: String,
    /// What it is about.
    pub summary: String,
}

impl sealed::Sealed for GetUpcomingActivities {}

impl Method for GetUpcomingActivities {
    const NAME: &'static str = "get_upcoming_activities";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = Vec<UpcomingActivity>;

    fn arguments(&self) -> Arguments {
        Arguments::new()
    }

    fn read(&self, result: Value) -> Result<Vec<UpcomingActivity>> {
        let read = |record: &Value| UpcomingActivity {
            id: decode_entities(text_of(record, "id")).into_owned(),
            module_name: text_of(record, "module").to_owned(),
            date_due: text_of(record, "date_due").to_owned(),
            summary: decode_entities(text_of(record, "summary")).into_owned(),
        };
        Ok(list(&result)?.iter().map(read).collect())
    }
}

fn list(result: &Value) -> Result<&[Value]> {
    let list = result.as_array().map(Vec::as_slice);
    list.ok_or_else(|| invalid_answer("the list of activities is not of the documented shape"))
}
