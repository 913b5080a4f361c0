//! The field map against both instances: every name in it is there on its side, or the run ends here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sugar_oauth::v4_1::{ModuleField, ModuleFields};

use crate::Failure;
use crate::map::{FieldMap, MODULES, ModuleMap, Pair, Problem};
use crate::source::{Source, Wanted};
use crate::target::{Target, TargetField};

/// Stock references, for instances that do not tell where they lead.
const REFERENCES: [(&str, &str); 2] = [("reports_to_id", "Contacts"), ("contact_id", "Contacts")];

/// How a field's text becomes JSON.
#[derive(Clone, PartialEq)]
pub enum Kind {
    Text,
    Flag,
    Integer,
    Number,
    Day,
    Time,
    Choice,
    Choices,
    Email,
    User,
    Currency,
    /// A record of the module that the field `parent_type` names.
    Parent,
    /// A record of this module.
    Record(&'static str),
}

pub struct FieldRoute {
    pub from: String,
    pub to: String,
    pub kind: Kind,
    /// Values there and here.
    pub values: BTreeMap<String, String>,
    /// What the target's list offers; `None` where it has no list.
    pub options: Option<BTreeSet<String>>,
}

/// What becomes of a module's records.
pub struct Route {
    pub module: &'static str,
    pub fields: Vec<FieldRoute>,
    /// References within the module: their other ends may come later, so that they are set when all records are there.
    pub later: Vec<FieldRoute>,
    /// Link fields there and here, and the module at the other end.
    pub links: Vec<(String, String, String)>,
    pub set: Map<String, Value>,
    /// Fields of the source that go nowhere: people's own that the map does not name, and stock fields of the built-in map
    /// that the target has not.
    pub stays_behind: Vec<String>,
}

impl Route {
    /// What is read to carry the records.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            fields: self.names(&self.fields),
            links: Vec::new(),
            addresses: self.fields.iter().any(|field| field.kind == Kind::Email),
        }
    }

    /// What is read to carry the links.
    pub fn wanted_for_links(&self) -> Wanted {
        let own = self
            .fields
            .iter()
            .filter(|field| field.is_reference() || field.is_stamp());
        let mut fields = self.names(own.chain(&self.later));
        fields.push("id".to_owned());
        Wanted {
            fields,
            links: self.links.iter().map(|(from, ..)| from.clone()).collect(),
            addresses: false,
        }
    }

    fn names<'a>(&self, fields: impl IntoIterator<Item = &'a FieldRoute>) -> Vec<String> {
        let mut names: Vec<String> = fields.into_iter().map(|field| field.from.clone()).collect();
        if self.fields.iter().any(|field| field.kind == Kind::Parent) {
            names.push("parent_type".to_owned());
        }
        names
    }
}

impl FieldRoute {
    /// Whether the target sets it anew with each change, unless it is sent again.
    pub fn is_stamp(&self) -> bool {
        matches!(self.from.as_str(), "date_modified" | "modified_user_id")
    }

    /// Whether it leads to a record that is carried, too.
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, Kind::Parent | Kind::Record(_))
    }
}

/// A route for each module.
pub async fn find(map: &FieldMap, source: &Source, target: &Target) -> Result<Vec<Route>, Failure> {
    let here = target.modules(&MODULES).await?;
    let nothing = BTreeMap::new();
    let mut problems = Vec::new();
    let mut routes = Vec::new();
    for module in MODULES {
        let Some(wanted) = map.modules.get(module) else {
            continue;
        };
        let there = source.fields(module).await?;
        let mut checked = Check {
            module,
            there: &there,
            here: here.get(module).unwrap_or(&nothing),
            strict: map.file.is_some(),
            problems: &mut problems,
        };
        let mut route = checked.route(wanted);
        for field in route.fields.iter_mut().filter(|field| field.is_choice()) {
            field.options = target.options(module, &field.to).await?;
        }
        checked.values(wanted, &mut route);
        routes.push(route);
    }
    map.refuse(problems)?;
    Ok(routes)
}

struct Check<'a> {
    module: &'static str,
    there: &'a ModuleFields,
    here: &'a BTreeMap<String, TargetField>,
    /// The built-in map names stock fields, which an old instance need not have.
    strict: bool,
    problems: &'a mut Vec<Problem>,
}

impl Check<'_> {
    fn complain(&mut self, line: usize, what: String) {
        self.problems.push(Problem { line, what });
    }

    /// Whether both sides have what a line names.
    fn is_there(&mut self, pair: &Pair, there: bool, here: bool, what: &str) -> bool {
        if self.strict && !there {
            let known = format!("{} on the source have no {what} {}", self.module, pair.from);
            self.complain(pair.line, known);
        }
        if self.strict && !here {
            let known = format!("{} on the target have no {what} {}", self.module, pair.to);
            self.complain(pair.line, known);
        }
        there && here
    }

    fn route(&mut self, map: &ModuleMap) -> Route {
        let mut route = Route {
            module: self.module,
            fields: Vec::new(),
            later: Vec::new(),
            links: Vec::new(),
            set: map
                .set
                .iter()
                .map(|(field, (_, value))| (field.clone(), value.clone()))
                .collect(),
            stays_behind: Vec::new(),
        };
        for pair in &map.fields {
            let there = self.there.field(&pair.from);
            let here = self.here.get(&pair.to).is_some_and(|field| field.kind != "link");
            if !self.is_there(pair, there.is_some(), here, "field") {
                route.stays_behind.extend(there.map(|field| field.name.clone()));
                continue;
            }
            let Some(field) = there.filter(|field| field.name != "parent_type") else {
                continue;
            };
            let field = FieldRoute {
                from: pair.from.clone(),
                to: pair.to.clone(),
                kind: kind_of(field, self.there),
                values: BTreeMap::new(),
                options: None,
            };
            match field.kind {
                Kind::Record(other) if other == self.module => route.later.push(field),
                _ => route.fields.push(field),
            }
        }
        for pair in &map.links {
            let there = self.there.link(&pair.from);
            let here = self.here.get(&pair.to).is_some_and(|field| field.kind == "link");
            if self.is_there(pair, there.is_some(), here, "link field") {
                let told = there.map_or("", |link| &link.module);
                match self.module_behind(told, pair) {
                    Some(module) => route
                        .links
                        .push((pair.from.clone(), pair.to.clone(), module.to_owned())),
                    None => {
                        let what = format!("{} lead to records that are not carried", pair.from);
                        self.complain(pair.line, what);
                    }
                }
            }
        }
        for (field, (line, _)) in map.set.iter().filter(|(field, _)| !self.here.contains_key(*field)) {
            self.complain(*line, format!("{} on the target have no field {field}", self.module));
        }
        let of_people = |field: &&ModuleField| field.name.ends_with("_c");
        let unnamed = |field: &&ModuleField| !map.fields.iter().any(|pair| pair.from == field.name);
        let stays_behind = self.there.fields.iter().filter(of_people).filter(unnamed);
        route.stays_behind.extend(stays_behind.map(|field| field.name.clone()));
        route
    }

    /// The module at the other end of a link, which must be one that is carried. About a third of the link fields of v4_1
    /// name none; the target's own, or the link's name, tells it then.
    fn module_behind(&self, told: &str, pair: &Pair) -> Option<&'static str> {
        let here = self.here.get(&pair.to).map_or("", |field| &field.module);
        let known = || MODULES.into_iter().chain(["Users"]);
        let named = |name: &str| known().find(|module| module.eq_ignore_ascii_case(name));
        match (told, here) {
            ("", "") => named(&pair.from),
            ("", here) => named(here),
            (there, _) => named(there),
        }
    }

    /// Takes the values of the map into the routes.
    fn values(&mut self, map: &ModuleMap, route: &mut Route) {
        for (name, values) in &map.values {
            let Some(field) = route.fields.iter_mut().find(|field| field.from == *name) else {
                self.complain(values.line, format!("values of {name}, which is not among the fields"));
                continue;
            };
            for pair in &values.pairs {
                let offered = field.options.as_ref().is_none_or(|options| options.contains(&pair.to));
                if !offered {
                    let what = format!("{} on the target offers no {} in {}", self.module, pair.to, field.to);
                    self.problems.push(Problem { line: pair.line, what });
                }
                field.values.insert(pair.from.clone(), pair.to.clone());
            }
        }
    }
}

impl FieldRoute {
    fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice | Kind::Choices)
    }
}

fn kind_of(field: &ModuleField, all: &ModuleFields) -> Kind {
    match field.name.as_str() {
        "email1" => return Kind::Email,
        "assigned_user_id" | "created_by" | "modified_user_id" => return Kind::User,
        "currency_id" => return Kind::Currency,
        "parent_id" if all.field("parent_type").is_some() => return Kind::Parent,
        _ => {}
    }
    // The field that shows the other record's name tells which module it is of.
    let shows = |other: &&ModuleField| other.id_name == field.name && other.name != field.name;
    let told = all.fields.iter().find(shows).map_or("", |other| &other.related_module);
    let known = || REFERENCES.iter().find(|(name, _)| *name == field.name);
    let module = if told.is_empty() {
        known().map_or("", |(_, module)| *module)
    } else {
        told
    };
    if module == "Users" {
        return Kind::User;
    }
    if let Some(module) = MODULES.into_iter().find(|known| *known == module) {
        return Kind::Record(module);
    }
    match field.kind.as_str() {
        "bool" => Kind::Flag,
        "int" => Kind::Integer,
        "float" | "double" => Kind::Number,
        "date" => Kind::Day,
        "datetime" | "datetimecombo" => Kind::Time,
        "enum" | "radioenum" | "dynamicenum" => Kind::Choice,
        "multienum" => Kind::Choices,
        _ => Kind::Text,
    }
}
