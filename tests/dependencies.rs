//! What the crate is built from: licences, the Rust that it needs, and that nothing is there for nothing.
//!
//! The library with all its features, on every system. What tests and benches need besides is nobody's burden.

mod rust_source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Permissive licences: who ships a program built with this crate owes their texts, and nothing of the program.
const ALLOWED: [&str; 8] = [
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    // The root certificates of Mozilla, as data.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

struct Metadata {
    packages: BTreeMap<String, Value>,
    /// What a package is built from, build scripts included, tests not.
    needs: BTreeMap<String, Vec<String>>,
}

impl Metadata {
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version=1",
                "--all-features",
                "--locked",
                "--offline",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let whole: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let packages = array(&whole["packages"]).map(|package| (text(&package["id"]), package.clone()));
        let needs = array(&whole["resolve"]["nodes"]).map(|node| {
            let built = array(&node["deps"]).filter(|need| array(&need["dep_kinds"]).any(|kind| kind["kind"] != "dev"));
            (text(&node["id"]), built.map(|need| text(&need["pkg"])).collect())
        });
        Self {
            needs: needs.collect(),
            packages: packages.collect(),
        }
    }

    fn own(&self) -> &Value {
        let own = |package: &&Value| package["name"] == env!("CARGO_PKG_NAME");
        self.packages.values().find(own).expect("the crate")
    }

    /// Everything that the crate is built from.
    fn everything(&self) -> Vec<&Value> {
        let mut found = BTreeSet::new();
        let mut open = self.needs[&text(&self.own()["id"])].clone();
        while let Some(id) = open.pop() {
            if found.insert(id.clone()) {
                open.extend(self.needs[&id].iter().cloned());
            }
        }
        found.iter().map(|id| &self.packages[id]).collect()
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("an array").iter()
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// Whether an SPDX expression can be met by the allowed licences alone. `WITH` is taken for what it is: it only adds
/// permissions.
fn is_allowed(expression: &str) -> bool {
    // An old way to write `OR`.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let allowed = either(&words, &mut at);
    allowed && at == words.len()
}

fn either(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = both(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        allowed |= both(words, at);
    }
    allowed
}

fn both(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        allowed &= one(words, at);
    }
    allowed
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word == "(" {
        let allowed = either(words, at);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return allowed && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        *at += 2;
    }
    ALLOWED.contains(&word)
}

/// `1.89` and `1.89.0` as numbers.
fn version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().expect("a number"));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

/// Every word of the crate's code that a path begins with.
fn first_words(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            first_words(&path, words);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("text");
            let (code, _) = rust_source::without_tests(&rust_source::tokens(&source));
            let pairs = code.windows(2).filter(|pair| pair[1].text == "::");
            words.extend(pairs.map(|pair| pair[0].text.clone()));
        }
    }
}

#[test]
fn licences_are_permissive() {
    let metadata = Metadata::read();
    let everything = metadata.everything();
    assert!(everything.len() > 100, "only {} were found", everything.len());
    for package in everything {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_allowed(licence), "{}: {licence:?}", package["name"]);
    }
}

#[test]
fn an_expression_is_met_as_it_is_written() {
    for allowed in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Unlicense",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "GPL-3.0 AND Zlib OR ISC",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in [
        "",
        "GPL-3.0",
        "GPL-3.0 AND MIT",
        "MIT AND (GPL-3.0 OR MPL-2.0)",
        "(MIT",
        "MIT Apache-2.0",
        "GPL-3.0 WITH Classpath-exception-2.0",
    ] {
        assert!(!is_allowed(refused), "{refused}");
    }
}

/// What they state: that they keep to it is theirs, and some state nothing.
#[test]
fn no_dependency_states_a_later_rust_than_the_crate() {
    let metadata = Metadata::read();
    let own = version(metadata.own()["rust_version"].as_str().expect("a version"));
    let mut stated = 0;
    for package in metadata.everything() {
        let Some(needed) = package["rust_version"].as_str() else {
            continue;
        };
        assert!(version(needed) <= own, "{} needs Rust {needed}", package["name"]);
        stated += 1;
    }
    assert!(stated > 100, "only {stated} state one");
}

#[test]
fn every_dependency_is_used() {
    let metadata = Metadata::read();
    let mut words = BTreeSet::new();
    first_words(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut words);
    let own = metadata.own();
    let names: BTreeSet<String> = array(&own["dependencies"])
        .filter(|need| need["kind"] != "dev")
        .map(|need| text(&need["name"]))
        .collect();
    let direct = metadata.needs[&text(&own["id"])]
        .iter()
        .map(|id| &metadata.packages[id]);
    let mut count = 0;
    for package in direct.filter(|package| names.contains(&text(&package["name"]))) {
        let library = array(&package["targets"]).find(|target| array(&target["kind"]).any(|kind| kind != "bin"));
        let name = text(&library.expect("a library")["name"]).replace('-', "_");
        assert!(words.contains(&name), "nothing names {name}");
        count += 1;
    }
    assert_eq!(count, names.len());
}
