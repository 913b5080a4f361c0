//! How far an export is: `checkpoint.json`, replaced whole after what it tells of is on the disk.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::folder::Folder;
use super::manifest::{FileReport, LeftOut, Refused, VERSION};
use super::targets::Job;
use crate::error::{Error, Result};
use crate::records::ScanState;

const NAME: &str = "checkpoint.json";

/// How far an export is.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    version: u32,
    /// What is to be written, found at the beginning: fields that someone adds meanwhile change nothing.
    pub(super) jobs: Vec<Job>,
    pub(super) left_out: Vec<LeftOut>,
    /// By the file's name.
    pub(super) states: BTreeMap<String, JobState>,
}

/// How far a file is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct JobState {
    pub(super) scan: ScanState,
    pub(super) bytes: u64,
    pub(super) lines: u64,
    /// Records that the scan could not read.
    #[serde(default)]
    pub(super) unread: Vec<Refused>,
    /// Records of which the server could not give the text or the file.
    pub(super) refused: Vec<Refused>,
    pub(super) missing: Vec<String>,
    pub(super) started: String,
    /// The server's clock when it was begun.
    pub(super) server_time: Option<String>,
    pub(super) total_before: Option<u64>,
    pub(super) report: Option<FileReport>,
}

impl Checkpoint {
    pub(super) fn new(jobs: Vec<Job>, left_out: Vec<LeftOut>) -> Self {
        Self {
            version: VERSION,
            jobs,
            left_out,
            states: BTreeMap::new(),
        }
    }

    /// The folder's checkpoint; `None` where there is none.
    ///
    /// # Errors
    /// When it is damaged: what was written by it cannot be trusted.
    pub(super) fn read(folder: &Folder) -> Result<Option<Self>> {
        folder.read(NAME)?.map(Self::from_bytes).transpose()
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        let damaged =
            || Error::invalid_input("the export's checkpoint is damaged").hint("begin again in an empty folder");
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        let (json, rest) = text.split_once('\n').ok_or_else(damaged)?;
        if rest.trim_end() != digest(json) {
            return Err(damaged());
        }
        let checkpoint: Self = serde_json::from_str(json).map_err(|_| damaged())?;
        if checkpoint.version != VERSION {
            return Err(
                Error::invalid_input("the export was begun by another version of this crate")
                    .hint("begin again in an empty folder"),
            );
        }
        if !checkpoint.jobs.iter().all(|job| stays_below(&job.file)) {
            return Err(damaged());
        }
        Ok(checkpoint)
    }

    /// What the file holds: JSON on one line, and its digest.
    pub(super) fn to_text(&self) -> Result<String> {
        let json = serde_json::to_string(self).map_err(|_| Error::invalid_input("the checkpoint cannot be written"))?;
        let digest = digest(&json);
        Ok(format!("{json}\n{digest}\n"))
    }

    /// Replaces the folder's checkpoint.
    pub(super) fn put(folder: &Folder, text: &str) -> Result<()> {
        folder.write(NAME, text.as_bytes())
    }

    /// Removes it, once all is finished.
    pub(super) fn remove(folder: &Folder) -> Result<()> {
        folder.remove(NAME)
    }
}

/// Whether a name cannot lead out of the folder: a checkpoint may come from somebody else.
fn stays_below(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

pub(super) fn digest(json: &str) -> String {
    let digest = Sha1::digest(json.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
