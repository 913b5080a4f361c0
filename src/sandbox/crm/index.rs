//! Rows by the values of the fields that links and look-ups go by: finding one costs the same however many there are.

use super::module::{Join, Module};
use super::modules::{EMAIL_ADDRESSES, MODULES};
use super::table::Record;
use crate::sandbox::query::{Row, compare};
use std::collections::HashMap;

/// The rows of a table by the value of one field, as it is written.
#[derive(Debug)]
pub(super) struct Index {
    /// The place of the field in a record.
    pub(super) place: usize,
    /// Ids in the order of the table.
    ids: HashMap<Box<str>, Vec<Box<str>>>,
}

impl Index {
    /// One for each field of a module that is looked up by.
    pub(super) fn of(module: &Module) -> Vec<Self> {
        let links = MODULES.iter().flat_map(|other| other.links);
        let mut fields: Vec<&str> = links
            .filter_map(|link| match link.join {
                Join::Theirs { field, .. } if link.module == module.name => Some(field),
                _ => None,
            })
            .collect();
        if module.name == "Accounts" {
            fields.push("name");
        }
        if module.name == EMAIL_ADDRESSES.name {
            fields.push("email_address_caps");
        }
        let mut places: Vec<usize> = fields.into_iter().filter_map(|field| module.stored(field)).collect();
        places.sort_unstable();
        places.dedup();
        let empty = |place| Self {
            place,
            ids: HashMap::new(),
        };
        places.into_iter().map(empty).collect()
    }

    pub(super) fn ids(&self, value: &str) -> &[Box<str>] {
        self.ids.get(value).map(Vec::as_slice).unwrap_or_default()
    }

    /// Takes a row in, which stands in the place of the one before, if there was one.
    pub(super) fn put(&mut self, before: Option<&Record>, now: &Record) {
        let old = before.and_then(|before| Some((before.value(self.place)?, before.id())));
        let new = now.value(self.place).map(|value| (value, now.id()));
        if old == new {
            return;
        }
        if let Some((value, id)) = old
            && let Some(ids) = self.ids.get_mut(value)
        {
            if let Ok(at) = place_of(ids, id) {
                ids.remove(at);
            }
            if ids.is_empty() {
                self.ids.remove(value);
            }
        }
        if let Some((value, id)) = new {
            let ids = match self.ids.get_mut(value) {
                Some(ids) => ids,
                None => self.ids.entry(value.into()).or_default(),
            };
            if let Err(at) = place_of(ids, id) {
                ids.insert(at, id.into());
            }
        }
    }
}

fn place_of(ids: &[Box<str>], id: &str) -> Result<usize, usize> {
    // Most come in their order.
    match ids.last() {
        Some(last) if compare(last, id).is_lt() => Err(ids.len()),
        _ => ids.binary_search_by(|known| compare(known, id)),
    }
}

#[cfg(test)]
mod tests {
    use crate::sandbox::crm::module::Module;
    use crate::sandbox::crm::table::{Record, Table};
    use crate::sandbox::query::Row;

    #[test]
    fn what_is_found_by_a_value_is_what_a_look_at_every_row_finds() {
        let notes = Module::named("Notes").unwrap();
        let row = |id: String, parent: &str, deleted: &str| {
            let values = [("id", id.as_str()), ("parent_id", parent), ("deleted", deleted)];
            Record::new(notes, values.into_iter().filter(|(_, value)| !value.is_empty()))
        };
        let mut number = 7_u32;
        let mut next = |below: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 16) % below
        };
        let mut some = || {
            let id = format!("{}{}", ["a", "A", "b", "_"][next(4) as usize], next(40));
            let parent = ["", "1", "2", "3"][next(4) as usize];
            row(id, parent, ["0", "1"][next(2) as usize])
        };
        let mut table = Table::new(notes, (0..60).map(|_| some()).collect());
        let place = notes.stored("parent_id").unwrap();
        for _ in 0..500 {
            table.put(some());
            for parent in ["1", "2", "3"] {
                let found: Vec<&str> = table.with_value("parent_id", parent).map(|row| row.id()).collect();
                let looked = table.live_rows().filter(|row| row.value(place) == Some(parent));
                assert_eq!(found, looked.map(|row| row.id()).collect::<Vec<_>>());
            }
        }
    }
}
