//! Which rows a page holds, and that pages fit together.

use super::*;

#[test]
fn max_results_and_offset() {
    let crm = crm();
    let rows = |change: Value| crm.get_entry_list(&list(change)).unwrap()["result_count"].clone();
    for none in [json!(null), json!(0), json!(-5), json!("")] {
        assert_eq!(rows(json!({"max_results": none})), json!(20));
    }
    let total = all_ids(&crm, "Accounts", "accounts").len();
    assert_eq!(rows(json!({"max_results": 19_993})), json!(total));
    let page = crm.get_entry_list(&list(json!({"offset": 5}))).unwrap();
    assert_eq!(page["next_offset"], json!(7));
}

#[test]
fn deleted_rows_show_only_beside_live_ones() {
    let crm = crm();
    let total = |deleted: bool, query: &str| -> usize {
        let arguments = CountArguments {
            module_name: "Contacts".into(),
            query: query.into(),
            deleted,
        };
        crm.get_entries_count(&arguments).unwrap()["result_count"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert!(total(true, "") > total(false, ""));
    assert_eq!(total(true, "contacts.deleted = 0"), total(false, ""));
    assert_eq!(total(false, "contacts.deleted = 1"), 0);
    // Without brackets the condition on `deleted` binds to the last part only.
    let loose = "contacts.deleted = 1 OR contacts.id = '1'";
    assert!(total(false, loose) > total(false, "(contacts.deleted = 1 OR contacts.id = '1')"));
    let order = json!({"module_name": "Contacts", "order_by": "contacts.id DESC", "max_results": 10_000});
    let mut list_all = list(order);
    assert_eq!(
        crm.get_entry_list(&list_all).unwrap()["total_count"],
        json!(total(false, "").to_string())
    );
    list_all.deleted = true;
    assert_eq!(
        crm.get_entry_list(&list_all).unwrap()["result_count"],
        json!(total(true, ""))
    );
}

#[test]
fn offset_keyset_and_windows_give_the_same_rows() {
    let crm = crm();
    let all = all_ids(&crm, "Contacts", "contacts");
    let page = |query: &str, offset: usize, rows: usize| {
        let arguments = json!({
            "module_name": "Contacts", "order_by": "contacts.id", "select_fields": ["id"],
            "query": query, "offset": offset, "max_results": rows,
        });
        ids(&crm.get_entry_list(&list(arguments)).unwrap())
    };
    let by_offset: Vec<String> = (0..all.len())
        .step_by(7)
        .flat_map(|offset| page("", offset, 7))
        .collect();
    assert_eq!(by_offset, all);

    let mut by_keyset = page("", 0, 7);
    loop {
        let next = page(&format!("contacts.id > {}", quoted(by_keyset.last().unwrap())), 0, 7);
        if next.is_empty() {
            break;
        }
        by_keyset.extend(next);
    }
    assert_eq!(by_keyset, all);

    let window = |query: &str| page(query, 0, 10_000);
    let closed = window("contacts.id >= '0' AND contacts.id < 'g'");
    assert!(closed.len() < all.len(), "windows from '0' to 'g' lose odd ids");
    let mut windows = window("contacts.id < '8'");
    windows.extend(window("contacts.id >= '8'"));
    assert_eq!(windows, all);

    let mut backwards = json!({"module_name": "Contacts", "order_by": "contacts.id DESC", "max_results": 10_000});
    let mut reversed = ids(&crm.get_entry_list(&list(backwards.clone())).unwrap());
    reversed.reverse();
    assert_eq!(reversed, all);
    // The same by a condition that is no range.
    backwards["query"] = json!("contacts.id LIKE '%' AND contacts.id NOT IN ('1')");
    reversed = ids(&crm.get_entry_list(&list(backwards)).unwrap());
    assert_eq!(reversed.len(), all.len() - 1);
}

#[test]
fn odd_ids_are_there_and_can_be_asked_for() {
    let crm = crm();
    let all = all_ids(&crm, "Contacts", "contacts");
    for id in [
        "seed_sally_id",
        "{X}",
        "_x",
        " 1",
        "1",
        "o'brien",
        "<none>",
        "0DDBA11-UPPER",
    ] {
        assert!(all.contains(&id.to_owned()), "{id}");
        let query = format!("contacts.id = {}", quoted(id));
        let change = json!({"module_name": "Contacts", "order_by": "", "query": query, "select_fields": ["id"]});
        assert_eq!(ids(&crm.get_entry_list(&list(change)).unwrap()), [id]);
    }
    let mut by_bytes = all.clone();
    by_bytes.sort();
    assert_ne!(by_bytes, all, "the server's order is not that of bytes");
}

#[test]
fn many_records_by_keyset_and_in_any_order() {
    let crm = Crm::generated(100, 5_000, "admin");
    let page = |query: &str, order: &str, offset: usize, rows: usize| {
        let change = json!({
            "module_name": "Contacts", "order_by": order, "query": query, "offset": offset, "max_results": rows,
            "select_fields": ["id"],
        });
        crm.get_entry_list(&list(change)).unwrap()
    };
    let all = ids(&page("", "contacts.id", 0, 10_000));
    let (mut read, mut query) = (0, String::new());
    loop {
        let answer = page(&query, "contacts.id", 0, 400);
        let ids = ids(&answer);
        let Some(last) = ids.last() else { break };
        // The total is that of the condition: what is still to come.
        assert_eq!(answer["total_count"], json!((all.len() - read).to_string()));
        assert_eq!(ids, all[read..(read + 400).min(all.len())]);
        query = format!("contacts.id > {}", quoted(last));
        read += ids.len();
    }
    assert_eq!(read, all.len());
    // Pages of an order with many ties fit together.
    let order = "contacts.last_name DESC, contacts.date_modified";
    let whole = ids(&page("", order, 0, 10_000));
    let pages: Vec<String> = (0..all.len())
        .step_by(999)
        .flat_map(|at| ids(&page("", order, at, 999)))
        .collect();
    assert_eq!(pages, whole);
}
