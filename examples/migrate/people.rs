//! Users and currencies: matched, never created.

use std::collections::BTreeMap;

use crate::Failure;
use crate::map::{FieldMap, Pair, Problem};
use crate::source::Source;
use crate::target::Target;

/// What a source's id is called, and the target's id for it, if there is one.
pub struct Counterpart {
    pub name: String,
    pub id: Option<String>,
}

/// By the source's id.
pub type Counterparts = BTreeMap<String, Counterpart>;

/// Users by the map, else by user name, else by an e-mail address that only one has.
pub async fn users(map: &FieldMap, source: &Source, target: &Target) -> Result<Counterparts, Failure> {
    let (there, here) = (source.users().await?, target.users().await?);
    let named = |name: &str| here.iter().find(|user| user.name.eq_ignore_ascii_case(name));
    let with_email = |email: &str| {
        let mut found = here.iter().filter(|user| user.email.eq_ignore_ascii_case(email));
        found.next().filter(|_| !email.is_empty() && found.next().is_none())
    };
    let there_is = |name: &str| there.iter().any(|user| user.name.eq_ignore_ascii_case(name));
    complain(map, &map.users, "user", there_is, |name| named(name).is_some())?;
    let counterpart = |name: &str, email: &str| match mapped(&map.users, name) {
        Some(other) => named(other),
        None => named(name).or_else(|| with_email(email)),
    };
    let pairs = there.iter().map(|user| {
        let id = counterpart(&user.name, &user.email).map(|other| other.id.clone());
        let name = user.name.clone();
        (user.id.clone(), Counterpart { name, id })
    });
    Ok(pairs.collect())
}

/// Currencies by the map, else by their ISO code.
pub async fn currencies(map: &FieldMap, source: &Source, target: &Target) -> Result<Counterparts, Failure> {
    let (there, here) = (source.currencies().await?, target.currencies().await?);
    let coded = |code: &str| here.iter().find(|(_, iso)| iso.eq_ignore_ascii_case(code));
    let there_is = |code: &str| there.values().any(|iso| iso.eq_ignore_ascii_case(code));
    complain(map, &map.currencies, "currency", there_is, |code| coded(code).is_some())?;
    let pairs = there.into_iter().map(|(source_id, name)| {
        let wanted = mapped(&map.currencies, &name).unwrap_or(&name);
        let id = coded(wanted).map(|(id, _)| id.clone());
        (source_id, Counterpart { name, id })
    });
    Ok(pairs.collect())
}

fn mapped<'a>(pairs: &'a [Pair], name: &str) -> Option<&'a str> {
    let pair = pairs.iter().find(|pair| pair.from.eq_ignore_ascii_case(name));
    pair.map(|pair| pair.to.as_str())
}

fn complain(
    map: &FieldMap,
    pairs: &[Pair],
    what: &str,
    there: impl Fn(&str) -> bool,
    here: impl Fn(&str) -> bool,
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    for Pair { from, to, line } in pairs {
        for (name, side, known) in [(from, "source", there(from)), (to, "target", here(to))] {
            if !known {
                let what = format!("the {side} has no {what} {name}");
                problems.push(Problem { line: *line, what });
            }
        }
    }
    map.refuse(problems)
}
