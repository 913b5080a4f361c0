//! The envelope of a call, as docs/server.md has it, by raw HTTP against the sandbox.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, JSON, assert_error, assert_refused};
use raw_http::{get, post, request, send};
use serde_json::json;
use signer::percent;
use std::io::{Read, Write};

#[tokio::test]
async fn an_unknown_method_answers_minus_one_as_a_string() {
    let harness = Harness::start().await;
    let answer = harness.call("no_such_method", &json!([]));
    assert_eq!((answer.status(), &answer.json()["number"]), (200, &json!("-1")));
    assert_eq!(harness.plain(&[JSON[0], JSON[1]]).json()["number"], json!("-1"));
    assert_eq!(harness.plain(&[("method", "no_such_method")]).text(), "");
}

#[tokio::test]
async fn any_error_without_response_type_json_is_200_html_and_empty() {
    let harness = Harness::start().await;
    let unknown = json!(["0123456789abcdef0123456789abcdef"]).to_string();
    for method in [
        "get_user_id",
        "get_available_modules",
        "get_entry_list",
        "no_such_method",
    ] {
        let answer = harness.plain(&[("input_type", "JSON"), ("method", method), ("rest_data", &unknown)]);
        assert_eq!((answer.status(), answer.text().as_str()), (200, ""), "{method}");
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/html; charset=UTF-8"),
            "{method}"
        );
    }
}

#[tokio::test]
async fn arguments_go_by_position_or_by_name() {
    let harness = Harness::start().await;
    let session = harness.session();
    let by_position = harness.call("get_entries_count", &json!([session, "Accounts", "", 0]));
    let shuffled = json!({"deleted": 0, "query": "", "session": session, "module_name": "Accounts"});
    let by_name = harness.call("get_entries_count", &shuffled);
    assert!(by_position.json()["result_count"].is_string(), "{}", by_position.text());
    assert_eq!(by_position.text(), by_name.text());
}

#[tokio::test]
async fn an_unknown_or_missing_argument_name_is_an_empty_500() {
    let harness = Harness::start().await;
    let session = harness.session();
    assert_refused(&harness.call("get_user_id", &json!({"session": session, "other": 1})));
    assert_refused(&harness.call("get_user_id", &json!({"sesion": session})));
    assert_refused(&harness.call("get_user_id", &json!({})));
    assert_refused(&harness.call("get_user_id", &json!([])));
    assert_refused(&harness.call("get_entries_count", &json!([session, "Accounts", ""])));
    assert_refused(&harness.call("get_server_info", &json!({"session": session})));
    assert_refused(&harness.call("login", &json!({"name_value_list": []})));
}

#[tokio::test]
async fn optional_arguments_have_their_defaults_and_surplus_positions_are_passed_over() {
    let harness = Harness::start().await;
    let session = harness.session();
    assert_error(&harness.call("get_entry_list", &json!({"session": session})), 20);
    assert_eq!(
        harness.call("get_user_id", &json!([session, "surplus"])).text(),
        "\"1\""
    );
    assert_eq!(
        harness.call("get_server_info", &json!(["surplus"])).json()["flavor"],
        "CE"
    );
}

#[tokio::test]
async fn rest_data_that_is_no_json_answers_null() {
    let harness = Harness::start().await;
    let with = |rest_data: &str| {
        harness
            .plain(&[JSON[0], JSON[1], ("method", "get_entry_list"), ("rest_data", rest_data)])
            .text()
    };
    for rest_data in ["{broken", "", "null", "[\"\"", "a=b"] {
        assert_eq!(with(rest_data), "null", "{rest_data}");
    }
}

#[tokio::test]
async fn a_json_request_body_is_not_read() {
    let harness = Harness::start().await;
    let body = json!({"method": "get_server_info", "input_type": "JSON", "response_type": "JSON"}).to_string();
    let target = format!("{}?response_type=JSON", harness.path("v4_1"));
    let headers = [("Content-Type", "application/json")];
    // Its type decides, so a form under that name is not read either.
    for body in [body.as_str(), "method=get_server_info"] {
        let bytes = request("POST", harness.url(), &target, &headers, body.as_bytes());
        assert_eq!(send(harness.url(), &bytes).json()["number"], json!("-1"), "{body}");
    }
}

#[tokio::test]
async fn a_call_may_come_by_get_and_a_body_covers_the_query() {
    let harness = Harness::start().await;
    let query = "method=get_server_info&input_type=JSON&response_type=JSON";
    let target = format!("{}?{query}", harness.path("v4"));
    assert_eq!(get(harness.url(), &target, &[]).json()["suitecrm_version"], "7.14.6");
    let answer = post(harness.url(), &target, &[], "method=no_such_method");
    assert_eq!(answer.json()["number"], json!("-1"));
}

#[tokio::test]
async fn forms_are_decoded_as_php_decodes_them() {
    let harness = Harness::start().await;
    let session = harness.session();
    let count = |query: &str| {
        let rest_data = json!([session, "Accounts", query, 0]).to_string();
        percent(&rest_data)
    };
    let path = harness.path("v4_1");
    let plus = count("accounts.name = 'nothing like this'").replace("%20", "+");
    let call = "method=get_entries_count&input.type=JSON&response+type=JSON&rest_data=";
    // The last value of a name counts, `.` and a space in a name are `_`, and `+` is a space.
    let form = format!("method=get_user_id&{call}{}&rest_data={plus}", count(""));
    assert_eq!(post(harness.url(), &path, &[], &form).json()["result_count"], "0");
}

#[tokio::test]
async fn a_url_over_8190_bytes_is_414() {
    let harness = Harness::start().await;
    let target = |length: usize| {
        let start = format!("{}?method=get_server_info&response_type=JSON&x=", harness.path("v4_1"));
        let fill = length - start.len() - "GET  HTTP/1.1".len();
        start + &"x".repeat(fill)
    };
    assert_eq!(get(harness.url(), &target(8190), &[]).status(), 200);
    assert_eq!(get(harness.url(), &target(8191), &[]).status(), 414);
    assert_eq!(get(harness.url(), &target(60_000), &[]).status(), 414);
}

#[tokio::test]
async fn get_server_info_needs_neither_session_nor_signature_and_tells_the_servers_time() {
    let harness = Harness::start().await;
    harness.sandbox.clock().set_offset(-86_400 * 365);
    let answer = harness.plain(&[JSON[1], ("method", "get_server_info"), ("oauth_token", "unknown")]);
    let info = answer.json();
    assert_eq!((&info["flavor"], &info["version"]), (&json!("CE"), &json!("6.5.25")));
    let time = info["gmt_time"].as_str().expect("a time");
    assert_eq!(time.len(), "2026-11-21 08:59:29".len());
    let date = answer.header("Date").expect("a date");
    assert!(
        date.contains(&time[..4]) && date.contains(&time[11..18]),
        "{time} and {date}"
    );
}

#[tokio::test]
async fn get_available_modules_names_123_and_with_default_32() {
    let harness = Harness::start().await;
    let session = harness.session();
    let keys = |filter: &str| -> Vec<String> {
        let answer = harness
            .call("get_available_modules", &json!({"session": session, "filter": filter}))
            .json();
        let modules = answer["modules"].as_array().expect("modules").clone();
        modules
            .iter()
            .filter_map(|module| module["module_key"].as_str())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(keys("all").len(), 123);
    let default = keys("default");
    assert_eq!(default.len(), 32);
    for absent in [
        "Users",
        "EmailAddresses",
        "DocumentRevisions",
        "ProjectTask",
        "Bugs",
        "SecurityGroups",
    ] {
        assert!(!default.iter().any(|key| key == absent), "{absent}");
        assert!(keys("").iter().any(|key| key == absent), "{absent}");
    }
    assert!((1..32).contains(&keys("mobile").len()));
}

#[tokio::test]
async fn method_names_have_no_case() {
    let harness = Harness::start().await;
    assert_eq!(harness.call("Get_Server_Info", &json!([])).json()["flavor"], "CE");
}

#[tokio::test]
async fn connections_are_kept_and_bodies_may_come_in_chunks() {
    let harness = Harness::start().await;
    let mut stream = raw_http::connect(harness.url());
    let read = |stream: &mut std::net::TcpStream| {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"}") {
            let mut buffer = [0; 1024];
            let count = stream.read(&mut buffer).expect("an answer");
            assert!(count > 0, "closed after {}", String::from_utf8_lossy(&bytes));
            bytes.extend(&buffer[..count]);
        }
        raw_http::Answer::parse(&bytes).expect("an answer")
    };
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n",
        harness.path("v4_1")
    );
    let form = "method=get_server_info&response_type=JSON";
    let whole = format!("{head}Content-Length: {}\r\n\r\n{form}", form.len());
    stream.write_all(whole.as_bytes()).expect("sent");
    assert_eq!(read(&mut stream).header("Connection"), Some("Keep-Alive"));
    let (first, second) = form.split_at(10);
    let chunks = format!(
        "{:x};x=y\r\n{first}\r\n{:X}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    stream
        .write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}").as_bytes())
        .expect("sent");
    assert_eq!(read(&mut stream).json()["flavor"], "CE");
}

#[tokio::test]
async fn junk_on_the_socket_is_400_and_leaves_the_server_alive() {
    let harness = Harness::start().await;
    for junk in [
        "\u{1}\u{2}\u{3}\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    ] {
        assert_eq!(send(harness.url(), junk.as_bytes()).status(), 400, "{junk:?}");
    }
    assert_eq!(get(harness.url(), "/nowhere", &[]).status(), 404);
}
