//! A practice instance with some thousand records, exports of it, and what they hold.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use sugar_oauth::records::export::{Export, Manifest};
use sugar_oauth::sandbox::{Fault, ReceivedRequest, Sandbox, SandboxBuilder};
use sugar_oauth::{AccessToken, Client, Consumer, Instance, Session, TokenSecret, Transport, TransportBuilder};

pub const TOKEN: (&str, &str) = ("first-token", "secret-of-the-first");
pub const OTHER_TOKEN: (&str, &str) = ("other-token", "secret-of-the-other");
pub const CONSUMER: (&str, &str) = ("the-key", "the-secret-of-the-key");

/// So many contacts: three sessions with pages of 100 take some forty pages.
pub const CONTACTS: usize = 3_000;

pub struct Place {
    pub sandbox: Arc<Sandbox>,
    pub root: tempfile::TempDir,
}

pub fn builder() -> SandboxBuilder {
    Sandbox::builder()
        .records(0, CONTACTS)
        .consumer(CONSUMER.0, CONSUMER.1)
        .access_token(TOKEN.0, TOKEN.1)
        .access_token(OTHER_TOKEN.0, OTHER_TOKEN.1)
}

impl Place {
    pub async fn new() -> Self {
        Self::with(builder()).await
    }

    pub async fn with(builder: SandboxBuilder) -> Self {
        Self {
            sandbox: Arc::new(builder.start().await.unwrap()),
            root: tempfile::tempdir().unwrap(),
        }
    }

    /// A session of a client that does not wait long and takes no large answers.
    pub async fn session(&self) -> Session {
        self.session_by(TOKEN).await.unwrap()
    }

    /// A session of a patient client, for what a test writes.
    pub async fn writer(&self) -> Session {
        self.session_of(TOKEN, Transport::builder()).await.unwrap()
    }

    pub async fn session_by(&self, token: (&str, &str)) -> sugar_oauth::Result<Session> {
        let transport = Transport::builder()
            .read_timeout(Duration::from_millis(400))
            .answer_limit(512 << 10);
        self.session_of(token, transport).await
    }

    async fn session_of(&self, token: (&str, &str), transport: TransportBuilder) -> sugar_oauth::Result<Session> {
        let client = Client::builder(Instance::parse(self.sandbox.url()).unwrap())
            .consumer(Consumer::new(CONSUMER.0, CONSUMER.1).unwrap())
            .transport(&transport.build())
            .tolerated_clock_lead(Duration::from_secs(2 * 3600))
            .build();
        let token = AccessToken::from_parts(token.0, TokenSecret::new(token.1)).unwrap();
        client.oauth_access(&token).await
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// What an export gives when nothing goes wrong.
    pub async fn undisturbed(&self, export: impl Fn(&Session) -> Export) -> BTreeMap<String, Vec<Vec<u8>>> {
        let folder = self.folder("undisturbed");
        let manifest = export(&self.session().await).run(&folder).await.unwrap();
        assert!(manifest.complete, "{manifest:#?}");
        contents(&folder)
    }
}

/// An export of the contacts.
pub fn contacts(session: &Session) -> Export {
    let export = session
        .export()
        .modules(["Contacts"])
        .fields(["last_name", "description"]);
    export.page_size(100).sessions(3).checkpoint_every(Duration::ZERO)
}

/// Lists of more than one record.
pub fn is_page(request: &ReceivedRequest) -> bool {
    list_of(request).is_some_and(|list| list["max_results"].as_u64().unwrap_or(0) > 1)
}

/// The arguments of a `get_entry_list`.
pub fn list_of(request: &ReceivedRequest) -> Option<Value> {
    (request.rest_method().as_deref() == Some("get_entry_list"))
        .then(|| request.rest_data())
        .flatten()
}

/// Only for the so-manieth lists of several records, counted from 0.
pub fn for_pages(fault: Fault, which: impl Fn(u32) -> bool + Send + Sync + 'static) -> Fault {
    let count = AtomicU32::new(0);
    fault.when(move |request| is_page(request) && which(count.fetch_add(1, Ordering::SeqCst)))
}

/// The files of an export but its manifest, each with its lines sorted.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<Vec<u8>>> {
    fn read(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<Vec<u8>>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{below}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                read(&entry.path(), &format!("{name}/"), files);
            } else if name != "manifest.json" {
                let bytes = fs::read(entry.path()).unwrap();
                let mut lines: Vec<Vec<u8>> = bytes
                    .split_inclusive(|byte| *byte == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect();
                lines.sort();
                files.insert(name, lines);
            }
        }
    }
    let mut files = BTreeMap::new();
    read(folder, "", &mut files);
    files
}

/// The ids in a file, none of which may be there twice.
pub fn ids(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let ids: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let set: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(set.len(), ids.len(), "an id came twice");
    set
}

/// The manifest as it is on the disk.
pub fn manifest(folder: &Path) -> Manifest {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}
