//! What is stored, for tests to compare.

use super::Sandbox;
use super::crm::{Module, Plain};
use std::collections::BTreeMap;

/// A record as it is stored, whatever the API that it came by.
///
/// ```
/// use sugar_oauth::sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().records(5, 20).start().await?;
/// let contacts = sandbox.stored_records("Contacts");
/// let live = contacts.iter().find(|contact| !contact.deleted).ok_or("a live one")?;
/// assert!(live.values.contains_key("last_name"));
/// let accounts = sandbox.stored_links("Contacts", &live.id, "accounts");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredRecord {
    /// Its id.
    pub id: String,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Values by field, those without a value left out. Times are UTC, `YYYY-MM-DD hh:mm:ss`; fields that belong to other
    /// tables, such as `account_id` and `email1` of a contact, are here too.
    pub values: BTreeMap<String, String>,
}

impl Sandbox {
    /// All records of a module, deleted ones too, in the order of the database; none of a module that is not there.
    pub fn stored_records(&self, module: &str) -> Vec<StoredRecord> {
        let records = Module::named(module).map(|module| self.server().crm.plain_all(module));
        records.unwrap_or_default().into_iter().map(StoredRecord::of).collect()
    }

    /// Ids of the live records at the other end of a link of a live record, in the order of the database.
    pub fn stored_links(&self, module: &str, id: &str, link: &str) -> Vec<String> {
        let found = Module::named(module).and_then(|module| Some((module, module.link(link)?)));
        found.map_or_else(Vec::new, |(module, link)| {
            self.server().crm.linked_ids(module, id, link)
        })
    }

    /// The file of a note or document revision, by the record's id.
    pub fn stored_file(&self, id: &str) -> Option<Vec<u8>> {
        self.server().data().uploads.get(id).map(<[u8]>::to_vec)
    }
}

impl StoredRecord {
    fn of(plain: Plain) -> Self {
        let values = plain.values.into_iter();
        Self {
            id: plain.id,
            deleted: plain.deleted,
            values: values
                .filter_map(|(field, value)| Some((field.name.to_owned(), value?)))
                .collect(),
        }
    }
}
