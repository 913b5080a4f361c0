//! Setting and removing links.

use serde_json::{Value, json};

use super::{FieldValue, Method, count, sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::rest::{Arguments, invalid_answer};

/// What a call did with links.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{RelationshipCounts, SetRelationship};
///
/// let link = SetRelationship::new("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae", "contacts", ["seed_contact_id"]);
/// let counts: RelationshipCounts = session.set_relationship(&link).await?;
/// assert_eq!((counts.created, counts.deleted), (1, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelationshipCounts {
    /// Calls that set links. One call counts as one, whatever the number of ids, and an id that does not exist counts too.
    pub created: u64,
    /// Calls that removed links.
    pub deleted: u64,
}

/// One record and what to link it with.
#[derive(Debug, Clone)]
struct Link {
    module_name: String,
    module_id: String,
    link_field_name: String,
    related_ids: Vec<String>,
    columns: Vec<(String, FieldValue)>,
    delete: bool,
}

impl Link {
    fn columns_argument(&self) -> Value {
        self.columns
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value.to_json()}))
            .collect()
    }

    fn check(&self) -> Result<()> {
        if self.related_ids.is_empty() || self.related_ids.iter().any(String::is_empty) || self.module_id.is_empty() {
            return Err(Error::invalid_input(
                "a link needs the ids of the records on both of its sides",
            ));
        }
        Ok(())
    }
}

/// `set_relationship`: links a record with others along a link field, or removes such links.
///
/// It wants the LINK field's name (`contacts`), not the relationship's (`accounts_contacts`). A related id that does not
/// exist is linked all the same, and the date of the left record stays (`docs/server.md`).
/// [`Session::set_relationship`](crate::Session::set_relationship) says which name it would have been.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::SetRelationship;
///
/// let contacts = ["7ec4aecf-1b53-4bf5-9a05-c99c88054a3e", "0b7e6f1c-12aa-4c8e-9d0b-6b0151d3a111"];
/// let decision_makers = SetRelationship::new("Opportunities", "3a1f5a64-8d0f-4f8e-b1b2-6b0151aa0c10", "contacts", contacts)
///     .column("contact_role", "Primary Decision Maker");
/// session.set_relationship(&decision_makers).await?;
/// session.set_relationship(&decision_makers.remove()).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct SetRelationship {
    link: Link,
}

impl SetRelationship {
    /// Links a record with others.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(
        module_name: impl Into<String>,
        id: impl Into<String>,
        link_field_name: impl Into<String>,
        related_ids: I,
    ) -> Self {
        Self {
            link: Link {
                module_name: module_name.into(),
                module_id: id.into(),
                link_field_name: link_field_name.into(),
                related_ids: related_ids.into_iter().map(Into::into).collect(),
                columns: Vec::new(),
                delete: false,
            },
        }
    }

    /// Sets a column of the relationship itself, such as `primary_address`.
    pub fn column(mut self, name: impl Into<String>, value: impl Into<FieldValue>) -> Self {
        self.link.columns.push((name.into(), value.into()));
        self
    }

    /// Removes the links instead.
    pub fn remove(mut self) -> Self {
        self.link.delete = true;
        self
    }

    pub(crate) fn module_name(&self) -> &str {
        &self.link.module_name
    }

    pub(crate) fn link_field_name(&self) -> &str {
        &self.link.link_field_name
    }
}

impl sealed::Sealed for SetRelationship {}

impl Method for SetRelationship {
    const NAME: &'static str = "set_relationship";
    const REPEATABLE: bool = false;
    const SIGNED: bool = true;
    type Answer = RelationshipCounts;

    fn check(&self) -> Result<()> {
        self.link.check()
    }

    fn arguments(&self) -> Arguments {
        let Link {
            module_name,
            module_id,
            link_field_name,
            related_ids,
            columns,
            delete,
        } = &self.link;
        let arguments = Arguments::new()
            .with("module_name", module_name.as_str())
            .with("module_id", module_id.as_str())
            .with("link_field_name", link_field_name.as_str())
            .with("related_ids", related_ids.clone());
        if columns.is_empty() && !delete {
            return arguments;
        }
        let arguments = arguments.with("name_value_list", self.link.columns_argument());
        arguments.with_some("delete", delete.then_some(1))
    }

    fn read(&self, result: Value) -> Result<RelationshipCounts> {
        read_counts(&result)
    }
}

/// `set_relationships`: several of these in one call. Those before a failing one stay.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{SetRelationship, SetRelationships};
///
/// let links = SetRelationships::new()
///     .with(SetRelationship::new("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae", "contacts", ["seed_contact_id"]))
///     .with(SetRelationship::new("Accounts", "1c4d9a1a-c716-ba65-159f-6b015bb081ae", "cases", ["seed_case_id"]));
/// println!("{}", session.set_relationships(&links).await?.created);
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone, Default)]
pub struct SetRelationships {
    links: Vec<Link>,
}

impl SetRelationships {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn with(mut self, relationship: SetRelationship) -> Self {
        self.links.push(relationship.link);
        self
    }
}

impl SetRelationships {
    /// The modules and link fields that it names.
    pub(crate) fn link_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.links
            .iter()
            .map(|link| (link.module_name.as_str(), link.link_field_name.as_str()))
    }
}

impl sealed::Sealed for SetRelationships {}

impl Method for SetRelationships {
    const NAME: &'static str = "set_relationships";
    const REPEATABLE: bool = false;
    const SIGNED: bool = true;
    type Answer = RelationshipCounts;

    fn check(&self) -> Result<()> {
        if self.links.is_empty() {
            return Err(Error::invalid_input("there are no links to set"));
        }
        self.links.iter().try_for_each(Link::check)
    }

    fn arguments(&self) -> Arguments {
        let all = |part: fn(&Link) -> Value| self.links.iter().map(part).collect::<Value>();
        Arguments::new()
            .with("module_names", all(|link| json!(link.module_name)))
            .with("module_ids", all(|link| json!(link.module_id)))
            .with("link_field_names", all(|link| json!(link.link_field_name)))
            .with("related_ids", all(|link| json!(link.related_ids)))
            .with("name_value_lists", all(Link::columns_argument))
            .with("delete_array", all(|link| json!(u8::from(link.delete))))
    }

    fn read(&self, result: Value) -> Result<RelationshipCounts> {
        read_counts(&result)
    }
}

fn read_counts(result: &Value) -> Result<RelationshipCounts> {
    let number = |name: &str| {
        let number = result
            .get(name)
            .and_then(count)
            .and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| invalid_answer("the counts of links are not of the documented shape"))
    };
    let (created, failed, deleted) = (number("created")?, number("failed")?, number("deleted")?);
    if failed > 0 {
        return Err(Error::new(
            ErrorKind::NotDone,
            format!("the server set {created} and removed {deleted} links, and failed with {failed}"),
        )
        .hint("give the link field's name, not the relationship's: GetModuleFields names the link fields")
        .hint("check that the record exists")
        .may_apply(created > 0 || deleted > 0));
    }
    Ok(RelationshipCounts { created, deleted })
}
