//! How MySQL's `utf8mb4_general_ci` compares: case and accents do not count, the rest goes by code point of the
//! upper-case letter, and the shorter text is padded with spaces. So `_` (0x5F) stands after `Z` and before `{`,
//! a leading space before every digit, and `a` equals `Á ` with a space behind it.

use std::cmp::Ordering;

/// Base letters of U+00C0 to U+024F; a dot where the letter stands for itself.
const LATIN: &[u8] = b"\
    AAAAAA.CEEEEIIII.NOOOOO..UUUUY.SAAAAAA.CEEEEIIII.NOOOOO..UUUUY.YAAAAAACCCCCCCCDD\
    ..EEEEEEEEEEGGGGGGGGHH..IIIIIIIIII..JJKK.LLLLLL....NNNNNN...OOOOOO..RRRRRRSSSSSS\
    SSTTTT..UUUUUUUUUUUUWWYYYZZZZZZS................................OO.............U\
    U............................AAIIOOUUUUUUUUUU.AAAA....GGKKOOOO..J...GG..NNAA....\
    AAAAEEEEIIIIOOOORRRRUUUUSSTT..HH......AAEEOOOOOOOOYY............................";

/// The same for U+1E00 to U+1EFF.
const LATIN_ADDITIONAL: &[u8] = b"\
    AABBBBBBCCDDDDDDDDDDEEEEEEEEEEFFGGHHHHHHHHHHIIIIKKKKKKLLLLLLLLMMMMMMNNNNNNNNOOOO\
    OOOOPPPPRRRRRRRRSSSSSSSSSSTTTTTTTTUUUUUUUUUUVVVVWWWWWWWWWWXXXXYYZZZZZZHTWY.S....\
    AAAAAAAAAAAAAAAAAAAAAAAAEEEEEEEEEEEEEEEEIIIIOOOOOOOOOOOOOOOOOOOOOOOOUUUUUUUUUUUU\
    UUYYYYYYYY......";

/// What a character counts as. Everything beyond the basic plane is one and the same.
pub(super) fn weight(character: char) -> u16 {
    if character.is_ascii() {
        return u16::from(character.to_ascii_uppercase() as u8);
    }
    let code_point = character as u32;
    let base = match code_point {
        0xC0..=0x24F => LATIN.get(code_point as usize - 0xC0),
        0x1E00..=0x1EFF => LATIN_ADDITIONAL.get(code_point as usize - 0x1E00),
        _ => None,
    };
    match base {
        Some(&letter) if letter != b'.' => u16::from(letter),
        _ => {
            let mut upper = character.to_uppercase();
            let single = match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => character,
            };
            u16::try_from(without_accent(single) as u32).unwrap_or(0xFFFD)
        }
    }
}

/// Capitals outside of the tables that count as their base letter. Polytonic Greek is left out, and so are letters
/// whose capital came to Unicode late: the database tells those two apart.
fn without_accent(upper: char) -> char {
    match upper {
        'Ά' => 'Α',
        'Έ' => 'Ε',
        'Ή' => 'Η',
        'Ί' | 'Ϊ' | 'ΐ' => 'Ι',
        'Ό' => 'Ο',
        'Ύ' | 'Ϋ' | 'ΰ' => 'Υ',
        'Ώ' => 'Ω',
        'Ѐ' | 'Ё' | 'Ӗ' => 'Е',
        'Ѓ' => 'Г',
        'Ї' => 'І',
        'Ќ' => 'К',
        'Ѝ' | 'Ӣ' | 'Ӥ' => 'И',
        'Ў' | 'Ӯ' | 'Ӱ' | 'Ӳ' => 'У',
        'Ӑ' | 'Ӓ' => 'А',
        'Ӝ' => 'Ж',
        'Ӟ' => 'З',
        'Ӧ' => 'О',
        'Ӛ' => 'Ә',
        'Ӫ' => 'Ө',
        'Ӭ' => 'Э',
        'Ӵ' => 'Ч',
        'Ӹ' => 'Ы',
        'Ǣ' | 'Ǽ' => 'Æ',
        'Ǿ' => 'Ø',
        'Ǯ' => 'Ʒ',
        other => other,
    }
}

/// Compares two texts as `=`, `<` and ORDER BY do.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    const SPACE: u16 = b' ' as u16;
    let mut left = left.chars().map(weight);
    let mut right = right.chars().map(weight);
    loop {
        let (l, r) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (l, r) => (l.unwrap_or(SPACE), r.unwrap_or(SPACE)),
        };
        if l != r {
            return l.cmp(&r);
        }
    }
}

/// Whether `text` matches a LIKE pattern: `%` any run, `_` any one character, a backslash makes the next one literal.
/// Unlike with `=`, spaces at the end count.
pub(crate) fn like(text: &str, pattern: &[LikePart]) -> bool {
    let text: Vec<u16> = text.chars().map(weight).collect();
    let (mut at, mut part) = (0, 0);
    // Where to go on when a match fails: behind the last `%`, one character further in the text.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(part) {
            Some(LikePart::Any) => {
                part += 1;
                retry = Some((at, part));
                continue;
            }
            Some(LikePart::One) => {
                at += 1;
                part += 1;
                continue;
            }
            Some(LikePart::Literal(literal)) if *literal == text[at] => {
                at += 1;
                part += 1;
                continue;
            }
            _ => {}
        }
        let Some((from, behind)) = retry else { return false };
        at = from + 1;
        part = behind;
        retry = Some((at, behind));
    }
    pattern[part..].iter().all(|rest| *rest == LikePart::Any)
}

/// One piece of a LIKE pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LikePart {
    /// `%`
    Any,
    /// `_`
    One,
    /// A character, by its weight.
    Literal(u16),
}

/// Reads a LIKE pattern.
pub(crate) fn like_pattern(pattern: &str) -> Vec<LikePart> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let part = match character {
            // A run of `%` is one, so that matching stays short.
            '%' if parts.last() == Some(&LikePart::Any) => continue,
            '%' => LikePart::Any,
            '_' => LikePart::One,
            '\\' => LikePart::Literal(weight(characters.next().unwrap_or('\\'))),
            other => LikePart::Literal(weight(other)),
        };
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_their_length() {
        assert_eq!(LATIN.len(), 0x24F - 0xC0 + 1);
        assert_eq!(LATIN_ADDITIONAL.len(), 0x100);
    }

    #[test]
    fn case_accents_and_trailing_spaces_do_not_count() {
        for (left, right) in [
            ("a", "A"),
            ("Müller", "MULLER"),
            ("Nguyễn", "nguyen"),
            ("Šimůnek", "simunek"),
            ("Αθήνα", "ΑΘΗΝΑ"),
            ("Сидорова", "СИДОРОВА"),
            ("Straße", "Strase"),
            ("x", "x   "),
            ("", "  "),
            ("İnönü", "inonu"),
        ] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
        for (left, right) in [("a", "b"), (" a", "a"), ("ł", "l"), ("đ", "d"), ("e", "е"), ("-", "")] {
            assert_ne!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn odd_ids_stand_where_the_database_puts_them() {
        let mut ids = [
            "{X}",
            "_x",
            "seed_sally_id",
            "1",
            " 1",
            "0f05",
            "G1",
            "a-1",
            "~t",
            "A-0",
        ];
        ids.sort_by(|a, b| compare(a, b));
        assert_eq!(
            ids,
            [
                " 1",
                "0f05",
                "1",
                "A-0",
                "a-1",
                "G1",
                "seed_sally_id",
                "_x",
                "{X}",
                "~t"
            ]
        );
        // By bytes it is another order: `_x` stands before `a-1`.
        assert!("_x" < "a-1");
    }

    #[test]
    fn a_control_character_sorts_below_the_padding() {
        assert_eq!(compare("a\u{1b}", "a"), Ordering::Less);
    }

    #[test]
    fn like_matches() {
        let matches = |text: &str, pattern: &str| like(text, &like_pattern(pattern));
        assert!(matches("O'Brien", "o'%"));
        assert!(matches("Müller", "MU_LER"));
        assert!(matches("abcabd", "%ab_"));
        assert!(matches("", "%%"));
        assert!(matches("50% off", r"50\% %"));
        assert!(matches(r"a\b", r"a\\b"));
        assert!(!matches("505 off", r"50\% %"));
        assert!(!matches("abc", "ab"));
        assert!(!matches("abc ", "abc"));
        assert!(!matches("abc", "a_"));
        assert!(!matches("axb", r"a\_b"));
    }

    #[test]
    fn like_ends_on_patterns_made_to_take_long() {
        let text = "a".repeat(2_000);
        let pattern = "%a".repeat(900) + "b";
        assert!(!like(&text, &like_pattern(&pattern)));
    }

    #[test]
    fn comparing_is_a_total_order() {
        let texts: Vec<String> = (0..200_u32)
            .map(|seed| {
                let letters: Vec<char> = "aAáZ_{ 1\u{1b}éеЁ😀".chars().collect();
                let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
                (0..seed % 4)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        letters[(state >> 16) as usize % letters.len()]
                    })
                    .collect()
            })
            .collect();
        for a in &texts {
            for b in &texts {
                assert_eq!(compare(a, b), compare(b, a).reverse());
                for c in &texts {
                    if compare(a, b).is_le() && compare(b, c).is_le() {
                        assert!(compare(a, c).is_le(), "{a:?} {b:?} {c:?}");
                    }
                }
            }
        }
    }
}
