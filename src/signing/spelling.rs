//! How bytes stand in encoded text, and which of them encoding changes.

use std::cmp::Ordering;

use super::encode::is_unreserved;

/// How many bytes of raw text are looked at together: a bit of a word for each.
pub(super) const BLOCK: usize = 32;

/// What is copied at once of text that stays as it is. What of it is too much, the next copy is written over.
pub(super) const STRIDE: usize = 16;

/// A block and what follows it, so that a stride can begin anywhere in the block.
pub(super) type Window = [u8; BLOCK + STRIDE];

/// How each byte stands in text that is encoded once, as little-endian bytes: its characters, then zeros.
pub(super) static ONCE: [u32; 256] = once();

/// The same of text that is encoded twice. A spelling is copied whole, and what follows is written over the zeros.
pub(super) static TWICE: [u64; 256] = twice();

/// 1 for each byte that encoding changes.
static RESERVED: [u32; 256] = {
    let mut reserved = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        reserved[byte] = !is_unreserved(byte as u8) as u32;
        byte += 1;
    }
    reserved
};

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
            false => [b'%', b'2', b'5', HEX[byte / 16], HEX[byte % 16], 0, 0, 0],
        });
        byte += 1;
    }
    spellings
}

/// A bit for each byte of a window's block that encoding changes, the first byte's lowest.
#[inline]
pub(super) fn reserved_in_block(window: &Window) -> u32 {
    let mut changed = [0; BLOCK];
    // Written so that the compiler looks at sixteen bytes at once.
    for (changed, &byte) in changed.iter_mut().zip(window) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        let mark = (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~');
        *changed = u8::from(!(letter | digit | mark));
    }
    let (eights, _) = changed.as_chunks();
    eights.iter().rev().fold(0, |bits, &eight| {
        // The product's highest byte has the lowest bit of each of the eight.
        let gathered = u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits << 8 | gathered as u32
    })
}

/// The same of less than a block, for which looking at the bytes one by one is quicker.
#[inline]
pub(super) fn reserved_in_part(part: &[u8]) -> u32 {
    let bytes = part.iter().rev();
    bytes.fold(0, |bits, &byte| 2 * bits + RESERVED[usize::from(byte)])
}

/// Whether encoding changes nothing.
pub(super) fn is_unreserved_text(text: &str) -> bool {
    text.bytes().fold(0, |any, byte| any | RESERVED[usize::from(byte)]) == 0
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
