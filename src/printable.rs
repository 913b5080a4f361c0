//! Text from a server, made fit for a person's screen.

/// The longest server text that is shown, in characters.
const LONGEST: usize = 200;

/// Escapes what could move a cursor, colour a terminal or reorder a line, and cuts what is longer than 200 characters:
/// for server text that goes to a person's screen.
///
/// Control characters, line separators, bidi controls and invisible format characters come out as `\u{..}`.
///
/// ```
/// use sugar_oauth::printable;
///
/// assert_eq!(printable("Smith\u{1b}[2J"), r"Smith\u{1b}[2J");
/// ```
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * LONGEST));
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if is_unsafe_to_show(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Controls, bidi controls and characters that take no room.
pub(crate) fn is_unsafe_to_show(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn terminal_and_bidi_controls_are_escaped() {
        assert_eq!(
            printable("a\u{1b}[2Jb\u{202e}c\r\nd"),
            "a\\u{1b}[2Jb\\u{202e}c\\u{d}\\u{a}d"
        );
    }

    #[test]
    fn ordinary_text_of_any_language_stays() {
        assert_eq!(printable("Åse — 株式会社 O'Neil"), "Åse — 株式会社 O'Neil");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(printable(&"x".repeat(500)).chars().count(), 201);
    }
}
