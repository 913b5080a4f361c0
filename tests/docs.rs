//! The pages are true where a machine can tell: links, names of tests, texts of errors, versions.

#[path = "support/pages.rs"]
mod pages;

use pages::{Page, anchor, code_spans, read, root};
use std::fs;
use std::path::Path;

/// All of a folder's Rust code.
fn code(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.push_str(&code(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("text"));
        }
    }
    all
}

/// The code with texts as the program prints them: continued lines joined, and `…` for what is put in.
fn printed_texts() -> String {
    let code = code(&root().join("src"));
    let mut joined = String::new();
    for line in code.lines() {
        match line.strip_suffix('\\') {
            Some(text) => joined.push_str(if joined.ends_with('\n') {
                text
            } else {
                text.trim_start()
            }),
            None if joined.ends_with('\n') || joined.is_empty() => {
                joined.push_str(line);
                joined.push('\n');
            }
            None => {
                joined.push_str(line.trim_start());
                joined.push('\n');
            }
        }
    }
    let mut texts = String::new();
    let mut rest = joined.as_str();
    while let Some(at) = rest.find('{') {
        texts.push_str(&rest[..at]);
        let name = rest[at + 1..]
            .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
            .map(|end| (&rest[at + 1..at + 1 + end], &rest[at + 1 + end..]));
        match name {
            Some((_, after)) if after.starts_with('}') => {
                texts.push('…');
                rest = &after[1..];
            }
            _ => {
                texts.push('{');
                rest = &rest[at + 1..];
            }
        }
    }
    texts + rest
}

/// The value of a key in `Cargo.toml`'s first section.
fn manifest(key: &str) -> String {
    let manifest = read("Cargo.toml");
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")));
    line.expect("the key").trim_matches('"').to_owned()
}

#[test]
fn the_readme_begins_with_the_two_commands() {
    let blocks = Page::read("README.md").blocks();
    assert_eq!(blocks[0].language, "sh");
    assert_eq!(blocks[0].text, "cargo run --example walkthrough\ncargo test\n");
}

#[test]
fn the_walk_in_the_readme_is_about_ten_lines() {
    let blocks = Page::read("README.md").blocks();
    let walk = blocks
        .iter()
        .find(|block| block.language.starts_with("rust"))
        .expect("code");
    let lines = walk.text.lines().filter(|line| line.starts_with("    ")).count();
    assert!((8..=13).contains(&lines), "{lines}");
}

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let mut count = 0;
    for page in pages::all() {
        for link in page.links() {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.path.clone(),
                file => page.path.parent().expect("a folder").join(file),
            };
            assert!(root().join(&target).is_file(), "{}: {link}", page.path.display());
            if !heading.is_empty() {
                let target = Page::read(target);
                let anchors: Vec<String> = target.headings().into_iter().map(anchor).collect();
                assert!(
                    anchors.iter().any(|anchor| anchor == heading),
                    "{}: {link}",
                    page.path.display()
                );
            }
            count += 1;
        }
    }
    assert!(count > 20, "only {count} links were found");
}

#[test]
fn headings_of_a_page_differ() {
    for page in pages::all() {
        let mut anchors: Vec<String> = page.headings().into_iter().map(anchor).collect();
        anchors.sort();
        let all = anchors.len();
        anchors.dedup();
        assert_eq!(all, anchors.len(), "{}", page.path.display());
    }
}

#[test]
fn pages_that_the_code_names_are_there() {
    let everything = ["src", "examples", "tests"]
        .map(|folder| code(&root().join(folder)))
        .concat();
    let mut count = 0;
    for (at, _) in everything.match_indices("docs/") {
        let rest = &everything[at..];
        let end = rest.find(".md").filter(|&end| {
            rest[..end]
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'/')
        });
        if let Some(end) = end {
            let page = &rest[..end + 3];
            assert!(root().join(page).is_file(), "{page}");
            count += 1;
        }
    }
    assert!(count > 5, "only {count} were found");
}

#[test]
fn code_blocks_say_what_they_are() {
    for page in pages::all() {
        for block in page.blocks() {
            // Without a language rustdoc takes a block for Rust.
            let known = ["sh", "text", "toml", "ini", "rust", "rust,no_run"].contains(&block.language.as_str());
            assert!(known, "{}:{}: {:?}", page.path.display(), block.line, block.language);
        }
    }
}

#[test]
fn rust_code_of_every_page_is_compiled() {
    let library = read("src/lib.rs");
    for page in pages::all() {
        if page.blocks().iter().any(|block| block.language.starts_with("rust")) {
            let included = format!("include_str!(\"../{}\")", page.path.display());
            assert!(library.contains(&included), "{included}");
        }
    }
}

#[test]
fn the_tests_that_hold_the_promises_are_there() {
    for (page, least) in [("docs/security.md", 15), ("docs/reliability.md", 30)] {
        let page = Page::read(page);
        let rows = page.prose().into_iter().filter(|line| line.starts_with("| **"));
        assert!(rows.map(is_held).count() > least, "too few were found");
    }
}

/// Checks the last cell of a row: files, and behind each the tests in it that hold what the row says.
fn is_held(promise: &str) {
    let cell = promise.trim_end_matches(" |").rsplit(" | ").next().expect("a cell");
    let mut file = String::new();
    let mut tests = 0;
    for span in code_spans(cell) {
        if span.ends_with(".rs") {
            file = read(span);
        } else {
            let test = format!("fn {span}(");
            let at = file
                .find(&test)
                .unwrap_or_else(|| panic!("{promise}\nhas no test {span}"));
            let attributes = file[..at].lines().rev().take(3);
            let is_test = attributes
                .into_iter()
                .any(|line| line.contains("test]") || line.contains("test("));
            // The conformance suite has a harness of its own, to which a file lists its checks.
            let is_case = file.split("cases!").nth(1).is_some_and(|cases| {
                let list = cases.split(';').next().unwrap_or_default();
                list.split(|character: char| !character.is_alphanumeric() && character != '_')
                    .any(|name| name == span)
            });
            assert!(is_test || is_case, "{span} is no test");
            tests += 1;
        }
    }
    assert!(tests > 0, "{promise}\nis held by nothing");
}

/// A heading that begins with code is an error's text: the library's own, or the server's name of a number.
#[test]
fn the_errors_in_troubleshooting_are_printed_so() {
    let texts = printed_texts();
    let server = read("docs/server.md");
    let page = Page::read("docs/troubleshooting.md");
    let headings: Vec<&str> = page
        .headings()
        .into_iter()
        .filter(|heading| heading.starts_with('`'))
        .collect();
    assert!(headings.len() > 25, "only {} errors were found", headings.len());
    for heading in headings {
        for span in code_spans(heading) {
            let by_number = span.trim_end_matches(')').split_once(" (");
            let servers_own =
                by_number.is_some_and(|(name, number)| server.contains(&format!("| {number} | {name} |")));
            let ours = || span.split('…').map(str::trim).all(|part| texts.contains(part));
            let method = !span.contains(' ');
            assert!(servers_own || method || ours(), "nothing prints {span:?}");
        }
    }
}

#[test]
fn the_readme_says_which_rust_and_which_features() {
    let readme = read("README.md");
    let rust = manifest("rust-version");
    assert_eq!(readme.matches(&rust).count(), 2, "{rust}");
    let manifest = read("Cargo.toml");
    let features = manifest
        .split("[features]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next());
    let names = features
        .expect("features")
        .lines()
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name))
        .filter(|name| !name.starts_with('#') && *name != "default");
    for name in names {
        assert!(readme.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn the_changelog_names_the_version() {
    let version = manifest("version");
    assert!(read("CHANGELOG.md").contains(&version), "{version}");
}

#[test]
fn licences_are_those_of_the_manifest() {
    assert_eq!(manifest("license"), "MIT OR Apache-2.0");
    assert!(read("LICENSE-MIT").contains("Copyright (c) The sugar-oauth developers"));
    assert!(read("LICENSE-APACHE").contains("Version 2.0, January 2004"));
}

#[test]
fn the_rooms_in_the_design_are_those_whose_order_is_held() {
    let architecture = read("tests/architecture.rs");
    let rooms = architecture
        .split("const ROOMS")
        .nth(1)
        .and_then(|rest| rest.split("];").next());
    let mut held: Vec<&str> = rooms.expect("the rooms").split('"').skip(1).step_by(2).collect();
    held.extend(["sandbox", "bin/sugar-oauth"]);
    let design = Page::read("docs/design.md");
    let table = design.prose().into_iter().filter(|line| line.starts_with("| `"));
    let told: Vec<&str> = table.map(|row| code_spans(row)[0].trim_end_matches('/')).collect();
    assert_eq!(told, held);
}

/// Options, variables, types and methods between backticks.
#[test]
fn names_in_the_pages_are_names_in_the_code() {
    let source = code(&root().join("src"));
    let examples = code(&root().join("examples")) + &code(&root().join("src/bin"));
    let mut count = 0;
    for page in pages::all() {
        for span in page.prose().into_iter().flat_map(code_spans) {
            let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let known = if let Some(option) = span.strip_prefix("--") {
                // Of an example, or of the program, which names its options after its fields.
                let field = option.split([' ', '=']).next().unwrap_or_default().replace('-', "_");
                examples.contains(span) || examples.contains(&format!("    {field}: "))
            } else if span.starts_with("SUGAR_") && !span.contains('*') {
                examples.contains(span.split('=').next().unwrap_or_default())
            } else if let Some((owner, name)) = span.split_once("::")
                && word(owner)
                && owner.starts_with(|first: char| first.is_ascii_uppercase())
            {
                let name = name.split('(').next().unwrap_or_default();
                let variant = [",", "(", " {"]
                    .iter()
                    .any(|end| source.contains(&format!("    {name}{end}")));
                source.contains(&format!("fn {name}(")) || source.contains(&format!("fn {name}<")) || variant
            } else {
                continue;
            };
            assert!(known, "{}: `{span}`", page.path.display());
            count += 1;
        }
    }
    assert!(count > 40, "only {count} names were found");
}
