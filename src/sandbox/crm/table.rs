//! The rows of one module, kept in the order of their ids.

use super::index::Index;
use super::module::Module;
use crate::sandbox::query::{Condition, Order, Range, Row, compare};
use std::cmp::Ordering;
use std::ops::Bound;
use std::sync::Arc;

/// A record: the values of its module's stored fields, as the database holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    values: Box<[Option<Box<str>>]>,
}

impl Record {
    /// A record with the values given by field name. A name that the module does not store is left out.
    pub(crate) fn new<'a>(module: &Module, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let stored = module.fields.iter().filter(|field| field.is_stored()).count();
        let mut record = Self {
            values: vec![None; stored].into_boxed_slice(),
        };
        for (name, value) in values {
            if let Some(place) = module.stored(name) {
                record.values[place] = Some(value.into());
            }
        }
        record
    }

    /// The record with another value in one of its fields; a name that the module does not store is passed over.
    pub(super) fn set(&mut self, module: &Module, field: &str, value: Option<&str>) {
        if let Some(place) = module.stored(field) {
            self.values[place] = value.map(Into::into);
        }
    }

    /// The primary key.
    pub(crate) fn id(&self) -> &str {
        self.value(0).unwrap_or_default()
    }
}

impl Row for Record {
    fn value(&self, column: usize) -> Option<&str> {
        self.values.get(column)?.as_deref()
    }
}

/// What is asked of each row.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    pub(super) condition: &'a Condition,
    /// Deleted rows too.
    pub(super) with_deleted: bool,
    /// Only rows of this user.
    pub(super) owner: Option<&'a str>,
}

/// What a condition selects.
pub(super) struct Selection {
    /// All rows that meet it, whatever the page.
    pub(super) total: usize,
    /// The rows of the page.
    pub(super) page: Vec<Arc<Record>>,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) module: &'static Module,
    /// By id; no two ids are equal by the collation.
    rows: Vec<Arc<Record>>,
    /// The deleted ones among them, by id.
    deleted: Vec<Arc<Record>>,
    /// The place of `deleted` in a record.
    deleted_place: Option<usize>,
    indexes: Vec<Index>,
}

impl Table {
    /// Of records with equal ids the first one stays.
    pub(super) fn new(module: &'static Module, records: Vec<Record>) -> Self {
        let mut rows: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
        rows.sort_by(|a, b| compare(a.id(), b.id()));
        rows.dedup_by(|later, first| compare(later.id(), first.id()).is_eq());
        let mut table = Self {
            module,
            rows,
            deleted: Vec::new(),
            deleted_place: module.stored("deleted"),
            indexes: Index::of(module),
        };
        for index in &mut table.indexes {
            table.rows.iter().for_each(|row| index.put(None, row));
        }
        table.deleted = table.rows.iter().filter(|row| table.is_deleted(row)).cloned().collect();
        table
    }

    pub(super) fn is_deleted(&self, record: &Record) -> bool {
        self.deleted_place.and_then(|place| record.value(place)) == Some("1")
    }

    /// The row with this id, deleted or not.
    pub(super) fn get(&self, id: &str) -> Option<&Arc<Record>> {
        let place = self.rows.binary_search_by(|row| compare(row.id(), id)).ok()?;
        self.rows.get(place)
    }

    pub(super) fn live(&self, id: &str) -> Option<&Arc<Record>> {
        self.get(id).filter(|row| !self.is_deleted(row))
    }

    /// Inserts a record, or puts it in the place of the one with its id.
    pub(super) fn put(&mut self, record: Record) {
        let record = Arc::new(record);
        let before = self.get(record.id()).cloned();
        for index in &mut self.indexes {
            index.put(before.as_deref(), &record);
        }
        replace(&mut self.rows, record.id(), Some(record.clone()));
        let deleted = self.is_deleted(&record).then(|| record.clone());
        replace(&mut self.deleted, record.id(), deleted);
    }

    /// Live rows that have exactly this value in a field, by id. The field is one that is [indexed](Index::of), or every
    /// row is looked at.
    pub(super) fn with_value(&self, field: &str, value: &str) -> Box<dyn Iterator<Item = &Arc<Record>> + '_> {
        let Some(place) = self.module.stored(field) else {
            return Box::new(std::iter::empty());
        };
        match self.indexes.iter().find(|index| index.place == place) {
            Some(index) => Box::new(index.ids(value).iter().filter_map(|id| self.live(id))),
            None => {
                let value = value.to_owned();
                Box::new(
                    self.live_rows()
                        .filter(move |row| row.value(place) == Some(value.as_str())),
                )
            }
        }
    }

    /// All rows, by id.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.rows.iter()
    }

    /// Rows that are not deleted, by id.
    pub(super) fn live_rows(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.rows.iter().filter(|row| !self.is_deleted(row))
    }

    /// Rows that meet `condition`, and the page `offset..offset + limit` of them in the order wanted.
    pub(super) fn select(&self, filter: &Filter<'_>, order: &[Order], offset: usize, limit: usize) -> Selection {
        let id = self.module.own_column(self.module.key());
        let Filter {
            condition,
            with_deleted,
            owner,
        } = *filter;
        let mut range = id.map(|id| condition.range(id));
        if let (Some(range), Some(_)) = (&mut range, owner) {
            range.exact = false;
        }
        let rows = within(&self.rows, range.as_ref());
        let holds: Box<dyn Fn(&Record) -> bool> = match (&range, self.module.own_column("deleted")) {
            (Some(Range { exact: true, .. }), _) => Box::new(|row| with_deleted || !self.is_deleted(row)),
            (_, Some(deleted)) if !with_deleted => {
                let condition = condition.clone().and_live(deleted);
                Box::new(move |row| condition.holds(row))
            }
            _ => Box::new(|row| condition.holds(row)),
        };
        let by_id = match (order, id) {
            ([], _) => Some(false),
            ([first, ..], Some(id)) => first.is_by(id),
            _ => None,
        };
        let page = |rows: &mut dyn Iterator<Item = &Arc<Record>>| rows.skip(offset).take(limit).cloned().collect();
        match by_id {
            Some(descending) if range.as_ref().is_some_and(|range| range.exact) => {
                let hidden = if with_deleted {
                    0
                } else {
                    within(&self.deleted, range.as_ref()).len()
                };
                let mut found = rows.iter().filter(|row| holds(row));
                Selection {
                    total: rows.len() - hidden,
                    page: if descending {
                        page(&mut found.rev())
                    } else {
                        page(&mut found)
                    },
                }
            }
            _ => {
                let owned = |row: &Record| owner.is_none_or(|owner| self.module.is_owner(row, owner));
                let mut found: Vec<&Arc<Record>> = rows.iter().filter(|row| holds(row) && owned(row)).collect();
                match by_id {
                    Some(true) => found.reverse(),
                    Some(false) => {}
                    None => return sorted_page(found, order, offset, limit),
                }
                Selection {
                    total: found.len(),
                    page: page(&mut found.into_iter()),
                }
            }
        }
    }
}

/// Puts a row where its id belongs among `rows` (by id), or takes the one away that is there.
fn replace(rows: &mut Vec<Arc<Record>>, id: &str, row: Option<Arc<Record>>) {
    match (rows.binary_search_by(|known| compare(known.id(), id)), row) {
        (Ok(place), Some(row)) => rows[place] = row,
        (Ok(place), None) => {
            rows.remove(place);
        }
        (Err(place), Some(row)) => rows.insert(place, row),
        (Err(_), None) => {}
    }
}

/// A page of `rows` (by id) in another order; rows that are equal by it stay in the order of ids. Only what stands up to
/// the page's end is sorted.
fn sorted_page(rows: Vec<&Arc<Record>>, order: &[Order], offset: usize, limit: usize) -> Selection {
    let total = rows.len();
    let mut rows: Vec<(usize, &Arc<Record>)> = rows.into_iter().enumerate().collect();
    let by_order = |a: &(usize, &Arc<Record>), b: &(usize, &Arc<Record>)| {
        Order::compare(order, a.1.as_ref(), b.1.as_ref()).then(a.0.cmp(&b.0))
    };
    let end = offset.saturating_add(limit);
    if end < total {
        rows.select_nth_unstable_by(end, by_order);
        rows.truncate(end);
    }
    rows.sort_unstable_by(by_order);
    Selection {
        total,
        page: rows.into_iter().skip(offset).map(|(_, row)| row.clone()).collect(),
    }
}

/// The part of `rows` (by id) inside the range.
fn within<'a>(rows: &'a [Arc<Record>], range: Option<&Range>) -> &'a [Arc<Record>] {
    let Some(range) = range else { return rows };
    let begin = match &range.low {
        Bound::Unbounded => 0,
        Bound::Included(low) => rows.partition_point(|row| compare(row.id(), low) == Ordering::Less),
        Bound::Excluded(low) => rows.partition_point(|row| compare(row.id(), low) != Ordering::Greater),
    };
    let end = match &range.high {
        Bound::Unbounded => rows.len(),
        Bound::Included(high) => rows.partition_point(|row| compare(row.id(), high) != Ordering::Greater),
        Bound::Excluded(high) => rows.partition_point(|row| compare(row.id(), high) == Ordering::Less),
    };
    // A low bound above the high one leaves nothing.
    rows.get(begin..end).unwrap_or_default()
}
