//! What has been carried, in a file that only grows: each line is on the disk before the next request is sent. A run that
//! was killed leaves at most half a line, which the next one cuts off.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use sugar_oauth::printable;

use crate::Failure;

/// A line. `of` is a module, a link (`Contacts.accounts`), a reference (`Accounts.parent_id`) or `files`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Migration {
        version: u32,
        source: String,
        target: String,
    },
    /// Nothing lacks a counterpart, or it may be left out, with the map of this digest.
    Surveyed { map: String },
    /// These ids are about to be written: they may be on the target from now on.
    Sent { of: String, ids: Vec<String> },
    /// What came of it.
    Done(Done),
}

/// What came of a bulk write.
#[derive(Serialize, Deserialize, Default)]
pub struct Done {
    pub of: String,
    /// Id there, and id here; for links and references the ids of both ends there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<(String, String)>,
    /// Id there, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<(String, String)>,
    /// Id there, and a reference that the record lacks because its other end is not there yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<(String, String)>,
}

/// Short forms of ids: 16 bytes each, so that millions fit into memory.
#[derive(Default)]
pub struct Ids(HashSet<u128>);

impl Ids {
    /// The database compares ids without case.
    fn short(parts: &[&str]) -> u128 {
        let mut digest = Md5::new();
        for part in parts {
            digest.update(part.to_lowercase());
            digest.update([0]);
        }
        u128::from_be_bytes(digest.finalize().into())
    }

    pub fn insert(&mut self, parts: &[&str]) {
        self.0.insert(Self::short(parts));
    }

    pub fn remove(&mut self, parts: &[&str]) {
        self.0.remove(&Self::short(parts));
    }

    pub fn contains(&self, parts: &[&str]) -> bool {
        self.0.contains(&Self::short(parts))
    }
}

#[derive(Default)]
struct Known {
    carried: Ids,
    sent: Ids,
    lacking: HashSet<(String, String, String)>,
    surveyed: Option<String>,
}

pub struct Ledger {
    /// `None` for a dry run, which leaves no trace.
    file: Mutex<Option<File>>,
    known: Mutex<Known>,
}

impl Ledger {
    /// One that nothing is written to.
    pub fn none() -> Self {
        Self {
            file: Mutex::new(None),
            known: Mutex::default(),
        }
    }

    /// Opens the ledger of a migration, or begins one.
    pub fn open(path: &Path, source: &str, target: &str) -> Result<Self, Failure> {
        let shown = printable(&path.display().to_string());
        let failed = |error: std::io::Error| Failure::own(format!("the ledger {shown}: {error}"));
        if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(Failure::usage(format!("the ledger {shown} is no file")));
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        // Whatever the umask took away or left.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(failed)?;
        // The lock is the operating system's: it ends with the process, however that ends.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(
                Failure::usage(format!("the ledger {shown} is another run's at the moment"))
                    .hint("wait for it, or name another file by --ledger"),
            );
        }
        let mut known = Known::default();
        let whole = known.read(&mut file, path, source, target)?;
        file.set_len(whole).map_err(failed)?;
        let ledger = Self {
            file: Mutex::new(Some(file)),
            known: Mutex::new(known),
        };
        if whole == 0 {
            ledger.append(&Line::Migration {
                version: 1,
                source: source.to_owned(),
                target: target.to_owned(),
            })?;
            // The file's name is to survive, too.
            #[cfg(unix)]
            if let Some(folder) = path.parent() {
                let folder = if folder.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    folder
                };
                File::open(folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(failed)?;
            }
        }
        Ok(ledger)
    }

    pub fn is_surveyed(&self, map: &str) -> bool {
        self.known().surveyed.as_deref() == Some(map)
    }

    pub fn surveyed(&self, map: &str) -> Result<(), Failure> {
        let map = map.to_owned();
        self.known().surveyed = Some(map.clone());
        self.append(&Line::Surveyed { map })
    }

    pub fn is_carried(&self, parts: &[&str]) -> bool {
        self.known().carried.contains(parts)
    }

    /// Whether a run before this one, or this one, may have written a record without learning of it.
    pub fn may_be_there(&self, of: &str, id: &str) -> bool {
        self.known().sent.contains(&[of, id])
    }

    pub fn is_lacking(&self, module: &str, id: &str, field: &str) -> bool {
        let key = (module.to_owned(), id.to_lowercase(), field.to_owned());
        self.known().lacking.contains(&key)
    }

    /// To be called before a write that must not be done twice.
    pub fn sent(&self, of: &str, ids: Vec<String>) -> Result<(), Failure> {
        let line = Line::Sent { of: of.to_owned(), ids };
        self.append(&line)?;
        self.known().take(line);
        Ok(())
    }

    pub fn done(&self, done: Done) -> Result<(), Failure> {
        if done.carried.is_empty() && done.skipped.is_empty() {
            return Ok(());
        }
        let line = Line::Done(done);
        self.append(&line)?;
        self.known().take(line);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, line: &Line) -> Result<(), Failure> {
        let mut text = serde_json::to_vec(line).map_err(|error| Failure::own(error.to_string()))?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = file.as_mut() else {
            return Ok(());
        };
        let written = file.write_all(&text).and_then(|()| file.sync_data());
        written.map_err(|error| Failure::own(format!("the ledger cannot be written: {error}")))
    }
}

impl Known {
    /// Reads all lines; the answer is the length of those that are whole.
    fn read(&mut self, file: &mut File, path: &Path, source: &str, target: &str) -> Result<u64, Failure> {
        let shown = printable(&path.display().to_string());
        let failed = |error: std::io::Error| Failure::own(format!("the ledger {shown}: {error}"));
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = BufReader::new(&*file);
        let (mut whole, mut number) = (0, 0);
        let mut text = Vec::new();
        loop {
            text.clear();
            let length = match reader.read_until(b'\n', &mut text) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            if text.last() != Some(&b'\n') {
                return Ok(whole);
            }
            whole += length as u64;
            number += 1;
            let damaged = || {
                Failure::usage(format!("{shown}:{number}: this is no line of a ledger"))
                    .hint("name another file by --ledger; what is on the target is then told as skipped")
            };
            let line: Line = serde_json::from_slice(&text).map_err(|_| damaged())?;
            match (number, line) {
                (
                    1,
                    Line::Migration {
                        version: 1,
                        source: from,
                        target: to,
                    },
                ) => {
                    if (from.as_str(), to.as_str()) != (source, target) {
                        return Err(Failure::usage(format!(
                            "the ledger {shown} is of another migration: from {} to {}",
                            printable(&from),
                            printable(&to)
                        ))
                        .hint("name another file by --ledger"));
                    }
                }
                (1, _) | (_, Line::Migration { .. }) => return Err(damaged()),
                (_, line) => self.take(line),
            }
        }
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Migration { .. } => {}
            Line::Surveyed { map } => self.surveyed = Some(map),
            Line::Sent { of, ids } => {
                for id in ids {
                    self.sent.insert(&[&of, &id]);
                }
            }
            Line::Done(done) => self.take_done(done),
        }
    }

    fn take_done(&mut self, done: Done) {
        let Done {
            of,
            carried,
            skipped,
            lacking,
        } = done;
        for (id, other) in &carried {
            match of.split_once('.') {
                Some((module, field)) => {
                    let key = (module.to_owned(), id.to_lowercase(), field.to_owned());
                    self.lacking.remove(&key);
                    self.carried.insert(&[&of, id, other]);
                }
                None => {
                    self.sent.remove(&[&of, id]);
                    self.carried.insert(&[&of, id]);
                }
            }
        }
        for (id, _) in &skipped {
            self.sent.remove(&[&of, id]);
        }
        for (id, field) in lacking {
            self.lacking.insert((of.clone(), id.to_lowercase(), field));
        }
    }
}
