//! Records as they are stored, without the forms of `rest.php`: what REST v10 and v11 and the views of tests are made of.

use super::Crm;
use super::answer::Form;
use super::caller::Caller;
use super::field::Field;
use super::module::{Join, Link, Module};
use super::modules::MODULES;
use super::store::Store;
use super::table::Record;
use crate::sandbox::query::{Kind, compare};
use crate::sandbox::random::guid;
use std::cmp::Ordering;
use std::sync::Arc;

/// A value of a record by its field's name; none is NULL.
pub(crate) type ValueOf<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A record with the values of all its fields.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    pub(crate) id: String,
    pub(crate) deleted: bool,
    pub(crate) values: Vec<(&'static Field, Option<String>)>,
    pub(crate) addresses: Vec<Address>,
}

/// An e-mail address of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) address: String,
    pub(crate) primary: bool,
}

/// Which records a list has.
pub(crate) struct Wanted<'a> {
    pub(crate) holds: &'a dyn Fn(&ValueOf<'_>) -> bool,
    /// The user whose own records alone are shown.
    pub(crate) owner: Option<&'a str>,
    pub(crate) with_deleted: bool,
    /// Fields, and whether from the last to the first.
    pub(crate) order: &'a [(&'static Field, bool)],
    /// Only those at the other end of a link of a record.
    pub(crate) linked_to: Option<(&'static Module, &'a str, &'static Link)>,
}

/// What is written of a record.
#[derive(Default)]
pub(crate) struct Change {
    pub(crate) values: Vec<(&'static str, Option<String>)>,
    /// All addresses that it shall have.
    pub(crate) addresses: Option<Vec<Address>>,
    /// The account that it shall belong to; an empty one takes it out of its account.
    pub(crate) account: Option<String>,
}

impl Crm {
    /// Whether a live record is a user's own; none where there is no such record.
    pub(crate) fn is_own(&self, module: &'static Module, id: &str, user: &str) -> Option<bool> {
        let store = self.read();
        store.live(module, id).map(|record| module.is_owner(record, user))
    }

    /// A live record.
    pub(crate) fn plain(&self, module: &'static Module, id: &str) -> Option<Plain> {
        let store = self.read();
        store.live(module, id).map(|record| store.plain(module, record))
    }

    /// All records of a module, deleted ones too, by id.
    pub(crate) fn plain_all(&self, module: &'static Module) -> Vec<Plain> {
        let store = self.read();
        let rows = store.table(module.name).ok().into_iter().flat_map(|table| table.all());
        rows.map(|record| store.plain(module, record)).collect()
    }

    /// The records wanted, from the `offset`-th on, at most `limit`, and whether there are more.
    pub(crate) fn plain_page(
        &self,
        module: &'static Module,
        wanted: &Wanted<'_>,
        offset: usize,
        limit: usize,
    ) -> (Vec<Plain>, bool) {
        let store = self.read();
        let found = store.wanted(module, wanted);
        let more = found.len() > offset.saturating_add(limit);
        let page = found.into_iter().skip(offset).take(limit);
        (page.map(|record| store.plain(module, record)).collect(), more)
    }

    /// How many records are wanted.
    pub(crate) fn plain_count(&self, module: &'static Module, wanted: &Wanted<'_>) -> usize {
        self.read().wanted(module, wanted).len()
    }

    /// Makes a record, with this id or one of its own; none if the id is taken.
    pub(crate) fn plain_create(
        &self,
        module: &'static Module,
        id: Option<&str>,
        change: &Change,
        now: &str,
    ) -> Option<String> {
        let id = id.map_or_else(guid, str::to_owned);
        let mut store = self.write();
        let table = store.table_mut(module.name).ok()?;
        if table.get(&id).is_some() {
            return None;
        }
        let mut record = Record::new(module, []);
        for field in module.fields {
            record.set(module, field.name, field.default);
        }
        record.set(module, module.key(), Some(&id));
        for (name, value) in &change.values {
            record.set(module, name, value.as_deref());
        }
        table.put(record);
        store.change_beside(module, &id, change, now);
        Some(id)
    }

    /// Changes a live record; false if there is none.
    pub(crate) fn plain_update(&self, module: &'static Module, id: &str, change: &Change, now: &str) -> bool {
        let mut store = self.write();
        let Some(known) = store.live(module, id).cloned() else {
            return false;
        };
        let mut record = known.as_ref().clone();
        for (name, value) in &change.values {
            record.set(module, name, value.as_deref());
        }
        if let Ok(table) = store.table_mut(module.name) {
            table.put(record);
        }
        store.change_beside(module, known.id(), change, now);
        true
    }

    /// Joins two live records.
    pub(crate) fn join(&self, module: &'static Module, id: &str, link: &'static Link, related: &str) {
        self.write().link_up(module, id, link, related, &[]);
    }

    /// Parts two records.
    pub(crate) fn part(&self, module: &'static Module, id: &str, link: &'static Link, related: &str) {
        self.write().unlink(module, id, link, related);
    }

    /// Ids at the other end of a link.
    pub(crate) fn linked_ids(&self, module: &'static Module, id: &str, link: &Link) -> Vec<String> {
        let store = self.read();
        let Some(record) = store.live(module, id) else {
            return Vec::new();
        };
        let (_, linked) = store.linked(module, record, link);
        linked.iter().map(|record| record.id().to_owned()).collect()
    }

    /// Whether a user may change what only administrators may.
    pub(crate) fn is_administrator(&self, caller: &Caller) -> bool {
        self.read().is_admin(&caller.user)
    }
}

impl Store {
    fn plain(&self, module: &'static Module, record: &Record) -> Plain {
        let values = module
            .fields
            .iter()
            .map(|field| (field, self.plain_value(module, record, field.name)));
        Plain {
            id: record.id().to_owned(),
            deleted: module.value(record, "deleted") == Some("1"),
            values: values.collect(),
            addresses: self.addresses_of(module, record),
        }
    }

    fn plain_value(&self, module: &Module, record: &Record, field: &str) -> Option<String> {
        // `rest.php` fills the place of a contact that is not there with spaces.
        self.value(Form::List, module, record, field)
            .filter(|value| field != "contact_id" || !value.trim().is_empty())
    }

    fn addresses_of(&self, module: &'static Module, record: &Record) -> Vec<Address> {
        let of = |name: &str| {
            let linked = module.link(name).map(|link| self.linked(module, record, link));
            let (other, linked) = linked.unwrap_or((module, Vec::new()));
            let text = |row: &Arc<Record>| other.value(row, "email_address").unwrap_or_default().to_owned();
            linked.iter().map(|row| text(row)).collect::<Vec<String>>()
        };
        let primary = of("email_addresses_primary");
        let mut all = of("email_addresses");
        all.sort_by_key(|address| !primary.contains(address));
        let address = |address| Address {
            primary: primary.contains(&address),
            address,
        };
        all.into_iter().map(address).collect()
    }

    fn wanted(&self, module: &'static Module, wanted: &Wanted<'_>) -> Vec<&Arc<Record>> {
        let Ok(table) = self.table(module.name) else {
            return Vec::new();
        };
        let mut found: Vec<&Arc<Record>> = match wanted.linked_to {
            Some((from, id, link)) => match self.live(from, id) {
                Some(record) => self.linked(from, record, link).1,
                None => Vec::new(),
            },
            None if wanted.with_deleted => table.all().collect(),
            None => table.live_rows().collect(),
        };
        found.retain(|record| {
            wanted.owner.is_none_or(|user| module.is_owner(record, user))
                && (wanted.holds)(&|field| self.plain_value(module, record, field))
        });
        // Rows that are equal by the order stay in that of their ids.
        found.sort_by(|a, b| {
            let by_field = wanted.order.iter().map(|(field, descending)| {
                let order = order(field, module.value(a, field.name), module.value(b, field.name));
                if *descending { order.reverse() } else { order }
            });
            by_field.fold(Ordering::Equal, Ordering::then)
        });
        found
    }

    /// What is written of a record in other tables.
    fn change_beside(&mut self, module: &'static Module, id: &str, change: &Change, now: &str) {
        if let Some(addresses) = &change.addresses {
            for name in ["email_addresses", "email_addresses_primary"] {
                if let Some(link) = module.link(name) {
                    self.pairs_mut(link.relationship).clear_left(id);
                }
            }
            for address in addresses {
                let known = self.addresses(&address.address).into_iter().next();
                let address_id = known.unwrap_or_else(|| {
                    let id = guid();
                    self.insert_address(&id, &address.address, now);
                    id
                });
                self.add_address(module, id, &address_id, address.primary);
            }
        }
        if let (Some(account), Some(link)) = (&change.account, module.link("accounts")) {
            if link.join == (Join::Table { left: false }) {
                self.pairs_mut(link.relationship).clear_right(id);
            }
            if !account.is_empty() {
                self.link_up(module, id, link, account, &[]);
            }
        }
    }
}

/// How the database orders two values of a field.
pub(crate) fn order(field: &Field, left: Option<&str>, right: Option<&str>) -> Ordering {
    let number = |text: &str| text.trim().parse().unwrap_or(0.0_f64);
    match (left, right) {
        (Some(left), Some(right)) if field.column_kind() == Kind::Number => number(left).total_cmp(&number(right)),
        (Some(left), Some(right)) => compare(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

/// The modules that there are.
pub(crate) fn modules() -> impl Iterator<Item = &'static Module> {
    MODULES.iter().copied()
}
