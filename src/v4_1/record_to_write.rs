//! One record on its way to the server, as `set_entry` and `set_entries` send it.

use serde_json::{Value, json};

use super::FieldValue;
use crate::error::{Error, Result};

/// The widest id that the database keeps; the server says nothing when it cuts a longer one.
const LONGEST_ID: usize = 36;

/// The fields that the server fills in itself, and the flag by which it takes the caller's value.
const AUDIT_FIELDS: [(&str, &str, bool); 4] = [
    ("date_modified", "update_date_modified", false),
    ("modified_user_id", "update_modified_by", false),
    ("created_by", "set_created_by", false),
    ("date_entered", "update_date_entered", true),
];

/// How a record comes to its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// The server makes one, at every repetition another.
    Server,
    /// The caller has made one: a repetition is refused instead of creating another record.
    Caller(String),
    /// The record is there already.
    Existing(String),
}

/// What is written of one record.
#[derive(Debug, Clone)]
pub(super) struct RecordToWrite {
    pub(super) identity: Identity,
    pub(super) fields: Vec<(String, FieldValue)>,
    pub(super) preserve_audit_fields: bool,
    pub(super) accept_changes: bool,
}

impl RecordToWrite {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            identity,
            fields: Vec::new(),
            preserve_audit_fields: false,
            accept_changes: false,
        }
    }

    pub(super) fn to_argument(&self) -> Value {
        let mut pairs = Vec::new();
        let mut push = |name: &str, value: Value| pairs.push(json!({"name": name, "value": value}));
        match &self.identity {
            Identity::Server => {}
            Identity::Caller(id) => {
                push("id", json!(id));
                push("new_with_id", json!(true));
            }
            Identity::Existing(id) => push("id", json!(id)),
        }
        for (name, value) in &self.fields {
            push(name, value.to_json());
        }
        if self.preserve_audit_fields {
            // For what is set only: the server would store nothing in the place of what it does not fill in.
            for (field, flag, value) in AUDIT_FIELDS {
                if self.fields.iter().any(|(name, _)| name == field) {
                    push(flag, json!(value));
                }
            }
        }
        Value::Array(pairs)
    }

    pub(super) fn check(&self) -> Result<()> {
        match &self.identity {
            Identity::Server => {}
            Identity::Caller(id) => check_own_id(id)?,
            Identity::Existing(id) => check_length(id)?,
        }
        for (name, value) in &self.fields {
            check_field_name(name)?;
            if let Some(why) = value.changed_by_server().filter(|_| !self.accept_changes) {
                return Err(Error::invalid_input(format!("the value of `{name}` {why}"))
                    .hint("change the value, or say accept_changes() if what the server makes of it will do"));
            }
        }
        Ok(())
    }
}

/// An id for a new record: what every version of the server takes.
fn check_own_id(id: &str) -> Result<()> {
    check_length(id)?;
    if !id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return Err(
            Error::invalid_input("an id of one's own holds letters, digits, - and _ only")
                .hint("make a GUID, such as 7ec4aecf-1b53-4bf5-9a05-c99c88054a3e"),
        );
    }
    Ok(())
}

fn check_length(id: &str) -> Result<()> {
    if id.is_empty() {
        return Err(Error::invalid_input("the record's id is empty"));
    }
    if id.chars().count() > LONGEST_ID {
        return Err(
            Error::invalid_input("the record's id is longer than the 36 characters that the database keeps")
                .hint("the server would cut it and answer the whole: check where the id comes from"),
        );
    }
    Ok(())
}

fn check_field_name(name: &str) -> Result<()> {
    if matches!(name, "id" | "new_with_id") {
        return Err(Error::invalid_input(format!(
            "`{name}` is no field to set: it decides whether a record is created or changed"
        ))
        .hint("use SetEntry::create_with_id or SetEntry::update"));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Error::invalid_input(
            "that is not the name of a field: letters, digits and _ only",
        ));
    }
    Ok(())
}
