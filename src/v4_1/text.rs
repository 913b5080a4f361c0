//! Text as the database holds it: HTML-encoded.

use std::borrow::Cow;

/// The entities that the CRM writes, and the spellings of them that imports leave behind.
const ENTITIES: [(&str, char); 9] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#039;", '\''),
    ("&#39;", '\''),
    ("&#x27;", '\''),
    ("&apos;", '\''),
    ("&#034;", '"'),
];

/// Decodes the CRM's HTML entities exactly once: `&amp;lt;` becomes `&lt;`.
///
/// The server encodes `'`, `"`, `<` and `>` always, and `&` only if it was stored so (`docs/server.md`); what it never
/// writes, such as `&eacute;`, was typed by someone and stays.
///
/// ```
/// use sugar_oauth::v4_1::decode_entities;
///
/// assert_eq!(decode_entities("O&#039;Neil &amp;lt;3"), "O'Neil &lt;3");
/// assert_eq!(decode_entities("caf&eacute;"), "caf&eacute;");
/// ```
pub fn decode_entities(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        match ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) {
            Some((entity, character)) => {
                decoded.push(*character);
                rest = &rest[entity.len()..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::decode_entities;

    #[test]
    fn entities_are_decoded_once() {
        for (stored, text) in [
            ("O&#039;Neil &amp; Sons", "O'Neil & Sons"),
            ("Nguyễn &quot;Best&quot; LLC", "Nguyễn \"Best\" LLC"),
            ("&lt;b&gt;", "<b>"),
            ("&amp;lt;", "&lt;"),
            ("a=b&c=d & e", "a=b&c=d & e"),
            ("&eacute;&", "&eacute;&"),
            ("", ""),
        ] {
            assert_eq!(decode_entities(stored), text);
        }
    }
}
