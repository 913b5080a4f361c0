//! A look through SQL that the caller wrote, for what can be told without knowing the instance.

use crate::error::{Error, Result};
use crate::printable::printable;

/// Words that are no columns: operators, literals, and units and types that stand in functions.
const KEYWORDS: &str = "\
    AND ANY AS ASC BETWEEN BINARY BY CASE CHAR COLLATE CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATE \
    DATETIME DAY DECIMAL DESC DISTINCT DIV ELSE END ESCAPE EXISTS FALSE FROM GROUP HAVING HOUR IN INNER INTERVAL \
    IS JOIN LEFT LIKE LIMIT MICROSECOND MINUTE MOD MONTH NOT NULL ON OR ORDER QUARTER REGEXP RIGHT RLIKE SECOND \
    SELECT SIGNED SOUNDS THEN TIME TIMESTAMP TRUE UNKNOWN UNSIGNED USING WEEK WHEN WHERE XOR YEAR";

/// Words and signs that want a condition or a value on both sides.
const BETWEEN_TWO: &[&str] = &["AND", "OR", "XOR", "LIKE", "=", "<", ">", "<=", ">=", "<>", "!="];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A word without quotes, or a name in backticks.
    Name,
    Literal,
    Number,
    Sign,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    /// Where it begins, in bytes.
    at: usize,
}

impl Token<'_> {
    fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Name | Kind::Sign) && self.text.eq_ignore_ascii_case(text)
    }

    fn is_one_of(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }
}

pub(super) fn check(sql: &str) -> Result<()> {
    let tokens = tokens(sql)?;
    if tokens.is_empty() {
        return Err(Error::invalid_input("the filter's SQL is empty").hint("leave the filter out to get every record"));
    }
    brackets(sql, &tokens)?;
    both_sides(sql, &tokens)?;
    bare_columns(sql, &tokens)
}

fn refused(sql: &str, at: usize, what: &str) -> Error {
    let character = sql[..at].chars().count() + 1;
    Error::invalid_input(format!("the filter's SQL is wrong at character {character}: {what}"))
}

fn tokens(sql: &str) -> Result<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if first == ';' || first == '#' || rest.starts_with("--") || rest.starts_with("/*") {
            let what = "comments and semicolons are refused by the server";
            return Err(refused(sql, at, what));
        }
        let (kind, length) = match first {
            '\'' | '"' | '`' => {
                let length = quoted(rest, first).ok_or_else(|| refused(sql, at, "this quote does not close"))?;
                let kind = if first == '`' { Kind::Name } else { Kind::Literal };
                (kind, length)
            }
            '0'..='9' => (Kind::Number, run(rest, |letter| is_word(letter) || letter == '.')),
            _ if is_word(first) => (Kind::Name, run(rest, is_word)),
            _ => {
                let double = ["<=", ">=", "<>", "!="].iter().any(|sign| rest.starts_with(sign));
                (Kind::Sign, if double { 2 } else { first.len_utf8() })
            }
        };
        tokens.push(Token {
            kind,
            text: &rest[..length],
            at,
        });
        at += length;
    }
    Ok(tokens)
}

/// Letters beyond ASCII too: no column has them, and a curly quote is named as what it is.
fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$' | '@') || !letter.is_ascii() && !letter.is_whitespace()
}

fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !wanted(letter)).unwrap_or(text.len())
}

/// The length of what stands in quotes, both quotes included.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote != '`' {
            letters.next()?;
        } else if letter == quote {
            match letters.peek() {
                Some((_, next)) if *next == quote => letters.next()?,
                _ => return Some(at + 1),
            };
        }
    }
    None
}

fn brackets(sql: &str, tokens: &[Token<'_>]) -> Result<()> {
    let mut open = Vec::new();
    for token in tokens {
        if token.is("(") {
            open.push(token.at);
        } else if token.is(")") && open.pop().is_none() {
            return Err(refused(sql, token.at, "this bracket closes none"));
        }
    }
    match open.first() {
        Some(&at) => Err(refused(sql, at, "this bracket does not close")),
        None => Ok(()),
    }
}

fn both_sides(sql: &str, tokens: &[Token<'_>]) -> Result<()> {
    for (place, token) in tokens.iter().enumerate() {
        if !token.is_one_of(BETWEEN_TWO) || is_in_a_name(tokens, place) {
            continue;
        }
        let missing = |place: Option<usize>, ends: &[&str]| {
            let beside = place.and_then(|place| Some((place, tokens.get(place)?)));
            beside.is_none_or(|(place, beside)| beside.is_one_of(ends) && !is_in_a_name(tokens, place))
        };
        let wants_before = missing(place.checked_sub(1), &["(", "AND", "OR", "XOR"]);
        let wants_after =
            missing(Some(place + 1), BETWEEN_TWO) || tokens.get(place + 1).is_some_and(|next| next.is(")"));
        if wants_before || wants_after {
            let side = if wants_before { "before" } else { "behind" };
            let what = format!("there is nothing {side} `{}`", token.text);
            return Err(refused(sql, token.at, &what));
        }
    }
    Ok(())
}

/// Whether the token stands beside a dot, as tables and their columns do.
fn is_in_a_name(tokens: &[Token<'_>], place: usize) -> bool {
    let dot = |place: Option<usize>| {
        place
            .and_then(|place| tokens.get(place))
            .is_some_and(|token| token.is("."))
    };
    dot(place.checked_sub(1)) || dot(Some(place + 1))
}

fn bare_columns(sql: &str, tokens: &[Token<'_>]) -> Result<()> {
    // How deep the brackets are, and how deep they were outside of a sub-select, whose tables and aliases are bare.
    let (mut depth, mut outside): (usize, Option<usize>) = (0, None);
    for (place, token) in tokens.iter().enumerate() {
        let next = tokens.get(place + 1);
        if token.is("(") {
            if outside.is_none() && next.is_some_and(|next| next.is("SELECT")) {
                outside = Some(depth);
            }
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
            outside = outside.filter(|&outside| outside < depth);
        }
        if token.kind != Kind::Name || outside.is_some() || is_in_a_name(tokens, place) {
            continue;
        }
        let called = next.is_some_and(|next| next.is("("));
        // `_utf8mb4 '…'`, `x'…'`, `N'…'`.
        let introduces = next.is_some_and(|next| {
            let behind_it = next.at == token.at + token.text.len() || token.text.starts_with('_');
            matches!(next.kind, Kind::Literal | Kind::Number) && behind_it
        });
        let after_collate = place > 0 && tokens[place - 1].is("COLLATE");
        let is_variable = token.text.starts_with('@');
        if called || introduces || after_collate || is_variable || KEYWORDS.split(' ').any(|word| token.is(word)) {
            continue;
        }
        let name = printable(token.text.trim_matches('`'));
        let what = format!("`{name}` has no table in front of it");
        return Err(refused(sql, token.at, &what)
            .hint(format!(
                "put the module's table in front, as in contacts.{name}; get_module_fields tells it as table_name"
            ))
            .hint("put a text into single quotes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn sql_that_the_server_takes_passes() {
        for sql in [
            "contacts.last_name = 'Smith'",
            "`contacts`.`last_name` LIKE \"O\\\"%\"",
            "contacts . id IN ('1', 'it''s (', 'a\\'b')",
            "DATE_SUB(NOW(), INTERVAL 7 DAY) < contacts.date_modified AND contacts.deleted = 0",
            "NOT (contacts.title IS NOT NULL OR contacts.title BETWEEN 'a' AND 'b')",
            "contacts.id IN (SELECT eabr.bean_id FROM email_addr_bean_rel eabr JOIN email_addresses AS ea \
             ON (ea.id = eabr.email_address_id) WHERE eabr.deleted=0 AND ea.email_address LIKE 'a%')",
            "contacts.a = x'41' OR contacts.a = _utf8mb4 'é' OR contacts.a = _utf8mb4 0x41 OR contacts.a = 0x41",
            "LOWER(contacts.name) COLLATE utf8mb4_bin = 'x' AND contacts.amount > -1.5e3",
            "CASE WHEN contacts.a = 1 THEN 1 ELSE 0 END = 1",
            "contacts.order = 1 AND contacts.and = 2",
            "contacts.name = 'Ελλάδα – ‘x’'",
        ] {
            check(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (sql, character, what) in [
            ("last_name = 'x'", 1, "`last_name`"),
            ("contacts.id = '1' AND (deleted = 0)", 24, "`deleted`"),
            ("contacts.name = Smith", 17, "`Smith`"),
            ("contacts.name = ‘Smith’", 17, "`‘Smith’`"),
            ("`id` = 'x'", 1, "`id`"),
            ("contacts.id IN (SELECT id FROM email_addresses) AND id > 1", 53, "`id`"),
            ("contacts.name = 'O'Neil'", 24, "quote"),
            ("contacts.name = 'x", 17, "quote"),
            ("contacts.name = 'x\\'", 17, "quote"),
            ("contacts.é = \"x", 14, "quote"),
            ("(contacts.id = '1'", 1, "bracket"),
            ("contacts.id = '1')", 18, "bracket"),
            ("contacts.id = '1' AND", 19, "behind `AND`"),
            ("OR contacts.id = '1'", 1, "before `OR`"),
            ("contacts.a = 1 AND OR contacts.b = 2", 16, "behind `AND`"),
            ("contacts.a =", 12, "behind `=`"),
            ("(= contacts.a)", 2, "before `=`"),
            ("contacts.a = 1; DROP TABLE contacts", 15, "semicolons"),
            ("contacts.a = 1 -- x", 16, "comments"),
            ("contacts.a = 1 # x", 16, "comments"),
            ("contacts.a = 1 /* x */", 16, "comments"),
        ] {
            let error = check(sql).unwrap_err().to_string();
            assert!(error.contains(&format!("character {character}:")), "{sql}: {error}");
            assert!(error.contains(what), "{sql}: {error}");
        }
        for sql in ["", " \n"] {
            assert!(check(sql).unwrap_err().to_string().contains("empty"));
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        let pieces = [
            "'", "\\", "`", "é", "(", ")", "a.b", "c", " ", "AND", "=", "<", ".", "0x", "@", "\u{a0}", "SELECT", "\"",
        ];
        let mut state = 5_u64;
        for _ in 0..20_000 {
            let mut sql = String::new();
            for _ in 0..7 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                sql.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            let _ = check(&sql);
        }
    }
}
