//! The old instance: what is read of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::{Stream, TryStreamExt, stream};
use sugar_oauth::records::{Page, ScanState};
use sugar_oauth::v4_1::{Entry, GetEntry, GetModuleFields, ModuleFields};
use sugar_oauth::{ErrorKind, Records, Session};

use crate::Failure;

/// The fields of e-mail addresses that are carried with a record.
pub const ADDRESSES: &str = "email_addresses";
const ADDRESS_FIELDS: [&str; 4] = ["id", "email_address", "opt_out", "invalid_email"];

/// The currency that an instance counts in. It stands in no list.
const BASE_CURRENCY: &str = "-99";

#[derive(Clone)]
pub struct Source {
    session: Session,
    workers: usize,
}

/// What to read of a module.
#[derive(Default)]
pub struct Wanted {
    pub fields: Vec<String>,
    /// Links of whose records the ids are read.
    pub links: Vec<String>,
    /// E-mail addresses, too.
    pub addresses: bool,
}

pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
}

impl Source {
    pub fn new(session: Session, workers: usize) -> Self {
        Self { session, workers }
    }

    pub async fn fields(&self, module: &str) -> Result<ModuleFields, Failure> {
        Ok(self.session.call(&GetModuleFields::new(module)).await?)
    }

    /// All live users: some thousands at most.
    pub async fn users(&self) -> Result<Vec<User>, Failure> {
        let fields = ["id", "user_name", "email1"];
        let entries: Vec<Entry> = self
            .session
            .records("Users")
            .select(fields)
            .entries()
            .try_collect()
            .await?;
        let user = |entry: &Entry| User {
            id: entry.id().to_owned(),
            name: text(entry, "user_name"),
            email: text(entry, "email1"),
        };
        Ok(entries.iter().map(user).collect())
    }

    /// ISO codes by id.
    pub async fn currencies(&self) -> Result<BTreeMap<String, String>, Failure> {
        let fields = ["id", "iso4217"];
        let listed = self.session.records("Currencies").select(fields);
        let mut entries: Vec<Entry> = listed.entries().try_collect().await?;
        let base = GetEntry::new("Currencies", BASE_CURRENCY).select(fields);
        entries.extend(self.session.call(&base).await?);
        let pair = |entry: &Entry| (entry.id().to_owned(), text(entry, "iso4217"));
        Ok(entries.iter().map(pair).collect())
    }

    fn records(&self, module: &str, wanted: &Wanted) -> Records {
        let mut records = self
            .session
            .records(module)
            .select(&wanted.fields)
            .sessions(self.workers);
        for link in &wanted.links {
            records = records.with_link(link, ["id"]);
        }
        if wanted.addresses {
            records = records.with_link(ADDRESSES, ADDRESS_FIELDS);
        }
        records
    }

    pub async fn count(&self, module: &str) -> Result<Option<u64>, Failure> {
        Ok(self.session.records(module).total_count().await?)
    }

    /// All live records, page by page: nothing but the pages at work is held in memory.
    pub fn pages(&self, module: &str, wanted: &Wanted) -> impl Stream<Item = Result<Page, Failure>> + use<> {
        let scan = self.records(module, wanted).scan(ScanState::default());
        stream::try_unfold(scan, |mut scan| async {
            let page = scan.next_page().await?;
            Ok(page.map(|page| (page, scan)))
        })
    }

    /// A note's attachment, in a file in this folder; `None` where the server has none.
    pub async fn attachment(&self, note: &str, folder: &Path) -> Result<Option<PathBuf>, Failure> {
        match self.session.download_note_attachment(note, folder).await {
            Ok(path) => Ok(Some(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub async fn close(&self) {
        // It ends by itself if this fails.
        let _ = self.session.logout().await;
    }
}

/// A field's text; the server fills some ids up with spaces.
pub fn text(entry: &Entry, field: &str) -> String {
    let text = entry.get(field).unwrap_or_default();
    if text.trim().is_empty() {
        String::new()
    } else {
        text.into_owned()
    }
}
