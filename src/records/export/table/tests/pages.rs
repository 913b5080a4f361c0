//! Pages to read: captured ones, and made-up ones that are mostly as servers write them.

use std::path::Path;

/// The bodies of all captured answers, by name.
pub(super) fn captured() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let bodies: Vec<_> = files
        .filter_map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let (_, answer) = text.split_once("\nHTTP/1.1 ")?;
            let (head, body) = answer.split_once("\r\n\r\n").or_else(|| answer.split_once("\n\n"))?;
            let body = match head.contains("Transfer-Encoding: chunked") {
                true => without_chunks(body.as_bytes())?,
                false => body.as_bytes().to_vec(),
            };
            Some((file.file_stem()?.to_str()?.to_owned(), body))
        })
        .collect();
    assert!(bodies.len() > 60, "the captures were not found");
    bodies
}

fn without_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let length = std::str::from_utf8(&rest[..end]).ok()?.trim();
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 1..end + 1 + length)?);
        rest = rest.get(end + 1 + length..)?;
        rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n"))?;
    }
}

/// The page of this number.
pub(super) fn made_up(seed: u64) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    dice.page()
}

const VALUES: [&str; 22] = [
    r#""x""#,
    r#""O&#039;Neil &amp;lt; \"\/\u00fc\ud83d\ude00""#,
    r#""""#,
    r#""1""#,
    r#""=1+1""#,
    r#""-5""#,
    r#""a,b\"\r\nc""#,
    r#""\u0000\u001b\u007f&""#,
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.9",
    "1.5e3",
    "18446744073709551615",
    "18446744073709551616",
    "[]",
    "{}",
    r#"[1,{"a":"&amp;"}]"#,
    r#"{"a":1,"a":2}"#,
    r#"{"b":[null,true],"c":"x"}"#,
];
/// What no JSON reader takes.
const BROKEN: [&str; 4] = [r#""\ud800""#, "1e999", "nul", "\"\u{1}\""];
const NAMES: [&str; 7] = ["id", "a", "b", "email_id", r#"a,\"b"#, "d", r"\u0065"];

/// A generator of its own, so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    /// Now and then.
    fn odd(&mut self) -> bool {
        self.below(60) == 0
    }

    fn one_of(&mut self, texts: &[&str]) -> String {
        texts[self.below(texts.len())].to_owned()
    }

    fn value(&mut self) -> String {
        match self.below(400) {
            0 => self.one_of(&BROKEN),
            1 => format!("{}1{}", "[".repeat(126), "]".repeat(126)),
            _ => self.one_of(&VALUES),
        }
    }

    fn text(&mut self) -> String {
        self.one_of(&VALUES[..8])
    }

    fn page(&mut self) -> String {
        let mut members = vec![
            format!(r#""result_count":{}"#, self.below(9)),
            format!(r#""total_count":"{}""#, self.below(99)),
            format!(r#""next_offset":{}"#, self.below(9)),
        ];
        let entries: Vec<String> = (0..self.below(5)).map(|_| self.entry()).collect();
        members.push(format!(r#""entry_list":[{}]"#, entries.join(",")));
        members.push(String::from(r#""relationship_list":[]"#));
        self.spoil(
            &mut members,
            &["total_count", "next_offset", "entry_list", "relationship_list", "name"],
        );
        format!("{{{}}}", members.join(","))
    }

    fn entry(&mut self) -> String {
        if self.odd() {
            return self.value();
        }
        let mut members = vec![
            format!(r#""id":{}"#, self.text()),
            String::from(r#""module_name":"Contacts""#),
        ];
        let as_list = self.below(4) == 0;
        let pairs: Vec<String> = (0..self.below(7))
            .map(|number| {
                let name = match self.below(4) {
                    0 => self.one_of(&NAMES),
                    _ => NAMES[number.min(5)].to_owned(),
                };
                let pair = self.pair(&name);
                if as_list { pair } else { format!(r#""{name}":{pair}"#) }
            })
            .collect();
        let pairs = pairs.join(",");
        members.push(match as_list {
            true => format!(r#""name_value_list":[{pairs}]"#),
            false => format!(r#""name_value_list":{{{pairs}}}"#),
        });
        self.spoil(&mut members, &["id", "module_name", "name_value_list", "x"]);
        format!("{{{}}}", members.join(","))
    }

    fn pair(&mut self, name: &str) -> String {
        if self.below(300) == 0 {
            return self.value();
        }
        let mut members = vec![format!(r#""name":"{name}""#), format!(r#""value":{}"#, self.value())];
        if self.below(5) == 0 {
            self.spoil(&mut members, &["name", "value", "x"]);
        }
        format!("{{{}}}", members.join(","))
    }

    /// Now and then leaves a member out, moves one, or puts one in that there may be already.
    fn spoil(&mut self, members: &mut Vec<String>, names: &[&str]) {
        if self.odd() {
            let gone = self.below(members.len());
            members.remove(gone);
        }
        if members.len() > 1 && self.odd() {
            let moved = members.remove(self.below(members.len()));
            members.insert(self.below(members.len() + 1), moved);
        }
        if self.odd() {
            let member = format!(r#""{}":{}"#, self.one_of(names), self.value());
            members.insert(self.below(members.len() + 1), member);
        }
    }
}
