//! Links between records.

use super::logins::Login;
use super::records::{Listing, created, find, may_write};
use super::refusal::Refusal;
use super::shape::{Shape, record};
use super::{Call, module};
use crate::sandbox::crm::{Link, Module, Plain};
use serde_json::{Value, json};

/// A link of a record that the user may see.
struct Side {
    module: &'static Module,
    plain: Plain,
    link: &'static Link,
    other: &'static Module,
}

impl Side {
    fn of(call: &Call<'_>, login: &Login, module: &'static Module, id: &str, link: &str) -> Result<Self, Refusal> {
        let plain = find(call, login, module, id)?;
        let (link, other) = module::link(module, link)?;
        Ok(Self {
            module,
            plain,
            link,
            other,
        })
    }

    fn join(&self, call: &Call<'_>, related: &str) {
        call.server.crm.join(self.module, &self.plain.id, self.link, related);
    }

    /// Both records as they are after a change.
    fn answer(&self, call: &Call<'_>, login: &Login, related: &str) -> Result<Value, Refusal> {
        let left = find(call, login, self.module, &self.plain.id)?;
        let right = find(call, login, self.other, related)?;
        Ok(json!({
            "record": record(self.module, &left, &Shape::of(None)),
            "related_record": record(self.other, &right, &Shape::of(None)),
        }))
    }
}

/// Answers what stands behind `<module>/<id>/link`.
pub(super) fn answer(
    call: &Call<'_>,
    login: &Login,
    module: &'static Module,
    id: &str,
    path: &[&str],
) -> Result<Value, Refusal> {
    match (call.method, path) {
        ("GET", [link]) => {
            let side = Side::of(call, login, module, id, link)?;
            let listing = Listing::of(call, side.other)?;
            let page = listing.page(call, login, side.other, Some((module, &side.plain.id, side.link)));
            Ok(listing.answer(side.other, &page))
        }
        ("GET", [link, related]) => {
            let side = Side::of(call, login, module, id, link)?;
            let related = linked(call, login, &side, related)?;
            Ok(record(side.other, &related, &Shape::of(call.query.text("fields"))))
        }
        ("POST", [link, related]) => {
            let side = writable(call, login, module, id, link)?;
            let related = find(call, login, side.other, related)?;
            side.join(call, &related.id);
            side.answer(call, login, &related.id)
        }
        // A record is made and linked.
        ("POST", [link]) => {
            let side = writable(call, login, module, id, link)?;
            let related = created(call, login, side.other)?;
            side.join(call, &related.id);
            side.answer(call, login, &related.id)
        }
        ("POST", []) => many(call, login, module, id),
        ("DELETE", [link, related]) => {
            let side = writable(call, login, module, id, link)?;
            let related = linked(call, login, &side, related)?;
            call.server.crm.part(module, &side.plain.id, side.link, &related.id);
            side.answer(call, login, &related.id)
        }
        _ => Err(Refusal::NO_METHOD),
    }
}

fn writable(call: &Call<'_>, login: &Login, module: &'static Module, id: &str, link: &str) -> Result<Side, Refusal> {
    may_write(call, login, module)?;
    Side::of(call, login, module, id, link)
}

/// A record at the other end of the link.
fn linked(call: &Call<'_>, login: &Login, side: &Side, related: &str) -> Result<Plain, Refusal> {
    let found = find(call, login, side.other, related)?;
    let ids = call.server.crm.linked_ids(side.module, &side.plain.id, side.link);
    match ids.contains(&found.id) {
        true => Ok(found),
        false => Err(Refusal::not_found(format!(
            "Could not find a related record: {related}"
        ))),
    }
}

/// Links several records by `{"link_name":…,"ids":[…]}`, each id a text or an object with `id`. One that is not there
/// refuses all, which the documents leave open.
fn many(call: &Call<'_>, login: &Login, module: &'static Module, id: &str) -> Result<Value, Refusal> {
    let body = call.object()?;
    let link = body.get("link_name").and_then(Value::as_str);
    let link = link.ok_or_else(|| Refusal::missing("link_name"))?;
    let side = writable(call, login, module, id, link)?;
    let ids = body.get("ids").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| Refusal::missing("ids"))?;
    let related = |item: &Value| {
        let id = item.as_str().or_else(|| item.get("id").and_then(Value::as_str));
        find(call, login, side.other, id.ok_or_else(|| Refusal::missing("ids"))?)
    };
    let related: Vec<Plain> = ids.iter().map(related).collect::<Result<_, _>>()?;
    for one in &related {
        side.join(call, &one.id);
    }
    let shown = |plain: &Plain| {
        let now = find(call, login, side.other, &plain.id)?;
        Ok(record(side.other, &now, &Shape::of(None)))
    };
    let left = find(call, login, module, id)?;
    Ok(json!({
        "record": record(module, &left, &Shape::of(None)),
        "related_records": related.iter().map(shown).collect::<Result<Vec<_>, Refusal>>()?,
    }))
}
