//! What tells a record of a page from others.

use std::borrow::Cow;

use super::decode_entities;

/// What tells a record from others. Kept as it came: mostly only the last record's is asked for.
#[derive(Default)]
pub(crate) struct Keys {
    pub(super) id: Text,
    pub(super) id_field: Text,
    pub(super) key: Text,
}

/// A text that may be absent, in memory that is used again.
#[derive(Default)]
pub(super) struct Text {
    text: String,
    is_there: bool,
}

impl Text {
    pub(super) fn set(&mut self, text: Option<&str>) {
        self.text.clear();
        self.text.push_str(text.unwrap_or_default());
        self.is_there = text.is_some();
    }

    pub(super) fn is_there(&self) -> bool {
        self.is_there
    }

    /// Whether it is there, and another one.
    pub(super) fn differs_from(&self, text: &str) -> bool {
        self.is_there && self.text != text
    }

    /// Decoded.
    fn get(&self) -> Option<Cow<'_, str>> {
        self.is_there.then(|| decode_entities(&self.text))
    }
}

impl Keys {
    /// The record's id; empty where it has none.
    pub(crate) fn id(&self) -> Cow<'_, str> {
        self.id.get().or_else(|| self.id_field.get()).unwrap_or_default()
    }

    /// The value of the field that is the key.
    pub(crate) fn key(&self) -> Option<Cow<'_, str>> {
        self.key.get()
    }
}
