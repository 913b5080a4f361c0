//! The SQL that is built.

use super::*;
use crate::error::ErrorKind;
use crate::values::MultiSelect;

fn column(name: &str) -> Column {
    Filter::on("contacts").unwrap().column(name).unwrap()
}

fn sql(filter: Filter) -> String {
    assert_eq!(filter.to_string(), String::from(filter.clone()));
    filter.to_string()
}

#[test]
fn columns_are_qualified() {
    let sql = |name| column(name).is_null().to_string();
    assert_eq!(sql("last_name"), "contacts.last_name IS NULL");
    assert_eq!(sql("vip_c"), "contacts_cstm.vip_c IS NULL");
    assert_eq!(sql("_c"), "contacts._c IS NULL");
    let custom = Filter::on("contacts_cstm").unwrap();
    assert_eq!(custom.column("vip_c").unwrap().to_string(), "contacts_cstm.vip_c");
    let own = Filter::on("abc_things").unwrap().own_column("size_c").unwrap();
    assert_eq!(String::from(own), "abc_things.size_c");
}

#[test]
fn names_that_are_none_are_refused_by_name() {
    let contacts = Filter::on("contacts").unwrap();
    for name in [
        "last name",
        "contacts.last_name",
        "a'b",
        "a`",
        "é",
        "",
        "12",
        "a-b",
        "user_hash",
        &"x".repeat(65),
    ] {
        let error = contacts.column(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(name), "{error}");
        assert!(name == "user_hash" || Filter::on(name).is_err(), "{name}");
    }
}

#[test]
fn comparisons() {
    let name = column("last_name");
    for (filter, expected) in [
        (name.eq("Smith"), "contacts.last_name = 'Smith'"),
        (name.ne("Smith"), "contacts.last_name <> 'Smith'"),
        (
            name.eq("O'Neil"),
            "contacts.last_name IN ('O''Neil', 0x4F26233033393B4E65696C)",
        ),
        (
            name.ne("O'Neil"),
            "contacts.last_name NOT IN ('O''Neil', 0x4F26233033393B4E65696C)",
        ),
        (name.in_list(["a", "b"]), "contacts.last_name IN ('a', 'b')"),
        (name.in_list(["a"]), "contacts.last_name = 'a'"),
        (name.in_list([""; 0]), "1 = 0"),
        (name.lt("M"), "contacts.last_name < 'M'"),
        (name.le("M"), "contacts.last_name <= 'M'"),
        (name.gt("M"), "contacts.last_name > 'M'"),
        (name.ge("M"), "contacts.last_name >= 'M'"),
        (name.between("a", "b"), "contacts.last_name BETWEEN 'a' AND 'b'"),
        (name.is_not_null(), "contacts.last_name IS NOT NULL"),
        (name.like("A%_"), "contacts.last_name LIKE 'A%_'"),
        (name.starts_with("A"), "contacts.last_name LIKE 'A%'"),
        (name.contains("A"), "contacts.last_name LIKE '%A%'"),
        (name.ends_with("A"), "contacts.last_name LIKE '%A'"),
        // `50\%%`, `a\\b%`
        (name.starts_with("50%"), "contacts.last_name LIKE 0x35305C2525"),
        (name.starts_with(r"a\b"), "contacts.last_name LIKE 0x615C5C6225"),
    ] {
        assert_eq!(sql(filter), expected);
    }
    let both = sql(name.ends_with("R&D"));
    assert_eq!(
        both,
        "(contacts.last_name LIKE 0x25522644 OR contacts.last_name LIKE 0x255226616D703B44)"
    );
}

#[test]
fn or_has_brackets_wherever_it_stands() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| column(name).is_null());
    let short = |filter: Filter| sql(filter).replace("contacts.", "").replace(" IS NULL", "");
    let [a, b, c, d] = [&a, &b, &c, &d].map(|filter| move || filter.clone());
    assert_eq!(short(a().or(b())), "(a OR b)");
    assert_eq!(short(a().or(b()).or(c())), "(a OR b OR c)");
    assert_eq!(short(a().or(b().or(c()))), "(a OR b OR c)");
    assert_eq!(short(a().and(b()).and(c())), "a AND b AND c");
    assert_eq!(short(a().or(b()).and(c())), "(a OR b) AND c");
    assert_eq!(short(a().and(b().or(c()))), "a AND (b OR c)");
    assert_eq!(short(a().and(b()).or(c().and(d()))), "((a AND b) OR (c AND d))");
    assert_eq!(short(a().or(b()).not()), "NOT (a OR b)");
    assert_eq!(short(a().not().and(b())), "NOT (a) AND b");
    assert_eq!(short(Filter::any([a(), b(), c()])), "(a OR b OR c)");
    assert_eq!(short(Filter::all([a(), b().or(c())])), "a AND (b OR c)");
    assert_eq!(short(Filter::any([])), "1 = 0");
    assert_eq!(short(Filter::all([])), "1 = 1");
    assert_eq!(short(Filter::raw("t.a OR t.b").unwrap().and(c())), "(t.a OR t.b) AND c");
}

#[test]
fn a_long_chain_is_no_deep_one() {
    let mut filter = Filter::nothing();
    for number in 0..20_000 {
        filter = filter.or(column("a").eq(number));
    }
    let sql = sql(filter);
    assert_eq!(sql.matches('(').count(), 1);
    assert!(sql.ends_with("contacts.a = '19999')"));
}

#[test]
fn multi_selects_and_email_addresses() {
    let chosen = MultiSelect::new(["north"]).unwrap();
    assert_eq!(
        sql(column("regions_c").includes(&chosen)),
        "(contacts_cstm.regions_c LIKE 0x255E6E6F7274685E25 OR contacts_cstm.regions_c = 'north')"
    );
    assert_eq!(
        sql(Filter::email("contacts", "Contacts", " a@b.example").unwrap()),
        "contacts.id IN (SELECT eabr.bean_id FROM email_addr_bean_rel eabr \
         JOIN email_addresses ea ON (ea.id = eabr.email_address_id) WHERE eabr.deleted = 0 AND ea.deleted = 0 \
         AND eabr.bean_module = 'Contacts' AND ea.email_address_caps = 'A@B.EXAMPLE')"
    );
    let apostrophe = sql(Filter::email("leads", "Leads", "o'hara@b.example").unwrap());
    assert!(
        apostrophe.contains("ea.email_address_caps IN ('O''HARA@B.EXAMPLE', 0x"),
        "{apostrophe}"
    );
    for (table, module, address) in [
        ("contacts", "Contacts", "nobody"),
        ("contacts", "Contacts", "A B <a@b.example>"),
        ("contacts", "Con'tacts", "a@b.example"),
        ("contacts", "", "a@b.example"),
        ("con tacts", "Contacts", "a@b.example"),
    ] {
        let error = Filter::email(table, module, address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!error.to_string().contains("a@b"), "{error}");
    }
}

#[test]
fn debug_shows_no_values() {
    assert!(!format!("{:?}", column("last_name").eq("Smith")).contains("Smith"));
}
