//! A record of the old instance as the new one takes it: texts become what they mean.

use std::borrow::Cow;

use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use sugar_oauth::UtcTime;
use sugar_oauth::v4_1::Entry;
use sugar_oauth::values::{Date, Decimal, MultiSelect};

use crate::map::MODULES;
use crate::people::Counterparts;
use crate::routes::{FieldRoute, Kind, Route};
use crate::source::{ADDRESSES, text};

/// Why a reference leads nowhere: its other end is deleted, or could not be carried.
pub const NOT_THERE: &str = "the record that it leads to has not been carried";

/// A record that is ready to be written.
pub struct Converted {
    /// Its id there.
    pub id: String,
    /// Its id here.
    pub target_id: String,
    pub body: Map<String, Value>,
    /// What could not be carried.
    pub lost: Vec<Lost>,
    /// References that it is written without, because their other ends are not there.
    pub lacking: Vec<String>,
}

/// A field's value that has no counterpart.
pub struct Lost {
    pub field: String,
    pub why: String,
}

/// What values are looked up in.
pub struct Lookup<'a> {
    pub users: &'a Counterparts,
    pub currencies: &'a Counterparts,
    /// Whether a record has been carried: module and id.
    pub is_carried: &'a dyn Fn(&str, &str) -> bool,
}

/// The id that a record has on the target: its own where it can stand in a URL, else one that is made from it, always
/// the same. So a write that may have been done is known by its id.
pub fn target_id(module: &str, id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=36).contains(&id.len()) && id.bytes().all(plain) {
        return id.to_owned();
    }
    let digest = Md5::digest(format!("{module}/{}", id.to_lowercase()));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

impl Lookup<'_> {
    pub fn convert(&self, route: &Route, entry: &Entry) -> Converted {
        let mut record = Converted {
            id: entry.id().to_owned(),
            target_id: target_id(route.module, entry.id()),
            body: Map::new(),
            lost: Vec::new(),
            lacking: Vec::new(),
        };
        record.body.insert("id".to_owned(), record.target_id.clone().into());
        for field in &route.fields {
            let text = text(entry, &field.from);
            if field.kind == Kind::Email {
                let list = addresses(entry, &text);
                if !list.is_empty() {
                    record.body.insert(field.to.clone(), list.into());
                }
                continue;
            }
            // The zero dates of MySQL are no dates.
            if text.is_empty() || text.starts_with("0000-00-00") {
                continue;
            }
            let value = match &field.kind {
                Kind::Choices => self.choices(field, &text, &mut record.lost),
                kind if field.is_reference() => self.reference(kind, entry, &text).map(|(module, id)| {
                    if *kind == Kind::Parent {
                        record.body.insert("parent_type".to_owned(), module.into());
                    }
                    id.into()
                }),
                _ => self.value(field, &text),
            };
            match value {
                Ok(value) => {
                    record.body.insert(field.to.clone(), value);
                }
                Err(why) => {
                    if why == NOT_THERE {
                        record.lacking.push(field.from.clone());
                    }
                    let field = field.from.clone();
                    record.lost.push(Lost { field, why });
                }
            }
        }
        for (field, value) in &route.set {
            record.body.insert(field.clone(), value.clone());
        }
        record
    }

    /// When and by whom a record was changed.
    pub fn stamps(&self, route: &Route, entry: &Entry) -> Map<String, Value> {
        let stamps = route.fields.iter().filter(|field| field.is_stamp());
        let value = |field: &FieldRoute| Some((field.to.clone(), self.value(field, &text(entry, &field.from)).ok()?));
        stamps.filter_map(value).collect()
    }

    /// The module and id of a reference's other end, as the target knows them.
    pub fn reference(&self, kind: &Kind, entry: &Entry, id: &str) -> Result<(String, String), String> {
        let module = match kind {
            Kind::Record(module) => Cow::Borrowed(*module),
            _ => Cow::Owned(text(entry, "parent_type")),
        };
        if !MODULES.contains(&module.as_ref()) {
            return Err(format!("{module} are not carried"));
        }
        match (self.is_carried)(&module, id) {
            true => Ok((module.to_string(), target_id(&module, id))),
            false => Err(String::from(NOT_THERE)),
        }
    }

    /// The target's id of a user.
    pub fn user(&self, id: &str) -> Result<String, String> {
        counterpart(self.users, "user", id)
    }

    /// Those of the chosen values that the target offers; the others are lost.
    fn choices(&self, field: &FieldRoute, text: &str, lost: &mut Vec<Lost>) -> Result<Value, String> {
        let chosen: MultiSelect = text.parse().map_err(|_| "its text is not a multi-select")?;
        let mut kept = Vec::new();
        for value in chosen.values() {
            let mapped = field.values.get(value).unwrap_or(value);
            match offered(field, mapped) {
                Ok(value) => kept.push(Value::from(value)),
                Err(why) => lost.push(Lost {
                    field: field.from.clone(),
                    why,
                }),
            }
        }
        Ok(kept.into())
    }

    fn value(&self, field: &FieldRoute, text: &str) -> Result<Value, String> {
        let mapped = field.values.get(text).map_or(text, String::as_str);
        let unreadable = |meant: &str| format!("its text is not {meant}");
        match field.kind {
            Kind::Flag => match mapped {
                "1" | "on" | "true" => Ok(true.into()),
                "0" | "off" | "false" => Ok(false.into()),
                _ => Err(unreadable("a flag")),
            },
            Kind::Integer => mapped
                .parse::<i64>()
                .map(Value::from)
                .map_err(|_| unreadable("a whole number")),
            Kind::Number => Decimal::parse(mapped)
                .map(|number| json!(number.to_f64()))
                .ok_or_else(|| unreadable("a number")),
            Kind::Day => match Date::parse(mapped) {
                Some(day) => Ok(day.to_string().into()),
                None => Err(unreadable("a day")),
            },
            Kind::Time => iso_time(mapped).map(Value::from).ok_or_else(|| unreadable("a time")),
            Kind::Choice => offered(field, mapped).map(Value::from),
            Kind::User => self.user(text).map(Value::from),
            Kind::Currency => counterpart(self.currencies, "currency", text).map(Value::from),
            _ => Ok(mapped.into()),
        }
    }
}

fn offered<'a>(field: &FieldRoute, value: &'a str) -> Result<&'a str, String> {
    match &field.options {
        Some(options) if !options.contains(value) => Err(format!("the target's list does not offer {value:?}")),
        _ => Ok(value),
    }
}

fn counterpart(among: &Counterparts, what: &str, id: &str) -> Result<String, String> {
    match among.get(id) {
        Some(found) => found
            .id
            .clone()
            .ok_or_else(|| format!("the target has no {what} {}", found.name)),
        None => Err(format!("the source has no {what} with the id {id}")),
    }
}

/// All addresses of a record, the primary one first.
fn addresses(entry: &Entry, primary: &str) -> Vec<Value> {
    let primary_entry = json!({ "email_address": primary, "primary_address": true });
    let mut list: Vec<Value> = (!primary.is_empty()).then_some(primary_entry).into_iter().collect();
    for address in entry.link(ADDRESSES) {
        let text = address.get("email_address").unwrap_or_default();
        let is = |flag: &str| address.get(flag).is_some_and(|value| value == "1");
        let (opt_out, invalid) = (is("opt_out"), is("invalid_email"));
        if text.is_empty() {
            continue;
        }
        let mut own = json!({ "email_address": text, "primary_address": false });
        let is_primary = !primary.is_empty() && text.eq_ignore_ascii_case(primary);
        let entry = if is_primary { &mut list[0] } else { &mut own };
        entry["opt_out"] = opt_out.into();
        entry["invalid_email"] = invalid.into();
        if !is_primary {
            list.push(own);
        }
    }
    list
}

/// `2026-11-21 08:54:25` as `2026-11-21T08:54:25+00:00`.
fn iso_time(text: &str) -> Option<String> {
    let time = UtcTime::parse(text)?.to_string();
    let (day, clock) = time.split_once(' ')?;
    Some(format!("{day}T{clock}+00:00"))
}

/// Whether the target stored what was sent. It may write the same in another way.
pub fn is_same(sent: &Value, stored: &Value) -> bool {
    let bare = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    if let (Value::Array(sent), Value::Array(stored)) = (sent, stored) {
        // Stored members may have more to them, and another order.
        return sent.iter().all(|one| stored.iter().any(|other| is_part(one, other)));
    }
    let (sent, stored) = (bare(sent), bare(stored));
    if sent == stored {
        return true;
    }
    match (moment(&sent), moment(&stored)) {
        (Some(sent), Some(stored)) => sent == stored,
        _ => Decimal::parse(&sent)
            .zip(Decimal::parse(&stored))
            .is_some_and(|(sent, stored)| sent == stored),
    }
}

fn is_part(sent: &Value, stored: &Value) -> bool {
    match (sent, stored) {
        (Value::Object(sent), Value::Object(stored)) => sent
            .iter()
            .all(|(name, value)| stored.get(name).is_some_and(|other| is_same(value, other))),
        _ => is_same(sent, stored),
    }
}

/// Seconds since 1970 of an ISO 8601 time with a zone.
fn moment(text: &str) -> Option<i64> {
    let (time, zone) = text.split_at_checked(19)?;
    let local = UtcTime::parse(&time.replacen('T', " ", 1))?.unix_seconds();
    let zone = zone.split_once('.').map_or(zone, |(_, behind)| {
        behind.trim_start_matches(|digit: char| digit.is_ascii_digit())
    });
    if matches!(zone, "Z" | "z") {
        return Some(local);
    }
    let digits: String = zone.get(1..)?.chars().filter(char::is_ascii_digit).collect();
    let minutes = digits.get(..2)?.parse::<i64>().ok()? * 60 + digits.get(2..4)?.parse::<i64>().ok()?;
    match zone.as_bytes().first()? {
        b'+' => Some(local - minutes * 60),
        b'-' => Some(local + minutes * 60),
        _ => None,
    }
}
