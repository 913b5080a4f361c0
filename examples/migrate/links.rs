//! Links, and references that had to wait until all records were there.

use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sugar_oauth::oauth2::BulkRequest;
use sugar_oauth::printable;
use sugar_oauth::records::Page;
use sugar_oauth::v4_1::Entry;

use crate::carry::Tries;
use crate::convert::{Lookup, NOT_THERE, target_id};
use crate::ledger::Done;
use crate::routes::{FieldRoute, Kind, Route};
use crate::source::text;
use crate::target::{Answer, may_pass};
use crate::{Failure, World};

/// Something between two records.
pub struct Tie {
    /// `Contacts.accounts`: the module and its link or field.
    pub of: String,
    pub id: String,
    /// The id at the other end, there.
    pub other: String,
    pub request: BulkRequest,
}

/// Why a link cannot be made.
pub struct Loose {
    pub of: String,
    pub id: String,
    pub why: String,
}

/// Carries a module's links. Making one twice does no harm: the target has it once.
pub async fn links(world: &World, route: &Route) -> Result<(), Failure> {
    let name = format!("{} links", route.module);
    world.progress.begin(&name, world.source.count(route.module).await?);
    let pages = world.source.pages(route.module, &route.wanted_for_links());
    pages
        .try_for_each_concurrent(world.workers, |page| carry_page(world, route, page))
        .await
}

async fn carry_page(world: &World, route: &Route, page: Page) -> Result<(), Failure> {
    let is_carried = |module: &str, id: &str| world.ledger.is_carried(&[module, id]);
    let is_lacking = |id: &str, field: &str| world.ledger.is_lacking(route.module, id, field);
    for refused in &page.refused {
        let of = format!("{} links", route.module);
        let id = refused.key.as_deref().unwrap_or_default();
        let why = format!("the source cannot give them: {}", refused.error.message());
        world.report().of(&of).skip(id, &why);
    }
    let mut waiting = Vec::new();
    for entry in &page.entries {
        if !is_carried(route.module, entry.id()) {
            for (from, ..) in &route.links {
                let mut report = world.report();
                let tally = report.of(&format!("{}.{from}", route.module));
                for _ in entry.link(from) {
                    tally.read += 1;
                    tally.skip(entry.id(), "its record has not been carried");
                }
            }
            continue;
        }
        let (ties, loose) = ties(&world.lookup(&is_carried), route, entry, &is_lacking)?;
        let mut report = world.report();
        for tie in ties {
            let tally = report.of(&tie.of);
            tally.read += 1;
            match world.ledger.is_carried(&[&tie.of, &tie.id, &tie.other]) {
                true => tally.carried_by_earlier_runs += 1,
                false => waiting.push(tie),
            }
        }
        for Loose { of, id, why } in loose {
            let tally = report.of(&of);
            tally.read += 1;
            tally.leave_out(&id, "the other end", &why);
        }
    }
    while !waiting.is_empty() {
        let rest = waiting.split_off(waiting.len().min(world.batch));
        write(world, std::mem::replace(&mut waiting, rest)).await?;
    }
    world.progress.add(page.entries.len());
    Ok(())
}

/// What a record is tied to. References are among them if they lead within the module, or if the record was written
/// without them.
pub fn ties(
    lookup: &Lookup<'_>,
    route: &Route,
    entry: &Entry,
    is_lacking: &dyn Fn(&str, &str) -> bool,
) -> Result<(Vec<Tie>, Vec<Loose>), Failure> {
    let (mut ties, mut loose) = (Vec::new(), Vec::new());
    let id = entry.id();
    let here = target_id(route.module, id);
    let lacking = route
        .fields
        .iter()
        .filter(|field| field.is_reference() && is_lacking(id, &field.from));
    for field in route.later.iter().chain(lacking) {
        let other = text(entry, &field.from);
        if other.is_empty() {
            continue;
        }
        let of = format!("{}.{}", route.module, field.from);
        match lookup.reference(&field.kind, entry, &other) {
            Ok((module, target)) => ties.push(Tie {
                of,
                id: id.to_owned(),
                other,
                request: BulkRequest::put(
                    [route.module, &here],
                    &body(lookup, route, entry, field, module, target),
                )?,
            }),
            Err(why) => loose.push(Loose {
                of,
                id: id.to_owned(),
                why,
            }),
        }
    }
    for (from, to, module) in &route.links {
        let of = format!("{}.{from}", route.module);
        for record in entry.link(from) {
            let other = record.get("id").unwrap_or_default().into_owned();
            let target = match module.as_str() {
                "Users" => lookup.user(&other),
                _ if (lookup.is_carried)(module, &other) => Ok(target_id(module, &other)),
                _ => Err(String::from(NOT_THERE)),
            };
            match target {
                Ok(target) => ties.push(Tie {
                    of: of.clone(),
                    id: id.to_owned(),
                    other,
                    request: BulkRequest::post([route.module, &here, "link", to, &target], &Map::new())?,
                }),
                Err(why) => loose.push(Loose {
                    of: of.clone(),
                    id: id.to_owned(),
                    why,
                }),
            }
        }
    }
    Ok((ties, loose))
}

/// What sets a reference, and keeps when and by whom the record was changed.
fn body(
    lookup: &Lookup<'_>,
    route: &Route,
    entry: &Entry,
    field: &FieldRoute,
    module: String,
    target: String,
) -> Map<String, Value> {
    let mut body = lookup.stamps(route, entry);
    if field.kind == Kind::Parent {
        body.insert("parent_type".to_owned(), module.into());
    }
    body.insert(field.to.clone(), target.into());
    body
}

async fn write(world: &World, mut waiting: Vec<Tie>) -> Result<(), Failure> {
    let mut tries = Tries::default();
    let (mut made, mut refused): (Vec<Tie>, Vec<(Tie, String)>) = (Vec::new(), Vec::new());
    while !waiting.is_empty() {
        let requests: Vec<BulkRequest> = waiting.iter().map(|tie| tie.request.clone()).collect();
        match world.target.write(&requests).await {
            Ok(answers) => {
                let mut again = Vec::new();
                for (tie, answer) in waiting.into_iter().zip(answers) {
                    match answer {
                        Answer::Done(_) => made.push(tie),
                        Answer::Unclear(_) if tries.are_left() => again.push(tie),
                        Answer::Refused(why) | Answer::Unclear(why) => refused.push((tie, why)),
                    }
                }
                waiting = again;
            }
            Err(error) if !tries.are_left() || !may_pass(&error) => return Err(error.into()),
            Err(_) => {}
        }
        if !waiting.is_empty() {
            tries.wait().await;
        }
    }
    note(world, made, refused)
}

fn note(world: &World, made: Vec<Tie>, refused: Vec<(Tie, String)>) -> Result<(), Failure> {
    let mut kinds: Vec<String> = made
        .iter()
        .chain(refused.iter().map(|(tie, _)| tie))
        .map(|tie| tie.of.clone())
        .collect();
    kinds.sort();
    kinds.dedup();
    for of in kinds {
        let made: Vec<&Tie> = made.iter().filter(|tie| tie.of == of).collect();
        let refused: Vec<&(Tie, String)> = refused.iter().filter(|(tie, _)| tie.of == of).collect();
        world.ledger.done(Done {
            of: of.clone(),
            carried: made.iter().map(|tie| (tie.id.clone(), tie.other.clone())).collect(),
            skipped: refused.iter().map(|(tie, why)| (tie.id.clone(), why.clone())).collect(),
            lacking: Vec::new(),
        })?;
        let mut report = world.report();
        let tally = report.of(&of);
        tally.carried += made.len() as u64;
        for (tie, why) in refused {
            tally.skip(&tie.id, &format!("the target refused it: {}", printable(why)));
        }
    }
    Ok(())
}
