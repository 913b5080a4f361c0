//! Records found otherwise than by SQL: by id, by a search text, by date.

use super::answer::{Form, encode_entities};
use super::module::Module;
use super::store::Store;
use super::table::Record;
use super::{Crm, CrmError};
use crate::sandbox::query::begins_like;
use serde_json::Value;
use std::sync::{Arc, PoisonError};

/// What `search_by_module` looks for in one module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    /// How the name, a phone number or the e-mail address begins.
    pub(crate) text: &'a str,
    /// Empty: whoever it is assigned to.
    pub(crate) assigned_user: &'a str,
    /// The user whose own records alone may be found.
    pub(crate) owner: Option<&'a str>,
    pub(crate) fields: &'a [String],
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// Modules of what a user has to do, with the field that says when and the status that it must have.
const ACTIVITIES: [(&str, &str, &str); 3] = [
    ("Meetings", "date_start", "Planned"),
    ("Calls", "date_start", "Planned"),
    ("Tasks", "date_due", "Not Started"),
];

/// A meeting, call or task to come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Activity {
    /// As stored, UTC.
    pub(crate) due: String,
    pub(crate) module: &'static str,
    /// As the application hands it out.
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Crm {
    /// The module of this name.
    pub(crate) fn module(&self, name: &str) -> Result<&'static Module, CrmError> {
        self.reading(|store| store.table(name).map(|table| table.module))
    }

    /// A field of a live record, as the application hands it out; none when either is not there.
    pub(crate) fn shown_value(&self, module: &str, id: &str, field: &str) -> Option<String> {
        self.reading(|store| {
            let table = store.table(module).ok()?;
            let value = store.value(Form::List, table.module, table.live(id)?, field)?;
            Some(encode_entities(&value))
        })
    }

    /// Stores values of a record, which is made if it is not there. Nothing else of it changes.
    pub(crate) fn save(&self, module: &str, id: &str, values: &[(&str, &str)]) -> Result<(), CrmError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let table = store.table_mut(module)?;
        let module = table.module;
        let old = table.get(id).cloned();
        let kept = module.fields.iter().filter_map(|field| {
            let value = module.value(old.as_deref()?, field.name)?;
            Some((field.name, value))
        });
        let key = [(module.key(), id)];
        let record = Record::new(module, key.into_iter().chain(kept).chain(values.iter().copied()));
        table.put(record);
        Ok(())
    }

    /// Whether there is such a record that is not deleted.
    pub(crate) fn is_live(&self, module: &str, id: &str) -> bool {
        self.reading(|store| store.table(module).is_ok_and(|table| table.live(id).is_some()))
    }

    /// The records that a search finds, each as its `name_value_list`.
    pub(crate) fn search(&self, module: &str, search: &Search<'_>) -> Result<Vec<Value>, CrmError> {
        self.reading(|store| {
            let table = store.table(module)?;
            let module = table.module;
            let is_theirs = |record: &Record| search.owner.is_none_or(|user| module.is_owner(record, user));
            let assigned = |record: &Record| {
                search.assigned_user.is_empty()
                    || module.stored("assigned_user_id").is_none()
                    || module.value(record, "assigned_user_id") == Some(search.assigned_user)
            };
            let found = table
                .live_rows()
                .filter(|record| assigned(record) && is_theirs(record) && store.is_found(module, record, search.text));
            let page = found.skip(search.offset).take(search.limit);
            Ok(page
                .map(|record| store.name_value_list(Form::List, module, record, search.fields))
                .collect())
        })
    }

    /// Planned meetings and calls and tasks not begun of a user, after `now`, the next one first.
    pub(crate) fn upcoming(&self, user: &str, now: &str) -> Vec<Activity> {
        let mut activities: Vec<Activity> = self.reading(|store| {
            let of_module = |(module, due_field, open_status)| {
                store.table(module).into_iter().flat_map(move |table| {
                    let value = |record: &Arc<Record>, field| table.module.value(record, field).map(str::to_owned);
                    table.live_rows().filter_map(move |record| {
                        let due = value(record, due_field)?;
                        let is_open = value(record, "status").as_deref() == Some(open_status);
                        let is_theirs = value(record, "assigned_user_id").as_deref() == Some(user);
                        (is_open && is_theirs && due.as_str() > now).then(|| Activity {
                            due,
                            module: table.module.name,
                            id: encode_entities(record.id()),
                            name: encode_entities(&value(record, "name").unwrap_or_default()),
                        })
                    })
                })
            };
            ACTIVITIES.into_iter().flat_map(of_module).collect()
        });
        activities.sort();
        activities
    }

    fn reading<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        read(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Whether a name, a phone number or the e-mail address of a record begins so.
    fn is_found(&self, module: &Module, record: &Record, text: &str) -> bool {
        let searched = |field: &&super::Field| {
            matches!(field.type_name, "name" | "fullname" | "phone")
                || matches!(
                    field.name,
                    "first_name" | "last_name" | "user_name" | "document_name" | "email1"
                )
        };
        let value = |name: &str| self.value(Form::List, module, record, name);
        let mut values = module
            .fields
            .iter()
            .filter(searched)
            .filter_map(|field| value(field.name));
        let is_met = |value: &String| begins_like(value, text);
        values.any(|value| is_met(&value))
            || matches!((value("last_name"), value("first_name")), (Some(last), Some(first)) if is_met(&format!("{last} {first}")))
    }
}
