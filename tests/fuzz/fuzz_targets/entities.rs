//! HTML entities as the database holds them: decoded once, as a second implementation does it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::v4_1::decode_entities;

fuzz_target!(|text: &str| {
    let decoded = decode_entities(text);
    assert!(decoded.len() <= text.len());
    assert_eq!(decoded, by_parts(text));
});

/// Cuts at the ampersands first, and looks at what follows each.
fn by_parts(text: &str) -> String {
    let mut parts = text.split('&');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let character = part.split_once(';').and_then(|(name, rest)| {
            let character = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" | "#034" => '"',
                "apos" | "#039" | "#39" | "#x27" => '\'',
                _ => return None,
            };
            Some((character, rest))
        });
        match character {
            Some((character, rest)) => {
                decoded.push(character);
                decoded.push_str(rest);
            }
            None => {
                decoded.push('&');
                decoded.push_str(part);
            }
        }
    }
    decoded
}
