//! What a body changes of a record.

use super::refusal::Refusal;
use super::values::stored;
use super::{Call, module};
use crate::sandbox::crm::{Address, Caller, Change, Module};
use serde_json::{Map, Value};

/// Fields that the server sets itself, unless the instance is set up for an import.
const DATES_AND_AUTHORS: [&str; 4] = ["date_entered", "date_modified", "created_by", "modified_user_id"];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Update,
}

/// Reads a body. Names that are no fields are passed over, and so are fields that are computed.
pub(super) fn change(
    call: &Call<'_>,
    caller: &Caller,
    module: &'static Module,
    body: &Map<String, Value>,
    purpose: Purpose,
) -> Result<Change, Refusal> {
    let mut change = Change::default();
    let stamps: &[(&str, &str)] = &[
        ("date_entered", &caller.now),
        ("created_by", &caller.user),
        ("date_modified", &caller.now),
        ("modified_user_id", &caller.user),
    ];
    // A change leaves alone when and by whom a record was made.
    let stamps = if purpose == Purpose::Create {
        stamps
    } else {
        &stamps[2..]
    };
    for (name, value) in stamps {
        change.values.push((*name, Some((*value).to_owned())));
    }
    for field in module::fields(module).filter(|field| field.is_stored()) {
        let is_stamp = DATES_AND_AUTHORS.contains(&field.name);
        let is_open = !is_stamp || call.server.config.oauth2.keeps_dates_and_authors;
        let sent = body.get(field.name).filter(|_| is_open);
        let Some(sent) = sent.filter(|_| !matches!(field.name, "id" | "deleted")) else {
            continue;
        };
        let value = stored(field, sent)?;
        if !is_stamp || value.is_some() {
            change.values.push((field.name, value));
        }
    }
    required(module, &change, purpose)?;
    change.addresses = addresses(module, body)?;
    change.account = account(call, module, body)?;
    Ok(change)
}

/// A field that is required has to be there in a new record, and may not be emptied.
fn required(module: &'static Module, change: &Change, purpose: Purpose) -> Result<(), Refusal> {
    let fields = module::fields(module).filter(|field| field.required && field.is_stored());
    for field in fields.filter(|field| field.name != "id" && field.type_name != "bool") {
        let sent = change.values.iter().rev().find(|(name, _)| *name == field.name);
        let is_empty = |value: &Option<String>| value.as_deref().is_none_or(str::is_empty);
        let is_missing = match sent {
            Some((_, value)) => is_empty(value),
            None => purpose == Purpose::Create && field.default.is_none(),
        };
        if is_missing {
            return Err(Refusal::missing(field.name));
        }
    }
    Ok(())
}

/// `email` is all addresses; `email1` is the only one.
fn addresses(module: &'static Module, body: &Map<String, Value>) -> Result<Option<Vec<Address>>, Refusal> {
    if !module::has_addresses(module) {
        return Ok(None);
    }
    let name = if body.contains_key("email") { "email" } else { "email1" };
    let wrong = || Refusal::invalid(format!("Invalid value for field: {name}"));
    let checked = |address: &str, primary| {
        let is_address = address
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        let address = address.to_owned();
        is_address.then_some(Address { address, primary }).ok_or_else(wrong)
    };
    if let Some(list) = body.get("email") {
        let Value::Array(items) = list else { return Err(wrong()) };
        let address = |item: &Value| {
            let is_primary = item
                .get("primary_address")
                .is_some_and(|flag| *flag == true || *flag == 1 || flag == "1");
            checked(
                item.get("email_address").and_then(Value::as_str).ok_or_else(wrong)?,
                is_primary,
            )
        };
        return items.iter().map(address).collect::<Result<_, _>>().map(Some);
    }
    match body.get("email1") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Vec::new())),
        Some(Value::String(text)) if text.is_empty() => Ok(Some(Vec::new())),
        Some(Value::String(text)) => Ok(Some(vec![checked(text, true)?])),
        Some(_) => Err(wrong()),
    }
}

/// `account_id` where it is not the record's own column. One that is not there is refused, which the documents leave
/// open.
fn account(call: &Call<'_>, module: &'static Module, body: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let is_computed = module::field(module, "account_id").is_some_and(|field| !field.is_stored());
    match body.get("account_id").filter(|_| is_computed) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(String::new())),
        Some(Value::String(id)) if id.is_empty() || call.server.crm.is_live("Accounts", id) => Ok(Some(id.clone())),
        Some(_) => Err(Refusal::invalid("Invalid value for field: account_id".to_owned())),
    }
}
