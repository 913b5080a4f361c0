//! What the application makes of text that is sent to it: markup purified, entities resolved.

use super::entities;

/// Elements that pass; of others the tags are dropped and the text inside stays.
const ELEMENTS: [&str; 37] = [
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "td",
    "th",
    "tr",
    "u",
    "ul",
];

/// Elements that go with all that is in them.
const REMOVED: [&str; 3] = ["script", "style", "iframe"];

/// Text as it was sent, cleaned.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// What the answer of a write shows: the purified text, its entities encoded once more.
    pub(super) echo: String,
    /// What the database gets.
    pub(super) stored: String,
}

/// Cleans a text.
pub(super) fn clean(sent: &str) -> Cleaned {
    let purified = purify(&from_html(sent));
    Cleaned {
        echo: encode_all(&purified),
        stored: decode(&purified),
    }
}

/// The four entities that the application itself writes.
fn from_html(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&#039;", "'")
}

/// Text with harmless markup only, its other characters escaped as HTML wants it.
fn purify(text: &str) -> String {
    let mut purified = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        purified.push_str(&escape(&rest[..at]));
        rest = &rest[at..];
        let Some(tag) = Tag::at_start(rest) else {
            purified.push_str("&lt;");
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        if REMOVED.contains(&tag.name.as_str()) {
            rest = if tag.closes { rest } else { behind(rest, &tag.name) };
        } else if ELEMENTS.contains(&tag.name.as_str()) {
            purified.push_str(&tag.written());
        }
    }
    purified.push_str(&escape(rest));
    purified
}

/// What follows the end tag of an element.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let Some(at) = text.to_ascii_lowercase().find(&end) else {
        return "";
    };
    text[at..].find('>').map_or("", |close| &text[at + close + 1..])
}

fn escape(text: &str) -> String {
    decode(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

struct Tag {
    name: String,
    closes: bool,
    attributes: Vec<(String, String)>,
    /// Bytes of the whole tag.
    length: usize,
}

impl Tag {
    /// The tag that begins a text, if one does.
    fn at_start(text: &str) -> Option<Self> {
        let inside = text.strip_prefix('<')?;
        let closes = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let name: String = inside.chars().take_while(char::is_ascii_alphanumeric).collect();
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        let end = text.find('>')?;
        let attributes = &inside[name.len()..inside.find('>')?];
        Some(Self {
            name: name.to_ascii_lowercase(),
            closes,
            attributes: attributes_of(attributes),
            length: end + 1,
        })
    }

    fn written(&self) -> String {
        let Self { name, .. } = self;
        if self.closes {
            return format!("</{name}>");
        }
        let mut tag = format!("<{name}");
        for (name, value) in &self.attributes {
            tag.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
        tag.push_str(if matches!(name.as_str(), "br" | "hr" | "img") {
            " />"
        } else {
            ">"
        });
        tag
    }
}

/// The harmless ones among the attributes of a tag.
fn attributes_of(text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let name = rest[..equals]
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let after = rest[equals + 1..].trim_start();
        let quote = after.chars().next().filter(|first| matches!(first, '"' | '\''));
        let (value, behind) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        rest = behind;
        let harmless = matches!(
            name.as_str(),
            "href" | "src" | "alt" | "title" | "class" | "color" | "width" | "height"
        );
        let scripted = value.trim_start().to_ascii_lowercase().starts_with("javascript:");
        if harmless && !scripted {
            attributes.push((name, value.to_owned()));
        }
    }
    attributes
}

/// PHP's `htmlentities` with quotes.
pub(super) fn encode_all(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => encoded.push_str("&amp;"),
            '<' => encoded.push_str("&lt;"),
            '>' => encoded.push_str("&gt;"),
            '"' => encoded.push_str("&quot;"),
            '\'' => encoded.push_str("&#039;"),
            other => match entities::name(other) {
                Some(name) => {
                    encoded.push('&');
                    encoded.push_str(name);
                    encoded.push(';');
                }
                None => encoded.push(other),
            },
        }
    }
    encoded
}

/// Entities resolved, once.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest[1..]
            .split_once(';')
            .and_then(|(name, _)| Some((name, resolve(name)?)));
        match entity {
            Some((name, character)) => {
                decoded.push(character);
                rest = &rest[name.len() + 2..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn resolve(name: &str) -> Option<char> {
    match name.strip_prefix('#') {
        Some(number) => {
            let code_point = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code_point.ok()?)
        }
        None => entities::character(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of the captured `set_entry` and of the `get_entry` that read it back.
    #[test]
    fn echo_and_stored_text_are_as_captured() {
        let cleaned = clean("O'Neil & <b>Sons</b> ü");
        assert_eq!(cleaned.echo, "O&#039;Neil &amp;amp; &lt;b&gt;Sons&lt;/b&gt; &uuml;");
        assert_eq!(cleaned.stored, "O'Neil & <b>Sons</b> ü");
        assert_eq!(clean("Ægir").echo, "&AElig;gir");
    }

    #[test]
    fn what_is_stored_otherwise_than_sent() {
        let stored = |sent: &str| clean(sent).stored;
        assert_eq!(stored("a<script>alert(1)</script>b"), "ab");
        assert_eq!(stored("a<SCRIPT src=x>never closed"), "a");
        assert_eq!(stored("R &amp; D"), "R & D");
        assert_eq!(stored("&eacute;&#8364;&#x20AC;&nosuch;"), "é€€&nosuch;");
        assert_eq!(stored("<blink>x</blink>"), "x");
        assert_eq!(stored("1 < 2 <3 && 4 > 3 <"), "1 < 2 <3 && 4 > 3 <");
        assert_eq!(
            stored("<a onclick='x()' href=\"/y\">z</a><br>"),
            "<a href=\"/y\">z</a><br />"
        );
        assert_eq!(stored("<a href=javascript:x>z</a>"), "<a>z</a>");
    }

    #[test]
    fn survives_any_text() {
        for text in [
            "<",
            "</",
            "<a",
            "<a =",
            "<a ='",
            "<é>",
            "&",
            "&#",
            "&#x110000;",
            "&;",
            "<script",
            "İ<script>İ",
        ] {
            let _ = clean(text);
        }
        assert_eq!(clean("İ<style>İ</style>x").stored, "İx");
    }
}
