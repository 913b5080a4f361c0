//! What an export says of itself: `manifest.json`.

use serde::{Deserialize, Serialize};

use super::settings::{Format, Settings};
use crate::records::RefusedRecord;

/// The form of the manifest and the checkpoint.
pub(super) const VERSION: u32 = 1;

/// What the API cannot give, whatever is asked.
pub(super) const NOT_IN_V4_1: [&str; 5] = [
    "audit tables: who changed which field when",
    "columns of a relationship itself, such as contact_role of opportunities_contacts and accept_status of meetings_users",
    "deleted links, and deleted records, which are left out here",
    "files that stand in the upload folder without a record",
    "settings, workflow definitions, Studio's layouts and all else that is no record of a module",
];

/// What was exported, and what was not and why. Written beside the records as `manifest.json`.
///
/// The file's form is stable: what [`version`](Self::version) 1 has stays as it is, and new members may come. Times are UTC,
/// in the form of [`UtcTime`](crate::UtcTime).
///
/// ```no_run
/// # fn check() -> Result<(), Box<dyn std::error::Error>> {
/// use sugar_oauth::records::export::Manifest;
///
/// let manifest: Manifest = serde_json::from_slice(&std::fs::read("crm-export/manifest.json")?)?;
/// if !manifest.is_complete() {
///     manifest.left_out.iter().for_each(|module| eprintln!("{}: {}", module.module, module.reason));
/// }
/// let contacts = manifest.file("Contacts.ndjson").map(|file| file.lines);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The manifest's form: 1.
    pub version: u32,
    /// The instance's site URL.
    pub instance: String,
    /// Product and version, in the server's words.
    pub product: String,
    /// The id of the user who exported: what they may not see is not here.
    pub user_id: String,
    /// What was asked for.
    pub(super) settings: Settings,
    /// When it began, in UTC.
    pub started: String,
    /// When it was finished, in UTC; `None` while it is not.
    pub finished: Option<String>,
    /// Whether all is here that was asked for; `false` while it is not finished.
    #[serde(default)]
    pub complete: bool,
    /// Files of records and of links.
    pub files: Vec<FileReport>,
    /// Modules that were not exported, and why.
    pub left_out: Vec<LeftOut>,
    /// What v4_1 cannot give.
    pub not_in_v4_1: Vec<String>,
}

impl Manifest {
    /// The report on a file by its name, such as `Contacts.ndjson`.
    pub fn file(&self, name: &str) -> Option<&FileReport> {
        self.files.iter().find(|report| report.file == name)
    }

    /// Whether it is finished and all is here that was asked for: all files are complete, no record was refused, and no
    /// module was left out that was named, or that may be readable after all.
    pub fn is_complete(&self) -> bool {
        let whole = |report: &FileReport| report.refused.is_empty() && report.completeness.is_complete();
        let is_gap = |left_out: &LeftOut| left_out.is_gap;
        self.finished.is_some() && self.files.iter().all(whole) && !self.left_out.iter().any(is_gap)
    }
}

/// What a file of the export holds.
///
/// ```no_run
/// # fn show(file: sugar_oauth::records::export::FileReport) {
/// use sugar_oauth::records::export::Content;
///
/// if let Content::Links { relationship, to_module, .. } = &file.content {
///     println!("{}: {relationship}, from {} to {to_module}", file.file, file.module);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Content {
    /// The records of a module.
    #[serde(rename = "records")]
    Records,
    /// The links of a relationship, read from this link field: `{"from":…,"to":…}`.
    #[serde(rename = "links")]
    #[non_exhaustive]
    Links {
        /// The link field.
        link: String,
        /// The relationship behind it.
        relationship: String,
        /// The module at its other end.
        to_module: String,
    },
    /// An index of files: where each is, its size, or that it is missing on the server.
    #[serde(rename = "files")]
    Files,
}

/// What one file of the export holds, and how it came about.
///
/// ```no_run
/// # fn show(manifest: sugar_oauth::records::export::Manifest) {
/// for file in &manifest.files {
///     println!("{}: {} lines, {} bytes", file.file, file.lines, file.bytes);
///     println!("  {} records hidden, {} refused", file.hidden().unwrap_or(0), file.refused.len());
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileReport {
    /// Its name below the export's folder.
    pub file: String,
    /// What it holds.
    pub content: Content,
    /// How it is written.
    pub format: Format,
    /// The module that was read.
    pub module: String,
    /// Its fields in the order of the columns.
    pub fields: Vec<String>,
    /// Fields that were left out because they hold credentials.
    pub credential_fields: Vec<String>,
    /// Lines written, without the line of names in CSV.
    pub lines: u64,
    /// The file's length.
    pub bytes: u64,
    /// How many records the user can list, where the server counts (`total_count`).
    pub total_count: Option<u64>,
    /// How many records there are whoever may see them (`get_entries_count`), where the server tells.
    pub entries_count: Option<u64>,
    /// Whether all is here that the user can list.
    pub completeness: Completeness,
    /// Records that the server could not give, not even alone, or not with their text or file.
    pub refused: Vec<Refused>,
    /// E-mails without a body, or files that are missing on the server, by the record's id.
    pub missing: Vec<String>,
    /// When it was begun, in UTC.
    pub started: String,
    /// When it was finished, in UTC.
    pub finished: String,
}

impl FileReport {
    /// How many records there are that this user may not see, where the server tells.
    pub fn hidden(&self) -> Option<u64> {
        Some(self.entries_count?.saturating_sub(self.total_count?))
    }
}

/// Whether all records are there. All windows have been read to their ends in any case.
///
/// ```
/// use sugar_oauth::records::export::Completeness;
///
/// let verdict: Completeness = serde_json::from_str(r#"{"verdict":"unequal","total_count":300}"#)?;
/// assert!(!verdict.is_complete());
/// assert!(Completeness::EqualToTotalCount.is_complete());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Completeness {
    /// As many records as the server's own count, which did not change meanwhile.
    EqualToTotalCount,
    /// The server does not count: that all windows were read is all there is to know.
    ServerDoesNotCount,
    /// Records came or went meanwhile. Those that changed since the beginning were read again.
    #[non_exhaustive]
    ChangedMeanwhile {
        /// The count at the beginning.
        before: Option<u64>,
        /// The count at the end.
        after: u64,
        /// What was read again: records whose `date_modified` is not before this moment. `None` where the module has no
        /// such field.
        read_again_since: Option<String>,
        /// How many records came then.
        read_again: u64,
        /// How many of them were new and have been added.
        added: u64,
    },
    /// The count did not change, and is another one.
    #[non_exhaustive]
    Unequal {
        /// The server's count.
        total_count: u64,
    },
}

impl Completeness {
    /// Whether nothing speaks against it.
    pub fn is_complete(&self) -> bool {
        !matches!(self, Completeness::Unequal { .. })
    }
}

/// A record that the server could not give.
///
/// ```no_run
/// # fn show(file: sugar_oauth::records::export::FileReport) {
/// for refused in &file.refused {
///     eprintln!("{}: {}", refused.id.as_deref().unwrap_or("a record without a readable id"), refused.error);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refused {
    /// Its id; `None` where the server could not give even that.
    pub id: Option<String>,
    /// The id of a record in front of it, where its own is not known.
    pub after: Option<String>,
    /// The id of a record behind it, where its own is not known.
    pub before: Option<String>,
    /// What the server did.
    pub error: String,
}

impl Refused {
    /// A record of which not all can be read.
    pub(super) fn in_part(id: &str, error: String) -> Self {
        Self {
            id: Some(id.to_owned()),
            after: None,
            before: None,
            error,
        }
    }
}

impl From<RefusedRecord> for Refused {
    fn from(record: RefusedRecord) -> Self {
        Self {
            id: record.key,
            after: record.after,
            before: record.before,
            error: record.error.to_string(),
        }
    }
}

/// A module that was not exported.
///
/// ```no_run
/// # fn show(manifest: sugar_oauth::records::export::Manifest) {
/// for module in manifest.left_out.iter().filter(|module| module.is_gap) {
///     eprintln!("missing: {}, {}", module.module, module.reason);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The module.
    pub module: String,
    /// Why.
    pub reason: String,
    /// Whether the export is incomplete without it: it was named, or the connection failed when it was asked for, or it
    /// is a link that the server fails on.
    #[serde(default)]
    pub is_gap: bool,
}
