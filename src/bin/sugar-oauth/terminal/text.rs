//! How things are said to a person.

use std::io;

/// What happened, and on lines of their own what to try, the likeliest first.
pub fn with_hints(what: &str, hints: &[String]) -> String {
    match hints {
        [] => what.to_owned(),
        [only] => format!("{what}\n  Try: {only}"),
        many => {
            let numbered = (1..).zip(many).map(|(number, hint)| format!("\n    {number}. {hint}"));
            format!("{what}\n  Try, the likeliest first:{}", numbered.collect::<String>())
        }
    }
}

/// Why a file cannot be read or written, in the words of people: the standard library calls a missing one an entity.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => String::from("no such file or folder"),
        kind => kind.to_string(),
    }
}

/// With a capital at its beginning.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Whether what goes to a terminal may be coloured.
pub fn wants_colours(terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
