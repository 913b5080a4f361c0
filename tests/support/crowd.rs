//! A practice instance with many accounts, and what it was asked for.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::collections::BTreeSet;

use serde_json::Value;
use sugar_oauth::sandbox::{ReceivedRequest, Sandbox};
use sugar_oauth::v4_1::{GetEntryList, SetEntries, SetEntry};
use sugar_oauth::{AccessToken, Client, Consumer, Instance, Password, Session, TokenSecret};

pub struct Crowd {
    pub sandbox: Sandbox,
    pub session: Session,
}

impl Crowd {
    /// With the accounts that a practice instance has anyway, odd ids among them, and these.
    pub async fn with(ids: impl IntoIterator<Item = String>) -> Self {
        let builder = Sandbox::builder().access_token("0123456789ab", "ba9876543210");
        let sandbox = builder.start().await.unwrap();
        let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
        let client = Client::new(Instance::parse(sandbox.url()).unwrap(), consumer);
        let token = AccessToken::from_parts("0123456789ab".to_owned(), TokenSecret::new("ba9876543210")).unwrap();
        let session = client.oauth_access(&token).await.unwrap();
        Self { sandbox, session }.populated(ids).await
    }

    /// The same with a session by password, which no clock can refuse, on a server whose clock is so many seconds ahead.
    pub async fn by_password(ids: impl IntoIterator<Item = String>, clock_offset: i64) -> Self {
        let sandbox = Sandbox::builder().clock_offset(clock_offset).start().await.unwrap();
        Self::on(sandbox, ids).await
    }

    /// The same on a sandbox of the test's.
    pub async fn on(sandbox: Sandbox, ids: impl IntoIterator<Item = String>) -> Self {
        let client = Client::builder(Instance::parse(sandbox.url()).unwrap()).build();
        let password = Password::new(sandbox.password());
        let session = client.login(sandbox.user_name(), password).await.unwrap();
        Self { sandbox, session }.populated(ids).await
    }

    async fn populated(self, ids: impl IntoIterator<Item = String>) -> Self {
        let ids: Vec<String> = ids.into_iter().collect();
        for some in ids.chunks(500) {
            let mut entries = SetEntries::new("Accounts");
            for id in some {
                let entry = SetEntry::create_with_id("Accounts", id).set("name", format!("Name of {id}"));
                entries = entries.with(entry).unwrap();
            }
            self.session.call(&entries).await.unwrap();
        }
        let found = self.ids("").await;
        assert!(ids.iter().all(|id| found.contains(id)), "not all were created");
        self.sandbox.clear_requests();
        self
    }

    /// What one large page gives.
    pub async fn ids(&self, query: &str) -> BTreeSet<String> {
        let list = GetEntryList::new("Accounts")
            .query(query)
            .select(["id"])
            .max_results(1_000_000);
        let entries = self.session.call(&list).await.unwrap().entries;
        let ids: BTreeSet<String> = entries.iter().map(|entry| entry.id().to_owned()).collect();
        assert_eq!(ids.len(), entries.len());
        ids
    }

    /// The lists that were asked for.
    pub fn lists(&self) -> Vec<Value> {
        let requests = self.sandbox.requests();
        requests.iter().filter_map(list_of).collect()
    }

    pub fn open_sessions(&self) -> usize {
        self.sandbox.state().sessions.len()
    }
}

/// The arguments of a `get_entry_list`.
pub fn list_of(request: &ReceivedRequest) -> Option<Value> {
    (request.rest_method().as_deref() == Some("get_entry_list"))
        .then(|| request.rest_data())
        .flatten()
}

/// Ids as the CRM makes them, the same ones every time.
pub fn guids(count: u32) -> impl Iterator<Item = String> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..count).map(move |_| {
        let (a, b) = (random(), random());
        let text = format!("{a:016x}{b:016x}");
        format!(
            "{}-{}-{}-{}-{}",
            &text[..8],
            &text[8..12],
            &text[12..16],
            &text[16..20],
            &text[20..]
        )
    })
}
