//! Ranges of ids, and the order of rows.

use super::*;

#[test]
fn keysets_and_windows_are_exact_ranges() {
    let range = |sql: &str| parse(sql).unwrap().range(ID);
    for sql in [
        "",
        "t.id > '8'",
        "t.id >= '80' AND t.id < '81'",
        "(t.id > '8') AND ('9' > t.id)",
        "t.id = '1'",
    ] {
        assert!(range(sql).exact, "{sql}");
    }
    assert!(range("t.id BETWEEN '1' AND '2'").exact);
    for sql in [
        "t.id >= '8' AND t.id > '8'",
        "t.id > '8' AND t.id >= '8' AND t.id > '1'",
    ] {
        assert_eq!(range(sql).low, std::ops::Bound::Excluded("8".to_owned()), "{sql}");
    }
    for sql in [
        "t.id > '8' OR t.id < '1'",
        "NOT t.id > '8'",
        "t.id > 8",
        "t.id > '8' AND t.name = 'x'",
        "t.id != '1'",
    ] {
        assert!(!range(sql).exact, "{sql}");
    }
}

#[test]
fn rows_are_ordered() {
    let ordered = |sql: &str| -> Result<Vec<usize>, QueryError> {
        let order = Order::parse(sql, &Columns)?;
        let rows = rows();
        let mut places: Vec<usize> = (0..rows.len()).collect();
        places.sort_by(|&a, &b| Order::compare(&order, &rows[a], &rows[b]));
        Ok(places)
    };
    assert_eq!(ordered(""), Ok(vec![0, 1, 2, 3]));
    assert_eq!(ordered("t.id"), Ok(vec![0, 1, 3, 2]));
    assert_eq!(ordered("id DESC"), Ok(vec![2, 3, 1, 0]));
    assert_eq!(ordered("t.name asc"), Ok(vec![2, 3, 1, 0]));
    assert_eq!(ordered("t.deleted DESC, t.date_modified, t.id"), Ok(vec![3, 0, 1, 2]));
    assert_eq!(ordered("LOWER(t.name) DESC"), Ok(vec![0, 1, 3, 2]));
    for sql in [
        " ",
        "1",
        "'id'",
        "t.nosuch",
        "t.id,",
        "t.id t.name",
        "t.id DESC ASC",
        "u.id",
        "RAND()",
        "t.id LIMIT 1",
    ] {
        assert_eq!(ordered(sql), Err(QueryError::Failure), "{sql}");
    }
    for sql in [
        "t.id; drop table t",
        "SLEEP(5)",
        "(select 1)",
        "t.id -- x",
        "t.id /* */",
    ] {
        assert_eq!(ordered(sql), Err(QueryError::Refused), "{sql}");
    }
}
