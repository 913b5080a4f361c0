//! SQL conditions: a value stays inside of its literal, and SQL of a person's own is refused or taken as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::filter::Filter;
use sugar_oauth_fuzz::fit_to_show;

fuzz_target!(|text: &str| {
    match Filter::raw(text) {
        Ok(filter) => assert!(filter.to_string().contains(text.trim()), "{filter}"),
        Err(error) => fit_to_show(&error),
    }
    if let Err(error) = Filter::on(text).and_then(|table| table.column(text)) {
        fit_to_show(&error);
    }
    if let Err(error) = Filter::email("contacts", "Contacts", text) {
        fit_to_show(&error);
    }
    // Each of the conditions has the text in all the forms in which it may be stored.
    if text.len() > 1_000 {
        return;
    }
    let column = Filter::on("contacts")
        .and_then(|table| table.column("name"))
        .expect("a column");
    for filter in [
        column.eq(text),
        column.ne(text),
        column.lt(text),
        column.in_list([text, "a"]),
        column.starts_with(text),
        column.contains(text),
        column.between(text, text),
    ] {
        let sql = filter.to_string();
        let rest = without_literals(&sql);
        let harmless = |character: char| character.is_ascii_alphanumeric() || " ._,()<>=!'%|".contains(character);
        assert!(rest.chars().all(harmless), "{sql}");
        assert_eq!(rest.matches('(').count(), rest.matches(')').count(), "{sql}");
        // Its own reader takes it.
        let read = Filter::raw(&sql).map(|read| read.to_string());
        assert!(read.is_ok_and(|read| read.contains(&sql)), "{sql}");
    }
});

/// SQL with its literals in single quotes cut out: by the rule that a quote is doubled inside.
fn without_literals(sql: &str) -> String {
    sql.split('\'').step_by(2).collect()
}
