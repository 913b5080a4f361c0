//! What a module is made of.

use serde_json::Value;

use super::{Method, count, flag, members, sealed, text_of};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};

/// `get_module_fields`: a module's table, fields and link fields.
///
/// ```
/// use sugar_oauth::v4_1::GetModuleFields;
/// let some = GetModuleFields::new("Contacts").select(["id", "last_name"]);
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetModuleFields {
    module_name: String,
    fields: Option<Vec<String>>,
}

impl GetModuleFields {
    /// All fields of a module.
    pub fn new(module_name: impl Into<String>) -> Self {
        Self {
            module_name: module_name.into(),
            fields: None,
        }
    }

    /// Only these fields. The answer then holds no link fields but those named.
    pub fn select<I: IntoIterator<Item = S>, S: Into<String>>(mut self, fields: I) -> Self {
        self.fields = Some(fields.into_iter().map(Into::into).collect());
        self
    }
}

/// A module's table, fields and link fields.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{GetModuleFields, ModuleFields};
///
/// let contacts: ModuleFields = session.call(&GetModuleFields::new("Contacts")).await?;
/// assert_eq!(contacts.table_name, "contacts");
/// println!("{}", contacts.field("last_name").is_some_and(|field| field.required));
/// println!("{}", contacts.link("accounts").is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModuleFields {
    /// The module.
    pub module_name: String,
    /// The table that a query's columns are qualified with; empty where an old instance does not tell.
    pub table_name: String,
    /// The fields that hold values.
    pub fields: Vec<ModuleField>,
    /// The fields that lead to other records.
    pub links: Vec<LinkField>,
}

impl ModuleFields {
    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&ModuleField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A link field by its name.
    pub fn link(&self, name: &str) -> Option<&LinkField> {
        self.links.iter().find(|link| link.name == name)
    }
}

/// A field that holds a value.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{GetModuleFields, ModuleField};
///
/// let contacts = session.call(&GetModuleFields::new("Contacts")).await?;
/// let choices: Option<&ModuleField> = contacts.field("lead_source");
/// for (value, label) in choices.map(|field| field.options.as_slice()).unwrap_or_default() {
///     println!("{value} is shown as {label}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModuleField {
    /// The name to use in calls.
    pub name: String,
    /// The type in the server's words: `varchar`, `enum`, `multienum`, `datetime`, `relate`, …
    pub kind: String,
    /// The name that people see, in the user's language.
    pub label: String,
    /// Whether people must fill it in. The API does not insist.
    pub required: bool,
    /// The longest value, in characters; `None` where there is no limit or it is told otherwise, as for decimals.
    pub length: Option<u64>,
    /// The values to choose from and what people see for them, for enumerations.
    pub options: Vec<(String, String)>,
    /// The module that a `relate` field points to; empty for others.
    pub related_module: String,
    /// The field that holds the id, for a field that shows the name of another record.
    pub id_name: String,
}

/// A field that leads to other records.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{GetModuleFields, LinkField};
///
/// let contacts = session.call(&GetModuleFields::new("Contacts")).await?;
/// let to_accounts: Vec<&LinkField> = contacts.links.iter().filter(|link| link.module == "Accounts").collect();
/// println!("{} links lead to accounts", to_accounts.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkField {
    /// The name to use in calls.
    pub name: String,
    /// The relationship behind it, which calls do not take.
    pub relationship: String,
    /// The module at its other end; empty for about a third of all link fields (`docs/server.md`).
    pub module: String,
}

impl sealed::Sealed for GetModuleFields {}

impl Method for GetModuleFields {
    const NAME: &'static str = "get_module_fields";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = ModuleFields;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("module_name", self.module_name.as_str())
            .with_some("fields", self.fields.clone())
    }

    fn read(&self, result: Value) -> Result<ModuleFields> {
        let malformed = || invalid_answer("the list of fields is not of the documented shape");
        let fields = result.get("module_fields").ok_or_else(malformed)?;
        let fields = members(Some(fields)).ok_or_else(malformed)?;
        let links = members(result.get("link_fields")).ok_or_else(malformed)?;
        Ok(ModuleFields {
            module_name: text_of(&result, "module_name").to_owned(),
            table_name: text_of(&result, "table_name").to_owned(),
            fields: fields
                .into_iter()
                .map(|(name, field)| read_field(name, field))
                .collect(),
            links: links.into_iter().map(|(name, link)| read_link(name, link)).collect(),
        })
    }
}

fn read_field(name: &str, field: &Value) -> ModuleField {
    let options = members(field.get("options")).unwrap_or_default();
    let shown = |(value, option): (&str, &Value)| (value.to_owned(), text_of(option, "value").to_owned());
    ModuleField {
        name: name.to_owned(),
        kind: text_of(field, "type").to_owned(),
        label: text_of(field, "label").to_owned(),
        required: flag(field.get("required")),
        length: field
            .get("len")
            .and_then(count)
            .and_then(|length| u64::try_from(length).ok()),
        options: options.into_iter().map(shown).collect(),
        related_module: text_of(field, "related_module").to_owned(),
        id_name: text_of(field, "id_name").to_owned(),
    }
}

fn read_link(name: &str, link: &Value) -> LinkField {
    LinkField {
        name: name.to_owned(),
        relationship: text_of(link, "relationship").to_owned(),
        module: text_of(link, "module").to_owned(),
    }
}

/// `get_module_fields_md5`: a digest of each module's fields, to see whether they changed.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetModuleFieldsMd5;
///
/// // A digest that differs from the one before says that a field was added or changed.
/// let digests = session.call(&GetModuleFieldsMd5::new(["Accounts", "Contacts"])).await?;
/// println!("{digests:?}");
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetModuleFieldsMd5 {
    module_names: Vec<String>,
}

impl GetModuleFieldsMd5 {
    /// For these modules.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(module_names: I) -> Self {
        Self {
            module_names: module_names.into_iter().map(Into::into).collect(),
        }
    }
}

impl sealed::Sealed for GetModuleFieldsMd5 {}

impl Method for GetModuleFieldsMd5 {
    const NAME: &'static str = "get_module_fields_md5";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    /// Modules and their digests.
    type Answer = Vec<(String, String)>;

    fn arguments(&self) -> Arguments {
        Arguments::new().with("module_name", self.module_names.clone())
    }

    fn read(&self, result: Value) -> Result<Self::Answer> {
        let malformed = || invalid_answer("the digests are not of the documented shape");
        let digest = |(module, digest): (&str, &Value)| Some((module.to_owned(), digest.as_str()?.to_owned()));
        let digests = members(Some(&result)).ok_or_else(malformed)?;
        digests
            .into_iter()
            .map(digest)
            .collect::<Option<_>>()
            .ok_or_else(malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_objects_come_as_lists_and_lengths_as_anything() {
        let answer = serde_json::json!({"module_name": "Accounts", "table_name": "accounts", "link_fields": [],
            "module_fields": {
                "id": {"name": "id", "type": "id", "required": 1, "options": [], "related_module": "", "len": ""},
                "name": {"name": "name", "type": "name", "label": "Name:", "required": "0", "options": [], "len": "150"},
                "account_type": {"name": "account_type", "type": "enum", "len": 50,
                    "options": {"": {"name": "", "value": ""}, "Analyst": {"name": "Analyst", "value": "Analyst"}}}}});
        let fields = GetModuleFields::new("Accounts").read(answer).unwrap();
        assert_eq!(fields.table_name, "accounts");
        assert!(fields.links.is_empty());
        assert!(
            GetModuleFields::new("Accounts")
                .read(serde_json::json!({"x": 1}))
                .is_err()
        );
        assert_eq!(fields.field("id").unwrap().length, None);
        assert_eq!(
            (
                fields.field("name").unwrap().length,
                fields.field("name").unwrap().required
            ),
            (Some(150), false)
        );
        assert_eq!(
            fields.field("account_type").unwrap().options[1],
            (String::from("Analyst"), String::from("Analyst"))
        );
    }
}
