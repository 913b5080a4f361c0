//! Records by e-mail address, which no column of theirs holds.

use super::literal::{literal, stored};
use super::{Filter, Table};
use crate::error::{Error, Result};

/// As the CRM's own search writes it, and so one of the few sub-selects that its check of SQL lets through.
const OWNERS: &str = "SELECT eabr.bean_id FROM email_addr_bean_rel eabr \
    JOIN email_addresses ea ON (ea.id = eabr.email_address_id) WHERE eabr.deleted = 0 AND ea.deleted = 0";

pub(super) fn by_address(table: &Table, module_name: &str, address: &str) -> Result<Filter> {
    let module_fits = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if module_name.is_empty() || !module_fits(module_name) {
        return Err(Error::invalid_input(
            "the module's name has the characters A-Z a-z 0-9 _ only",
        ));
    }
    let address = address.trim();
    if !address.contains('@') || address.contains(char::is_whitespace) || address.contains(char::is_control) {
        return Err(Error::invalid_input("not an e-mail address").hint("give one address, without the person's name"));
    }
    // As the CRM fills its column of capitals: ASCII only, which is enough where case does not count.
    let capitals = address.to_ascii_uppercase();
    let forms: Vec<String> = stored(&capitals).iter().map(|form| literal(form)).collect();
    let compared = match forms.as_slice() {
        [one] => format!("= {one}"),
        many => format!("IN ({})", many.join(", ")),
    };
    Ok(Filter::atom(format!(
        "{}.id IN ({OWNERS} AND eabr.bean_module = {} AND ea.email_address_caps {compared})",
        table.name(),
        literal(module_name)
    )))
}
