//! The upload directory: the content of attachments and revisions, by the id of their record.

use std::collections::HashMap;

/// Files by the id of their note or document revision.
#[derive(Debug, Default)]
pub(crate) struct Uploads(HashMap<String, Vec<u8>>);

impl Uploads {
    /// Stores a file in place of the one that was there.
    pub(crate) fn put(&mut self, id: &str, content: Vec<u8>) {
        self.0.insert(id.to_owned(), content);
    }

    /// A file, unless it is missing.
    pub(crate) fn get(&self, id: &str) -> Option<&[u8]> {
        self.0.get(id).map(Vec::as_slice)
    }

    /// Takes a file away and leaves its record; false if there was none.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.0.remove(id).is_some()
    }
}
