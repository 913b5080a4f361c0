//! Names of profiles. A name is also the name of a file.

use crate::error::{Error, Result};
use crate::instance::Instance;

const LONGEST: usize = 64;

/// The name, if it is one.
pub(super) fn checked(name: &str) -> Result<String> {
    if is_name(name) {
        return Ok(name.to_owned());
    }
    // It may be anything, a secret included: it is not repeated.
    Err(Error::invalid_input("that is not the name of a profile")
        .hint("use 1 to 64 of a-z, 0-9, `.`, `_` and `-`, a letter or digit first"))
}

pub(super) fn is_name(name: &str) -> bool {
    // Lower case only: file systems of some machines do not tell `A` from `a`.
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let allowed = |byte: u8| letter(byte) || matches!(byte, b'.' | b'_' | b'-');
    name.len() <= LONGEST && name.bytes().next().is_some_and(letter) && name.bytes().all(allowed)
}

/// Host, port and path, with everything else made a `-`.
pub(super) fn of_instance(instance: &Instance) -> String {
    let site = instance.site_url();
    let host = site.host_str().unwrap_or_default();
    let port = site.port().map(|port| format!("-{port}")).unwrap_or_default();
    let path = site.path().trim_end_matches('/');
    let mut name: String = format!("{host}{port}{path}")
        .chars()
        .map(|character| match character.to_ascii_lowercase() {
            kept @ ('a'..='z' | '0'..='9' | '.' | '_') => kept,
            _ => '-',
        })
        .take(LONGEST)
        .collect();
    // An IPv6 address begins with a bracket.
    if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        name = format!("crm{name}").chars().take(LONGEST).collect();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_file_names() {
        for name in ["crm", "crm.example.com", "0", "a_b-c.9", &"x".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            ".hidden",
            "-x",
            "A",
            "a/b",
            "a\\b",
            "a b",
            "ä",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(!is_name(name), "{name}");
            assert!(
                !checked(name)
                    .unwrap_err()
                    .to_string()
                    .contains(&format!("name of a profile {name}"))
            );
        }
    }

    #[test]
    fn an_instance_gives_a_name() {
        for (url, name) in [
            ("https://crm.example.com", "crm.example.com"),
            ("https://crm.example.com/legacy", "crm.example.com-legacy"),
            ("http://127.0.0.1:8080", "127.0.0.1-8080"),
            ("http://[::1]:8080", "crm---1--8080"),
        ] {
            let instance = Instance::parse(url).unwrap();
            assert_eq!(of_instance(&instance), name);
        }
        let long = Instance::parse(&format!("https://{}.example.com", "x".repeat(63))).unwrap();
        assert!(is_name(&of_instance(&long)));
    }
}
