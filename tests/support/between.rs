//! The example `migrate` as a process, between an old and a new practice instance, which are looked at by raw HTTP and in
//! what they store.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};
use sugar_oauth::sandbox::{ReceivedRequest, Sandbox, SandboxBuilder};
use tempfile::TempDir;

use crate::process::program;
use crate::{raw_http, v11};

pub const MODULES: [&str; 5] = ["Accounts", "Contacts", "Calls", "Meetings", "Notes"];
/// The links that the built-in map carries, seen from the module that has fewer of them.
pub const LINKS: [(&str, &str); 5] = [
    ("Accounts", "contacts"),
    ("Calls", "contacts"),
    ("Calls", "users"),
    ("Meetings", "contacts"),
    ("Meetings", "users"),
];

const TOKEN: (&str, &str) = ("token-of-the-migration", "secret-of-the-token");
/// A session of the test's own on the old instance.
const SESSION: &str = "0123456789abcdef0123456789abcdef";
/// The example's platform, which is not the test's.
pub const PLATFORM: &str = "data_migration";
pub const PASSWORD: &str = "a password";

pub struct Between {
    pub old: Sandbox,
    pub new: Sandbox,
    pub folder: TempDir,
    /// The test's own, on the new instance.
    pub token: String,
}

/// How a run ended.
pub struct Ended {
    pub status: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Ended {
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        self.ended_with(0)
    }

    #[track_caller]
    pub fn ended_with(&self, status: i32) -> &Self {
        assert_eq!(self.status, Some(status), "{}\n{}", self.output, self.errors);
        for text in [&self.output, &self.errors] {
            assert!(!text.contains("panicked"), "{text}");
            for secret in [PASSWORD, TOKEN.1] {
                assert!(!text.contains(secret), "{secret} stands in {text}");
            }
        }
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let all = format!("{}\n{}", self.output, self.errors);
        assert!(all.contains(text), "no {text:?} in:\n{all}");
        self
    }
}

impl Between {
    pub async fn start() -> Self {
        Self::with(|old| old, |new| new).await
    }

    /// With other settings of the two.
    pub async fn with(
        old: impl FnOnce(SandboxBuilder) -> SandboxBuilder,
        new: impl FnOnce(SandboxBuilder) -> SandboxBuilder,
    ) -> Self {
        let old = old(Sandbox::builder().access_token(TOKEN.0, TOKEN.1).session(SESSION));
        let new = new(empty()).start().await.expect("the new instance starts");
        let between = Self {
            old: old.start().await.expect("the old instance starts"),
            token: v11::access_token(&new),
            new,
            folder: tempfile::tempdir().expect("a folder"),
        };
        between.attach_files();
        between
    }

    /// Puts another new instance in the place of the one that has been filled, with another folder.
    pub async fn anew(&mut self) {
        self.new = empty().start().await.expect("the new instance starts");
        self.token = v11::access_token(&self.new);
        self.folder = tempfile::tempdir().expect("a folder");
    }

    /// The generated notes have no files; every other one gets one.
    fn attach_files(&self) {
        for (number, note) in self
            .old_records("Notes")
            .iter()
            .enumerate()
            .filter(|(number, _)| number % 2 == 0)
        {
            // With every byte, and no text in any encoding.
            let content: Vec<u8> = (0..=255).cycle().skip(number).take(300 + number).collect();
            let file = base64(&content);
            let name = format!("minutes-{number}.pdf");
            let note = json!({"id": note["id"], "filename": name, "file": file});
            self.old_call("set_note_attachment", json!({"note": note}));
        }
    }

    pub fn ledger(&self) -> PathBuf {
        self.folder.path().join("the.ledger")
    }

    pub fn report(&self) -> Value {
        let text = std::fs::read(self.folder.path().join("the.ledger.report.json")).expect("a report");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// A run with a ledger of its own; `--unmapped leave`, because the practice instance has records whose parents are
    /// deleted.
    pub fn command(&self) -> Command {
        let mut command = Command::new(program("migrate"));
        command
            .env_clear()
            .current_dir(self.folder.path())
            .env("SUGAR_URL", self.old.url())
            .env("SUGAR_CONSUMER_KEY", self.old.consumer_key())
            .env("SUGAR_CONSUMER_SECRET", self.old.consumer_secret())
            .env("SUGAR_ACCESS_TOKEN", TOKEN.0)
            .env("SUGAR_ACCESS_TOKEN_SECRET", TOKEN.1)
            .env("SUGAR_TARGET_URL", self.new.url())
            .env("SUGAR_TARGET_USER", self.new.user_name())
            .env("SUGAR_TARGET_PASSWORD", PASSWORD)
            .env("SUGAR_TARGET_PLATFORM", PLATFORM)
            .arg("--ledger")
            .arg(self.ledger())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        end(self.command().args(arguments))
    }

    pub fn run_leaving(&self) -> Ended {
        self.run(&["--unmapped", "leave"])
    }

    /// A file in the folder, for `--map`.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    }

    pub fn old_call(&self, method: &str, arguments: Value) -> Value {
        let mut all = Map::new();
        all.insert("session".to_owned(), json!(SESSION));
        all.extend(arguments.as_object().expect("an object").clone());
        let data = percent_encoded(&Value::Object(all).to_string());
        let form = format!("method={method}&input_type=JSON&response_type=JSON&rest_data={data}");
        raw_http::post(self.old.url(), "/service/v4_1/rest.php", &[], &form).json()
    }

    /// The live records as they come, texts still encoded.
    pub fn old_records(&self, module: &str) -> Vec<Value> {
        let answer = self.old_call(
            "get_entry_list",
            json!({"module_name": module, "query": "", "order_by": "", "offset": 0, "select_fields": [],
                   "link_name_to_fields_array": [], "max_results": 10_000, "deleted": 0}),
        );
        let entries = answer["entry_list"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let record = |entry: &Value| {
            let pairs = entry["name_value_list"].as_object().expect("fields");
            pairs
                .iter()
                .map(|(name, pair)| (name.clone(), pair["value"].clone()))
                .collect()
        };
        entries.iter().map(record).collect()
    }

    pub fn old_set(&self, module: &str, values: Value) -> Value {
        self.old_call("set_entry", json!({"module_name": module, "name_value_list": values}))
    }

    pub fn new_get(&self, path: &str) -> Value {
        let answer = v11::get(&self.new, &self.token, path);
        assert_eq!(answer.status(), 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub fn new_post(&self, path: &str, body: &Value) -> Value {
        let answer = v11::post(&self.new, &self.token, path, body);
        assert!(matches!(answer.status(), 200 | 201), "{path}: {}", answer.text());
        answer.json()
    }

    /// All records by id.
    pub fn new_records(&self, module: &str) -> BTreeMap<String, Value> {
        let page = self.new_get(&format!("/v11/{module}?max_num=1000"));
        assert_eq!(page["next_offset"], -1, "more than a page of {module}");
        let records = page["records"].as_array().expect("records");
        records
            .iter()
            .map(|record| (v11::text(&record["id"]), record.clone()))
            .collect()
    }

    pub fn new_linked(&self, module: &str, id: &str, link: &str) -> BTreeSet<String> {
        let page = self.new_get(&format!("/v11/{module}/{id}/link/{link}?fields=id&max_num=1000"));
        let records = page["records"].as_array().expect("records");
        records.iter().map(|record| v11::text(&record["id"])).collect()
    }

    /// A note's file, if it has one.
    pub fn new_file(&self, note: &str) -> Option<Vec<u8>> {
        let answer = v11::get(&self.new, &self.token, &format!("/v11/Notes/{note}/file/filename"));
        (answer.status() == 200).then_some(answer.body)
    }

    /// Everything that a migration puts on the new instance, as it is stored, to be compared.
    pub fn new_contents(&self) -> BTreeMap<String, String> {
        let mut contents = BTreeMap::new();
        for module in MODULES {
            for record in self.new.stored_records(module) {
                let id = &record.id;
                if let Some(file) = self.new.stored_file(id) {
                    contents.insert(format!("file {id}"), format!("{file:?}"));
                }
                for (_, link) in LINKS.iter().filter(|(left, _)| *left == module) {
                    let linked = BTreeSet::from_iter(self.new.stored_links(module, id, link));
                    contents.insert(format!("{module} {id} {link}"), format!("{linked:?}"));
                }
                contents.insert(format!("{module} {id}"), format!("{record:?}"));
            }
        }
        contents
    }

    /// How often each record was sent to the new instance, to be made there.
    pub fn times_sent(&self) -> BTreeMap<String, u32> {
        let mut times = BTreeMap::new();
        for request in self
            .new
            .requests()
            .iter()
            .filter(|request| request.path.ends_with("/bulk"))
        {
            for write in bulk_of(request).iter().filter(|write| write["method"] == "POST") {
                let record: Value = serde_json::from_str(&v11::text(&write["data"])).expect("JSON");
                // Links have no id of their own.
                if let Some(id) = record["id"].as_str() {
                    *times.entry(format!("{} {id}", v11::text(&write["url"]))).or_default() += 1;
                }
            }
        }
        times
    }

    /// The writes that the new instance received, one by one.
    pub fn writes(&self) -> Vec<String> {
        let requests = self.new.requests();
        requests.iter().flat_map(writes_of).collect()
    }
}

fn empty() -> SandboxBuilder {
    v11::builder().platform(PLATFORM).keep_dates_and_authors(true)
}

fn bulk_of(request: &ReceivedRequest) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    body["requests"].as_array().expect("requests").clone()
}

fn writes_of(request: &ReceivedRequest) -> Vec<String> {
    let is_of_records = request.path.starts_with("/rest/") && !request.path.contains("/oauth2/");
    if request.method == "GET" || !is_of_records {
        return Vec::new();
    }
    if !request.path.ends_with("/bulk") {
        return vec![format!("{} {}", request.method, request.path)];
    }
    let requests = bulk_of(request);
    let write = |request: &Value| format!("{} {}", v11::text(&request["method"]), v11::text(&request["url"]));
    requests
        .iter()
        .map(write)
        .filter(|write| !write.starts_with("GET"))
        .collect()
}

pub fn end(command: &mut Command) -> Ended {
    let output = command.output().expect("it runs");
    Ended {
        status: output.status.code(),
        output: String::from_utf8(output.stdout).expect("UTF-8"),
        errors: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A map of fields that both practice instances have.
pub const MAP: &str = "\
[Accounts.fields]
name = \"name\"
industry = \"industry\"
interests_c = \"interests_c\"
assigned_user_id = \"assigned_user_id\"

[Contacts.fields]
last_name = \"last_name\"
assigned_user_id = \"assigned_user_id\"

[Contacts.links]
accounts = \"accounts\"

[Notes.fields]
name = \"name\"
parent_type = \"parent_type\"
parent_id = \"parent_id\"
";

fn percent_encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * place) & 63];
            text.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
