//! Columns of text on a terminal.

use sugar_oauth::printable;

/// Server text for a cell: escaped, and cut where it would be wider than so many columns.
pub fn cell(text: &str, widest: usize) -> String {
    let text = printable(text);
    if columns(&text) <= widest {
        return text;
    }
    let mut cut = String::new();
    for character in text.chars() {
        if columns(&cut) + columns(character.encode_utf8(&mut [0; 4])) >= widest {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

/// Fills a text with blanks up to so many columns.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// How many columns a terminal gives a text: two for the wide letters of East Asia, none for combining marks.
pub fn columns(text: &str) -> usize {
    text.chars()
        .map(|character| match character {
            '\u{0300}'..='\u{036F}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' => 0,
            '\u{1100}'..='\u{115F}'
            | '\u{2E80}'..='\u{A4CF}'
            | '\u{AC00}'..='\u{D7A3}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FE30}'..='\u{FE6F}'
            | '\u{FF00}'..='\u{FF60}'
            | '\u{FFE0}'..='\u{FFE6}'
            | '\u{1F300}'..='\u{1FAFF}'
            | '\u{20000}'..='\u{3FFFD}' => 2,
            _ => 1,
        })
        .sum()
}
