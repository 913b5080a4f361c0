//! What a file may be called here, whatever the server calls it.

use crate::printable::is_unsafe_to_show;

/// The longest name, in bytes: file systems take 255, and a number may come behind it.
const LONGEST: usize = 200;

/// Makes a name that the server stored into one that is safe on every file system: its last component only, without
/// control characters, invisible characters and those that Windows refuses, not hidden, not one of the names that stand
/// for devices, and not too long.
///
/// ```
/// use sugar_oauth::files::safe_file_name;
/// assert_eq!(safe_file_name("../../../x.sh"), "x.sh");
/// assert_eq!(safe_file_name("..\\x.bat"), "x.bat");
/// assert_eq!(safe_file_name("CON"), "_CON");
/// assert_eq!(safe_file_name("hello ü.txt"), "hello ü.txt");
/// ```
pub fn safe_file_name(name: &str) -> String {
    let last = name
        .rsplit(['/', '\\'])
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|character| !is_unsafe_to_show(*character))
        .map(replace_refused)
        .collect();
    let trimmed = without_end(kept.trim_start());
    let named = match trimmed {
        "" => String::from("unnamed"),
        hidden if hidden.starts_with('.') => format!("_{hidden}"),
        device if is_device(device) => format!("_{device}"),
        plain => plain.to_owned(),
    };
    shorten(&named)
}

/// Windows drops points and spaces at the end.
fn without_end(name: &str) -> &str {
    name.trim_end_matches(|last: char| last == '.' || last.is_whitespace())
}

fn replace_refused(character: char) -> char {
    match character {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        other => other,
    }
}

/// The names that Windows keeps for devices, with any ending.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    };
    matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$"
    ) || numbered("COM")
        || numbered("LPT")
}

/// Cuts the stem, so that the ending stays.
fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let ending = name
        .rfind('.')
        .map(|at| &name[at..])
        .filter(|ending| ending.len() <= 20)
        .unwrap_or_default();
    let mut end = LONGEST - ending.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let short = format!("{}{ending}", &name[..end]);
    without_end(&short).to_owned()
}

/// The name with a number before its ending: `a.txt` becomes `a (2).txt`.
pub(super) fn numbered(name: &str, number: u32) -> String {
    match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => format!("{} ({number}){}", &name[..at], &name[at..]),
        None => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_path_a_device_or_invisible() {
        for (stored, safe) in [
            ("/etc/passwd", "passwd"),
            ("C:\\x\\y.txt", "y.txt"),
            ("..", "unnamed"),
            ("", "unnamed"),
            ("///", "unnamed"),
            ("con.txt", "_con.txt"),
            ("Lpt1", "_Lpt1"),
            ("COM10", "COM10"),
            (".bashrc", "_.bashrc"),
            ("a\u{0}b\n\u{202e}c.txt", "abc.txt"),
            ("a:b*c?.txt", "a_b_c_.txt"),
            ("x. . .", "x"),
            ("x\u{3000}.", "x"),
            ("aux .c", "_aux .c"),
        ] {
            assert_eq!(safe_file_name(stored), safe, "{stored:?}");
        }
    }

    #[test]
    fn long_names_keep_their_ending_and_fit() {
        let safe = safe_file_name(&format!("{}.pdf", "ü".repeat(300)));
        assert!(safe.len() <= LONGEST && safe.ends_with("ü.pdf"), "{safe}");
        let a = "a".repeat(198);
        assert_eq!(safe_file_name(&format!("{a} .{}", "b".repeat(30))), a);
    }

    #[test]
    fn numbers_stand_before_the_ending() {
        assert_eq!(numbered("a.tar.gz", 2), "a.tar (2).gz");
        assert_eq!(numbered("a", 3), "a (3)");
    }
}
