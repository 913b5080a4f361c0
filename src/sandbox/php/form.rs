//! Query strings and form bodies as PHP decodes them into `$_GET` and `$_POST`.

use std::borrow::Cow;

/// PHP's `max_input_vars`: what comes after so many fields is dropped.
const MAX_FIELDS: usize = 1000;

/// One value. PHP strings are bytes, and `name[]=…` makes an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Text(Vec<u8>),
    Array,
}

/// Fields in the order in which their names came first; each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(Vec<u8>, Field)>);

impl Fields {
    /// Decodes `application/x-www-form-urlencoded` text.
    pub(crate) fn decode(encoded: &[u8]) -> Self {
        let mut fields = Self::default();
        let pairs = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        for pair in pairs.take(MAX_FIELDS) {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            fields.add(&url_decode(name), url_decode(value));
        }
        fields
    }

    /// Adds one decoded pair under the name that PHP would give it.
    fn add(&mut self, name: &[u8], value: Vec<u8>) {
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let start = name.iter().position(|byte| *byte != b' ').unwrap_or(name.len());
        let name = &name[start..];
        let (base, is_array) = match name.iter().position(|byte| *byte == b'[') {
            Some(0) => return,
            Some(at) if name[at..].contains(&b']') => (&name[..at], true),
            _ => (name, false),
        };
        if base.is_empty() {
            return;
        }
        let mangled = base
            .iter()
            .map(|byte| {
                if matches!(byte, b' ' | b'.' | b'[') {
                    b'_'
                } else {
                    *byte
                }
            })
            .collect();
        self.set(mangled, if is_array { Field::Array } else { Field::Text(value) });
    }

    /// The later value wins; the name keeps its first place.
    pub(crate) fn set(&mut self, name: Vec<u8>, value: Field) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((name, value)),
        }
    }

    /// PHP's `array_merge($this, $later)`.
    pub(crate) fn merge(&mut self, later: &Fields) {
        for (name, value) in &later.0 {
            self.set(name.clone(), value.clone());
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Field> {
        let found = self.0.iter().find(|(known, _)| known == name.as_bytes());
        found.map(|(_, value)| value)
    }

    /// The bytes of a text field, if it is there and no array.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.get(name) {
            Some(Field::Text(value)) => Some(value),
            _ => None,
        }
    }

    /// The text of a field, empty when it is absent; wrong UTF-8 is replaced.
    pub(crate) fn text(&self, name: &str) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(name).unwrap_or_default())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Vec<u8>, Field)> {
        self.0.iter()
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name.as_bytes());
    }
}

/// PHP's `urldecode`: `+` is a space, a broken escape stays as it is.
pub(crate) fn url_decode(encoded: &[u8]) -> Vec<u8> {
    decode(encoded, true)
}

/// PHP's `rawurldecode`: only `%XX`.
pub(crate) fn raw_url_decode(encoded: &[u8]) -> Vec<u8> {
    decode(encoded, false)
}

fn decode(encoded: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high * 16 + low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            (b'+', _) if plus_is_space => decoded.push(b' '),
            _ => decoded.push(*first),
        }
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Vec<(String, Option<String>)> {
        let fields = Fields::decode(text.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        fields
            .iter()
            .map(|(name, value)| match value {
                Field::Text(value) => (text(name), Some(text(value))),
                Field::Array => (text(name), None),
            })
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, Option<String>) {
        (name.to_owned(), Some(value.to_owned()))
    }

    #[test]
    fn decodes_as_php_does() {
        assert_eq!(
            decoded("a=1+2&b=%C3%a9&c&d=&=x&&e=1=2"),
            [
                pair("a", "1 2"),
                pair("b", "é"),
                pair("c", ""),
                pair("d", ""),
                pair("e", "1=2")
            ]
        );
        assert_eq!(
            decoded("a=100%&b=%zz&c=%4"),
            [pair("a", "100%"), pair("b", "%zz"), pair("c", "%4")]
        );
    }

    #[test]
    fn renames_and_repeats_as_php_does() {
        assert_eq!(
            decoded("a.b=1&+c=2&d+e=3&a_b=4&x[=5"),
            [pair("a_b", "4"), pair("c", "2"), pair("d_e", "3"), pair("x_", "5")]
        );
        assert_eq!(decoded("a[]=1&a[k]=2"), [("a".to_owned(), None)]);
        // Each as `parse_str` of PHP 8.2 gives it.
        for (text, name) in [
            ("a[b=1", "a_b"),
            ("a[b.c=1", "a_b_c"),
            ("a%00b=1", "a"),
            ("]=1", "]"),
            ("a]=1", "a]"),
        ] {
            assert_eq!(decoded(text), [pair(name, "1")], "{text}");
        }
        for (text, name) in [
            ("a[b].c=2", "a"),
            ("a b[x]=1", "a_b"),
            ("a.b[c]=1", "a_b"),
            ("x[y]z=3", "x"),
        ] {
            assert_eq!(decoded(text), [(name.to_owned(), None)], "{text}");
        }
        assert_eq!(decoded("[a]=1&[=1&=1&+=1"), []);
    }
}
