//! A reader of Rust source, as far as imports and words go: no macros are expanded and nothing is type-checked.
#![allow(dead_code, reason = "each test file uses a part of this")]

/// A word, `::` or one other character, and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// Splits source into tokens. Comments, strings and characters are left out.
pub fn tokens(source: &str) -> Vec<Token> {
    let characters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        let end = skipped(&characters, at).unwrap_or_else(|| {
            let end = token_end(&characters, at);
            let text: String = characters[at..end].iter().collect();
            if !text.trim().is_empty() {
                tokens.push(Token { text, line });
            }
            end
        });
        line += characters[at..end]
            .iter()
            .filter(|&&character| character == '\n')
            .count();
        at = end;
    }
    tokens
}

/// Where a comment or literal that begins at `at` ends.
fn skipped(characters: &[char], at: usize) -> Option<usize> {
    let ahead = |offset: usize| characters.get(at + offset).copied().unwrap_or('\0');
    let find = |from: usize, wanted: &str| {
        let wanted: Vec<char> = wanted.chars().collect();
        (from..characters.len())
            .find(|&place| characters[place..].starts_with(&wanted))
            .map_or(characters.len(), |place| place + wanted.len())
    };
    match (ahead(0), ahead(1)) {
        ('/', '/') => Some(find(at, "\n")),
        ('/', '*') => Some(block_comment_end(characters, at)),
        ('"', _) => Some(quoted_end(characters, at, '"')),
        // A lifetime has no closing quote: `'a` or `'static`, but `'a'` and `'\n'` are characters.
        ('\'', next) if next == '\\' || ahead(2) == '\'' => Some(quoted_end(characters, at, '\'')),
        ('r' | 'b' | 'c', _) => {
            let prefix = characters[at..]
                .iter()
                .take_while(|character| "rbc".contains(**character))
                .count();
            let raw = characters[at..at + prefix].contains(&'r');
            let hashes = characters[at + prefix..]
                .iter()
                .take_while(|character| **character == '#')
                .count();
            match (ahead(prefix + hashes), raw) {
                _ if prefix > 2 => None,
                ('"', true) => Some(find(at + prefix + hashes + 1, &format!("\"{}", "#".repeat(hashes)))),
                (quote @ ('"' | '\''), false) if hashes == 0 => Some(quoted_end(characters, at + prefix, quote)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn block_comment_end(characters: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at < characters.len() {
        match characters[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    characters.len()
}

fn quoted_end(characters: &[char], from: usize, quote: char) -> usize {
    let mut at = from + 1;
    while at < characters.len() && characters[at] != quote {
        at += if characters[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(characters.len())
}

fn token_end(characters: &[char], at: usize) -> usize {
    let is_word = |character: &&char| character.is_alphanumeric() || **character == '_';
    match characters[at..].iter().take_while(is_word).count() {
        0 if characters[at..].starts_with(&[':', ':']) => at + 2,
        0 => at + 1,
        length => at + length,
    }
}

/// The tokens without what is compiled for tests only, and the names of the files (`mod name;`) left out with it.
pub fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    const CFG_TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut files) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if !is(&tokens[at..], &CFG_TEST) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let start = at;
        at += CFG_TEST.len();
        let mut depth = 0;
        while at < tokens.len() {
            let text = tokens[at].text.as_str();
            at += 1;
            match text {
                "{" | "(" | "[" => depth += 1,
                "}" if depth == 1 => break,
                "}" | ")" | "]" => depth -= 1,
                ";" if depth == 0 => {
                    files.extend(tokens[start..at].windows(3).filter_map(|three| {
                        is(three, &["mod"])
                            .then(|| three[1].text.clone())
                            .filter(|_| three[2].text == ";")
                    }));
                    break;
                }
                _ => {}
            }
        }
    }
    (kept, files)
}

fn is(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() >= texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.text == *text)
}

/// A path from the crate's root, and the line it stands on. The last segment may be `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

/// All paths that begin with `crate`, `self` or `super`, in `use` and elsewhere, made absolute. `module` is where the
/// source stands; modules written out in it are followed.
pub fn paths(tokens: &[Token], module: &[String]) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut inner: Vec<(String, usize)> = Vec::new();
    let (mut at, mut depth) = (0, 0);
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inner.retain(|(_, opened)| *opened < depth + 1);
            }
            "mod" if tokens.get(at + 2).is_some_and(|token| token.text == "{") => {
                inner.push((tokens[at + 1].text.clone(), depth + 1));
            }
            "crate" | "self" | "super"
                if tokens.get(at + 1).is_some_and(|token| token.text == "::")
                    && (at == 0 || tokens[at - 1].text != "::") =>
            {
                let mut here = module.to_vec();
                here.extend(inner.iter().map(|(name, _)| name.clone()));
                let line = tokens[at].line;
                let (found, end) = tree(tokens, at);
                paths.extend(found.into_iter().map(|segments| Path {
                    segments: absolute(&here, &segments),
                    line,
                }));
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    paths
}

/// Reads `a::b::{c, d::{e, *}}` into its paths, and says where it ends.
pub fn tree(tokens: &[Token], start: usize) -> (Vec<Vec<String>>, usize) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut prefix = Vec::new();
    let mut at = start;
    loop {
        match text(at) {
            "{" => {
                let mut found = Vec::new();
                at += 1;
                while at < tokens.len() && text(at) != "}" {
                    let (inner, end) = tree(tokens, at);
                    found.extend(inner.into_iter().map(|path| [prefix.clone(), path].concat()));
                    at = end;
                    while at < tokens.len() && !matches!(text(at), "," | "}") {
                        at += 1;
                    }
                    at += usize::from(text(at) == ",");
                }
                return (found, at + 1);
            }
            "self" if !prefix.is_empty() || !matches!(text(at + 1), "::") => return (vec![prefix], at + 1),
            segment => prefix.push(segment.to_owned()),
        }
        let goes_on = text(at + 1) == "::"
            && (matches!(text(at + 2), "{" | "*")
                || text(at + 2).starts_with(|first: char| first.is_alphabetic() || first == '_'));
        if !goes_on {
            return (vec![prefix], at + 1);
        }
        at += 2;
    }
}

fn absolute(here: &[String], segments: &[String]) -> Vec<String> {
    let mut absolute = here.to_vec();
    for segment in segments {
        match segment.as_str() {
            "crate" => absolute.clear(),
            "self" => {}
            "super" => {
                absolute.pop();
            }
            name => absolute.push(name.to_owned()),
        }
    }
    absolute
}
