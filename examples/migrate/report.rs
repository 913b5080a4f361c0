//! What came of it, in counts, reasons and the first ids of each.

use std::collections::BTreeMap;

use serde::Serialize;
use sugar_oauth::printable;

use crate::routes::Route;

/// So many ids stand as examples beside a reason. The ledger has all that were skipped.
const EXAMPLES: usize = 20;
/// So many reasons of a kind are told apart.
const REASONS: usize = 500;

/// Ids that one thing happened to.
#[derive(Default, Serialize)]
pub struct Cases {
    count: u64,
    ids: Vec<String>,
}

impl Cases {
    fn add(&mut self, id: &str) {
        self.count += 1;
        if self.ids.len() < EXAMPLES {
            self.ids.push(id.to_owned());
        }
    }
}

/// What came of a module's records, of a link, a reference or the files.
#[derive(Default, Serialize)]
pub struct Tally {
    /// How many the source gave.
    pub read: u64,
    pub carried: u64,
    pub carried_by_earlier_runs: u64,
    pub skipped: u64,
    /// Why they were skipped.
    reasons: BTreeMap<String, Cases>,
    /// Values that have no counterpart: `field: why`.
    left_out: BTreeMap<String, Cases>,
    /// Fields that the target holds with another value than it was sent: dates and authors, where it keeps its own.
    stored_otherwise: BTreeMap<String, Cases>,
}

#[derive(Default, Serialize)]
pub struct Report {
    /// Whether all was carried that the source can give and the map has a place for.
    pub complete: bool,
    /// In the order of the work: modules, links (`Contacts.accounts`), references (`Accounts.parent_id`), `files`.
    order: Vec<String>,
    tallies: BTreeMap<String, Tally>,
    /// Fields of the source that go nowhere.
    fields_left_behind: BTreeMap<String, Vec<String>>,
    /// How many ids could not stand on the target and were made anew.
    new_ids: u64,
}

impl Report {
    pub fn new(routes: &[Route]) -> Self {
        let unnamed = routes.iter().filter(|route| !route.stays_behind.is_empty());
        Self {
            fields_left_behind: unnamed
                .map(|route| (route.module.to_owned(), route.stays_behind.clone()))
                .collect(),
            ..Self::default()
        }
    }

    pub fn of(&mut self, of: &str) -> &mut Tally {
        if !self.tallies.contains_key(of) {
            self.order.push(of.to_owned());
        }
        self.tallies.entry(of.to_owned()).or_default()
    }

    pub fn new_id(&mut self) {
        self.new_ids += 1;
    }

    /// Whether something was skipped.
    pub fn has_skipped(&self) -> bool {
        self.tallies.values().any(|tally| tally.skipped > 0)
    }

    /// Whether something has no counterpart.
    pub fn has_left_out(&self) -> bool {
        self.tallies.values().any(|tally| !tally.left_out.is_empty())
    }

    /// For people.
    pub fn print(&self, is_survey: bool) {
        for of in &self.order {
            let Some(tally) = self.tallies.get(of) else {
                continue;
            };
            print!("  {:24} {:>7} read", printable(of), tally.read);
            if !is_survey {
                print!(", {} carried", tally.carried);
            }
            for (count, what) in [(tally.carried_by_earlier_runs, "before"), (tally.skipped, "skipped")] {
                if count > 0 {
                    print!(", {count} {what}");
                }
            }
            println!();
            show("skipped", &tally.reasons);
            show("left out", &tally.left_out);
            show("not kept", &tally.stored_otherwise);
        }
        for (module, fields) in &self.fields_left_behind {
            println!("  {module}: fields left behind: {}", printable(&fields.join(", ")));
        }
        if self.new_ids > 0 {
            println!(
                "  {} ids cannot stand in a URL; the target has others for them.",
                self.new_ids
            );
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}

impl Tally {
    pub fn skip(&mut self, id: &str, why: &str) {
        self.skipped += 1;
        add(&mut self.reasons, why.to_owned(), id);
    }

    pub fn leave_out(&mut self, id: &str, field: &str, why: &str) {
        add(&mut self.left_out, format!("{field}: {why}"), id);
    }

    pub fn not_kept(&mut self, id: &str, field: &str) {
        add(&mut self.stored_otherwise, field.to_owned(), id);
    }
}

fn add(cases: &mut BTreeMap<String, Cases>, what: String, id: &str) {
    let known = cases.len() < REASONS || cases.contains_key(&what);
    let what = if known { what } else { String::from("and others") };
    cases.entry(what).or_default().add(id);
}

fn show(what: &str, cases: &BTreeMap<String, Cases>) {
    for (why, cases) in cases {
        let example = cases.ids.first().map_or("", String::as_str);
        println!(
            "    {what} {}: {} ({}, …)",
            cases.count,
            printable(why),
            printable(example)
        );
    }
}
