//! Both ways of reading a page must agree.

use super::*;

/// Both ways, which must agree where the quick one says anything. The lines, and whether it did.
fn both(body: &str, key: &str) -> (String, bool) {
    let value = serde_json::from_str(body).unwrap();
    let whole = Lines.whole(&GetEntryList::new("Contacts"), key, value).unwrap();
    let quick = Lines.quick(body.as_bytes(), key);
    if let Some(quick) = &quick {
        assert_eq!((quick.len, quick.total_count), (whole.len, whole.total_count), "{body}");
        assert_eq!((&quick.last_key, &quick.rows), (&whole.last_key, &whole.rows), "{body}");
    }
    (String::from_utf8(whole.rows).unwrap(), quick.is_some())
}

fn page(entries: &str) -> String {
    format!(r#"{{"result_count":1,"total_count":"7","next_offset":1,"entry_list":[{entries}],"relationship_list":[]}}"#)
}

#[test]
fn texts_are_decoded_once_and_the_rest_comes_as_it_is() {
    let fields = r#"{"id":{"name":"id","value":"o&#039;brien"},"name":{"name":"name","value":"\u00fc &amp;lt; \"\/\u001b"},
        "deleted":{"name":"deleted","value":0},"rate":{"name":"rate","value":-0.9},
        "sum":{"name":"sum","value":1042.9126514652999},"none":{"name":"none","value":null},
        "flag":{"name":"flag","value":true},"bare":{"name":"bare"}}"#;
    let entry = format!(r#"{{"id":"o&#039;brien","module_name":"Contacts","name_value_list":{fields}}}"#);
    let line = "{\"id\":\"o'brien\",\"name\":\"ü &lt; \\\"/\\u001b\",\"deleted\":0,\"rate\":-0.9,\
        \"sum\":1042.9126514652999,\"none\":null,\"flag\":true";
    let (lines, quick) = both(&page(&entry), "id");
    assert!(quick && lines.starts_with(line), "{lines}");
    assert_eq!(
        Lines.quick(page(&entry).as_bytes(), "id").unwrap().last_key.unwrap(),
        "o'brien"
    );
    let list = r#"{"id":"1","name_value_list":[{"name":"id","value":"1"},{"name":"a","value":"x"}]}"#;
    assert_eq!(
        both(&page(list), "id"),
        ("{\"id\":\"1\",\"a\":\"x\"}\n".to_owned(), true)
    );
    let empty = r#"{"id":"1","name_value_list":[]}"#;
    assert_eq!(both(&page(&[list, empty].join(",")), "id").0.lines().count(), 2);
    assert_eq!(both(&page(""), "id"), (String::new(), true));
}

#[test]
fn a_real_page() {
    let capture = include_str!("../../../tests/captures/m_list_accounts.txt");
    let body = capture.lines().find(|line| line.starts_with('{')).unwrap();
    let (lines, quick) = both(body, "id");
    assert!(quick);
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["name"], "Nguyễn \"Best\" LLC 01808");
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn the_key_is_a_field_or_the_id_and_never_that_of_the_record_before() {
    let first = r#"{"id":"1","name_value_list":[{"name":"email_id","value":"a"}]}"#;
    let without = r#"{"name_value_list":[{"name":"email_id"}]}"#;
    for (key, last) in [("email_id", "a"), ("other", "1")] {
        assert_eq!(
            Lines.quick(page(first).as_bytes(), key).unwrap().last_key.unwrap(),
            last
        );
        both(&page(&format!("{first},{without}")), key);
    }
}

#[test]
fn what_is_written_otherwise_is_left_to_the_other_way() {
    for entry in [
        r#"{"id":"1","name_value_list":[{"value":"x","name":"a"}]}"#,
        r#"{"id":"1","name_value_list":[{"name":"a","value":"x"},{"name":"b","value":"y"},{"name":"a","value":"z"}]}"#,
        // Of two members that are called alike only the last counts, whatever names they hold.
        r#"{"id":"1","name_value_list":{"a":{"name":"b","value":"x"},"a":{"name":"a","value":"y"}}}"#,
    ] {
        assert!(!both(&page(entry), "id").1, "{entry}");
    }
    let no_pages = [
        r#"{"name":"Invalid Session ID","number":11,"description":"x"}"#,
        "null",
        "<b>Notice</b>{}",
        r#"{"next_offset":0,"entry_list":[]} x"#,
        r#"{"next_offset":0,"entry_list":[{"id":"1","name_value_list":[{"name":"a","value":"#,
    ];
    for body in no_pages {
        assert!(Lines.quick(body.as_bytes(), "id").is_none(), "{body}");
    }
}
