//! Each decoder reads a page in two ways, from its bytes and by a tree of JSON, which must agree wherever the first says
//! anything; and tables hold what the tree holds.

mod pages;

use std::collections::HashSet;
use std::time::Instant;

use serde_json::Value;

use super::*;
use crate::records::lines::Lines;
use crate::rest::Envelope;
use crate::transport::Answer;
use crate::v4_1::decode_entities;

/// An answer by the way that a call without a quick reader takes.
fn slowly<D: Decoder>(decoder: &D, body: &[u8], key: &str) -> Option<Decoded<D::Rows>> {
    let answer = Answer {
        status: 200,
        content_type: String::from("application/json"),
        location: None,
        retry_after: None,
        date: None,
        heard: Instant::now(),
        body: body.to_vec(),
    };
    match Envelope::read(&answer) {
        Ok(Envelope::Value(value)) => decoder.whole(&GetEntryList::new("Contacts"), key, value).ok(),
        _ => None,
    }
}

/// Whether a decoder's quick way reads this, having read the same as the other way.
fn agrees<D: Decoder, T: PartialEq>(decoder: &D, body: &[u8], key: &str, shown: impl Fn(D::Rows) -> T) -> bool {
    let Some(quick) = decoder.quick(body, key) else {
        return false;
    };
    let text = String::from_utf8_lossy(body);
    let slow = slowly(decoder, body, key).unwrap_or_else(|| panic!("only the quick way reads {text}"));
    assert_eq!(quick.len, slow.len, "{text}");
    assert_eq!(quick.last_key, slow.last_key, "{text}");
    assert_eq!(quick.total_count, slow.total_count, "{text}");
    assert!(shown(quick.rows) == shown(slow.rows), "{text}");
    true
}

fn tables(format: Format, csv_safe: bool, fields: &[String]) -> Pages {
    Pages::Tables {
        renderer: Arc::new(Renderer::new(format, csv_safe, fields)),
        with_ids: true,
    }
}

/// What is written of a table, and what tells its records apart.
fn written(rows: Rows) -> (String, Vec<(String, Option<String>)>) {
    let Rows::Table(table) = rows else {
        panic!("no table");
    };
    let lines = table.lines(|_| true, |_| None).unwrap();
    let ids = table.records.into_iter().map(|record| (record.id, record.key));
    (String::from_utf8(lines).unwrap(), ids.collect())
}

/// What `serde_json` and `csv` write of the records that the slow way reads.
fn expected(body: &[u8], key: &str, format: Format, csv_safe: bool, fields: &[String]) -> Option<String> {
    let entries = slowly(&Entries, body, key)?.rows;
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut ndjson = String::new();
    for entry in &entries {
        let decoded = |field: &String| match entry.raw(field) {
            Some(Value::String(text)) => Some(Value::from(decode_entities(text))),
            other => other.cloned(),
        };
        let object: serde_json::Map<String, Value> = fields
            .iter()
            .filter_map(|field| Some((field.clone(), decoded(field)?)))
            .collect();
        ndjson.push_str(&format!("{}\n", Value::Object(object)));
        let cells = fields.iter().map(|field| {
            let text = entry.get(field).unwrap_or_default();
            let number = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let is_number = number.starts_with(|first: char| first.is_ascii_digit()) && number.parse::<f64>().is_ok();
            let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number;
            if csv_safe && is_formula {
                format!("'{text}")
            } else {
                text.into_owned()
            }
        });
        csv.write_record(cells).unwrap();
    }
    Some(match format {
        Format::Ndjson => ndjson,
        Format::Csv => String::from_utf8(csv.into_inner().unwrap()).unwrap(),
    })
}

/// Whether the quick ways read this, all decoders having read what the slow way reads. The lines' may leave more.
fn all_agree(body: &[u8], key: &str, fields: &[String]) -> bool {
    let read = agrees(&Entries, body, key, |entries| entries);
    agrees(&Lines, body, key, |lines| lines);
    for (format, csv_safe) in [(Format::Ndjson, false), (Format::Csv, false), (Format::Csv, true)] {
        let pages = tables(format, csv_safe, fields);
        assert_eq!(agrees(&pages, body, key, written), read);
        let page = pages.quick(body, key).or_else(|| slowly(&pages, body, key));
        let lines = page.map(|page| written(page.rows).0);
        let expected = expected(body, key, format, csv_safe, fields);
        assert_eq!(lines, expected, "{}", String::from_utf8_lossy(body));
    }
    read
}

fn names(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|&field| field.to_owned()).collect()
}

#[test]
fn captured_answers_are_read_alike_in_both_ways() {
    let fields = names(&[
        "id",
        "last_name",
        "description",
        "name",
        "title",
        "date_modified",
        "absent",
    ]);
    let mut quick = Vec::new();
    for (name, body) in pages::captured() {
        if all_agree(&body, "id", &fields) {
            quick.push(name);
        }
    }
    quick.sort();
    let lists = [
        "list_empty",
        "list_ok",
        "list_past_end",
        "list_special_chars",
        "m_get_modified_relationships",
        "m_list_accounts",
        "signed_list_get",
    ];
    assert_eq!(quick, lists);
}

#[test]
fn made_up_answers_are_read_alike_in_both_ways() {
    let fields = names(&["id", "a", "b", "email_id", "a,\"b", "d"]);
    let (mut quick, mut slow) = (0, 0);
    let mut seen = HashSet::new();
    for seed in 1..=3_000 {
        let body = pages::made_up(seed);
        let key = if seed % 5 == 0 { "email_id" } else { "id" };
        if all_agree(body.as_bytes(), key, &fields) {
            quick += 1;
        } else if slowly(&Entries, body.as_bytes(), key).is_some() {
            slow += 1;
        }
        seen.insert(body);
    }
    // Few of either would prove little.
    assert!(
        quick > 500 && slow > 100 && seen.len() > 2_500,
        "{quick}, {slow}, {}",
        seen.len()
    );
}

#[test]
fn what_no_server_is_known_to_write_is_read_the_slow_way() {
    let pair = r#"{"name":"id","value":"1"}"#;
    let page = |entry: &str| format!(r#"{{"next_offset":1,"entry_list":[{entry}]}}"#);
    let read_slowly = [
        r#"{"id":"1","name_value_list":[{"value":"x","name":"a"}]}"#.to_owned(),
        format!(r#"{{"id":"1","name_value_list":[{pair}],"name_value_list":[]}}"#),
        format!(r#"{{"id":"1","id":"2","name_value_list":[{pair}]}}"#),
        format!(r#"{{"id":5,"name_value_list":[{pair}]}}"#),
        r#"{"id":"1","name_value_list":[{"name":"a","value":"x","value":"y"}]}"#.to_owned(),
        r#"{"id":"1","module_name":5}"#.to_owned(),
        "5".to_owned(),
    ];
    let fields = names(&["id", "a"]);
    for entry in read_slowly {
        let body = page(&entry);
        assert!(!all_agree(body.as_bytes(), "id", &fields), "{body}");
        assert!(slowly(&Entries, body.as_bytes(), "id").is_some(), "{body}");
    }
    for body in [
        "",
        "null",
        "[]",
        "{",
        r#"{"entry_list":[]}"#,
        r#"{"next_offset":1}"#,
        r#"{"next_offset":1,"entry_list":{}}"#,
        r#"{"next_offset":1,"entry_list":[{"id":"1","name_val"#,
        r#"{"next_offset":1,"entry_list":[{"id":"1","name_value_list":"x"}]}"#,
        r#"{"next_offset":1,"entry_list":[],"x":"\ud800"}"#,
        r#"{"next_offset":1,"entry_list":[],"x":1e999}"#,
        &format!(
            r#"{{"next_offset":1,"entry_list":[],"x":{}1{}}}"#,
            "[".repeat(200),
            "]".repeat(200)
        ),
        r#"{"name":"Invalid Session ID","number":11,"description":"The session ID is invalid"}"#,
    ] {
        assert!(!all_agree(body.as_bytes(), "id", &fields), "{body}");
        assert!(slowly(&Entries, body.as_bytes(), "id").is_none(), "{body}");
    }
    assert!(!all_agree(
        b"{\"next_offset\":1,\"entry_list\":[],\"x\":\"\xff\"}",
        "id",
        &fields
    ));
    for before in ["\u{feff}", "<b>Notice</b>: x in y.php\n"] {
        let body = format!("{before}{}", page(r#"{"id":"1"}"#));
        assert!(!all_agree(body.as_bytes(), "id", &fields), "{body}");
        assert_eq!(slowly(&Entries, body.as_bytes(), "id").unwrap().len, 1, "{body}");
    }
}

#[test]
fn other_values_stand_in_their_columns() {
    let body = r#"{"next_offset":2,"entry_list":[
        {"id":"1","name_value_list":[{"name":"a","value":"own"},{"name":"id","value":"1"}]},
        {"id":"2","name_value_list":[{"name":"id","value":"2"}]}]}"#;
    let instead: Instead = vec![("b".into(), "=x&amp;".into()), ("a".into(), String::new())];
    let with = |format, csv_safe| {
        let pages = tables(format, csv_safe, &names(&["id", "a", "b"]));
        let Some(Rows::Table(table)) = pages.quick(body.as_bytes(), "id").map(|page| page.rows) else {
            panic!("no table");
        };
        let lines = table.lines(|_| true, |record| (record.id == "1").then_some(&instead));
        String::from_utf8(lines.unwrap()).unwrap()
    };
    assert_eq!(
        with(Format::Ndjson, false),
        "{\"id\":\"1\",\"a\":\"\",\"b\":\"=x&amp;\"}\n{\"id\":\"2\"}\n"
    );
    assert_eq!(with(Format::Csv, true), "1,,'=x&amp;\n2,,\n");
}
