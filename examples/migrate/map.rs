//! The field map as it is written: TOML, each name with the line that it stands on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Number, Value};
use sugar_oauth::printable;
use toml::de::{DeTable, DeValue};

use crate::Failure;

/// What `--print-map` prints.
pub const BUILT_IN: &str = include_str!("map.toml");

/// The modules that are carried, in this order: parents before what belongs to them.
pub const MODULES: [&str; 5] = ["Accounts", "Contacts", "Calls", "Meetings", "Notes"];

/// A name there, a name here, and the line in the map.
pub struct Pair {
    pub from: String,
    pub to: String,
    pub line: usize,
}

/// What becomes of a module.
#[derive(Default)]
pub struct ModuleMap {
    pub fields: Vec<Pair>,
    pub links: Vec<Pair>,
    /// By the field's name on the source.
    pub values: BTreeMap<String, Values>,
    /// By the field's name on the target, with the line.
    pub set: BTreeMap<String, (usize, Value)>,
}

/// What becomes of a field's values.
#[derive(Default)]
pub struct Values {
    pub line: usize,
    pub pairs: Vec<Pair>,
}

pub struct FieldMap {
    pub modules: BTreeMap<&'static str, ModuleMap>,
    /// User names there and here.
    pub users: Vec<Pair>,
    /// ISO codes there and here.
    pub currencies: Vec<Pair>,
    pub text: String,
    /// `None` for the map that is built in.
    pub file: Option<PathBuf>,
}

/// Something that is wrong with the map.
pub struct Problem {
    pub line: usize,
    pub what: String,
}

impl FieldMap {
    /// The map in a file, or the one that is built in.
    pub fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                Failure::usage(format!("--map: {}: {error}", printable(&path.display().to_string())))
            })?,
            None => BUILT_IN.to_owned(),
        };
        Self::parse(text, file.map(Path::to_owned))
    }

    /// The map in a text, `file` being where it came from.
    pub fn parse(text: String, file: Option<PathBuf>) -> Result<Self, Failure> {
        let mut map = Self {
            modules: BTreeMap::new(),
            users: Vec::new(),
            currencies: Vec::new(),
            file,
            text: String::new(),
        };
        let problems = map.fill(&text);
        map.text = text;
        map.refuse(problems)?;
        Ok(map)
    }

    /// An error that lists all that is wrong; nothing if there is nothing.
    pub fn refuse(&self, mut problems: Vec<Problem>) -> Result<(), Failure> {
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by_key(|problem| problem.line);
        let file = match &self.file {
            Some(path) => path.display().to_string(),
            None => "the built-in map".to_owned(),
        };
        let mut text = String::from("the field map does not fit; nothing was written");
        for Problem { line, what } in problems {
            text += &format!("\n  {}:{line}: {}", printable(&file), printable(&what));
        }
        Err(Failure::usage(text))
    }

    fn fill(&mut self, text: &str) -> Vec<Problem> {
        let lines = Lines(text);
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return vec![lines.problem(at, format!("no TOML: {}", error.message()))];
            }
        };
        let mut reader = Reader {
            lines,
            problems: Vec::new(),
        };
        for (name, value) in document.get_ref() {
            let module = MODULES.iter().find(|module| **module == name.get_ref().as_ref());
            match (module, name.get_ref().as_ref()) {
                (Some(module), _) => {
                    let read = reader.module(value.get_ref(), value.span().start);
                    self.modules.insert(module, read);
                }
                (None, "users") => self.users = reader.pairs(value.get_ref(), value.span().start),
                (None, "currencies") => self.currencies = reader.pairs(value.get_ref(), value.span().start),
                (None, other) => {
                    let known = MODULES.join(", ");
                    reader.complain(
                        name.span().start,
                        format!("[{other}] is none of {known}, users, currencies"),
                    );
                }
            }
        }
        reader.problems
    }
}

/// From places in the text to lines.
struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn line(&self, at: usize) -> usize {
        let before = &self.0.as_bytes()[..at.min(self.0.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn problem(&self, at: usize, what: String) -> Problem {
        Problem {
            line: self.line(at),
            what,
        }
    }
}

struct Reader<'a> {
    lines: Lines<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, at: usize, what: String) {
        self.problems.push(self.lines.problem(at, what));
    }

    fn table<'v, 't>(&mut self, value: &'v DeValue<'t>, at: usize) -> Option<&'v DeTable<'t>> {
        let table = value.as_table();
        if table.is_none() {
            self.complain(at, "a table is meant here".to_owned());
        }
        table
    }

    fn module(&mut self, value: &DeValue<'_>, at: usize) -> ModuleMap {
        let mut module = ModuleMap::default();
        let Some(table) = self.table(value, at) else {
            return module;
        };
        for (name, value) in table {
            let at = value.span().start;
            match name.get_ref().as_ref() {
                "fields" => module.fields = self.pairs(value.get_ref(), at),
                "links" => module.links = self.pairs(value.get_ref(), at),
                "values" => {
                    for (field, values) in self.table(value.get_ref(), at).into_iter().flatten() {
                        let pairs = self.pairs(values.get_ref(), values.span().start);
                        let line = self.lines.line(field.span().start);
                        let field = field.get_ref().to_string();
                        module.values.insert(field, Values { line, pairs });
                    }
                }
                "set" => {
                    for (field, value) in self.table(value.get_ref(), at).into_iter().flatten() {
                        let line = self.lines.line(field.span().start);
                        module
                            .set
                            .insert(field.get_ref().to_string(), (line, json(value.get_ref())));
                    }
                }
                other => self.complain(
                    name.span().start,
                    format!("{other} is none of fields, values, links, set"),
                ),
            }
        }
        let mut taken = BTreeSet::new();
        for Pair { to, line, .. } in &module.fields {
            if !taken.insert(to.as_str()) {
                let what = format!("the field {to} here is named twice");
                self.problems.push(Problem { line: *line, what });
            }
        }
        module
    }

    fn pairs(&mut self, value: &DeValue<'_>, at: usize) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (from, to) in self.table(value, at).into_iter().flatten() {
            match to.get_ref().as_str() {
                Some(text) => pairs.push(Pair {
                    from: from.get_ref().to_string(),
                    to: text.to_owned(),
                    line: self.lines.line(from.span().start),
                }),
                None => self.complain(to.span().start, format!("{} wants a text in quotes", from.get_ref())),
            }
        }
        pairs
    }
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(Value::Null, Value::from),
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or(Value::Null, Value::Number)
        }
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(values) => values.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => {
            let members = table
                .iter()
                .map(|(name, value)| (name.get_ref().to_string(), json(value.get_ref())));
            Value::Object(members.collect())
        }
    }
}
