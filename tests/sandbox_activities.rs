//! Search, what was viewed last, what comes next, and the methods that nobody misses, on the sandbox.

#[path = "support/captures.rs"]
mod captures;
#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use captures::short;
use harness::{Harness, assert_error, assert_refused};
use serde_json::{Value, json};
use sugar_oauth::sandbox::Sandbox;

const RECORDED_SESSION: &str = "6b27832e0115eec82b6086f18d9b2f6d";
const RECORDED_CONTACT: &str = "ada4ba15-0f7f-cca3-fe94-6b016d579bb7";

struct Case {
    harness: Harness,
    session: String,
}

impl Case {
    async fn start() -> Self {
        let harness = Harness::start().await;
        let session = harness.session();
        Self { harness, session }
    }

    /// A call with the session and more arguments, by position.
    fn call(&self, method: &str, arguments: &[Value]) -> Value {
        let mut all = vec![json!(self.session)];
        all.extend_from_slice(arguments);
        let answer = self.harness.call(method, &json!(all));
        assert_eq!(answer.status(), 200, "{method}: {}", answer.text());
        answer.json()
    }

    fn make(&self, module: &str, values: Value) -> String {
        let made = self.call("set_entry", &[json!(module), values]);
        made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    /// The names of the modules searched, and how many records of each were found.
    fn search(&self, arguments: &[Value]) -> Vec<(String, usize)> {
        let answer = self.call("search_by_module", arguments);
        let entries = answer["entry_list"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let found = entries.iter().map(|entry| {
            let name = entry["name"].as_str().expect("a name").to_owned();
            (name, entry["records"].as_array().expect("a list").len())
        });
        found.collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_answered_byte_for_byte() {
    let case = Case::start().await;
    for name in [
        "m_seamless_login",
        "m_job_queue_next",
        "m_get_last_viewed",
        "m_get_upcoming_activities",
    ] {
        let capture = short(name, &[(RECORDED_SESSION, &case.session)]);
        let answer = case.harness.call(&capture.method, &capture.rest_data);
        assert_eq!(answer.text(), capture.body, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_answers_as_recorded() {
    let case = Case::start().await;
    let values = json!({"first_name": "Ægirson", "last_name": "O'Neil & <b>Sons</b> ü"});
    let contact = case.make("Contacts", values);
    // On the recorded instance one contact only had this first name.
    let ids = [
        (RECORDED_SESSION, case.session.as_str()),
        (RECORDED_CONTACT, &contact),
        ("Ægir", "Ægirson"),
        ("\\u00c6gir", "\\u00c6girson"),
    ];
    let capture = short("m_search_by_module", &ids);
    let answer = case.harness.call(&capture.method, &capture.rest_data);
    assert_eq!(answer.text(), capture.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_looks_at_names_phone_numbers_and_addresses_from_their_beginning() {
    let case = Case::start().await;
    let values = json!({
        "first_name": "Quintilla", "last_name": "Überzahl", "phone_work": "+999 12345", "email1": "zz9@example.test",
    });
    case.make("Contacts", values);
    let found = |text: &str| case.search(&[json!(text), json!(["Contacts"]), json!(0), json!(5)])[0].1;
    for text in [
        "Quintilla",
        "quint",
        "uberz",
        "Quintilla Über",
        "Überzahl Quin",
        "+999 123",
        "zz9@",
        "%ntilla",
    ] {
        assert_eq!(found(text), 1, "{text}");
    }
    for text in ["uintilla", "999 123", "Quintilla X"] {
        assert_eq!(found(text), 0, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_leaves_modules_out_in_silence() {
    let case = Case::start().await;
    let modules = json!(["Nope", "Currencies", "Contacts", "Accounts"]);
    let asked = |unified: Value| {
        let arguments = [
            json!("zzz"),
            modules.clone(),
            json!(0),
            json!(2),
            json!(""),
            json!([]),
            unified,
        ];
        case.search(&arguments)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(json!(true)), ["Accounts", "Contacts"]);
    assert_eq!(asked(json!(false)), ["Accounts", "Contacts", "Currencies"]);
    let by_default = case.search(&[json!("zzz"), modules.clone(), json!(0), json!(2)]);
    assert_eq!(by_default.len(), 2);
    assert!(case.search(&[json!("zzz"), json!([]), json!(0), json!(2)]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_pages_each_module_and_filters_by_user() {
    let case = Case::start().await;
    for number in 0..5 {
        let user = if number < 2 { "seed_sally_id" } else { "1" };
        let values = json!({"name": format!("Pagination {number}"), "assigned_user_id": user});
        case.make("Accounts", values);
    }
    let found = |offset: i64, rows: i64, user: &str| {
        let arguments = [
            json!("Pagination"),
            json!(["Accounts"]),
            json!(offset),
            json!(rows),
            json!(user),
        ];
        case.search(&arguments)[0].1
    };
    assert_eq!([found(0, 3, ""), found(3, 3, ""), found(6, 3, "")], [3, 2, 0]);
    // No number means 20.
    assert_eq!(found(0, 0, ""), 5);
    assert_eq!([found(0, 9, "seed_sally_id"), found(0, 9, "1")], [2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_an_owner_only_role_finds_their_own_records() {
    let harness = Harness::with(Sandbox::builder().owner_only_user("owner", "password")).await;
    let login = json!([{"user_name": "owner", "password": "password", "encryption": "PLAIN"}, "test", []]);
    let login = harness.call("login", &login).json();
    let theirs = &login["name_value_list"]["user_id"]["value"];
    let case = Case {
        session: harness.session(),
        harness,
    };
    for user in [theirs, &json!("1")] {
        case.make("Accounts", json!({"name": "Zwischenhalt", "assigned_user_id": user}));
    }
    let search = [json!("Zwischenhalt"), json!(["Accounts"]), json!(0), json!(9)];
    assert_eq!(case.search(&search)[0].1, 2);
    let session = login["id"].as_str().expect("a session").to_owned();
    let case = Case { session, ..case };
    assert_eq!(case.search(&search)[0].1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tracker_tells_what_was_looked_at_and_only_that() {
    let case = Case::start().await;
    let account = |name: &str| case.make("Accounts", json!({ "name": name }));
    let (first, second, unseen) = (account("First <1>"), account("Second"), account("Unseen"));
    let look = |id: &str, track: bool| {
        case.call(
            "get_entry",
            &[json!("Accounts"), json!(id), json!(["id"]), json!([]), json!(track)],
        );
    };
    look(&first, true);
    look(&second, true);
    look(&unseen, false);
    look("nope", true);
    let viewed = case.call("get_last_viewed", &[json!(["Contacts", "Accounts"])]);
    let row = |at: usize, name: &str| viewed[at][name].as_str().map(str::to_owned);
    assert_eq!(viewed.as_array().map(Vec::len), Some(2), "{viewed}");
    assert_eq!([row(0, "item_id"), row(1, "item_id")], [Some(second), Some(first)]);
    assert_eq!(row(1, "item_summary").as_deref(), Some("First &lt;1&gt;"));
    assert_eq!(row(1, "module_name").as_deref(), Some("Accounts"));
    assert_eq!(case.call("get_last_viewed", &[json!(["Contacts"])]), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_next_is_planned_assigned_and_in_the_future() {
    let case = Case::start().await;
    let make = |module: &str, name: &str, starts: &str, status: &str, user: &str| {
        let values = json!({"name": name, "date_start": starts, "status": status, "assigned_user_id": user});
        case.make(module, values)
    };
    make("Meetings", "late", "2099-01-02 10:00:00", "Planned", "1");
    let call = make("Calls", "early & <b>soon</b>", "2099-01-01 10:00:00", "Planned", "1");
    make("Calls", "held", "2099-01-01 10:00:00", "Held", "1");
    make("Meetings", "past", "2001-01-01 10:00:00", "Planned", "1");
    make("Meetings", "other's", "2099-01-01 10:00:00", "Planned", "seed_sally_id");
    let coming = case.call("get_upcoming_activities", &[]);
    assert_eq!(
        coming[0],
        json!({
            "id": call, "module": "Calls", "date_due": "2099-01-01 10:00:00", "summary": "early & &lt;b&gt;soon&lt;/b&gt;",
        })
    );
    assert_eq!(coming[1]["summary"], "late");
    assert_eq!(coming.as_array().map(Vec::len), Some(2), "{coming}");
    let task = json!({
        "name": "task", "date_due": "2099-06-01 10:00:00", "status": "Not Started", "assigned_user_id": "1",
    });
    case.make("Tasks", task);
    let begun = json!({
        "name": "begun", "date_due": "2099-06-01 10:00:00", "status": "In Progress", "assigned_user_id": "1",
    });
    case.make("Tasks", begun);
    let coming = case.call("get_upcoming_activities", &[]);
    assert_eq!(
        (&coming[2]["module"], &coming[2]["summary"]),
        (&json!("Tasks"), &json!("task"))
    );
    assert_eq!(coming.as_array().map(Vec::len), Some(3), "{coming}");
    for number in 0..12 {
        make("Calls", &number.to_string(), "2098-01-01 10:00:00", "Planned", "1");
    }
    let coming = case.call("get_upcoming_activities", &[]);
    assert_eq!(coming.as_array().map(Vec::len), Some(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_queue_is_empty() {
    let case = Case::start().await;
    assert_eq!(
        case.call("job_queue_cycle", &[json!("client")]),
        json!({"results": "ok"})
    );
    assert_eq!(
        case.call("job_queue_run", &[json!("job"), json!("client")]),
        json!({"results": false, "message": "Job job not found."})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_merge_answers_nothing_or_why_it_did_nothing() {
    let case = Case::start().await;
    assert_eq!(
        case.call("set_campaign_merge", &[json!(["target"]), json!("campaign")]),
        Value::Null
    );
    for (targets, campaign) in [
        (json!([]), "campaign"),
        (json!(["target"]), ""),
        (json!("target"), "campaign"),
    ] {
        let arguments = json!([case.session, targets, campaign]);
        assert_error(&case.harness.call("set_campaign_merge", &arguments), 1005);
    }
}

/// Each method, with as many arguments as it wants beside the session.
const METHODS: [(&str, usize); 19] = [
    ("get_module_fields", 1),
    ("get_module_fields_md5", 1),
    ("get_module_layout", 3),
    ("get_module_layout_md5", 3),
    ("get_language_definition", 1),
    ("search_by_module", 4),
    ("get_last_viewed", 1),
    ("get_upcoming_activities", 0),
    ("set_note_attachment", 1),
    ("get_note_attachment", 1),
    ("set_document_revision", 1),
    ("get_document_revision", 1),
    ("set_campaign_merge", 2),
    ("job_queue_next", 1),
    ("job_queue_cycle", 1),
    ("job_queue_run", 2),
    ("seamless_login", 0),
    ("get_entries_count", 3),
    ("logout", 0),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_method_refuses_a_session_that_is_not_there_and_missing_arguments() {
    let case = Case::start().await;
    for (method, count) in METHODS {
        let arguments = |session: &str, count: usize| {
            let mut all = vec![json!(session)];
            all.resize(count + 1, json!(""));
            json!(all)
        };
        let invalid = case
            .harness
            .call(method, &arguments("0123456789abcdef0123456789abcdef", count));
        assert_error(&invalid, 11);
        let empty = case.harness.call(method, &arguments("", count));
        assert_eq!(empty.text(), "null", "{method}");
        if count > 0 {
            assert_refused(&case.harness.call(method, &arguments(&case.session, count - 1)));
        }
        let unknown = json!({"session": case.session, "no_such_argument": 1});
        assert_refused(&case.harness.call(method, &unknown));
    }
}
