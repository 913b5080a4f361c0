//! What fields are called on the screen, in English.

/// The label of a field.
pub(super) fn label(module: &str, field: &str) -> String {
    let of_module = OF_MODULES
        .iter()
        .find(|(of, name, _)| (*of, *name) == (module, field))
        .map(|(_, _, label)| *label);
    let common = || COMMON.iter().find(|(name, _)| *name == field).map(|(_, label)| *label);
    match of_module.or_else(common) {
        Some(label) => label.to_owned(),
        None => from_name(field),
    }
}

/// Labels that a module has for itself.
const OF_MODULES: &[(&str, &str, &str)] = &[
    ("Accounts", "name", "Name:"),
    ("Accounts", "account_type", "Type:"),
    ("Notes", "name", "Subject:"),
    ("Notes", "description", "Note"),
    ("Notes", "filename", "Attachment:"),
];

/// Labels that are alike wherever the field is.
const COMMON: &[(&str, &str)] = &[
    ("id", "ID"),
    ("assigned_user_id", "Assigned User Id"),
    ("assigned_user_name", "Assigned to"),
    ("date_entered", "Date Created"),
    ("date_modified", "Date Modified"),
    ("modified_user_id", "Modified by"),
    ("modified_by_name", "Modified by"),
    ("created_by", "Created By"),
    ("created_by_name", "Created By"),
    ("file_mime_type", "Mime Type"),
    ("parent_type", "Parent Type"),
    ("parent_id", "Parent ID:"),
    ("contact_id", "Contact ID:"),
    ("portal_flag", "Display in Portal?"),
    ("embed_flag", "Embed in email?"),
    ("email1", "Email Address"),
];

/// `billing_address_city` is called `Billing Address City`.
fn from_name(field: &str) -> String {
    let words = field.trim_end_matches("_c").split('_').map(|word| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_module_can_have_a_label_of_its_own() {
        assert_eq!(label("Notes", "description"), "Note");
        assert_eq!(label("Accounts", "description"), "Description");
        assert_eq!(label("Accounts", "interests_c"), "Interests");
        assert_eq!(label("Contacts", "date_entered"), "Date Created");
    }
}
