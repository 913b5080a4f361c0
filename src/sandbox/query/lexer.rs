//! SQL text to tokens, as MySQL reads it.

use super::QueryError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A keyword, function or column without quotes.
    Word(String),
    /// A name in backticks.
    Name(String),
    /// A literal in single or double quotes, its escapes resolved.
    Text(String),
    /// A literal in hexadecimal: a text beside a text.
    Hex(String),
    /// A number without sign.
    Number(f64),
    /// An operator, comma, dot or bracket.
    Symbol(&'static str),
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 12] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "-"];

/// Functions that SugarSQLValidate refuses, and words that only a second statement has.
const REFUSED_FUNCTIONS: [&str; 10] = [
    "benchmark",
    "encode",
    "sleep",
    "generate_series",
    "load_file",
    "sys_eval",
    "user_name",
    "xp_cmdshell",
    "sys_exec",
    "sp_replwritetovarbin",
];
const REFUSED_WORDS: [&str; 8] = [
    "union", "into", "outfile", "dumpfile", "insert", "update", "delete", "drop",
];

/// Reads the whole text. Refused content anywhere outside of literals wins over any other error.
pub(super) fn tokens(sql: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer {
        rest: sql,
        tokens: Vec::new(),
    };
    let outcome = lexer.run();
    if refused(&lexer.tokens) {
        return Err(QueryError::Refused);
    }
    outcome.map(|()| lexer.tokens)
}

fn refused(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let Token::Word(word) = token else { return false };
        let called = tokens.get(at + 1) == Some(&Token::Symbol("("));
        let select = word.eq_ignore_ascii_case("select") && !is_allowed_subselect(&tokens[..at], &tokens[at + 1..]);
        select
            || REFUSED_WORDS.iter().any(|refused| word.eq_ignore_ascii_case(refused))
            || (called
                && REFUSED_FUNCTIONS
                    .iter()
                    .any(|refused| word.eq_ignore_ascii_case(refused)))
    })
}

/// The only tables that SugarSQLValidate lets a subselect name.
const SUBSELECT_TABLES: [&str; 7] = [
    "email_addr_bean_rel",
    "email_addresses",
    "emails",
    "emails_beans",
    "emails_text",
    "teams",
    "team_sets_teams",
];

/// Whether a SELECT between these tokens is a list of an IN, with a condition and on tables that are let through.
fn is_allowed_subselect(before: &[Token], behind: &[Token]) -> bool {
    let is = |token: &Token, word: &str| matches!(token, Token::Word(text) if text.eq_ignore_ascii_case(word));
    let [.., first, Token::Symbol("(")] = before else {
        return false;
    };
    let mut tables = behind
        .windows(2)
        .filter(|pair| is(&pair[0], "from") || is(&pair[0], "join"))
        .peekable();
    is(first, "in")
        && behind.iter().any(|token| is(token, "where"))
        && tables.peek().is_some()
        && tables.all(|pair| matches!(&pair[1], Token::Word(table) if SUBSELECT_TABLES.contains(&table.as_str())))
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), QueryError> {
        while let Some(first) = self.rest.chars().next() {
            let token = match first {
                ' ' | '\t' | '\n' | '\r' => {
                    self.rest = &self.rest[1..];
                    continue;
                }
                ';' | '#' => return Err(QueryError::Refused),
                _ if self.rest.starts_with("--") || self.rest.starts_with("/*") => return Err(QueryError::Refused),
                '\'' | '"' => self.literal(first)?,
                '`' => self.backticks()?,
                '0'..='9' => self.number()?,
                'a'..='z' | 'A'..='Z' | '_' => {
                    let word = self.take_while(is_word);
                    // The character set of the literal behind it, which is the one that is used anyway.
                    if word == "_utf8mb4" && self.rest.trim_start_matches(' ').starts_with("0x") {
                        continue;
                    }
                    Token::Word(word)
                }
                _ => self.symbol()?,
            };
            self.tokens.push(token);
        }
        Ok(())
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.to_owned()
    }

    fn symbol(&mut self) -> Result<Token, QueryError> {
        let symbol = SYMBOLS
            .into_iter()
            .find(|symbol| self.rest.starts_with(symbol))
            .ok_or(QueryError::Failure)?;
        self.rest = &self.rest[symbol.len()..];
        Ok(Token::Symbol(symbol))
    }

    fn number(&mut self) -> Result<Token, QueryError> {
        if let Some(digits) = self.rest.strip_prefix("0x") {
            self.rest = digits;
            return self.hexadecimal();
        }
        let mut digits = self.take_while(|c| c.is_ascii_digit());
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            digits = format!("{digits}.{}", self.take_while(|c| c.is_ascii_digit()));
        }
        // `1e5` and names that begin with a digit are not understood here.
        if self.rest.starts_with(is_word) {
            return Err(QueryError::Failure);
        }
        digits.parse().map(Token::Number).map_err(|_| QueryError::Failure)
    }

    /// Whole bytes of UTF-8 only.
    fn hexadecimal(&mut self) -> Result<Token, QueryError> {
        let digits = self.take_while(is_word);
        let bytes: Option<Vec<u8>> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                let digit = |place: usize| char::from(*pair.get(place)?).to_digit(16);
                u8::try_from(digit(0)? * 16 + digit(1)?).ok()
            })
            .collect();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.filter(|text| !text.is_empty())
            .map(Token::Hex)
            .ok_or(QueryError::Failure)
    }

    fn backticks(&mut self) -> Result<Token, QueryError> {
        let inner = &self.rest[1..];
        let end = inner.find('`').ok_or(QueryError::Failure)?;
        let name = inner[..end].to_owned();
        self.rest = &inner[end + 1..];
        Ok(Token::Name(name))
    }

    fn literal(&mut self, quote: char) -> Result<Token, QueryError> {
        let mut text = String::new();
        let mut characters = self.rest[1..].chars();
        loop {
            let character = characters.next().ok_or(QueryError::Failure)?;
            if character == quote {
                if !characters.as_str().starts_with(quote) {
                    break;
                }
                characters.next();
                text.push(quote);
            } else if character == '\\' {
                match characters.next().ok_or(QueryError::Failure)? {
                    '0' => text.push('\0'),
                    'b' => text.push('\u{8}'),
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    'Z' => text.push('\u{1a}'),
                    // These two keep their backslash, for LIKE.
                    wildcard @ ('%' | '_') => {
                        text.push('\\');
                        text.push(wildcard);
                    }
                    other => text.push(other),
                }
            } else {
                text.push(character);
            }
        }
        self.rest = characters.as_str();
        Ok(Token::Text(text))
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(sql: &str) -> String {
        match tokens(sql).unwrap().as_slice() {
            [Token::Text(text)] => text.clone(),
            other => panic!("{sql} is {other:?}"),
        }
    }

    #[test]
    fn literals_are_read_as_mysql_does() {
        assert_eq!(literal("'O''Brien'"), "O'Brien");
        assert_eq!(literal(r"'O\'Brien'"), "O'Brien");
        assert_eq!(literal(r"'a\\'"), r"a\");
        assert_eq!(literal(r"'\n\t\0\Z\q'"), "\n\t\0\u{1a}q");
        assert_eq!(literal(r"'50\% \_'"), r"50\% \_");
        assert_eq!(literal(r#""say ""hi"" it's""#), r#"say "hi" it's"#);
        assert_eq!(
            literal("'-- ; # /* select sleep(1) */'"),
            "-- ; # /* select sleep(1) */"
        );
        assert_eq!(literal("'Ελλάδα 😀'"), "Ελλάδα 😀");
    }

    #[test]
    fn unfinished_text_is_an_error() {
        for sql in ["'a", "'a''", r"'a\'", "\"a'", "`a", "a = 'b' c = 'd"] {
            assert_eq!(tokens(sql), Err(QueryError::Failure), "{sql}");
        }
    }

    #[test]
    fn refused_content_is_refused_even_beside_other_errors() {
        for sql in [
            "a.id in (select sleep(1))",
            "SELECT",
            "a.id = 'x' UNION ALL",
            "a.id = SLEEP (5)",
            "a.id = load_file('/etc/passwd') 'unfinished",
            "a.id = 'x' -- rest",
            "a.id = 'x' # rest",
            "a.id = 'x' /* c */",
            "a.id = 'x'; drop table accounts",
            "benchmark(1, 2) é",
        ] {
            assert_eq!(tokens(sql), Err(QueryError::Refused), "{sql}");
        }
    }

    #[test]
    fn hexadecimal_is_text() {
        assert_eq!(tokens("0x4F27c3A9"), Ok(vec![Token::Hex("O'é".to_owned())]));
        assert_eq!(tokens("_utf8mb4 0xF09F9880"), Ok(vec![Token::Hex("😀".to_owned())]));
    }

    #[test]
    fn subselects_pass_on_few_tables_only() {
        let select = |from: &str| format!("a.id IN (SELECT e.bean_id FROM {from} WHERE e.deleted = 0)");
        for from in [
            "email_addr_bean_rel e",
            "email_addr_bean_rel e JOIN email_addresses ea ON (a.b = c.d)",
        ] {
            assert!(tokens(&select(from)).is_ok(), "{from}");
        }
        for from in [
            "contacts e",
            "email_addr_bean_rel e JOIN users u ON (a.b = c.d)",
            "`emails` e",
            "(emails) e",
        ] {
            assert_eq!(tokens(&select(from)), Err(QueryError::Refused), "{from}");
        }
        for sql in [
            "a.id = (SELECT e.id FROM emails e WHERE e.deleted = 0)",
            "a.id IN (SELECT e.id FROM emails e)",
            "a.id IN (SELECT e.id WHERE e.deleted = 0)",
            "SELECT e.id FROM emails e WHERE e.deleted = 0",
            "a.id IN (SELECT e.id FROM emails e WHERE e.x IN (SELECT u.id FROM users u WHERE u.id = 1))",
        ] {
            assert_eq!(tokens(sql), Err(QueryError::Refused), "{sql}");
        }
    }

    #[test]
    fn a_column_may_be_named_like_a_refused_function() {
        assert!(tokens("users.user_name = 'admin'").is_ok());
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for sql in [
            "a & b", "a || b", "0X41", "0x", "0x4", "0x4G", "0xC3", "1e5", "@v", "é", "a\u{a0}b", "a := b", "?", "\0",
            "a\\",
        ] {
            assert_eq!(tokens(sql), Err(QueryError::Failure), "{sql:?}");
        }
    }
}
