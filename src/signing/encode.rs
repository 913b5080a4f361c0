//! Percent encoding as RFC 5849 section 3.6 has it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// All but letters, digits, `-`, `.`, `_` and `~` is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes text for a signature, a query or a form: UTF-8, upper-case hex, a space as `%20`.
///
/// PHP decodes the result the same way in a query and in a form body.
pub fn percent_encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ENCODED)
}

/// Appends `encoded` as it stands in a base string: encoded once more (section 3.4.1.1).
///
/// What has been encoded once holds unreserved characters and `%` only; text that a foreign
/// [`Request`](oauth1_request::Request) calls encoded may hold more, so it takes the general way.
pub(super) fn push_encoded_again(base_string: &mut String, encoded: &str) {
    base_string.extend(percent_encode(encoded));
}
