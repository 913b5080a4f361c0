//! The reader beside a real database: conditions, order and letters as recorded from MariaDB.

use super::collation::weight;
use super::lexer::{Token, tokens};
use super::tests::{Columns, rows};
use super::{Condition, compare};

fn recorded(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once('\t').unwrap_or_else(|| panic!("{line}")))
}

fn from_hex(hex: &str) -> String {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap());
    String::from_utf8(bytes.collect()).unwrap()
}

#[test]
fn conditions_find_the_same_rows() {
    let mut checked = 0;
    for (sql, expected) in recorded(include_str!("../../../tests/captures/mariadb_conditions.txt")) {
        let condition = Condition::parse(sql, &Columns).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let rows = rows();
        let found = rows.iter().enumerate().filter(|(_, row)| condition.holds(*row));
        let found: Vec<String> = found.map(|(place, _)| place.to_string()).collect();
        assert_eq!(found.join(","), expected, "{sql}");
        checked += 1;
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn texts_have_the_same_order() {
    let texts: Vec<(String, u32)> = recorded(include_str!("../../../tests/captures/mariadb_order.txt"))
        .map(|(hex, rank)| (from_hex(hex), rank.parse().unwrap()))
        .collect();
    assert!(texts.len() > 300);
    for (left, left_rank) in &texts {
        for (right, right_rank) in &texts {
            assert_eq!(compare(left, right), left_rank.cmp(right_rank), "{left:?} {right:?}");
        }
    }
}

#[test]
fn letters_count_the_same() {
    let mut recorded: std::collections::HashMap<u32, u16> =
        recorded(include_str!("../../../tests/captures/mariadb_weights.txt"))
            .map(|(letter, weight)| {
                (
                    u32::from_str_radix(letter, 16).unwrap(),
                    u16::from_str_radix(weight, 16).unwrap(),
                )
            })
            .collect();
    // Capitals that came to Unicode after that collation was made: different there, the same here.
    let late = [0x371, 0x373, 0x377, 0x37B, 0x37C, 0x37D, 0x3D3, 0x3D4, 0x180, 0x4F7];
    for code_point in (0x20..0x180)
        .chain(0x370..0x3CF)
        .chain(0x400..0x476)
        .chain(0x4D0..0x4FA)
        .chain(0x1E00..0x1EFA)
    {
        let letter = char::from_u32(code_point).unwrap();
        let expected = recorded.remove(&code_point).unwrap_or(code_point as u16);
        if !late.contains(&code_point) {
            assert_eq!(weight(letter), expected, "{letter} {code_point:X}");
        }
    }
}

#[test]
fn literals_are_read_the_same() {
    let mut checked = 0;
    for (sql, expected) in recorded(include_str!("../../../tests/captures/mariadb_literals.txt")) {
        let sql = from_hex(sql);
        assert_eq!(tokens(&sql), Ok(vec![Token::Text(from_hex(expected))]), "{sql}");
        checked += 1;
    }
    assert_eq!(checked, 200);
}
