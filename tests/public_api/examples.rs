//! Every public type, trait and function is documented with an example, and every method that does something is called
//! in one. Read from the source's text, as it is formatted: no macros are expanded.

use std::fs;
use std::path::Path;

use crate::reader::{Block, Item, Kind, items_and_blocks};

/// The public modules: an example in one of them means the module's own type where two have the same name.
const MODULES: [&str; 10] = [
    "doctor", "files", "filter", "oauth2", "profile", "records", "sandbox", "signing", "v4_1", "values",
];

fn module_of(file: &str) -> &str {
    let first = file.split(['/', '.']).next().unwrap_or_default();
    MODULES.into_iter().find(|module| *module == first).unwrap_or_default()
}

/// What only the build for fuzzing has is nobody's API.
fn read(folder: &Path, below: &str, items: &mut Vec<Item>, blocks: &mut Vec<Block>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_str().expect("a name"));
        if entry.path().is_dir() {
            if !["tests", "bin"].iter().any(|other| name.ends_with(other)) {
                read(&entry.path(), &format!("{name}/"), items, blocks);
            }
        } else if name.ends_with(".rs") && !["tests.rs", "fuzzing.rs"].iter().any(|other| name.ends_with(other)) {
            let source = fs::read_to_string(entry.path()).expect("text");
            let (more_items, more_blocks) = items_and_blocks(&source, module_of(&name));
            items.extend(more_items);
            blocks.extend(more_blocks);
        }
    }
}

/// Names of public items without an example, such as `v4_1::GetEntry::select`.
fn without_example(items: &[Item], blocks: &[Block]) -> Vec<String> {
    let owner_types = |name: &str| -> Vec<&str> {
        let types = items.iter().filter(|item| item.kind == Kind::Type && item.name == name);
        types.map(|item| item.module.as_str()).collect()
    };
    let mut missing = Vec::new();
    for item in items.iter().filter(|item| !item.has_example) {
        let shown = match (&item.owner, item.kind) {
            (Some(owner), _) => {
                let of_types = owner_types(owner);
                // Methods may stand in other rooms than their type.
                let module = if of_types.contains(&item.module.as_str()) {
                    item.module.as_str()
                } else {
                    of_types.first().copied().unwrap_or_default()
                };
                blocks.iter().any(|block| {
                    let meant = if of_types.contains(&block.module.as_str()) {
                        block.module == module
                    } else {
                        true
                    };
                    meant && block.is_about(owner) && block.calls(owner, &item.name, item.takes_self)
                })
            }
            (None, Kind::Module) => blocks
                .iter()
                .any(|block| block.module == item.module && block.text.contains(&format!("::{}\"", item.name))),
            (None, _) => false,
        };
        if !shown {
            let module = Some(item.module.as_str()).filter(|module| !module.is_empty());
            let parts = module
                .into_iter()
                .chain(item.owner.as_deref())
                .chain([item.name.as_str()]);
            missing.push(parts.collect::<Vec<_>>().join("::"));
        }
    }
    missing.sort();
    missing
}

pub fn all() -> (Vec<Item>, Vec<Block>) {
    let (mut items, mut blocks) = (Vec::new(), Vec::new());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read(&source, "", &mut items, &mut blocks);
    (items, blocks)
}

#[test]
fn every_public_item_has_an_example() {
    let (items, blocks) = all();
    assert!(
        items.len() > 500 && blocks.len() > 20,
        "{} items, {} blocks",
        items.len(),
        blocks.len()
    );
    assert_eq!(without_example(&items, &blocks), [""; 0]);
}

#[test]
fn examples_are_compiled() {
    for block in all().1 {
        assert!(!block.ignored, "an example that is not compiled:\n{}", block.text);
    }
}

// The check is shown able to fail.

fn missing_of(source: &str) -> Vec<String> {
    let (items, blocks) = items_and_blocks(source, "");
    without_example(&items, &blocks)
}

const EXAMPLE: &str = "/// ```\n/// a.go();\n/// T::new();\n/// ```\n";

#[test]
fn what_has_no_example_is_found() {
    for (source, missing) in [
        ("/// Text.\npub struct T;\n", "T"),
        ("/// Text.\n#[derive(Debug)]\npub enum T {\n    One,\n}\n", "T"),
        ("pub trait T {\n}\n", "T"),
        ("/// ```text\n/// f()\n/// ```\npub fn f() {}\n", "f"),
        ("secret! {\n    /// Text.\n    Word\n}\n", "Word"),
        (
            "macro_rules! findings {\n    () => {\n        /// Text.\n        pub enum T {}\n    };\n}\n",
            "T",
        ),
    ] {
        assert_eq!(missing_of(source), [missing], "{source}");
    }
    for method in [
        "pub fn stop(&self) {\n        end()\n    }",
        "pub async fn stop(\n        &self,\n    ) {\n    }",
        "pub fn stop() -> Self {\n        Self\n    }",
        // Of another type.
        "/// `a.stop()`\n    pub fn stop(&self) {\n        self.x.end();\n    }",
    ] {
        let source = format!("{EXAMPLE}pub struct T;\n\nimpl<'a> T<'a> {{\n    {method}\n}}\n");
        assert_eq!(missing_of(&source), ["T::stop"], "{source}");
    }
}

#[test]
fn what_has_an_example_or_needs_none_is_passed_over() {
    for rest in [
        "impl T {\n    pub fn go(&self) {\n        end()\n    }\n}\n",
        "impl T {\n    pub fn new() -> Self {\n        Self\n    }\n}\n",
        "impl T {\n    pub fn value(&self) -> &str {\n        &self.value\n    }\n}\n",
        "impl T {\n    pub(crate) fn stop(&self) {\n        end()\n    }\n}\n",
        "impl T {\n    /// ```\n    /// t.stop();\n    /// ```\n    pub fn stop(&self) {\n        end()\n    }\n}\n",
        "impl Other for T {\n    fn stop(&self) {\n        end()\n    }\n}\n",
        "#[cfg(test)]\nmod tests {\n    pub fn stop() {}\n}\n",
        "pub(crate) fn f() {}\n",
        "#[doc(hidden)]\npub fn f() {}\n",
    ] {
        let source = format!("{EXAMPLE}pub struct T;\n\n{rest}");
        assert_eq!(missing_of(&source), [""; 0], "{source}");
    }
}
