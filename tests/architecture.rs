//! The order of the rooms in `docs/design.md`: a room imports only rooms above it. And a few words that belong to one room
//! only, or to none.

mod rust_source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rust_source::{Token, paths, tokens, tree, without_tests};

/// From the ground up.
const ROOMS: [&str; 30] = [
    "printable",
    "private_files",
    "error",
    "utc",
    "values",
    "filter",
    "secret",
    "instance",
    "consumer",
    "signing",
    "clock",
    "transport",
    "renewal",
    "rest",
    "v4_1",
    "client",
    "authorize_url",
    "request_token",
    "callback",
    "access_token",
    "oauth_access",
    "session",
    "signed",
    "record_writes",
    "files",
    "records",
    "oauth2",
    "profile",
    "doctor",
    "fuzzing",
];

/// Proves the rooms from outside: imports none of them, and none imports it.
const SANDBOX: &str = "sandbox";

/// Programs, which use the crate as everyone does and print.
const PROGRAMS: &str = "bin/";

/// Rooms above that are closed to a room all the same.
const CLOSED: [(&str, &[&str]); 5] = [
    ("v4_1", &["signing", "clock", "transport"]),
    ("signing", &["instance", "consumer"]),
    ("transport", &["signing", "clock", "consumer"]),
    ("renewal", &["signing", "clock", "transport"]),
    ("oauth2", &["signing", "client", "session", "v4_1"]),
];

/// Crates that only one room may name.
const OWN_WORDS: [(&str, &str); 2] = [("reqwest", "transport"), ("rustls", "transport")];

/// Words that a pure room does not use.
const NOT_IN_SIGNING: [&str; 10] = [
    "time",
    "fs",
    "io",
    "net",
    "env",
    "process",
    "thread",
    "tokio",
    "rand",
    "getrandom",
];

/// Macros and words that no library code uses; tests and the sandbox may.
const NOWHERE: [&str; 9] = [
    "unsafe",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
    "todo!",
    "unimplemented!",
    "sugar_oauth",
];

const LONGEST_FILE: usize = 400;

/// Source files by their path below `src`.
type Sources = BTreeMap<String, String>;

fn sources() -> Sources {
    fn read(folder: &Path, below: &str, sources: &mut Sources) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{below}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                read(&entry.path(), &format!("{name}/"), sources);
            } else if name.ends_with(".rs") {
                sources.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut sources = Sources::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    sources
}

fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/')
        .filter(|name| *name != "lib")
        .map(str::to_owned)
        .collect()
}

/// Library code by file, without tests, the crate's root and the sandbox.
fn library_code(sources: &Sources) -> BTreeMap<&str, Vec<Token>> {
    let mut test_files = BTreeSet::new();
    let mut code = BTreeMap::new();
    for (file, source) in sources {
        let (kept, tests) = without_tests(&tokens(source));
        let module = module_of(file).join("/");
        test_files.extend(tests.into_iter().map(|name| format!("{module}/{name}")));
        code.insert(file.as_str(), kept);
    }
    code.retain(|file, _| {
        if file.starts_with(PROGRAMS) {
            return false;
        }
        let module = module_of(file);
        let is_test = (1..=module.len()).any(|length| test_files.contains(&module[..length].join("/")));
        !is_test && *file != "lib.rs" && module[0] != SANDBOX
    });
    code
}

/// Names that the crate's root exports, and the rooms that they come from.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let tokens = tokens(lib);
    let uses = (0..tokens.len()).filter(|&at| tokens[at].text == "use");
    uses.flat_map(|at| tree(&tokens, at + 1).0)
        .filter(|path| path.len() > 1)
        .map(|path| (path[path.len() - 1].clone(), path[0].clone()))
        .collect()
}

fn broken_order(sources: &Sources) -> Vec<String> {
    let exports = exports(&sources["lib.rs"]);
    let place = |room: &str| ROOMS.iter().position(|other| *other == room);
    let mut broken = Vec::new();
    for (file, code) in library_code(sources) {
        let module = module_of(file);
        let Some(own) = place(&module[0]) else {
            broken.push(format!("{file}: the room {} has no place in the order", module[0]));
            continue;
        };
        for path in paths(&code, &module) {
            let first = path.segments.first().map_or("*", String::as_str);
            let room = exports.get(first).map_or(first, String::as_str);
            let closed = CLOSED
                .iter()
                .any(|(from, to)| *from == ROOMS[own] && to.contains(&room));
            if closed || place(room).is_none_or(|above| above > own) {
                broken.push(format!(
                    "{file}:{}: {} imports {}",
                    path.line,
                    ROOMS[own],
                    path.segments.join("::")
                ));
            }
        }
    }
    for (file, source) in sources.iter().filter(|(file, _)| file.starts_with("sandbox/")) {
        // Its tests included: they would prove the rooms by the rooms.
        for path in paths(&tokens(source), &module_of(file)) {
            if path.segments.first().is_none_or(|first| first != SANDBOX) {
                broken.push(format!(
                    "{file}:{}: the sandbox imports {}",
                    path.line,
                    path.segments.join("::")
                ));
            }
        }
    }
    broken
}

fn misplaced_words(sources: &Sources) -> Vec<String> {
    let mut misplaced = Vec::new();
    let mut complain = |file: &str, token: &Token| misplaced.push(format!("{file}:{}: {}", token.line, token.text));
    for (file, code) in library_code(sources) {
        let room = module_of(file).remove(0);
        for (at, token) in code.iter().enumerate() {
            let next = code.get(at + 1).map_or("", |token| token.text.as_str());
            let names_crate = next == "::" && (at == 0 || code[at - 1].text != "::");
            let owned = OWN_WORDS
                .iter()
                .any(|(word, owner)| *word == token.text && *owner != room);
            let called = format!("{}{next}", token.text);
            if owned && names_crate
                || NOWHERE.contains(&token.text.as_str())
                || NOWHERE.contains(&called.as_str())
                || room == "signing" && NOT_IN_SIGNING.contains(&token.text.as_str())
            {
                complain(file, token);
            }
        }
    }
    for (file, source) in sources.iter().filter(|(file, _)| file.starts_with("sandbox/")) {
        for token in tokens(source) {
            if ["unsafe", "sugar_oauth", "reqwest"].contains(&token.text.as_str()) {
                complain(file, &token);
            }
        }
    }
    misplaced
}

fn long_files(sources: &Sources) -> Vec<String> {
    let lines = sources.iter().map(|(file, source)| (file, source.lines().count()));
    lines
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect()
}

#[test]
fn a_room_imports_only_rooms_above_it() {
    assert_eq!(broken_order(&sources()), [""; 0]);
}

#[test]
fn words_stand_in_their_rooms() {
    assert_eq!(misplaced_words(&sources()), [""; 0]);
}

#[test]
fn files_are_short() {
    assert_eq!(long_files(&sources()), [""; 0]);
}

#[test]
fn the_order_names_the_rooms_that_there_are() {
    let sources = sources();
    let lib = tokens(&sources["lib.rs"]);
    let declared: BTreeSet<&str> = lib
        .windows(3)
        .filter(|three| three[0].text == "mod" && three[2].text == ";")
        .map(|three| three[1].text.as_str())
        .collect();
    let named: BTreeSet<&str> = ROOMS.into_iter().chain([SANDBOX]).collect();
    assert_eq!(declared, named);
    assert!(library_code(&sources).len() > 30, "the sources were not found");
}

// Each check is shown able to fail.

fn made_up(files: &[(&str, &str)]) -> Sources {
    let lib = (
        "lib.rs",
        "pub use error::{Error, Result}; pub use session::Session; pub mod sandbox;",
    );
    let files = files.iter().chain([&lib]);
    files
        .map(|(file, source)| ((*file).to_owned(), (*source).to_owned()))
        .collect()
}

#[test]
fn an_import_of_a_room_below_is_found_however_it_is_written() {
    for source in [
        "use crate::session::Session;",
        "use crate::Session;",
        "use crate::{error::Error, session::{self}};",
        "use crate::{\n    error::{Error, Result},\n    session as later,\n};",
        "use crate::{error::{Error, kind::{self, Kind}}, session::Session, printable};",
        "use super::session::Session;",
        "use super::*;",
        "use crate::*;",
        "fn f(session: &crate::session::Session) {}",
        "pub(in crate::session) fn f() {}",
        "macro_rules! m { () => { $crate::session::open() } }",
        "mod inner { use super::super::session::Session; }",
        "mod inner { } use super::session::Session;",
        "use crate::sandbox::Sandbox;",
        "use crate::nowhere::Thing;",
        "const C: char = '\"'; use crate::session::Session; // \"",
        "fn f<'a>(x: &'a str) { crate::session::open::<'a>(x) }",
        "const S: &str = r#\"\"#; use crate::session::S; const T: &str = r#\"\"#;",
        "#[cfg(test)] use crate::error::Error; use crate::session::Session;",
    ] {
        assert_eq!(broken_order(&made_up(&[("error.rs", source)])).len(), 1, "{source}");
    }
    let deeper = (
        "rest/envelope.rs",
        "use super::super::session::Session; use super::arguments;",
    );
    assert_eq!(
        broken_order(&made_up(&[deeper])),
        ["rest/envelope.rs:1: rest imports session::Session"]
    );
    let closed = ("v4_1/text.rs", "\nuse crate::signing::sign;");
    assert_eq!(
        broken_order(&made_up(&[closed])),
        ["v4_1/text.rs:2: v4_1 imports signing::sign"]
    );
    assert_eq!(broken_order(&made_up(&[("cellar.rs", "")])).len(), 1);
}

#[test]
fn what_is_no_import_of_a_room_below_is_passed_over() {
    for source in [
        "use crate::error::Error; use crate::{Result, error::{self, ErrorKind}};",
        "use super::error::Error; use std::fmt; use self::inner::Inner; mod inner { use super::Outer; }",
        "// use crate::session::Session;\n/* use crate::session; /* nested */ use crate::session; */",
        "/// See [`crate::session::Session`].\nfn f() { log(\"crate::session::Session \\\" crate::session::x\") }",
        "const S: &str = r##\"crate::session::Session\"# \"##;",
        "const B: (&[u8], char, char) = (b\"crate::session::x\", '\\'', '\"'); // crate::session::x",
        "#[cfg(test)]\nmod tests {\n    use crate::session::Session;\n    fn f() { { } }\n}",
        "#[cfg(test)] #[allow(dead_code)] fn f(x: [u8; 2]) { crate::session::open() }",
        "#[cfg(test)]\nuse crate::{session::Session};",
        "pub(crate) struct S; impl S { fn f(self) -> crate::error::Error { self.x } }",
    ] {
        assert_eq!(broken_order(&made_up(&[("secret.rs", source)])), [""; 0], "{source}");
    }
    let test_file = [
        ("rest/mod.rs", "#[cfg(test)]\nmod tests;"),
        ("rest/tests.rs", "use crate::session::Session; fn f() { println!() }"),
        ("rest/tests/more.rs", "use crate::session::Session;"),
    ];
    assert_eq!(broken_order(&made_up(&test_file)), [""; 0]);
    assert_eq!(misplaced_words(&made_up(&test_file)), [""; 0]);
}

#[test]
fn the_sandboxs_imports_are_found_in_its_tests_too() {
    for source in [
        "use crate::error::Error;",
        "use super::super::error::Error;",
        "use crate::Error;",
        "#[cfg(test)] mod tests { use crate::v4_1::Method; }",
    ] {
        assert_eq!(
            broken_order(&made_up(&[("sandbox/http.rs", source)])).len(),
            1,
            "{source}"
        );
    }
    let own = (
        "sandbox/http.rs",
        "use crate::sandbox::state::State; use super::state; mod a { use super::super::b; }",
    );
    assert_eq!(broken_order(&made_up(&[own])), [""; 0]);
    for source in ["use sugar_oauth::Client;", "unsafe {}", "use reqwest::Client;"] {
        assert_eq!(
            misplaced_words(&made_up(&[("sandbox/http.rs", source)])).len(),
            1,
            "{source}"
        );
    }
}

#[test]
fn misplaced_words_are_found_and_look_alikes_are_not() {
    for source in [
        "use reqwest::Client;",
        "fn f(error: reqwest::Error) {}",
        "fn f() { unsafe { g() } }",
        "fn f() { println!(\"x\") }",
        "fn f() { dbg!(x) }",
        "fn f() { std::eprintln!() }",
        "fn f() { todo!() }",
    ] {
        assert_eq!(
            misplaced_words(&made_up(&[("client/mod.rs", source)])).len(),
            1,
            "{source}"
        );
    }
    for source in [
        "#![forbid(unsafe_code)] // unsafe",
        "/// println!()\nfn f() { log(\"reqwest::Client println!()\") }",
        "fn f() { file.open(); todo(); self.reqwest; writeln!(x) }",
        "#[cfg(test)] mod tests { fn f() { println!() } }",
    ] {
        assert_eq!(
            misplaced_words(&made_up(&[("client/mod.rs", source)])),
            [""; 0],
            "{source}"
        );
    }
    assert_eq!(
        misplaced_words(&made_up(&[("transport/mod.rs", "use reqwest::Client;")])),
        [""; 0]
    );
    let clock = ("signing/mod.rs", "use std::time::SystemTime;");
    assert_eq!(misplaced_words(&made_up(&[clock])), ["signing/mod.rs:1: time"]);
}

#[test]
fn a_long_file_is_found() {
    let source = "\n".repeat(401);
    assert_eq!(long_files(&made_up(&[("error.rs", &source)])), ["error.rs: 401 lines"]);
    assert_eq!(long_files(&made_up(&[("error.rs", &source[1..])])), [""; 0]);
}
