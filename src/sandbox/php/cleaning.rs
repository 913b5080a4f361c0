//! Which input the server's cleaning against cross-site scripting would change.
//!
//! A signed call is checked against the cleaned input, so whatever is changed here breaks the signature.

/// Event attributes that the cleaning looks for, each followed by `=`.
const EVENT_ATTRIBUTES: [&str; 14] = [
    "onabort",
    "onblur",
    "onchange",
    "onclick",
    "ondblclick",
    "onerror",
    "onfocus",
    "onkeydown",
    "onkeypress",
    "onkeyup",
    "onload",
    "onmouseover",
    "onreset",
    "onsubmit",
];

/// Texts that are removed or rewritten wherever they stand, in any case.
const REFUSED_TEXTS: [&str; 4] = ["javascript:", "<script", "expression(", "document.cookie"];

/// Whether the server would see something else than `value` after its cleaning.
pub(crate) fn would_change(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    REFUSED_TEXTS.iter().any(|refused| text.contains(refused))
        || EVENT_ATTRIBUTES.iter().any(|attribute| has_attribute(&text, attribute))
        || has_entity(&text)
        || (text.contains('<') && has_unicode_escape(&text))
}

fn has_attribute(text: &str, attribute: &str) -> bool {
    text.match_indices(attribute).any(|(at, _)| {
        let begins_a_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        begins_a_word && text[at + attribute.len()..].trim_start().starts_with('=')
    })
}

/// `&name;`, `&#1;` or `&#x1;`. The longest name in HTML 4 has eight letters.
fn has_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let Some((name, _)) = text[at + 1..].split_once(';') else {
            return false;
        };
        if let Some(hex) = name.strip_prefix("#x") {
            return !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        }
        if let Some(digits) = name.strip_prefix('#') {
            return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        }
        (2..=8).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn has_unicode_escape(text: &str) -> bool {
    text.match_indices("\\u").any(|(at, _)| {
        let digits = text.as_bytes().get(at + 2..at + 6);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::would_change;

    #[test]
    fn refuses_what_the_cleaning_rewrites() {
        for refused in [
            "a &amp; b",
            "&#039;",
            "&#x27;",
            "JavaScript:alert(1)",
            "x<script>",
            "<a onclick=f()>",
            "onclick = 1",
            "width: expression(1)",
            "document.cookie",
            r"\u00e9 < 3",
        ] {
            assert!(would_change(refused.as_bytes()), "{refused}");
        }
    }

    #[test]
    fn lets_ordinary_sql_and_text_pass() {
        for fine in [
            "contacts.position='x'",
            "a<b",
            "a > b",
            "R&D; x",
            "Tom & Jerry",
            "a&b=c",
            r"\u00e9",
            "contacts.onclicks=1",
            "café <3",
            "&;",
            "&#;",
            "100% 'quoted' \"text\"",
        ] {
            assert!(!would_change(fine.as_bytes()), "{fine}");
        }
    }
}
