//! Filters: literals and patterns read back by readers written here, and every filter taken by the practice instance.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sugar_oauth::filter::{Column, Filter};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::v4_1::decode_entities;
use sugar_oauth::values::{Date, Decimal, MultiSelect};
use sugar_oauth::{Client, Consumer, Instance, Password, UtcTime};

/// Reads a literal of MySQL from the beginning of `sql`, in both of its modes at once: it must not matter whether a
/// backslash escapes. Answers the text and what stands behind the literal.
fn read_literal(sql: &str) -> (String, &str) {
    if let Some(hex) = sql.strip_prefix("0x") {
        let end = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        assert!(end > 0 && end % 2 == 0, "{sql}");
        let bytes = (0..end)
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
        return (String::from_utf8(bytes.collect()).unwrap(), &hex[end..]);
    }
    let mut rest = sql.strip_prefix('\'').unwrap_or_else(|| panic!("no literal: {sql}"));
    let mut text = String::new();
    loop {
        let end = rest.find('\'').unwrap_or_else(|| panic!("not closed: {sql}"));
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(behind) => {
                text.push('\'');
                rest = behind;
            }
            None => break,
        }
    }
    for misread in ['\\', '\0', '\n', '\r', '\u{1a}', '(', ')', '`', '"', '<', '>', ';', '#'] {
        assert!(!text.contains(misread), "{misread:?} in a quoted literal: {sql}");
    }
    (text, rest)
}

/// The literals of a list in brackets.
fn read_list(sql: &str) -> Vec<String> {
    let mut rest = sql.strip_prefix('(').unwrap();
    let mut list = Vec::new();
    loop {
        let (text, behind) = read_literal(rest);
        list.push(text);
        match behind.strip_prefix(", ") {
            Some(next) => rest = next,
            None => break assert_eq!(behind, ")"),
        }
    }
    list
}

/// A pattern of LIKE: its literal characters, `None` for `%`. An unescaped `_` is not expected.
fn read_pattern(pattern: &str) -> Vec<Option<char>> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(match character {
            '%' => None,
            '_' => panic!("{pattern}"),
            '\\' => Some(characters.next().expect("something behind the backslash")),
            other => Some(other),
        });
    }
    parts
}

/// Anything, with what matters to someone on the way more often than by chance.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("\"".to_owned()),
        Just("&".to_owned()),
        Just("&amp;".to_owned()),
        Just("&#039;".to_owned()),
        Just("<script>".to_owned()),
        Just("%".to_owned()),
        Just("_".to_owned()),
        Just(")".to_owned()),
        Just("-- ".to_owned()),
        Just("\0".to_owned()),
        "\\PC{0,3}",
        "[A-Za-z0-9 ]{0,5}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

fn column() -> Column {
    Filter::on("contacts").unwrap().column("last_name").unwrap()
}

fn behind(filter: &Filter, operator: &str) -> String {
    let sql = filter.to_string();
    let behind = sql
        .strip_prefix("contacts.last_name ")
        .and_then(|rest| rest.strip_prefix(operator));
    behind.unwrap_or_else(|| panic!("{sql}")).to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_literal_reads_back_as_its_text_in_every_mode(text in texts()) {
        let sql = behind(&column().gt(text.as_str()), "> ");
        prop_assert_eq!(read_literal(&sql), (text, ""));
    }

    #[test]
    fn equality_looks_for_the_text_and_for_what_decodes_to_it(text in texts()) {
        let sql = behind(&column().ne(text.as_str()), "");
        let forms = match sql.strip_prefix("<> ") {
            Some(one) => {
                let (form, rest) = read_literal(one);
                prop_assert_eq!(rest, "");
                vec![form]
            }
            None => read_list(sql.strip_prefix("NOT IN ").unwrap()),
        };
        prop_assert_eq!(&forms[0], &text);
        prop_assert_eq!(forms.len(), if text.contains(['\'', '"', '<', '>']) { 2 } else { 1 } * if text.contains('&') { 2 } else { 1 });
        // The form in which all is encoded has none of the characters left and decodes to the text.
        let encoded = forms.iter().find(|form| !form.contains(['\'', '"', '<', '>']) && decode_entities(form) == text);
        prop_assert!(encoded.is_some() , "{:?}", forms);
        let mut distinct = forms.clone();
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), forms.len());
    }

    #[test]
    fn a_pattern_matches_its_text_and_nothing_else(text in "[^'\"<>&]{0,8}") {
        let read = |filter: Filter| {
            let sql = behind(&filter, "LIKE ");
            let (pattern, rest) = read_literal(&sql);
            assert_eq!(rest, "");
            read_pattern(&pattern)
        };
        let literal: Vec<Option<char>> = text.chars().map(Some).collect();
        prop_assert_eq!(read(column().starts_with(&text)), [literal.as_slice(), &[None]].concat());
        prop_assert_eq!(read(column().ends_with(&text)), [&[None], literal.as_slice()].concat());
        prop_assert_eq!(read(column().contains(&text)), [&[None], literal.as_slice(), &[None]].concat());
    }

    #[test]
    fn what_the_builder_writes_passes_the_look_through_raw_sql(filter in filters()) {
        let sql = filter.to_string();
        prop_assert!(Filter::raw(&sql).is_ok(), "{}", sql);
    }

    #[test]
    fn raw_sql_never_makes_it_panic(sql in texts()) {
        let _ = Filter::raw(&sql);
    }
}

fn leaf() -> impl Strategy<Value = Filter> {
    let names = prop::sample::select(vec!["id", "last_name", "description", "title", "jjwg_maps_address_c"]);
    let text = (names, texts(), texts(), 0..15_u8).prop_map(|(name, one, two, which)| {
        let column = Filter::on("contacts").unwrap().column(name).unwrap();
        match which {
            0 => column.eq(one),
            1 => column.ne(one),
            2 => column.lt(one),
            3 => column.le(one),
            4 => column.gt(one),
            5 => column.ge(one),
            6 => column.between(one, two),
            7 => column.in_list([one, two]),
            8 => column.starts_with(&one),
            9 => column.contains(&one),
            10 => column.ends_with(&one),
            11 => column.is_null(),
            12 => column.is_not_null(),
            13 => column.includes(&MultiSelect::new(["north", "west"]).unwrap()),
            _ => column.in_list([""; 0]),
        }
    });
    let other = (any::<i32>(), 0..6_u8).prop_map(|(number, which)| {
        let contacts = Filter::on("contacts").unwrap();
        let (flag, date) = (
            contacts.column("deleted").unwrap(),
            contacts.column("date_entered").unwrap(),
        );
        let time = UtcTime::from_unix_seconds(number.into());
        match which {
            0 => flag.eq(number % 2 == 0),
            1 => flag.lt(Decimal::from_minor_units(number.into(), 2)),
            2 => flag.in_list([number, 1]),
            3 => date.ge(time),
            4 => date.between(Date::try_from(time).unwrap(), Date::new(2026, 11, 21).unwrap()),
            _ => Filter::email("contacts", "Contacts", &format!("o'{number}@b.example")).unwrap(),
        }
    });
    prop_oneof![4 => text, 2 => other]
}

fn filters() -> impl Strategy<Value = Filter> {
    leaf().prop_recursive(4, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, two)| one.and(two)),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| one.or(two)),
            inner.prop_map(Filter::not),
            list.clone().prop_map(Filter::all),
            list.prop_map(Filter::any),
        ]
    })
}

#[test]
fn the_practice_instance_takes_every_filter_and_reads_it_alike() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
    let password = Password::new(sandbox.password());
    let session = runtime.block_on(client.login(sandbox.user_name(), password)).unwrap();
    let count = |filter: &Filter| {
        let sql = filter.to_string();
        let counted = runtime.block_on(session.get_entries_count("Contacts", &sql));
        counted.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    let mut runner = TestRunner::new(ProptestConfig::with_cases(80));
    runner
        .run(&(filters(), filters()), |(one, two)| {
            // What and, or and not mean, counted.
            let (first, second) = (count(&one), count(&two));
            let (both, either) = (count(&one.clone().and(two.clone())), count(&one.clone().or(two)));
            prop_assert_eq!(both + either, first + second);
            prop_assert!(first + count(&one.not()) <= count(&Filter::everything()));
            Ok(())
        })
        .unwrap();
}
