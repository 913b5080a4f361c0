//! Records as [`Entry`], from a page that is read from its bytes.

use serde_json::{Map, Value};

use super::entry::Entry;
use super::fields::Fields;
use super::page_keys::Keys;
use super::page_reader::RecordSink;
use super::sent::Sent;

/// Makes an [`Entry`] of each record.
#[derive(Default)]
pub(crate) struct EntrySink {
    pub(crate) entries: Vec<Entry>,
    module_name: String,
    name: String,
    values: Map<String, Value>,
}

impl RecordSink for EntrySink {
    fn module_name(&mut self, name: &str) {
        name.clone_into(&mut self.module_name);
    }

    fn name(&mut self, name: &str) -> Option<()> {
        name.clone_into(&mut self.name);
        Some(())
    }

    fn value(&mut self, value: Sent<'_>) -> Option<()> {
        self.values.insert(std::mem::take(&mut self.name), value.to_value());
        Some(())
    }

    fn end(&mut self, keys: &Keys) -> Option<()> {
        let fields = Fields::from_values(std::mem::take(&mut self.values));
        let module_name = std::mem::take(&mut self.module_name);
        self.entries
            .push(Entry::new(keys.id().into_owned(), module_name, fields));
        Some(())
    }
}
