//! What an export would bring, before it is begun.

use std::time::Duration;

use super::manifest::{Content, LeftOut};
use super::targets::Target;
use super::{Export, jobs};
use crate::error::Result;
use crate::v4_1::{GetEntriesCount, GetEntryList};

/// What a row costs a server, and what a page costs beside its rows (`docs/server.md`).
const ROW: Duration = Duration::from_micros(430);
const LINKED_ROW: Duration = Duration::from_micros(660);
const PAGE: Duration = Duration::from_millis(3);
const ROWS_OF_A_PAGE: u64 = 250;

/// What an export would bring.
///
/// ```no_run
/// # async fn ask(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// let plan = session.export().modules(["Contacts"]).plan().await?;
/// println!("{} rows in about {:?}", plan.rows, plan.estimated);
/// plan.left_out.iter().for_each(|module| println!("not {}: {}", module.module, module.reason));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The modules that would be exported.
    pub modules: Vec<PlannedModule>,
    /// Modules that would not be, and why.
    pub left_out: Vec<LeftOut>,
    /// Link files that would be written.
    pub links: usize,
    /// Rows in all, as far as the server counts.
    pub rows: u64,
    /// About how long it would take: what one instance needed a row and a page, and on as many sessions. A slow server may
    /// take several times as long. Attachments are not in it.
    pub estimated: Duration,
}

/// A module that would be exported.
///
/// ```no_run
/// # fn show(plan: sugar_oauth::records::export::Plan) {
/// for planned in &plan.modules {
///     if let Some(hidden) = planned.hidden().filter(|hidden| *hidden > 0) {
///         println!("{}: {hidden} records that this user may not see", planned.module);
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlannedModule {
    /// The module.
    pub module: String,
    /// How many fields there are.
    pub fields: usize,
    /// How many records the user can list, where the server counts.
    pub total_count: Option<u64>,
    /// How many records there are whoever may see them, where the server tells.
    pub entries_count: Option<u64>,
    /// Fields that are left out because they hold credentials.
    pub credential_fields: Vec<String>,
}

impl PlannedModule {
    /// How many records there are that this user may not see, where the server tells.
    pub fn hidden(&self) -> Option<u64> {
        Some(self.entries_count?.saturating_sub(self.total_count?))
    }
}

pub(super) async fn plan(export: &Export, targets: Vec<Target>, mut left_out: Vec<LeftOut>) -> Result<Plan> {
    let jobs = jobs::jobs(&export.settings, &targets, &[], &mut left_out);
    let mut modules = Vec::new();
    for target in targets {
        modules.push(planned(export, target).await?);
    }
    let rows_of = |module: &str| {
        let planned = modules.iter().find(|planned| planned.module == module);
        planned.and_then(|planned| planned.total_count).unwrap_or(0)
    };
    let (mut rows, mut links, mut time) = (0_u64, 0, Duration::ZERO);
    for job in &jobs {
        let of_job = rows_of(&job.module);
        let each = match job.content {
            Content::Links { .. } => ROW + LINKED_ROW,
            _ => ROW,
        };
        links += usize::from(matches!(job.content, Content::Links { .. }));
        rows = rows.saturating_add(of_job);
        time = time.saturating_add(cost(of_job, each));
    }
    Ok(Plan {
        modules,
        left_out,
        links,
        rows,
        estimated: time / u32::try_from(export.sessions.max(1)).unwrap_or(u32::MAX),
    })
}

fn cost(rows: u64, each: Duration) -> Duration {
    let times = |duration: Duration, count: u64| duration.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    times(each, rows).saturating_add(times(PAGE, rows / ROWS_OF_A_PAGE + 1))
}

async fn planned(export: &Export, target: Target) -> Result<PlannedModule> {
    let condition = export
        .settings
        .condition(&target.table, &target.key, target.has_date_modified)?;
    let list = GetEntryList::new(&target.module)
        .query(condition.clone())
        .select([target.key.as_str()])
        .max_results(1);
    let total_count = export.session.call(&list).await?.total_count;
    let count = GetEntriesCount::new(&target.module).query(condition);
    Ok(PlannedModule {
        total_count,
        entries_count: export.session.call(&count).await.ok(),
        module: target.module,
        fields: target.fields.len(),
        credential_fields: target.credential_fields,
    })
}
