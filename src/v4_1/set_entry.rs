//! Writing records.

use serde_json::Value;

use super::record_to_write::{Identity, RecordToWrite};
use super::{FieldValue, Method, sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::rest::{Arguments, invalid_answer};

/// `set_entry`: creates a record or changes one.
///
/// The answer is the record's id. The server's success does not mean that all was stored: it echoes what was sent.
/// [`Session::set_entry`](crate::Session::set_entry) looks whether a record to change is there at all, and
/// [`Session::verify`](crate::Session::verify) reads back what was stored.
///
/// ```
/// use sugar_oauth::v4_1::SetEntry;
/// let contact = SetEntry::create_with_id("Contacts", "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e")
///     .set("last_name", "O'Neil & Sons")
///     .set("do_not_call", true);
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct SetEntry {
    module_name: String,
    record: RecordToWrite,
    track_view: Option<bool>,
}

impl SetEntry {
    fn new(module_name: impl Into<String>, identity: Identity) -> Self {
        Self {
            module_name: module_name.into(),
            record: RecordToWrite::new(identity),
            track_view: None,
        }
    }

    /// Creates a record under an id that the server makes. Sent twice, it creates twice.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// let id = session.set_entry(&SetEntry::create("Contacts").set("last_name", "Smith")).await?;
    /// println!("{id}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(module_name: impl Into<String>) -> Self {
        Self::new(module_name, Identity::Server)
    }

    /// Creates a record under an id of the caller's, so that it cannot be created twice: a repetition is refused by the
    /// database (`500 Database failure`). So is an id that belonged to a deleted record, or differs in case only.
    pub fn create_with_id(module_name: impl Into<String>, id: impl Into<String>) -> Self {
        Self::new(module_name, Identity::Caller(id.into()))
    }

    /// Changes a record. The server answers success for an id that is not there and writes nothing.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// let account = SetEntry::update("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae").set("phone_office", "");
    /// session.set_entry(&account).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(module_name: impl Into<String>, id: impl Into<String>) -> Self {
        Self::new(module_name, Identity::Existing(id.into()))
    }

    /// Deletes a record: sets `deleted` to 1, as the API does it.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// session.set_entry(&SetEntry::delete("Contacts", "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(module_name: impl Into<String>, id: impl Into<String>) -> Self {
        Self::update(module_name, id).set("deleted", true)
    }

    /// Sets a field. Fields that the module does not have are dropped by the server without a word.
    /// Set twice, the last value counts.
    pub fn set(mut self, field: impl Into<String>, value: impl Into<FieldValue>) -> Self {
        let (field, value) = (field.into(), value.into());
        match self.record.fields.iter_mut().find(|(name, _)| *name == field) {
            Some((_, earlier)) => *earlier = value,
            None => self.record.fields.push((field, value)),
        }
        self
    }

    /// Keeps those of `date_entered`, `date_modified`, `modified_user_id` and `created_by` that are set here, which the
    /// server overwrites otherwise. For migrations.
    ///
    /// ```
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// let moved = SetEntry::create_with_id("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae")
    ///     .set("name", "Smith & Co")
    ///     .set("date_entered", "2009-03-14 10:00:00")
    ///     .preserve_audit_fields();
    /// # let _ = moved;
    /// ```
    pub fn preserve_audit_fields(mut self) -> Self {
        self.record.preserve_audit_fields = true;
        self
    }

    /// Sends values that the server would store otherwise than sent; without it they are refused here.
    ///
    /// ```
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// // The server cuts the script out.
    /// let note = SetEntry::create("Notes").set("description", "<script>alert(1)</script>").accept_changes();
    /// # let _ = note;
    /// ```
    pub fn accept_changes(mut self) -> Self {
        self.record.accept_changes = true;
        self
    }

    /// Puts the record on the user's list of the last viewed.
    ///
    /// ```
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// let account = SetEntry::update("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae").set("rating", "A").track_view(true);
    /// # let _ = account;
    /// ```
    pub fn track_view(mut self, track: bool) -> Self {
        self.track_view = Some(track);
        self
    }

    /// The module that is written to.
    pub fn module_name(&self) -> &str {
        &self.module_name
    }

    /// The id of the record to change, if this is no creation.
    pub(crate) fn existing_id(&self) -> Option<&str> {
        match &self.record.identity {
            Identity::Existing(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the caller made the id of a new record.
    pub(crate) fn has_own_id(&self) -> bool {
        matches!(self.record.identity, Identity::Caller(_))
    }

    /// Whether it is a deletion, after which the server shows no record.
    pub(crate) fn deletes(&self) -> bool {
        let is_set = |(name, value): &(String, FieldValue)| name == "deleted" && value.as_str() == "1";
        self.record.fields.iter().any(is_set)
    }

    pub(crate) fn fields(&self) -> &[(String, FieldValue)] {
        &self.record.fields
    }
}

impl sealed::Sealed for SetEntry {}

impl Method for SetEntry {
    const NAME: &'static str = "set_entry";
    const REPEATABLE: bool = false;
    const SIGNED: bool = true;
    type Answer = String;

    fn check(&self) -> Result<()> {
        self.record.check()
    }

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with("name_value_list", self.record.to_argument())
            .with_some("track_view", self.track_view)
    }

    fn read(&self, result: Value) -> Result<String> {
        match result.get("id").and_then(Value::as_str) {
            Some(id) if !id.is_empty() => Ok(super::decode_entities(id).into_owned()),
            None if result.is_null() => Err(Error::new(
                ErrorKind::NotDone,
                "the server answered null, as it does to an id that it takes for invalid; nothing was written",
            )),
            _ => Err(invalid_answer("the answer holds no id of the record written")),
        }
    }
}

/// `set_entries`: creates or changes several records of one module. The answer is their ids, in order.
///
/// A record that fails ends the call with a 500, and those before it stay.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{SetEntries, SetEntry};
///
/// let contacts = SetEntries::new("Contacts")
///     .with(SetEntry::create_with_id("Contacts", "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e").set("last_name", "Smith"))?
///     .with(SetEntry::create("Contacts").set("last_name", "Jones").set("email1", "jones@example.com"))?
///     .let_server_match_contacts();
/// let ids = session.call(&contacts).await?;
/// println!("{ids:?}");
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct SetEntries {
    module_name: String,
    records: Vec<RecordToWrite>,
    let_server_match: bool,
}

impl SetEntries {
    /// No record yet.
    pub fn new(module_name: impl Into<String>) -> Self {
        Self {
            module_name: module_name.into(),
            records: Vec::new(),
            let_server_match: false,
        }
    }

    /// Adds a record; its module must be this one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a record of another module.
    pub fn with(mut self, record: SetEntry) -> Result<Self> {
        if record.module_name != self.module_name {
            return Err(Error::invalid_input(
                "all records of one set_entries belong to one module",
            ));
        }
        self.records.push(record.record);
        Ok(self)
    }

    /// Allows contacts without ids, for which the server looks for an existing one with the same e-mail address and last
    /// name, answers that one's id and drops what was sent.
    pub fn let_server_match_contacts(mut self) -> Self {
        self.let_server_match = true;
        self
    }
}

impl sealed::Sealed for SetEntries {}

impl Method for SetEntries {
    const NAME: &'static str = "set_entries";
    const REPEATABLE: bool = false;
    const SIGNED: bool = true;
    type Answer = Vec<String>;

    fn check(&self) -> Result<()> {
        let without_id = self.records.iter().any(|record| record.identity == Identity::Server);
        if self.module_name == "Contacts" && without_id && !self.let_server_match {
            return Err(Error::invalid_input(
                "contacts without ids cannot be created by set_entries: where e-mail address and last name match an \
                 existing contact, the server answers that one's id and drops the new data",
            )
            .hint("give each an id of your own (SetEntry::create_with_id), or create them one by one"));
        }
        self.records.iter().try_for_each(RecordToWrite::check)
    }

    fn arguments(&self) -> Arguments {
        let lists: Vec<Value> = self.records.iter().map(RecordToWrite::to_argument).collect();
        Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with("name_value_lists", lists)
    }

    fn read(&self, result: Value) -> Result<Vec<String>> {
        let malformed = || invalid_answer("the ids of the records written are not of the documented shape");
        let ids = result.get("ids").and_then(Value::as_array).ok_or_else(malformed)?;
        let ids: Vec<String> = ids
            .iter()
            .map(|id| {
                id.as_str()
                    .map(|id| super::decode_entities(id).into_owned())
                    .ok_or_else(malformed)
            })
            .collect::<Result<_>>()?;
        if ids.len() != self.records.len() {
            return Err(malformed());
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_goes_as_the_captured_one() {
        let entry =
            SetEntry::create_with_id("Contacts", "7ec4aecf-1b53-4bf5-9a05-c99c88054a3e").set("last_name", "Own");
        assert_eq!(
            entry.arguments().to_rest_data(Some("s")),
            r#"{"session":"s","module_name":"Contacts","name_value_list":[{"name":"id","value":"7ec4aecf-1b53-4bf5-9a05-c99c88054a3e"},{"name":"new_with_id","value":true},{"name":"last_name","value":"Own"}]}"#
        );
    }

    #[test]
    fn what_would_go_wrong_silently_is_refused_first() {
        let long = "x".repeat(37);
        for (entry, says) in [
            (SetEntry::update("Contacts", ""), "empty"),
            (SetEntry::update("Contacts", &long), "36"),
            (SetEntry::create_with_id("Contacts", "{X}"), "letters"),
            (
                SetEntry::create("Contacts").set("birthdate", "2026-01-01T00:00:00Z"),
                "`birthdate`",
            ),
            (
                SetEntry::create("Contacts").set("description", "a <script>b"),
                "<script",
            ),
            (SetEntry::create("Contacts").set("a b", "c"), "field"),
            (SetEntry::create("Contacts").set("id", "1"), "create_with_id"),
            (
                SetEntry::update("Contacts", "1").set("new_with_id", true),
                "`new_with_id`",
            ),
        ] {
            let error = entry.check().unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(
            SetEntry::create("Contacts")
                .set("description", "R&amp;D")
                .accept_changes()
                .check()
                .is_ok()
        );
        assert!(SetEntry::update("Contacts", " 1").check().is_ok(), "odd ids exist");
    }

    #[test]
    fn the_last_value_of_a_field_counts() {
        let entry = SetEntry::create("Contacts").set("a", "1").set("b", "2").set("a", "3");
        let sent: Vec<_> = entry
            .fields()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(sent, [("a", "3"), ("b", "2")]);
    }

    #[test]
    fn contacts_without_ids_are_refused_with_the_reason() {
        let contacts = SetEntries::new("Contacts")
            .with(SetEntry::create("Contacts").set("last_name", "A"))
            .unwrap();
        let error = contacts.check().unwrap_err().to_string();
        assert!(error.contains("drops the new data"), "{error}");
        assert!(contacts.let_server_match_contacts().check().is_ok());
        assert!(SetEntries::new("Accounts").with(SetEntry::create("Contacts")).is_err());
    }
}
