//! Percent encoding as RFC 5849 section 3.6 has it.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, utf8_percent_encode};

/// All but letters, digits, `-`, `.`, `_` and `~` is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes text for a signature, a query or a form: UTF-8, upper-case hex, a space as `%20` (RFC 5849 section 3.6).
///
/// PHP decodes the result the same way in a query and in a form body.
///
/// ```
/// use sugar_oauth::signing::percent_encode;
///
/// assert_eq!(percent_encode("50 % ~ Å").to_string(), "50%20%25%20~%20%C3%85");
/// ```
pub fn percent_encode(text: &str) -> impl Display {
    pieces(text)
}

/// The same, piece by piece.
pub(crate) fn pieces(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ENCODED)
}

/// Brings percent-encoded text into the RFC's one spelling, `None` if it has it already.
///
/// Others write `%7e`, `%41` or a bare `/`. A server decodes what it gets and encodes it anew for its base string, so what
/// is signed has to be encoded as it will do that. Bytes that are no text stay as they are.
pub(super) fn respelled(encoded: &str) -> Option<String> {
    if is_well_spelled(encoded.as_bytes()) {
        return None;
    }
    let decoded: Vec<u8> = percent_decode_str(encoded).collect();
    Some(percent_encoding::percent_encode(&decoded, ENCODED).to_string())
}

fn is_well_spelled(mut encoded: &[u8]) -> bool {
    let half = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    loop {
        encoded = match encoded {
            [] => return true,
            [byte, rest @ ..] if is_unreserved(*byte) => rest,
            [b'%', high, low, rest @ ..] => match (half(*high), half(*low)) {
                (Some(high), Some(low)) if !is_unreserved(16 * high + low) => rest,
                _ => return false,
            },
            _ => return false,
        };
    }
}

pub(super) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
