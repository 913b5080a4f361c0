//! Text encoded once, as it travels, and twice, as the base string holds it: both written in one pass.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use super::encode::is_unreserved;
use super::oauth_name::OAuthName;

/// How each byte stands in text that is encoded once, as little-endian bytes: its characters, then zeros.
static ONCE: [u32; 256] = once();

/// The same of text that is encoded twice, and in the last byte by how many characters the spelling in [`ONCE`] is longer
/// than the byte. A spelling is copied whole, and the next one written over what does not belong to it.
static TWICE: [u64; 256] = twice();

const HEX: &[u8; 16] = b"0123456789ABCDEF";

const fn once() -> [u32; 256] {
    let mut spellings = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        spellings[byte] = u32::from_le_bytes(match is_unreserved(byte as u8) {
            true => [byte as u8, 0, 0, 0],
            false => [b'%', HEX[byte / 16], HEX[byte % 16], 0],
        });
        byte += 1;
    }
    spellings
}

const fn twice() -> [u64; 256] {
    let mut spellings = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        spellings[byte] = u64::from_le_bytes(match is_unreserved(byte as u8) {
            true => [byte as u8, 0, 0, 0, 0, 0, 0, 0],
            false => [b'%', b'2', b'5', HEX[byte / 16], HEX[byte % 16], 0, 0, 2],
        });
        byte += 1;
    }
    spellings
}

/// How many bytes of raw text are encoded before room is made for more.
const BLOCK: usize = 64;
/// Powers of two that hold a block's longest spelling, so that a mask keeps an index inside.
const ONCE_ROOM: usize = 256;
const TWICE_ROOM: usize = 512;

/// Text up to `end`, and room behind it. Encoding straight into it is much quicker than to append byte by byte.
struct Written {
    bytes: Vec<u8>,
    end: usize,
}

impl Written {
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

    fn text(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

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
    pub(super) fn new() -> Self {
        Self {
            once: Written::new(1536),
            twice: Written::new(2560),
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
        for block in raw.as_bytes().chunks(BLOCK) {
            let once = self.once.room::<{ ONCE_ROOM + 4 }>();
            let twice = self.twice.room::<{ TWICE_ROOM + 8 }>();
            // By how much text encoded once is longer than raw text; text encoded twice is longer by twice as much.
            let mut longer = 0;
            let mut write = |index: usize, byte: u8| {
                let spelled = TWICE[usize::from(byte)];
                let (once_at, twice_at) = ((index + longer) % ONCE_ROOM, (index + 2 * longer) % TWICE_ROOM);
                once[once_at..once_at + 4].copy_from_slice(&ONCE[usize::from(byte)].to_le_bytes());
                twice[twice_at..twice_at + 8].copy_from_slice(&spelled.to_le_bytes());
                longer += (spelled >> 56) as usize;
            };
            let (fours, rest) = block.as_chunks::<4>();
            for (index, &[first, second, third, fourth]) in fours.iter().enumerate() {
                write(4 * index, first);
                write(4 * index + 1, second);
                write(4 * index + 2, third);
                write(4 * index + 3, fourth);
            }
            for (index, &byte) in rest.iter().enumerate() {
                write(4 * fours.len() + index, byte);
            }
            self.once.end += block.len() + longer;
            self.twice.end += block.len() + 2 * longer;
        }
    }

    /// Encodes raw text into the first text only.
    pub(super) fn push_once(&mut self, raw: &str) {
        for block in raw.as_bytes().chunks(BLOCK) {
            let once = self.once.room::<{ ONCE_ROOM + 4 }>();
            let mut longer = 0;
            for (index, &byte) in block.iter().enumerate() {
                let at = (index + longer) % ONCE_ROOM;
                once[at..at + 4].copy_from_slice(&ONCE[usize::from(byte)].to_le_bytes());
                longer += (TWICE[usize::from(byte)] >> 56) as usize;
            }
            self.once.end += block.len() + longer;
        }
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
    pub(super) fn push_unreserved(&mut self, text: &str) {
        debug_assert!(text.bytes().all(is_unreserved));
        self.once.push(text.as_bytes());
        self.twice.push(text.as_bytes());
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

/// Whether encoding changes nothing.
pub(super) fn is_unreserved_text(text: &str) -> bool {
    text.bytes().all(|byte| TWICE[usize::from(byte)] >> 56 == 0)
}

/// The order of two raw texts once they are encoded, which is not their own: `é` comes before `z` as `%C3%A9`.
#[inline]
pub(super) fn compare_encoded(left: &str, right: &str) -> Ordering {
    let mut pairs = left.bytes().zip(right.bytes());
    match pairs.find(|(left, right)| left != right) {
        // No byte's encoding is the beginning of another's, so that the first difference decides.
        Some((left, right)) => ONCE[usize::from(left)]
            .to_le_bytes()
            .cmp(&ONCE[usize::from(right)].to_le_bytes()),
        None => left.len().cmp(&right.len()),
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
}
