//! Records: lists, single ones, and what is written to them.

use super::filter::Filter;
use super::logins::Login;
use super::refusal::Refusal;
use super::shape::{Shape, record};
use super::writing::{Purpose, change};
use super::{Call, module};
use crate::sandbox::crm::{Field, Link, Module, Plain, Wanted};
use serde_json::{Value, json};

/// Records of a page when the request names no number.
const DEFAULT_PAGE: usize = 20;

/// The largest page; a higher number gives this. The documents name no limit.
const LARGEST_PAGE: usize = 1_000;

/// The column of an id holds so many characters. Any text is taken for an id, as the documents name no form.
const ID_LENGTH: usize = 36;

/// A list of records, and where the next page begins.
pub(super) struct Page {
    records: Vec<Plain>,
    next_offset: Option<usize>,
}

/// What is asked of a list, from the query or from the body of `POST <module>/filter`.
pub(super) struct Listing {
    filter: Filter,
    shape: Shape,
    order: Vec<(&'static Field, bool)>,
    offset: usize,
    limit: usize,
    with_deleted: bool,
}

impl Listing {
    pub(super) fn of(call: &Call<'_>, module: &'static Module) -> Result<Self, Refusal> {
        let body = if call.method == "POST" {
            call.object()?
        } else {
            serde_json::Map::new()
        };
        let text = |name: &str| match body.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => call.query.text(name).map(str::to_owned),
            Some(other) => Some(other.to_string()),
        };
        let number = |name: &str, default: usize| match text(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| Refusal::invalid(format!("Invalid {name}"))),
        };
        let filter = match body.get("filter") {
            Some(filter) => Filter::parse(module, filter)?,
            None => Filter::of_query(module, &call.query)?,
        };
        Ok(Self {
            filter,
            shape: Shape::of(text("fields").as_deref()),
            order: order(module, text("order_by").as_deref().unwrap_or_default())?,
            offset: number("offset", 0)?,
            limit: number("max_num", DEFAULT_PAGE)?.clamp(1, LARGEST_PAGE),
            with_deleted: text("deleted").is_some_and(|text| matches!(text.as_str(), "1" | "true")),
        })
    }

    /// Runs over the records of a module, or over those at the other end of a link.
    pub(super) fn page(
        &self,
        call: &Call<'_>,
        login: &Login,
        module: &'static Module,
        linked_to: Option<(&'static Module, &str, &'static Link)>,
    ) -> Page {
        self.with(call, login, linked_to, |wanted| {
            let crm = &call.server.crm;
            let (records, more) = crm.plain_page(module, wanted, self.offset, self.limit);
            let next_offset = more.then(|| self.offset + records.len());
            Page { records, next_offset }
        })
    }

    fn with<T>(
        &self,
        call: &Call<'_>,
        login: &Login,
        linked_to: Option<(&'static Module, &str, &'static Link)>,
        run: impl FnOnce(&Wanted<'_>) -> T,
    ) -> T {
        let caller = call.caller(login);
        run(&Wanted {
            holds: &|value| self.filter.holds(value),
            owner: caller.owner_only.then_some(caller.user.as_str()),
            with_deleted: self.with_deleted,
            order: &self.order,
            linked_to,
        })
    }

    pub(super) fn answer(&self, module: &'static Module, page: &Page) -> Value {
        let records = page.records.iter().map(|plain| record(module, plain, &self.shape));
        json!({
            "next_offset": page.next_offset.map_or(json!(-1), |offset| json!(offset)),
            "records": records.collect::<Vec<_>>(),
        })
    }
}

/// Answers `GET <module>` and `POST <module>/filter`.
pub(super) fn list(call: &Call<'_>, login: &Login, module: &'static Module) -> Result<Value, Refusal> {
    let listing = Listing::of(call, module)?;
    let page = listing.page(call, login, module, None);
    Ok(listing.answer(module, &page))
}

/// Answers `GET <module>/count` and the like.
pub(super) fn count(call: &Call<'_>, login: &Login, module: &'static Module) -> Result<Value, Refusal> {
    let listing = Listing::of(call, module)?;
    let count = listing.with(call, login, None, |wanted| call.server.crm.plain_count(module, wanted));
    Ok(json!({ "record_count": count }))
}

/// Answers `GET <module>/<id>`.
pub(super) fn one(call: &Call<'_>, login: &Login, module: &'static Module, id: &str) -> Result<Value, Refusal> {
    let plain = find(call, login, module, id)?;
    Ok(record(module, &plain, &Shape::of(call.query.text("fields"))))
}

/// Answers `POST <module>`.
pub(super) fn create(call: &Call<'_>, login: &Login, module: &'static Module) -> Result<Value, Refusal> {
    let plain = created(call, login, module)?;
    Ok(record(module, &plain, &Shape::of(call.query.text("fields"))))
}

/// Makes a record of the body.
pub(super) fn created(call: &Call<'_>, login: &Login, module: &'static Module) -> Result<Plain, Refusal> {
    may_write(call, login, module)?;
    let body = call.object()?;
    let caller = call.caller(login);
    let change = change(call, &caller, module, &body, Purpose::Create)?;
    let id = match body.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if id.is_empty() => None,
        Some(Value::String(id)) if id.chars().count() <= ID_LENGTH => Some(id.as_str()),
        Some(_) => return Err(Refusal::invalid("Invalid value for field: id".to_owned())),
    };
    // Of two requests at once with the same id one comes first, so the store decides, not a look before.
    let id = call.server.crm.plain_create(module, id, &change, &caller.now);
    let taken = || Refusal::invalid(format!("Record already exists in module: {}", module.name));
    let id = id.ok_or_else(taken)?;
    call.server.crm.plain(module, &id).ok_or_else(|| not_found(module, &id))
}

/// Answers `PUT <module>/<id>`.
pub(super) fn update(call: &Call<'_>, login: &Login, module: &'static Module, id: &str) -> Result<Value, Refusal> {
    may_write(call, login, module)?;
    find(call, login, module, id)?;
    let caller = call.caller(login);
    let change = change(call, &caller, module, &call.object()?, Purpose::Update)?;
    if !call.server.crm.plain_update(module, id, &change, &caller.now) {
        return Err(not_found(module, id));
    }
    one(call, login, module, id)
}

/// Answers `DELETE <module>/<id>`.
pub(super) fn delete(call: &Call<'_>, login: &Login, module: &'static Module, id: &str) -> Result<Value, Refusal> {
    may_write(call, login, module)?;
    let plain = find(call, login, module, id)?;
    let caller = call.caller(login);
    let body = serde_json::Map::new();
    let mut change = change(call, &caller, module, &body, Purpose::Update)?;
    change.values.push(("deleted", Some("1".to_owned())));
    call.server.crm.plain_update(module, id, &change, &caller.now);
    Ok(json!({ "id": plain.id }))
}

/// A record that the user may see.
pub(super) fn find(call: &Call<'_>, login: &Login, module: &'static Module, id: &str) -> Result<Plain, Refusal> {
    let caller = call.caller(login);
    let crm = &call.server.crm;
    let is_own = crm
        .is_own(module, id, &caller.user)
        .ok_or_else(|| not_found(module, id))?;
    if caller.owner_only && !is_own {
        return Err(not_found(module, id));
    }
    crm.plain(module, id).ok_or_else(|| not_found(module, id))
}

pub(super) fn may_write(call: &Call<'_>, login: &Login, module: &'static Module) -> Result<(), Refusal> {
    let allowed = !module::is_for_administrators(module) || call.server.crm.is_administrator(&call.caller(login));
    if allowed { Ok(()) } else { Err(Refusal::NOT_AUTHORIZED) }
}

fn not_found(module: &Module, id: &str) -> Refusal {
    Refusal::not_found(format!("Could not find record: {id} in module: {}", module.name))
}

/// Reads `name:asc,date_entered:desc`. Without an order the records changed last come first, which the documents leave
/// open.
fn order(module: &'static Module, text: &str) -> Result<Vec<(&'static Field, bool)>, Refusal> {
    let text = if text.is_empty() { "date_modified:desc" } else { text };
    let part = |part: &str| {
        let (name, direction) = part.split_once(':').unwrap_or((part, "asc"));
        let field = module::field(module, name.trim()).filter(|field| field.is_stored());
        let descending = match direction.trim().to_ascii_lowercase().as_str() {
            "asc" => Some(false),
            "desc" => Some(true),
            _ => None,
        };
        let both = field.zip(descending);
        both.ok_or_else(|| Refusal::invalid(format!("Invalid order_by: {part}")))
    };
    text.split(',').map(part).collect()
}
