//! Records at the other end of links, and the three shapes in which they come.

use serde_json::{Value, json};

use super::entry::Entry;
use super::fields::Fields;
use crate::error::{Error, Result};
use crate::rest::invalid_answer;

/// The links to follow and the fields to bring (`link_name_to_fields_array`).
#[derive(Debug, Clone, Default)]
pub(super) struct LinkFields {
    links: Vec<(String, Vec<String>)>,
}

impl LinkFields {
    pub(super) fn push<I: IntoIterator<Item = S>, S: Into<String>>(&mut self, link: impl Into<String>, fields: I) {
        self.links
            .push((link.into(), fields.into_iter().map(Into::into).collect()));
    }

    pub(super) fn to_argument(&self) -> Value {
        self.links
            .iter()
            .map(|(name, fields)| json!({"name": name, "value": fields}))
            .collect()
    }

    /// Gives each record what `relationship_list` holds for it.
    ///
    /// The server leaves missing records out of the list, so that positions shift; `get_entry_list` and `get_entries`
    /// wrap in `link_list` and `link_value`, `get_entry` does not; a link without records is absent, and an unknown
    /// link comes with an empty list (`docs/server.md`).
    pub(super) fn distribute(&self, list: Option<&Value>, entries: &mut [Entry]) -> Result<()> {
        let malformed = || invalid_answer("the list of linked records is not of the documented shape");
        if self.links.is_empty() {
            return Ok(());
        }
        let list = match list {
            Some(Value::Array(list)) => list.as_slice(),
            None | Some(Value::Null) => &[],
            Some(_) => return Err(malformed()),
        };
        let present: Vec<&mut Entry> = entries.iter_mut().filter(|entry| !entry.is_missing()).collect();
        if !list.is_empty() && list.len() != present.len() {
            return Err(malformed());
        }
        for (entry, links) in present.into_iter().zip(list) {
            let links = links
                .get("link_list")
                .unwrap_or(links)
                .as_array()
                .ok_or_else(malformed)?;
            entry.links = links.iter().map(|link| self.read(link)).collect::<Result<_>>()?;
        }
        Ok(())
    }

    fn read(&self, link: &Value) -> Result<(String, Vec<Fields>)> {
        let malformed = || invalid_answer("the list of linked records is not of the documented shape");
        let name = link.get("name").and_then(Value::as_str).ok_or_else(malformed)?;
        let records = link.get("records").and_then(Value::as_array).ok_or_else(malformed)?;
        if records.is_empty() && self.links.iter().any(|(wanted, _)| wanted == name) {
            return Err(unknown_link(name));
        }
        let records = records
            .iter()
            .map(|record| Fields::read(Some(record.get("link_value").unwrap_or(record))));
        Ok((name.to_owned(), records.collect::<Option<_>>().ok_or_else(malformed)?))
    }
}

fn unknown_link(name: &str) -> Error {
    Error::invalid_input(format!(
        "the module has no link field `{}`",
        crate::printable::printable(name)
    ))
    .hint("GetModuleFields names the link fields; a relationship's own name is not one of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: usize) -> Vec<Entry> {
        let read = |id: usize| Entry::read(&json!({"id": id.to_string(), "name_value_list": []})).unwrap();
        (0..count).map(read).collect()
    }

    fn asked() -> LinkFields {
        let mut links = LinkFields::default();
        links.push("contacts", ["id"]);
        links
    }

    #[test]
    fn wrapped_and_bare_lists_read_alike() {
        let value = json!({"id": {"name": "id", "value": "x"}});
        let wrapped = json!([{"link_list": [{"name": "contacts", "records": [{"link_value": value}]}]}]);
        let bare = json!([[{"name": "contacts", "records": [value]}]]);
        for list in [wrapped, bare] {
            let mut entries = entries(1);
            asked().distribute(Some(&list), &mut entries).unwrap();
            assert_eq!(entries[0].link("contacts")[0].get("id").unwrap(), "x");
            assert!(entries[0].link("cases").is_empty());
        }
    }

    #[test]
    fn positions_shift_past_missing_records() {
        let mut entries = entries(2);
        entries[0] = Entry::read(&json!({"id": "gone", "name_value_list":
            [{"name": "warning", "value": "x"}, {"name": "deleted", "value": "1"}]}))
        .unwrap();
        let list = json!([{"link_list": [{"name": "contacts", "records": [{"link_value": []}]}]}]);
        asked().distribute(Some(&list), &mut entries).unwrap();
        assert!(entries[0].link("contacts").is_empty());
        assert_eq!(entries[1].link("contacts").len(), 1);
    }

    #[test]
    fn an_absent_link_is_none_and_an_empty_list_an_unknown_link() {
        let mut entries = entries(1);
        asked()
            .distribute(Some(&json!([{"link_list": []}])), &mut entries)
            .unwrap();
        assert!(entries[0].link("contacts").is_empty());
        let unknown = json!([{"link_list": [{"name": "contacts", "records": []}]}]);
        let error = asked().distribute(Some(&unknown), &mut entries).unwrap_err();
        assert!(error.to_string().contains("no link field `contacts`"), "{error}");
    }
}
