//! Reads formatted source line by line: what is public in it, and the examples in its documentation.

/// How a method takes its value.
const RECEIVERS: [&str; 4] = ["(self", "(&self", "(mut self", "(&mut self"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A struct or an enum.
    Type,
    Trait,
    Function,
    /// A module written out in its parent's file.
    Module,
}

/// Something public.
#[derive(Debug)]
pub struct Item {
    /// The public module that it stands in; empty for the crate's root.
    pub module: String,
    /// The type whose method it is.
    pub owner: Option<String>,
    pub name: String,
    pub kind: Kind,
    pub takes_self: bool,
    pub is_async: bool,
    pub has_example: bool,
}

/// A code block in the documentation.
#[derive(Debug)]
pub struct Block {
    pub module: String,
    /// The type in whose documentation it stands, its methods' included.
    pub owner: Option<String>,
    pub text: String,
    pub ignored: bool,
}

impl Block {
    /// Whether it stands in a type's documentation or names the type.
    pub fn is_about(&self, name: &str) -> bool {
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        self.owner.as_deref() == Some(name)
            || self
                .text
                .split(|character| !is_word(character))
                .any(|word| word == name)
    }

    pub fn calls(&self, owner: &str, name: &str, takes_self: bool) -> bool {
        let called = |before: &str| {
            let start = format!("{before}{name}");
            self.text
                .match_indices(&start)
                .any(|(at, _)| self.text[at + start.len()..].starts_with(['(', ':', ')', ',', ';']))
        };
        called(&format!("{owner}::")) || takes_self && called(".")
    }
}

/// What comes before an item: its documentation and attributes.
#[derive(Default)]
struct Before {
    blocks: Vec<(String, bool)>,
    open: Option<(String, bool)>,
    other_language: bool,
    hidden: bool,
}

impl Before {
    fn line(&mut self, text: &str) {
        let text = text.strip_prefix(' ').unwrap_or(text);
        let Some(language) = text.strip_prefix("```") else {
            if let Some((block, _)) = &mut self.open {
                block.push_str(text);
                block.push('\n');
            }
            return;
        };
        if self.other_language {
            self.other_language = false;
        } else if let Some(block) = self.open.take() {
            self.blocks.push(block);
        } else {
            let words = ["", "rust", "no_run", "compile_fail", "should_panic", "ignore"];
            self.other_language = !language.split(',').all(|word| words.contains(&word));
            self.open = (!self.other_language).then(|| (String::new(), language.contains("ignore")));
        }
    }
}

/// What is public in a file's source, and its code blocks.
pub fn items_and_blocks(source: &str, module: &str) -> (Vec<Item>, Vec<Block>) {
    let lines: Vec<&str> = source.lines().collect();
    let mut found = Found {
        module: module.to_owned(),
        items: Vec::new(),
        blocks: Vec::new(),
    };
    let (mut before, mut in_file) = (Before::default(), Before::default());
    let mut at = 0;
    // The type whose `impl` is open, and the indentation of items here: 8 in a macro's body.
    let mut owner: Option<String> = None;
    let (mut base, mut invocation) = (0, false);
    while at < lines.len() {
        let line = lines[at];
        let text = line.trim_start();
        let indent = line.len() - text.len();
        at += 1;
        if let Some(documentation) = text.strip_prefix("//!") {
            in_file.line(documentation);
        } else if let Some(documentation) = text.strip_prefix("///") {
            before.line(documentation);
        } else if text == "#[cfg(test)]" && indent == 0 {
            // What is for tests only goes to the next line without indentation that closes it.
            let one_line = lines.get(at).is_some_and(|next| next.ends_with(';'));
            let end = if one_line {
                1
            } else {
                lines[at..].iter().take_while(|line| **line != "}").count()
            };
            at += end + usize::from(!one_line);
            before = Before::default();
        } else if text.starts_with("#[") {
            before.hidden |= text.contains("doc(hidden)");
        } else if text == "}" && indent == base {
            owner = None;
        } else if line == "}" {
            (base, invocation, owner) = (0, false, None);
        } else if line.starts_with("macro_rules!") {
            base = 8;
        } else if indent == 0 && line.ends_with("! {") {
            invocation = true;
        } else if !text.is_empty() && !text.starts_with("//") {
            let documented = std::mem::take(&mut before);
            if invocation {
                let is_documented = lines[at - 2].trim_start().starts_with("///");
                if let Some((kind, name)) = defined(text).filter(|_| indent == 4 && is_documented) {
                    found.add(documented, None, name, kind, "");
                }
            } else if indent == base {
                owner = impl_of(text);
                if let Some((kind, name)) = public(text).filter(|(kind, _)| base == 0 || *kind == Kind::Type) {
                    found.add(documented, None, name, kind, "");
                }
            } else if indent == base + 4
                && let Some(owner) = &owner
                && let Some((Kind::Function, name)) = public(text)
            {
                let head: String = lines[at - 1..].iter().take(3).map(|line| line.trim()).collect();
                let head = head.split('{').next().unwrap_or_default();
                if is_getter(text, &lines[at..]) {
                    found.blocks_of(documented, Some(owner));
                } else {
                    found.add(documented, Some(owner), name, Kind::Function, head);
                }
            }
        }
    }
    found.blocks_of(in_file, None);
    (found.items, found.blocks)
}

struct Found {
    module: String,
    items: Vec<Item>,
    blocks: Vec<Block>,
}

impl Found {
    fn add(&mut self, before: Before, owner: Option<&String>, name: &str, kind: Kind, head: &str) {
        // What a macro names is documented where the macro is called.
        let of_macro = |name: &str| name.starts_with('$');
        if before.hidden || of_macro(name) || owner.is_some_and(|owner| of_macro(owner)) {
            return;
        }
        self.items.push(Item {
            module: self.module.clone(),
            owner: owner.cloned(),
            name: name.to_owned(),
            kind,
            takes_self: RECEIVERS.iter().any(|receiver| head.contains(receiver)),
            is_async: head.starts_with("pub async fn "),
            has_example: !before.blocks.is_empty(),
        });
        let about = owner.cloned().or((kind == Kind::Type).then(|| name.to_owned()));
        self.blocks_of(before, about.as_ref());
    }

    fn blocks_of(&mut self, before: Before, owner: Option<&String>) {
        self.blocks
            .extend(before.blocks.into_iter().map(|(text, ignored)| Block {
                module: self.module.clone(),
                owner: owner.cloned(),
                text,
                ignored,
            }));
    }
}

/// What a line within a macro's call defines: a type or a module by its name.
fn defined(text: &str) -> Option<(Kind, &str)> {
    let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_'));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let kind = if !name.starts_with(char::is_uppercase) {
        Kind::Module
    } else if name.contains(char::is_lowercase) {
        Kind::Type
    } else {
        return None;
    };
    let ends = rest.is_empty() || rest.starts_with(" = ") || rest.starts_with(", ");
    (!name.is_empty() && ends).then_some((kind, name))
}

/// The kind and name of a public item, as its first line begins.
fn public(text: &str) -> Option<(Kind, &str)> {
    let mut rest = text.strip_prefix("pub ")?;
    for word in ["const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let (word, rest) = rest.split_once(' ')?;
    let kind = match word {
        "struct" | "enum" => Kind::Type,
        "trait" => Kind::Trait,
        "fn" => Kind::Function,
        "mod" if rest.ends_with('{') => Kind::Module,
        _ => return None,
    };
    let end = rest.find(|character: char| !(character.is_alphanumeric() || "_$".contains(character)));
    Some((kind, &rest[..end.unwrap_or(rest.len())]))
}

/// The type of an `impl` that is of no trait.
fn impl_of(text: &str) -> Option<String> {
    let rest = text.strip_prefix("impl")?.trim_end_matches(" {");
    let rest = match rest.strip_prefix('<') {
        Some(generics) => generics.split_once("> ")?.1,
        None => rest.trim_start(),
    };
    let name = rest.split('<').next()?;
    (!rest.contains(" for ")).then(|| name.to_owned())
}

/// A method that gives a field as it is, or as its own text.
fn is_getter(first: &str, after: &[&str]) -> bool {
    let takes_only_self = first.contains("(&self) ->") || first.contains("(self) ->");
    let (Some(body), Some(end)) = (after.first(), after.get(1)) else {
        return false;
    };
    let path = body.trim().trim_start_matches('&');
    let calls = path.matches('(').count();
    let plain = path.starts_with("self.")
        && path
            .chars()
            .all(|character| character.is_alphanumeric() || "_.()".contains(character))
        && (calls == 0 || calls == 1 && path.ends_with("()"));
    takes_only_self && !first.contains("async") && plain && end.trim() == "}"
}
