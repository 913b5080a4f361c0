//! Text encoded once, as it travels, and twice, as the base string holds it: both written in one pass.

use std::fmt::{self, Write as _};

use super::oauth_name::OAuthName;
use super::spelling::{BLOCK, ONCE, STRIDE, TWICE, Window, is_unreserved_text, reserved_in_block, reserved_in_part};

/// Powers of two that hold a block's longest spelling, so that a mask keeps an index inside.
const ONCE_ROOM: usize = 128;
const TWICE_ROOM: usize = 256;

/// Text up to `end`, and room behind it. Encoding straight into it is much quicker than to append byte by byte.
struct Written {
    bytes: Vec<u8>,
    end: usize,
}

impl Written {
    #[inline]
    fn new(room: usize) -> Self {
        Self {
            bytes: vec![0; room],
            end: 0,
        }
    }

    /// This much room behind the text.
    #[inline]
    fn room<const ROOM: usize>(&mut self) -> &mut [u8; ROOM] {
        if self.bytes.len() < self.end + ROOM {
            self.bytes.resize(2 * (self.end + ROOM), 0);
        }
        self.bytes[self.end..].first_chunk_mut().expect("room was made")
    }

    #[inline]
    fn push(&mut self, text: &[u8]) {
        let end = self.end + text.len();
        if self.bytes.len() < end {
            self.bytes.resize(2 * end, 0);
        }
        self.bytes[self.end..end].copy_from_slice(text);
        self.end = end;
    }

    #[inline]
    fn text(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    #[inline]
    fn into_text(mut self) -> Vec<u8> {
        self.bytes.truncate(self.end);
        self.bytes
    }
}

/// Two texts that say the same: as a form or query holds it, and as the base string does (RFC 5849 section 3.4.1.1).
pub(super) struct Twofold {
    once: Written,
    twice: Written,
}

impl Twofold {
    /// Nothing yet, and room for most calls.
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            once: Written::new(1024),
            twice: Written::new(1536),
        }
    }

    /// Makes what was encoded so far the base string's head, behind the method; the pairs follow.
    pub(super) fn end_head(&mut self, method: &str) {
        self.twice.end = 0;
        self.twice.push(method.as_bytes());
        self.twice.push(b"&");
        self.twice.push(self.once.text());
        self.twice.push(b"&");
        self.once.end = 0;
    }

    /// Where the next byte of each will stand.
    #[inline]
    pub(super) fn ends(&self) -> (usize, usize) {
        (self.once.end, self.twice.end)
    }

    /// Encodes raw text into both.
    pub(super) fn push(&mut self, raw: &str) {
        let mut rest = raw.as_bytes();
        while let Some(window) = rest.first_chunk() {
            self.push_block(window, BLOCK, reserved_in_block(window));
            rest = &rest[BLOCK..];
        }
        for part in rest.chunks(BLOCK) {
            let mut window = [0; BLOCK + STRIDE];
            window[..part.len()].copy_from_slice(part);
            self.push_block(&window, part.len(), reserved_in_part(part));
        }
    }

    /// Encodes the first `length` bytes of a window, of which those with a bit in `reserved` are spelled anew.
    ///
    /// Text between them is copied a stride at a time whatever its length, for a copy of a length that is not known
    /// beforehand takes longer; the next spelling is written over what was too much.
    #[inline]
    fn push_block(&mut self, window: &Window, length: usize, mut reserved: u32) {
        let once = self.once.room::<{ ONCE_ROOM + 3 + STRIDE }>();
        let twice = self.twice.room::<{ TWICE_ROOM + 5 + STRIDE }>();
        once[..BLOCK].copy_from_slice(&window[..BLOCK]);
        twice[..BLOCK].copy_from_slice(&window[..BLOCK]);
        // By how much text encoded once is longer than raw text; text encoded twice is longer by twice as much.
        let mut longer = 0;
        while reserved != 0 {
            let at = reserved.trailing_zeros() as usize;
            let [byte, behind @ ..]: &[u8; 1 + STRIDE] = window[at % BLOCK..].first_chunk().expect("a window has it");
            let once_at = &mut once[(at + longer) % ONCE_ROOM..][..3 + STRIDE];
            once_at[..4].copy_from_slice(&ONCE[usize::from(*byte)].to_le_bytes());
            once_at[3..].copy_from_slice(behind);
            let twice_at = &mut twice[(at + 2 * longer) % TWICE_ROOM..][..5 + STRIDE];
            twice_at[..8].copy_from_slice(&TWICE[usize::from(*byte)].to_le_bytes());
            twice_at[5..].copy_from_slice(behind);
            longer += 2;
            reserved &= reserved - 1;
            let next_stride = at + 1 + STRIDE;
            if reserved.trailing_zeros() as usize > next_stride {
                let stride = &window[next_stride % BLOCK..][..STRIDE];
                once[(next_stride + longer) % ONCE_ROOM..][..STRIDE].copy_from_slice(stride);
                twice[(next_stride + 2 * longer) % TWICE_ROOM..][..STRIDE].copy_from_slice(stride);
            }
        }
        self.once.end += length + longer;
        self.twice.end += length + 2 * longer;
    }

    /// Encodes what a value prints.
    pub(super) fn print(&mut self, value: impl fmt::Display) {
        // Taking text cannot fail; a failing Display of the caller's leaves what it wrote.
        let _ = write!(self, "{value}");
    }

    /// Takes text that is encoded already, in the RFC's spelling.
    pub(super) fn push_encoded(&mut self, encoded: &str) {
        self.once.push(encoded.as_bytes());
        for (index, part) in encoded.split('%').enumerate() {
            if index > 0 {
                self.twice.push(b"%25");
            }
            self.twice.push(part.as_bytes());
        }
    }

    /// Takes text of unreserved characters, which no encoding changes.
    #[inline]
    pub(super) fn push_unreserved(&mut self, text: &str) {
        debug_assert!(is_unreserved_text(text));
        self.once.push(text.as_bytes());
        self.twice.push(text.as_bytes());
    }

    /// Takes a number in digits.
    pub(super) fn push_number(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.once.push(&digits[start..]);
        self.twice.push(&digits[start..]);
    }

    /// Takes the name of a protocol parameter and what parts it from its value.
    #[inline]
    pub(super) fn push_name(&mut self, name: &OAuthName) {
        self.once.push(name.once.as_bytes());
        self.twice.push(name.twice.as_bytes());
    }

    /// Between a name and its value.
    #[inline]
    pub(super) fn push_equals(&mut self) {
        self.once.push(b"=");
        self.twice.push(b"%3D");
    }

    /// Behind a pair.
    #[inline]
    pub(super) fn push_ampersand(&mut self) {
        self.once.push(b"&");
        self.twice.push(AMPERSAND);
    }

    #[inline]
    pub(super) fn once(&self) -> &[u8] {
        self.once.text()
    }

    #[inline]
    pub(super) fn twice(&self) -> &[u8] {
        self.twice.text()
    }

    #[inline]
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<u8>) {
        (self.once.into_text(), self.twice.into_text())
    }
}

/// An `&` between two pairs, as the base string has it.
pub(super) const AMPERSAND: &[u8] = b"%26";

/// A value is encoded as it prints itself.
impl fmt::Write for Twofold {
    fn write_str(&mut self, raw: &str) -> fmt::Result {
        self.push(raw);
        Ok(())
    }
}

/// Encoded text as what it is.
pub(super) fn into_text(encoded: Vec<u8>) -> String {
    String::from_utf8(encoded).expect("percent-encoded text is ASCII")
}

#[cfg(test)]
mod tests {
    use super::super::encode::percent_encode;
    use super::*;

    #[test]
    fn every_character_stands_once_and_twice_as_it_does_when_encoded_by_itself() {
        let mut text: String = (0..=0x2ff).filter_map(char::from_u32).collect();
        text.push_str("\u{20ac}\u{1f600}");
        let mut twofold = Twofold::new();
        twofold.push(&text);
        let once = percent_encode(&text).to_string();
        assert_eq!(into_text(twofold.once().to_vec()), once);
        assert_eq!(into_text(twofold.twice().to_vec()), percent_encode(&once).to_string());

        let mut again = Twofold::new();
        again.push_encoded(&once);
        assert_eq!(again.once(), twofold.once());
        assert_eq!(again.twice(), twofold.twice());
    }

    #[test]
    fn numbers_stand_as_they_print() {
        for number in [0, 9, 10, 1_795_251_265, u64::MAX] {
            let mut twofold = Twofold::new();
            twofold.push_number(number);
            assert_eq!(into_text(twofold.once().to_vec()), number.to_string());
            assert_eq!(twofold.twice(), twofold.once());
        }
    }

    #[test]
    fn runs_of_every_length_stand_as_they_do_when_encoded_by_themselves() {
        for run in 0..100 {
            for reserved in ["", "/", "\"", "/ä/", "////////////////////////////////////////"] {
                let text = format!("{}{reserved}{}", "a".repeat(run), "Z9~".repeat(run));
                let mut twofold = Twofold::new();
                // Behind another text, and before one: what is too much must not stay.
                for text in ["%", &text, "-", &text] {
                    twofold.push(text);
                }
                let once = percent_encode(&format!("%{text}-{text}")).to_string();
                assert_eq!(into_text(twofold.once().to_vec()), once);
                assert_eq!(into_text(twofold.twice().to_vec()), percent_encode(&once).to_string());
            }
        }
    }
}
