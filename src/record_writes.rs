//! Calls that look whether the server did what it said.

use std::fmt;

use crate::error::{Error, ErrorKind, Result, Step};
use crate::filter::Filter;
use crate::printable::printable;
use crate::session::Session;
use crate::v4_1::{
    Entry, GetEntry, GetEntryList, GetModuleFields, GetRelationships, Method, RelationshipCounts, SetEntry,
    SetRelationship, SetRelationships,
};

/// A field whose stored value is not the one that was sent.
///
/// `Debug` shows the field's name only.
///
/// ```no_run
/// # async fn write(session: sugar_oauth::Session, id: &str) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::SetEntry;
///
/// let change = SetEntry::update("Contacts", id).set("title", "Head of Sales");
/// let id = session.set_entry(&change).await?;
/// for difference in session.verify(&change, &id).await? {
///     println!("{} is stored as {:?}", difference.field, difference.stored);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The field.
    pub field: String,
    /// What was sent.
    pub sent: String,
    /// What is stored, decoded; `None` for nothing, or for a field that the module does not have.
    pub stored: Option<String>,
}

impl fmt::Debug for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Difference")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// `set_entry`, after a look whether the record to change is there: the server itself answers success for one that is
    /// not, and writes nothing. The answer is the record's id.
    ///
    /// One more call for changes, none for creations.
    ///
    /// ```
    /// # use sugar_oauth::sandbox::Sandbox;
    /// # use sugar_oauth::{Client, Consumer, ErrorKind, Instance, Password};
    /// use sugar_oauth::v4_1::SetEntry;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # let client = Client::builder(Instance::parse(sandbox.url())?).build();
    /// # let session = client.login(sandbox.user_name(), Password::new(sandbox.password())).await?;
    /// let id = session.set_entry(&SetEntry::create("Contacts").set("last_name", "Doe")).await?;
    /// session.set_entry(&SetEntry::update("Contacts", &id).set("title", "Head of Sales")).await?;
    /// let gone = session.set_entry(&SetEntry::update("Contacts", "not-there").set("title", "x")).await;
    /// assert!(gone.is_err_and(|error| error.kind() == ErrorKind::NotFound));
    ///
    /// session.set_email("Contacts", &id, "jane.doe@example.com").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such record, or only one whose id differs in case; otherwise as
    /// [`call`](Self::call).
    pub async fn set_entry(&self, entry: &SetEntry) -> Result<String> {
        entry
            .check()
            .map_err(|error| error.at(Step::Call).in_method(SetEntry::NAME))?;
        if let Some(id) = entry.existing_id() {
            let wanted = GetEntry::new(entry.module_name(), id).select(["id"]);
            let found = self.call(&wanted).await?;
            let stored = found.as_ref().and_then(|found| found.get("id"));
            match stored {
                Some(stored) if stored == id => {}
                Some(stored) => {
                    return Err(
                        not_found("there is no record with this id, but one that differs in case")
                            .hint(format!("the record's id is {}", printable(&stored))),
                    );
                }
                None => {
                    return Err(
                        not_found("there is no such record, or this user may not see it; nothing was written")
                            .hint("create it with SetEntry::create_with_id"),
                    );
                }
            }
        }
        self.call(entry).await.map_err(|error| {
            if entry.has_own_id() && error.message().contains("the database refused") {
                return error.first_hint(
                    "a record with this id is there already, perhaps a deleted one, or one whose id differs in case only",
                );
            }
            error
        })
    }

    /// Reads back what was stored of a record that was just written, and returns what differs.
    ///
    /// The server's answer to a write echoes what was sent, also where it stored something else or nothing. Numbers and
    /// dates are compared as text, so `5` and `5.00` differ. A record that was deleted is gone, which is as it should be.
    ///
    /// See [`Difference`] for an example.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the record is not there; otherwise as [`call`](Self::call).
    pub async fn verify(&self, entry: &SetEntry, id: &str) -> Result<Vec<Difference>> {
        let names = entry.fields().iter().map(|(name, _)| name.as_str());
        let wanted = GetEntry::new(entry.module_name(), id).select(names);
        let stored = match self.call(&wanted).await? {
            Some(stored) => stored,
            None if entry.deletes() => return Ok(Vec::new()),
            None => {
                return Err(not_found(
                    "the record that was written is not there, or this user may not see it",
                ));
            }
        };
        let differing = |(field, sent): &(String, crate::v4_1::FieldValue)| {
            let stored = stored.get(field).map(String::from);
            let same = stored.as_deref().unwrap_or_default() == sent.as_str();
            (!same).then(|| Difference {
                field: field.clone(),
                sent: sent.as_str().to_owned(),
                stored,
            })
        };
        Ok(entry.fields().iter().filter_map(differing).collect())
    }

    /// `set_relationship`, and when the server fails with it, the reason: whether the name is that of a relationship, and
    /// which link field it should be.
    ///
    /// ```no_run
    /// # async fn link(session: sugar_oauth::Session, contact: &str, account: &str) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SetRelationship;
    ///
    /// // The link field, not the relationship `accounts_contacts` behind it.
    /// session.set_relationship(&SetRelationship::new("Contacts", contact, "accounts", [account])).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotDone`] with that reason; otherwise as [`call`](Self::call).
    pub async fn set_relationship(&self, relationship: &SetRelationship) -> Result<RelationshipCounts> {
        match self.call(relationship).await {
            Err(error) if error.kind() == ErrorKind::NotDone => {
                let link = (relationship.module_name(), relationship.link_field_name());
                Err(self.explain_link(link, error).await)
            }
            other => other,
        }
    }

    /// `set_relationships`, and when the server fails with some of them, the reason as in
    /// [`set_relationship`](Self::set_relationship), for the first name that is not a link field's.
    ///
    /// ```no_run
    /// # async fn link(session: sugar_oauth::Session, contact: &str, account: &str) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::{SetRelationship, SetRelationships};
    ///
    /// let links = SetRelationships::new()
    ///     .with(SetRelationship::new("Contacts", contact, "accounts", [account]))
    ///     .with(SetRelationship::new("Accounts", account, "cases", ["7f1c"]).remove());
    /// session.set_relationships(&links).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotDone`] with that reason, and [`may_have_applied`](Error::may_have_applied) where others were done;
    /// otherwise as [`call`](Self::call).
    pub async fn set_relationships(&self, relationships: &SetRelationships) -> Result<RelationshipCounts> {
        let mut error = match self.call(relationships).await {
            Err(error) if error.kind() == ErrorKind::NotDone => error,
            other => return other,
        };
        let mut seen = Vec::new();
        for link in relationships.link_fields() {
            if seen.contains(&link) {
                continue;
            }
            seen.push(link);
            let hints = error.hints().len();
            error = self.explain_link(link, error).await;
            if error.hints().len() > hints {
                break;
            }
        }
        Err(error)
    }

    /// `get_relationships`, and when nothing comes, a look whether there is such a link: the server answers an empty list
    /// for one that its module does not have.
    ///
    /// ```no_run
    /// # async fn read(session: sugar_oauth::Session, account: &str) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::GetRelationships;
    ///
    /// let contacts = GetRelationships::new("Accounts", account, "contacts").select(["first_name", "last_name"]);
    /// for contact in session.get_relationships(&contacts).await? {
    ///     println!("{}", contact.get("last_name").unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a link that the module does not have, with the link field that was meant if the
    /// name is a relationship's; otherwise as [`call`](Self::call).
    pub async fn get_relationships(&self, relationships: &GetRelationships) -> Result<Vec<Entry>> {
        let entries = self.call(relationships).await?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        let name = relationships.link_field_name();
        let fields = self.call(&GetModuleFields::new(relationships.module_name())).await?;
        if fields.link(name).is_some() {
            return Ok(entries);
        }
        let message = format!("the module has no link field `{}`", printable(name));
        let error = Error::invalid_input(message)
            .at(Step::Call)
            .in_method(GetRelationships::NAME);
        Err(match fields.links.iter().find(|link| link.relationship == name) {
            Some(link) => error.hint(format!("its relationship is behind `{}`", printable(&link.name))),
            None => error.hint("GetModuleFields names the link fields"),
        })
    }

    /// Gives a record its primary e-mail address.
    ///
    /// Setting `email1` works while a record is created and is ignored afterwards (`docs/server.md`), so the address is
    /// looked up in the module EmailAddresses, created there if need be, and linked.
    ///
    /// ```no_run
    /// # async fn write(session: sugar_oauth::Session, contact: &str) -> sugar_oauth::Result<()> {
    /// session.set_email("Contacts", contact, "jane.doe@example.com").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for what is no address; [`ErrorKind::NotFound`] for a record that is not there;
    /// [`ErrorKind::NotDone`] when the record shows another address afterwards; otherwise as [`call`](Self::call).
    pub async fn set_email(&self, module_name: &str, id: &str, address: &str) -> Result<()> {
        let address = EmailAddress::parse(address)?;
        let wanted = GetEntry::new(module_name, id).select(["email1"]);
        if self.call(&wanted).await?.is_none() {
            return Err(not_found(
                "there is no such record, or this user may not see it; nothing was written",
            ));
        }
        let known = GetEntryList::new("EmailAddresses")
            .query(
                Filter::on("email_addresses")?
                    .column("email_address_caps")?
                    .eq(address.in_capitals.as_str()),
            )
            .select(["id"])
            .max_results(1);
        let known = self
            .call(&known)
            .await?
            .entries
            .pop()
            .map(|entry| entry.id().to_owned());
        let address_id = match known {
            Some(id) => id,
            None => {
                let new = SetEntry::create("EmailAddresses")
                    .set("email_address", address.as_written.as_str())
                    .set("email_address_caps", address.in_capitals.as_str());
                self.call(&new).await?
            }
        };
        let link = SetRelationship::new(module_name, id, "email_addresses", [address_id]).column("primary_address", 1);
        self.set_relationship(&link).await?;
        let shown = self.call(&wanted).await?;
        match shown.as_ref().and_then(|entry| entry.get("email1")) {
            Some(shown) if shown.eq_ignore_ascii_case(&address.as_written) => Ok(()),
            _ => Err(Error::new(
                ErrorKind::NotDone,
                "the address is linked, but the record shows another as its primary one",
            )
            .hint("remove the other address from the record first")
            .may_apply(true)
            .at(Step::Call)
            .in_method("set_relationship")),
        }
    }

    /// Says of a name that is not a link field's what it is.
    async fn explain_link(&self, (module_name, name): (&str, &str), error: Error) -> Error {
        let Ok(fields) = self.call(&GetModuleFields::new(module_name)).await else {
            return error;
        };
        if fields.link(name).is_some() {
            return error;
        }
        match fields.links.iter().find(|link| link.relationship == name) {
            Some(link) => error.first_hint(format!(
                "`{}` is a relationship; its link field is `{}`",
                printable(name),
                printable(&link.name)
            )),
            None => error.first_hint(format!("the module has no link field `{}`", printable(name))),
        }
    }
}

/// An address in the two forms that the database keeps.
struct EmailAddress {
    as_written: String,
    in_capitals: String,
}

impl EmailAddress {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let fits = text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        });
        let plain = text.len() <= 255
            && text
                .chars()
                .all(|character| !character.is_whitespace() && !character.is_control());
        if !fits || !plain {
            return Err(Error::invalid_input("that is not an e-mail address"));
        }
        Ok(Self {
            as_written: text.to_owned(),
            // As the server does it: ASCII only.
            in_capitals: text.to_ascii_uppercase(),
        })
    }
}

fn not_found(message: &str) -> Error {
    Error::new(ErrorKind::NotFound, message)
        .at(Step::Call)
        .in_method(SetEntry::NAME)
}
