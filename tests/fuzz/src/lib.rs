//! What the targets share.

use sugar_oauth::Error;
use sugar_oauth::fuzzing::Reply;

/// A reply whose status and type are chosen by the first byte, and whose body is the rest.
pub fn reply(data: &[u8]) -> Option<Reply<'_>> {
    const STATUSES: [u16; 8] = [200, 200, 200, 500, 301, 401, 404, 503];
    const TYPES: [&str; 2] = ["application/json; charset=utf-8", "text/html; charset=utf-8"];
    let (&choice, body) = data.split_first()?;
    let choice = usize::from(choice);
    // A redirect's body stands in its head, too.
    let location = std::str::from_utf8(body).ok().filter(|_| choice % 16 == 4);
    Some(Reply {
        status: STATUSES[choice % 8],
        content_type: TYPES[choice / 8 % 2],
        location,
        body,
    })
}

/// An error moves no cursor, and is of a length that someone reads.
pub fn fit_to_show(error: &Error) {
    for text in [error.to_string(), format!("{error:#}")] {
        assert!(is_safe_to_show(&text), "{text:?}");
        assert!(text.len() < 16_384, "{}", text.len());
    }
}

/// Whether a text moves no cursor, but for line ends.
pub fn is_safe_to_show(text: &str) -> bool {
    let moves = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
    };
    !text.chars().any(moves)
}

/// The pieces between NUL bytes, as texts.
pub fn texts(data: &[u8]) -> Option<Vec<&str>> {
    Some(std::str::from_utf8(data).ok()?.split('\0').collect())
}
