//! What passes, what holds for which row, and that nothing else passes.

mod ranges;

use super::*;

/// `id`, `name`, `deleted`, `date_modified` of a table `t`; `name` is ambiguous when bare.
pub(super) struct Columns;

impl Schema for Columns {
    fn column(&self, table: Option<&str>, name: &str, clause: Clause) -> Option<Column> {
        let fields = [
            ("id", Kind::Text),
            ("name", Kind::Text),
            ("deleted", Kind::Number),
            ("date_modified", Kind::DateTime),
        ];
        if table.is_some_and(|table| table != "t") || (table.is_none() && name == "name" && clause == Clause::Where) {
            return None;
        }
        let index = fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(Column {
            index,
            kind: fields[index].1,
        })
    }
}

const ID: Column = Column {
    index: 0,
    kind: Kind::Text,
};
const DELETED: Column = Column {
    index: 2,
    kind: Kind::Number,
};

pub(super) struct Values<'a>([Option<&'a str>; 4]);

impl Row for Values<'_> {
    fn value(&self, column: usize) -> Option<&str> {
        self.0[column]
    }
}

pub(super) fn rows() -> Vec<Values<'static>> {
    vec![
        Values([Some("1"), Some("O'Brien"), Some("0"), Some("2024-01-01 10:00:00")]),
        Values([
            Some("seed_sally_id"),
            Some("Müller"),
            Some("0"),
            Some("2024-01-02 00:00:00"),
        ]),
        Values([Some("{X}"), None, Some("0"), Some("2024-02-01 00:00:00")]),
        Values([Some("_x"), Some("50%"), Some("1"), None]),
    ]
}

fn parse(sql: &str) -> Result<Condition, QueryError> {
    Condition::parse(sql, &Columns)
}

/// The places of the rows that meet a condition.
fn found(sql: &str) -> Vec<usize> {
    let condition = parse(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows()
        .iter()
        .enumerate()
        .filter(|(_, row)| condition.holds(*row))
        .map(|(place, _)| place)
        .collect()
}

#[test]
fn conditions_hold_as_in_mysql() {
    let cases: &[(&str, &[usize])] = &[
        ("", &[0, 1, 2, 3]),
        ("t.id = '1'", &[0]),
        ("t.id='SEED_SALLY_ID '", &[1]),
        ("`t`.`id` = \"{x}\"", &[2]),
        ("'1' = t.id", &[0]),
        ("t.id > 'seed_sally_id'", &[2, 3]),
        ("'_x' < t.id", &[2]),
        ("t.id >= '_x'", &[2, 3]),
        ("t.id <= '1'", &[0]),
        ("t.id <> '1'", &[1, 2, 3]),
        ("t.id != '1'", &[1, 2, 3]),
        ("t.name = 'o''brien'", &[0]),
        (r"t.name = 'O\'Brien'", &[0]),
        ("t.name LIKE 'mul%'", &[1]),
        (r"t.name LIKE '%\%'", &[3]),
        ("t.name NOT LIKE 'm%'", &[0, 3]),
        ("NOT t.name LIKE 'm%'", &[0, 3]),
        ("t.name IS NULL", &[2]),
        ("t.name IS NOT NULL", &[0, 1, 3]),
        ("t.name = NULL", &[]),
        ("t.name != 'x'", &[0, 1, 3]),
        ("t.id IN ('1', '_X')", &[0, 3]),
        ("t.id NOT IN ('1', '_X')", &[1, 2]),
        ("t.id NOT IN ('1', NULL)", &[]),
        ("t.id BETWEEN '1' AND 'z'", &[0, 1]),
        ("t.id NOT BETWEEN '1' AND 'z'", &[2, 3]),
        ("LOWER(t.name) = 'MÜLLER'", &[1]),
        ("upper ( t.name ) like upper('mü%')", &[1]),
        ("t.deleted = 0", &[0, 1, 2]),
        ("t.deleted = '1'", &[3]),
        ("deleted = 1 and date_modified is null", &[3]),
        // A text beside a number counts as the number it begins with.
        ("t.id = 0", &[1, 2, 3]),
        ("t.id = 1.0", &[0]),
        ("t.id > -1 AND t.id < 1", &[1, 2, 3]),
        ("t.date_modified > '2024-01-01'", &[0, 1, 2]),
        ("t.date_modified >= '2024-01-02T00:00:00'", &[1, 2]),
        ("t.date_modified = '2024-01-02'", &[1]),
        ("t.date_modified BETWEEN '2024-01-01 10:00' AND '2024-01-31'", &[0, 1]),
        ("t.date_modified LIKE '2024-01-%'", &[0, 1]),
        ("t.id = '1' OR t.id = '_x' AND t.deleted = 0", &[0]),
        ("(t.id = '1' OR t.id = '_x') AND t.deleted = 1", &[3]),
        ("NOT (t.id = '1' OR t.id = '_x')", &[1, 2]),
        ("NOT NOT t.id = '1'", &[0]),
        ("((((t.id = '1'))))", &[0]),
        ("\n t.id\t=\r\n'1' ", &[0]),
        // UNKNOWN OR TRUE is true, NOT UNKNOWN is unknown.
        ("t.name = 'x' OR t.id = '{X}'", &[2]),
        ("NOT (t.name = 'x' AND t.id = '{X}')", &[0, 1, 3]),
        ("1 = 1", &[0, 1, 2, 3]),
        ("1 = 2", &[]),
    ];
    for (sql, expected) in cases {
        assert_eq!(found(sql), *expected, "{sql}");
    }
}

#[test]
fn what_is_not_understood_is_a_failure() {
    for sql in [
        " ",
        "0",
        "1",
        "t.id",
        "t.deleted",
        "TRUE",
        "t.id =",
        "= 'x'",
        "t.id = 'x' AND",
        "t.id = 'x' OR",
        "AND t.id = 'x'",
        "t.id = 'x' 'y'",
        "t.id = 'x' t.id = 'y'",
        "(t.id = 'x'",
        "t.id = 'x')",
        "t.id = 'x') OR (t.id = 'y'",
        "()",
        "t.id IN ()",
        "t.id IN ('a',)",
        "t.id IN 'a'",
        "t.id IN (t.name)",
        "t.id BETWEEN 'a'",
        "t.id BETWEEN 'a' OR 'b'",
        "t.id BETWEEN 0 AND 'b'",
        "t.id LIKE",
        "t.id LIKE t.name",
        "t.id LIKE 'a' ESCAPE '!'",
        "t.id NOT 'a'",
        "t.id NOT = 'a'",
        "t.id IS 'a'",
        "t.id IS TRUE",
        "t.id REGEXP 'a'",
        "t.id <=> 'a'",
        "t.id == 'a'",
        "t.id = x",
        "t.id = 'x' XOR t.id = 'y'",
        "t.nosuch = 'x'",
        "u.id = 'x'",
        "t.id.x = 'x'",
        "t..id = 'x'",
        "name = 'x'",
        "LENGTH(t.id) = 1",
        "LOWER(t.id = 'x'",
        "LOWER() = 'x'",
        "DATE_SUB(NOW(), INTERVAL 1 DAY) < t.date_modified",
        "t.date_modified > 'yesterday'",
        "t.date_modified > ''",
        "t.id = 'x' LIMIT 1",
        "t.id = 'x' ORDER BY t.id",
        "NOT",
        "t.id = + 1",
        "t.id = - 'x'",
        "t.id = 'x",
    ] {
        assert_eq!(parse(sql).err(), Some(QueryError::Failure), "{sql}");
    }
}

#[test]
fn depth_and_length_have_limits() {
    let nested = |depth: usize| format!("{}t.id = '1'{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(60)).is_ok());
    for sql in [
        nested(65),
        nested(200_000),
        "NOT ".repeat(200_000) + "t.id = '1'",
        "LOWER(".repeat(100_000),
    ] {
        assert_eq!(parse(&sql).err(), Some(QueryError::Failure));
    }
    let list = |items: usize| {
        format!(
            "t.id IN ({}'1')",
            "'0f05aaaa-0000-0000-0000-000000000000',".repeat(items)
        )
    };
    assert_eq!(found(&list(20_000)), [0]);
    assert_eq!(parse(&list(40_000)).err(), Some(QueryError::Failure));
}

#[test]
fn live_binds_to_the_last_part_of_an_outermost_or() {
    let found = |sql: &str| -> Vec<usize> {
        let condition = parse(sql).unwrap().and_live(DELETED);
        rows()
            .iter()
            .enumerate()
            .filter(|(_, row)| condition.holds(*row))
            .map(|(place, _)| place)
            .collect()
    };
    assert_eq!(found(""), [0, 1, 2]);
    assert_eq!(found("t.id = '_x'"), [] as [usize; 0]);
    assert_eq!(found("t.id = '_x' OR t.id = '1'"), [0, 3]);
    assert_eq!(found("t.id = '1' OR t.id = '_x'"), [0]);
    assert_eq!(found("(t.id = '_x' OR t.id = '1')"), [0]);
}

#[test]
fn a_literal_written_for_mysql_finds_its_row_whatever_it_holds() {
    let alphabet: Vec<char> = "a'\"\\%_;#-/*{}() \n\té😀\u{1b}".chars().collect();
    let mut state = 7_u64;
    for _ in 0..2_000 {
        let mut text = String::new();
        for _ in 0..6 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push(alphabet[(state >> 33) as usize % alphabet.len()]);
        }
        let row = Values([Some(&text), None, Some("0"), None]);
        // `\%` and `\_` stay two characters, so only the backslash itself and the quote are escaped.
        let escaped = text.replace('\\', r"\\").replace('\'', "''");
        assert!(parse(&format!("t.id = '{escaped}'")).unwrap().holds(&row), "{text:?}");
        let pattern = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        let pattern = pattern.replace('\\', r"\\").replace('\'', r"\'");
        assert!(
            parse(&format!("t.id LIKE '{pattern}'")).unwrap().holds(&row),
            "{text:?} {pattern}"
        );
    }
}

#[test]
fn no_text_made_of_pieces_of_sql_panics_or_holds_for_all_by_accident() {
    let pieces = [
        "t.id",
        "t.name",
        "name",
        "=",
        "<",
        ">=",
        "!=",
        "LIKE",
        "NOT",
        "IN",
        "(",
        ")",
        ",",
        "AND",
        "OR",
        "IS",
        "NULL",
        "BETWEEN",
        "'x'",
        "'",
        "\\",
        "\"",
        "`",
        "1",
        "-",
        ".",
        "LOWER(",
        "é",
        "--",
        ";",
        "t.deleted",
        "''",
    ];
    let mut state = 11_u64;
    let mut parsed = 0;
    for _ in 0..60_000 {
        let mut sql = String::new();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        for _ in 0..1 + (state >> 40) % 9 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sql.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            sql.push(' ');
        }
        if let Ok(condition) = parse(&sql) {
            parsed += 1;
            assert!(
                ["=", "<", ">", "LIKE", "IN", "NULL", "BETWEEN"]
                    .iter()
                    .any(|word| sql.contains(word)),
                "{sql}"
            );
            let range = condition.range(ID);
            for row in rows() {
                // A row outside of the range never meets the condition; inside an exact one it always does.
                let inside = inside(&range, row.value(0).unwrap());
                assert!(inside || !condition.holds(&row), "{sql}");
                assert!(!(inside && range.exact) || condition.holds(&row), "{sql}");
            }
        }
        let _ = Order::parse(&sql, &Columns);
    }
    assert!(parsed > 20, "only {parsed} texts were SQL");
}

fn inside(range: &Range, id: &str) -> bool {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let low = match &range.low {
        Unbounded => true,
        Included(low) => compare(id, low).is_ge(),
        Excluded(low) => compare(id, low).is_gt(),
    };
    let high = match &range.high {
        Unbounded => true,
        Included(high) => compare(id, high).is_le(),
        Excluded(high) => compare(id, high).is_lt(),
    };
    low && high
}
