//! Records: read, converted and written in bulk.

use std::time::Duration;

use futures_util::TryStreamExt;
use sugar_oauth::oauth2::BulkRequest;
use sugar_oauth::printable;
use sugar_oauth::records::Page;

use crate::convert::{Converted, is_same};
use crate::ledger::Done;
use crate::routes::Route;
use crate::target::{Answer, may_pass};
use crate::{Failure, World};

/// How often a write is tried that the target did not answer, or could not do at the moment.
const TRIES: u32 = 5;
/// The first wait; each further one is twice as long.
const WAIT: Duration = Duration::from_millis(250);

/// Carries a module's records. Those that an earlier run carried are passed over.
pub async fn records(world: &World, route: &Route) -> Result<(), Failure> {
    world
        .progress
        .begin(route.module, world.source.count(route.module).await?);
    let pages = world.source.pages(route.module, &route.wanted());
    pages
        .try_for_each_concurrent(world.workers, |page| carry_page(world, route, page))
        .await
}

async fn carry_page(world: &World, route: &Route, page: Page) -> Result<(), Failure> {
    let count = page.entries.len() + page.refused.len();
    let mut records = Vec::new();
    for entry in &page.entries {
        if !world.ledger.is_carried(&[route.module, entry.id()]) {
            let is_carried = |module: &str, id: &str| world.ledger.is_carried(&[module, id]);
            records.push(world.lookup(&is_carried).convert(route, entry));
        }
    }
    let before = page.entries.len() - records.len();
    {
        let mut report = world.report();
        let tally = report.of(route.module);
        tally.read += count as u64;
        tally.carried_by_earlier_runs += before as u64;
        for refused in page.refused {
            let id = refused.key.clone().unwrap_or_default();
            tally.skip(&id, &format!("the source cannot give it: {}", refused.error.message()));
        }
    }
    while !records.is_empty() {
        let rest = records.split_off(records.len().min(world.batch));
        write(world, route.module, std::mem::replace(&mut records, rest)).await?;
    }
    world.progress.add(count);
    Ok(())
}

/// A record on its way.
struct Waiting {
    record: Converted,
    /// Whether it may have been written already.
    unsure: bool,
    why: String,
}

/// Writes records, none of them twice: one that may be there already is looked for by its id first.
async fn write(world: &World, module: &str, records: Vec<Converted>) -> Result<(), Failure> {
    let mut waiting: Vec<Waiting> = records
        .into_iter()
        .map(|record| Waiting {
            unsure: world.ledger.may_be_there(module, &record.id),
            record,
            why: String::new(),
        })
        .collect();
    let fresh = waiting.iter().filter(|one| !one.unsure);
    let fresh: Vec<String> = fresh.map(|one| one.record.id.clone()).collect();
    if !fresh.is_empty() {
        world.ledger.sent(module, fresh)?;
    }
    let mut outcome = Outcome::new(module);
    let mut tries = Tries::default();
    loop {
        let there = world
            .target
            .existing(module, waiting.iter().filter(|one| one.unsure).map(|one| &one.record))
            .await?;
        let (found, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|one| there.contains(&one.record.target_id));
        found
            .into_iter()
            .for_each(|one| outcome.carried.push((one.record, None)));
        waiting = rest;
        if waiting.is_empty() {
            break;
        }
        let create = |one: &Waiting| BulkRequest::post(module, &one.record.body);
        let requests: Vec<BulkRequest> = waiting.iter().map(create).collect::<Result<_, _>>()?;
        match world.target.write(&requests).await {
            Ok(answers) => waiting = outcome.sort(waiting, answers),
            Err(error) if !tries.are_left() || !may_pass(&error) => return Err(error.into()),
            Err(_) => waiting.iter_mut().for_each(|one| one.unsure = true),
        }
        if waiting.is_empty() {
            break;
        }
        if !tries.are_left() {
            outcome.refused.append(&mut waiting);
            break;
        }
        tries.wait().await;
    }
    // A refusal may mean that a record has this id: one that was sent before and arrived late, or somebody else's.
    let there = world
        .target
        .existing(module, outcome.refused.iter().map(|one| &one.record))
        .await?;
    let (found, mut refused): (Vec<_>, Vec<_>) = std::mem::take(&mut outcome.refused)
        .into_iter()
        .partition(|one| one.unsure && there.contains(&one.record.target_id));
    outcome.carried.extend(found.into_iter().map(|one| (one.record, None)));
    for one in &mut refused {
        if there.contains(&one.record.target_id) {
            one.why = String::from("the target has a record with this id, which is not from this migration");
        }
    }
    outcome.refused = refused;
    outcome.note(world)
}

/// What came of a batch.
struct Outcome {
    module: String,
    /// With the record as the target stored it, where it told.
    carried: Vec<(Converted, Option<serde_json::Value>)>,
    refused: Vec<Waiting>,
}

impl Outcome {
    fn new(module: &str) -> Self {
        Self {
            module: module.to_owned(),
            carried: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Takes what is decided; the answer is what has to be tried again.
    fn sort(&mut self, waiting: Vec<Waiting>, answers: Vec<Answer>) -> Vec<Waiting> {
        let mut again = Vec::new();
        for (mut one, answer) in waiting.into_iter().zip(answers) {
            match answer {
                Answer::Done(stored) => self.carried.push((one.record, Some(stored))),
                Answer::Refused(why) => {
                    one.why = why;
                    self.refused.push(one);
                }
                Answer::Unclear(why) => {
                    (one.unsure, one.why) = (true, why);
                    again.push(one);
                }
            }
        }
        again
    }

    /// Into the ledger first, then into the report.
    fn note(self, world: &World) -> Result<(), Failure> {
        let carried = self.carried.iter();
        world.ledger.done(Done {
            of: self.module.clone(),
            carried: carried
                .clone()
                .map(|(record, _)| (record.id.clone(), record.target_id.clone()))
                .collect(),
            skipped: self
                .refused
                .iter()
                .map(|one| (one.record.id.clone(), one.why.clone()))
                .collect(),
            lacking: carried
                .flat_map(|(record, _)| record.lacking.iter().map(|field| (record.id.clone(), field.clone())))
                .collect(),
        })?;
        let mut report = world.report();
        for (record, stored) in &self.carried {
            let tally = report.of(&self.module);
            tally.carried += 1;
            record
                .lost
                .iter()
                .for_each(|lost| tally.leave_out(&record.id, &lost.field, &lost.why));
            if let Some(stored) = stored {
                let differs = |(name, sent): &(&String, &serde_json::Value)| {
                    stored.get(name.as_str()).is_none_or(|stored| !is_same(sent, stored))
                };
                record
                    .body
                    .iter()
                    .filter(differs)
                    .for_each(|(name, _)| tally.not_kept(&record.id, name));
            }
            if record.id != record.target_id {
                report.new_id();
            }
        }
        let tally = report.of(&self.module);
        for one in &self.refused {
            tally.skip(
                &one.record.id,
                &format!("the target refused it: {}", printable(&one.why)),
            );
        }
        Ok(())
    }
}

/// How often something has been tried.
#[derive(Default)]
pub struct Tries(u32);

impl Tries {
    pub fn are_left(&self) -> bool {
        self.0 + 1 < TRIES
    }

    pub async fn wait(&mut self) {
        tokio::time::sleep(WAIT * 2_u32.pow(self.0)).await;
        self.0 += 1;
    }
}
