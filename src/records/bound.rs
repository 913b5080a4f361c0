//! Guesses at where to cut a window. Only how evenly it is cut depends on them: the server says what lies on which side.

/// How many characters behind the common beginning count.
const PLACES: usize = 12;
/// What stands behind the last hexadecimal digit, for windows that are open at the end.
const OPEN: &str = "g";

/// A text about halfway between two ids, as far as they are hexadecimal or at least alphanumeric; `None` when there is
/// nothing between them.
pub(super) fn midpoint(low: Option<&str>, high: Option<&str>) -> Option<String> {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let (low, high) = (letters(low.unwrap_or_default()), letters(high.unwrap_or(OPEN)));
    let common = low.iter().zip(&high).take_while(|(left, right)| left == right).count();
    let (behind_low, behind_high) = (places(&low[common..]), places(&high[common..]));
    let hexadecimal = |letters: &[char]| {
        letters
            .iter()
            .all(|letter| letter.is_ascii_hexdigit() || *letter == '-')
    };
    let open = behind_high.iter().copied().eq(OPEN.chars());
    let mut base = if hexadecimal(behind_low) && (open || hexadecimal(behind_high)) {
        16
    } else {
        37
    };
    let (mut from, mut to) = (value(behind_low, base), value(behind_high, base));
    if to < from {
        // The server orders them in another way: it knows signs that come behind the letters.
        base = 37;
        (from, to) = (value(behind_low, base), value(&['\u{ffff}'], base));
    }
    if to <= from.saturating_add(1) {
        return None;
    }
    let digits = digits(from + (to - from) / 2, base);
    Some(low[..common].iter().copied().chain(digits).collect())
}

fn places(letters: &[char]) -> &[char] {
    &letters[..letters.len().min(PLACES)]
}

/// The letters as the first digits of a number. Signs count as 0, and letters beyond ASCII as one more than `z`; with all
/// digits of the largest value it is less than 2^63.
fn value(letters: &[char], base: u64) -> u64 {
    let digit = |place: usize| match letters.get(place) {
        Some(letter) if letter.is_ascii() => letter.to_digit(36).unwrap_or(0),
        Some(_) => 36,
        None => 0,
    };
    (0..PLACES).fold(0, |sum, place| sum * base + u64::from(digit(place)))
}

/// The number's digits without zeros at the end, but at least one. Behind a digit beyond `z` they stop.
fn digits(mut value: u64, base: u64) -> Vec<char> {
    let mut digits = [0; PLACES];
    for digit in digits.iter_mut().rev() {
        *digit = u32::try_from(value % base).unwrap_or(0);
        value /= base;
    }
    let length = digits.iter().rposition(|digit| *digit != 0).map_or(1, |last| last + 1);
    let mut letters = Vec::with_capacity(length + 3);
    for digit in &digits[..length] {
        let Some(letter) = char::from_digit(*digit, 36) else {
            letters.extend(['z'; 3]);
            break;
        };
        letters.push(letter);
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::midpoint;

    #[test]
    fn guesses() {
        for (low, high, middle) in [
            (None, None, Some("8")),
            (None, Some("8"), Some("4")),
            (Some("8"), None, Some("c")),
            (Some("7a"), Some("7b"), Some("7a8")),
            (Some("7A"), Some("7b"), Some("7a8")),
            (Some("contact-0250"), Some("contact-9999"), Some("contact-4df48")),
            (Some("seed_a"), Some("seed_c"), Some("seed_b")),
            (Some("zz1"), Some("ü"), Some("zzzz")),
            (Some("zz32c6"), None, Some("zzzz")),
            (Some("a"), Some("a"), None),
            (Some("b"), Some("a"), Some("niiiiiiiiiii")),
            (
                Some("ffffffffffffffff"),
                Some("fffffffffffffffff"),
                Some("ffffffffffffffff78"),
            ),
        ] {
            assert_eq!(midpoint(low, high).as_deref(), middle, "{low:?} {high:?}");
        }
        assert!(midpoint(Some("{é'"), Some("Ω")).is_some());
    }
}
