//! `set_entry` and `set_entries`.

use super::CrmError;
use super::arguments::text;
use super::caller::Caller;
use super::field::Field;
use super::module::Module;
use super::modules::{ACCOUNTS, EMAIL_ADDRESSES};
use super::store::Store;
use super::table::Record;
use super::values::{coerce, php_text, php_true};
use crate::sandbox::random::guid;
use serde_json::{Map, Value, json};

/// The column of an id holds so many characters.
const ID_LENGTH: usize = 36;

/// Modules that only administrators may write to.
const ADMINISTRATORS_ONLY: [&str; 4] = ["Users", "OAuthKeys", "OAuthTokens", "Currencies"];

/// What is sent for one record: names and values in their order.
type Sent = Vec<(String, Value)>;

/// What became of one record.
struct Saved {
    id: String,
    echo: Map<String, Value>,
}

impl Store {
    /// Answers `set_entry`.
    pub(super) fn set_entry(&mut self, caller: &Caller, arguments: &Map<String, Value>) -> Result<Value, CrmError> {
        let module = self.writable(caller, &text(arguments.get("module_name")))?;
        let sent = pairs(arguments.get("name_value_list"));
        if !is_valid_id(&value_of(&sent, "id")) {
            return Err(CrmError::Nothing);
        }
        let saved = self.save(caller, module, &sent)?;
        Ok(json!({ "id": saved.id, "entry_list": saved.echo }))
    }

    /// Answers `set_entries`. A row that fails ends it, and the rows before it stay. Ids are not looked at.
    pub(super) fn set_entries(&mut self, caller: &Caller, arguments: &Map<String, Value>) -> Result<Value, CrmError> {
        let module = self.writable(caller, &text(arguments.get("module_name")))?;
        let rows: Vec<Sent> = match arguments.get("name_value_lists") {
            Some(Value::Array(rows)) => rows.iter().map(|row| pairs(Some(row))).collect(),
            Some(Value::Object(rows)) => rows.values().map(|row| pairs(Some(row))).collect(),
            _ => Vec::new(),
        };
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            ids.push(match self.duplicate(module, &row) {
                // The new data is dropped.
                Some(id) => id,
                None => self.save(caller, module, &row)?.id,
            });
        }
        Ok(json!({ "ids": ids }))
    }

    fn writable(&self, caller: &Caller, module: &str) -> Result<&'static Module, CrmError> {
        let module = self.table(module)?.module;
        if ADMINISTRATORS_ONLY.contains(&module.name) && !self.is_admin(&caller.user) {
            return Err(CrmError::AccessDenied);
        }
        Ok(module)
    }

    pub(super) fn is_admin(&self, user: &str) -> bool {
        let users = self.table("Users").ok();
        users
            .and_then(|users| users.module.value(users.live(user)?, "is_admin"))
            .is_some_and(|flag| flag == "1")
    }

    /// A contact without an id that has e-mail address and last name of another is taken for that one.
    fn duplicate(&self, module: &Module, sent: &Sent) -> Option<String> {
        let given = |name| Some(value_of(sent, name).trim().to_owned()).filter(|text| !text.is_empty());
        if module.name != "Contacts" || given("id").is_some() {
            return None;
        }
        let (address, last_name) = (given("email1")?, given("last_name")?);
        let addresses = self.addresses(&address);
        let link = module.link("email_addresses")?;
        let owners = addresses.iter().flat_map(|id| self.joined(link, id));
        let same = |id: &String| {
            let record = self.live(module, id)?;
            (module.value(record, "last_name") == Some(last_name.as_str())).then(|| record.id().to_owned())
        };
        owners.filter_map(|id| same(&id)).next()
    }

    fn save(&mut self, caller: &Caller, module: &'static Module, sent: &Sent) -> Result<Saved, CrmError> {
        let given_id = value_of(sent, "id");
        let known = self.live(module, &given_id).filter(|_| !given_id.is_empty()).cloned();
        if let Some(known) = &known
            && caller.owner_only
            && !module.is_owner(known, &caller.user)
        {
            return Err(CrmError::AccessDenied);
        }
        let flag = |name: &str, default: bool| find(sent, name).map_or(default, php_true);
        let creates = given_id.is_empty() || flag("new_with_id", false);
        let id = if given_id.is_empty() { guid() } else { given_id };
        let column_id: String = id.chars().take(ID_LENGTH).collect();
        let (echo, stored) = coerced(module, sent);

        if creates {
            if self.table(module.name)?.get(&column_id).is_some() {
                return Err(CrmError::SqlFailure);
            }
            let mut record = Record::new(module, []);
            for field in module.fields {
                record.set(module, field.name, field.default);
            }
            write(module, &mut record, &stored);
            record.set(module, module.key(), Some(&column_id));
            if module.value(&record, "date_entered").is_none() {
                record.set(module, "date_entered", Some(&caller.now));
            }
            if flag("set_created_by", true) {
                record.set(module, "created_by", Some(&caller.user));
            }
            stamp(caller, module, &mut record, &flag);
            self.table_mut(module.name)?.put(record);
            self.save_address(caller, module, &column_id, sent);
        } else if let Some(known) = known.filter(|_| column_id == id) {
            let mut record = known.as_ref().clone();
            write(module, &mut record, &stored);
            // The id keeps the spelling that it has.
            record.set(module, module.key(), Some(known.id()));
            if !flag("update_date_entered", false) {
                record.set(module, "date_entered", module.value(&known, "date_entered"));
            }
            if flag("set_created_by", true) {
                record.set(module, "created_by", module.value(&known, "created_by"));
            }
            stamp(caller, module, &mut record, &flag);
            self.table_mut(module.name)?.put(record);
        } else {
            // No such row: the UPDATE finds nothing, and nobody tells.
            return Ok(Saved { id, echo });
        }
        self.save_account(caller, module, &column_id, sent);
        Ok(Saved { id, echo })
    }

    /// `email1` of a new record becomes its primary address; on a record that exists it is ignored.
    fn save_address(&mut self, caller: &Caller, module: &'static Module, id: &str, sent: &Sent) {
        let address = value_of(sent, "email1").trim().to_owned();
        if module.link("email_addresses").is_none() || !address.contains('@') {
            return;
        }
        let known = self.addresses(&address).into_iter().next();
        let address_id = known.unwrap_or_else(|| {
            let id = guid();
            self.insert_address(&id, &address, &caller.now);
            id
        });
        self.add_address(module, id, &address_id, true);
    }

    pub(super) fn insert_address(&mut self, id: &str, address: &str, now: &str) {
        let caps = address.to_uppercase();
        let values = [("id", id), ("email_address", address), ("email_address_caps", &caps)];
        let defaults = [("invalid_email", "0"), ("opt_out", "0"), ("deleted", "0")];
        let dates = [("date_created", now), ("date_modified", now)];
        let record = Record::new(&EMAIL_ADDRESSES, values.into_iter().chain(defaults).chain(dates));
        if let Ok(table) = self.table_mut(EMAIL_ADDRESSES.name) {
            table.put(record);
        }
    }

    /// Ids of an e-mail address, whose case does not count.
    pub(super) fn addresses(&self, address: &str) -> Vec<String> {
        let Ok(table) = self.table(EMAIL_ADDRESSES.name) else {
            return Vec::new();
        };
        let caps = address.to_uppercase();
        let same = table.with_value("email_address_caps", &caps);
        same.map(|row| row.id().to_owned()).collect()
    }

    /// The account of a contact or opportunity: by its id, or by a name, which creates an account if it has to.
    fn save_account(&mut self, caller: &Caller, module: &'static Module, id: &str, sent: &Sent) {
        let computed = module.field("account_id").is_some_and(|field| !field.is_stored());
        let Some(link) = module.link("accounts").filter(|_| computed) else {
            return;
        };
        let (mut account, name) = (value_of(sent, "account_id"), value_of(sent, "account_name"));
        if account.is_empty() && !name.is_empty() && module.name == "Contacts" {
            let named = self.table(ACCOUNTS.name).ok().and_then(|accounts| {
                let first = accounts.with_value("name", &name).next()?;
                Some(first.id().to_owned())
            });
            let new = || {
                let values = vec![("name".to_owned(), json!(name))];
                self.save(caller, &ACCOUNTS, &values)
                    .map(|saved| saved.id)
                    .unwrap_or_default()
            };
            account = named.unwrap_or_else(new);
        }
        if !account.is_empty() {
            self.pairs_mut(link.relationship).clear_right(id);
            self.link_up(module, id, link, &account, &[]);
        }
    }
}

/// The answer's echo, and what is to be stored.
type Values = (Map<String, Value>, Vec<(&'static Field, Option<String>)>);

/// Values of fields that do not exist are dropped, from the echo too.
fn coerced(module: &'static Module, sent: &Sent) -> Values {
    let (mut echo, mut stored) = (Map::new(), Vec::new());
    for (name, value) in sent {
        let Some(field) = module.field(name).filter(|_| !value.is_null()) else {
            continue;
        };
        let coerced = coerce(field, value);
        echo.insert(name.clone(), json!({ "name": name, "value": coerced.echo }));
        stored.push((field, coerced.stored));
    }
    (echo, stored)
}

fn write(module: &Module, record: &mut Record, stored: &[(&'static Field, Option<String>)]) {
    for (field, value) in stored {
        record.set(module, field.name, value.as_deref());
    }
}

/// When and by whom a record was changed, unless the caller keeps what was sent.
fn stamp(caller: &Caller, module: &Module, record: &mut Record, flag: &dyn Fn(&str, bool) -> bool) {
    if flag("update_date_modified", true) || module.value(record, "date_modified").is_none() {
        record.set(module, "date_modified", Some(&caller.now));
    }
    if flag("update_modified_by", true) {
        record.set(module, "modified_user_id", Some(&caller.user));
    }
}

/// A list of pairs, or an object of values.
fn pairs(value: Option<&Value>) -> Sent {
    let pair = |name: &str, value: &Value| match value {
        Value::Object(pair) => {
            let name = pair.get("name").and_then(php_text).unwrap_or_default();
            (name, pair.get("value").cloned().unwrap_or_default())
        }
        plain => (name.to_owned(), plain.clone()),
    };
    match value {
        Some(Value::Array(items)) => items.iter().map(|item| pair("", item)).collect(),
        Some(Value::Object(members)) => members.iter().map(|(name, member)| pair(name, member)).collect(),
        _ => Vec::new(),
    }
}

/// The last value of a name, as PHP's assignments leave it.
fn find<'a>(sent: &'a Sent, name: &str) -> Option<&'a Value> {
    sent.iter()
        .rev()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

fn value_of(sent: &Sent, name: &str) -> String {
    find(sent, name).and_then(php_text).unwrap_or_default()
}

/// What the application lets pass as an id; its length does not count.
fn is_valid_id(id: &str) -> bool {
    id.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
