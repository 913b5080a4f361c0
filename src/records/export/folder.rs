//! The folder of an export: for this user alone, nothing followed, nothing half-written under its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::printable::printable;
use crate::private_files::{self, Opened, create_new};

/// The file that is locked. It is there while an export is not finished.
pub(super) const LOCK: &str = "export.lock";

/// A folder that only this user may enter. Names below it are the export's own, never the server's text as it came.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    /// What keeps other runs out, until the last clone is gone.
    _lock: Option<Arc<File>>,
}

/// A file that grows at its end.
#[derive(Debug)]
pub(super) struct Part {
    file: File,
    length: u64,
    shown: String,
}

impl Folder {
    /// Takes a folder, and makes it if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let folder = Self {
            path: path.to_owned(),
            _lock: None,
        };
        folder.make(path)?;
        Ok(folder)
    }

    /// The same, with what keeps other runs out.
    pub(super) fn with_lock(self, lock: Arc<File>) -> Self {
        Self {
            _lock: Some(lock),
            ..self
        }
    }

    /// Where something of this name is.
    pub(super) fn below(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Its path for a person.
    pub(super) fn shown(&self) -> String {
        shown(&self.path)
    }

    /// Closes it to others, once it is known to be the export's.
    pub(super) fn close_to_others(&self) -> Result<()> {
        private_files::close_to_others(&self.path).map_err(|error| cannot(&self.path, &error))
    }

    /// Makes a folder below.
    pub(super) fn make_below(&self, name: &str) -> Result<()> {
        self.make(&self.path.join(name))
    }

    fn make(&self, path: &Path) -> Result<()> {
        match private_files::metadata(path) {
            Ok(Some(there)) if there.is_dir() => Ok(()),
            Ok(Some(_)) => Err(refused(path, "is there and is no folder of its own")),
            Ok(None) => private_files::make_folder(path).map_err(|error| cannot(path, &error)),
            Err(error) => Err(cannot(path, &error)),
        }
    }

    /// Whether nothing is in it but a lock and what was being written as `unfinished` when the process ended.
    pub(super) fn is_empty_but(&self, unfinished: &str) -> Result<bool> {
        let entries = fs::read_dir(&self.path).map_err(|error| cannot(&self.path, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| cannot(&self.path, &error))?;
            let name = entry.file_name();
            if name != format!("{unfinished}.new").as_str() && name != LOCK {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A file's bytes; `None` where there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path.join(name);
        let Some(mut file) = open_there(&path, OpenOptions::new().read(true))? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut file, &mut bytes).map_err(|error| cannot(&path, &error))?;
        Ok(Some(bytes))
    }

    /// A file to read from its beginning; `None` where there is none.
    pub(super) fn reader(&self, name: &str) -> Result<Option<File>> {
        open_there(&self.path.join(name), OpenOptions::new().read(true))
    }

    /// A file's length; `None` where there is none.
    pub(super) fn length(&self, name: &str) -> Result<Option<u64>> {
        let path = self.path.join(name);
        match private_files::metadata(&path) {
            Ok(Some(there)) if there.is_file() => Ok(Some(there.len())),
            Ok(Some(_)) => Err(refused(&path, "is there and is no regular file")),
            Ok(None) => Ok(None),
            Err(error) => Err(cannot(&path, &error)),
        }
    }

    /// Puts a file under its name, whole, on the disk, in the place of one that is there.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        let new = self.path.join(format!("{name}.new"));
        private_files::remove(&new)
            .and_then(|()| private_files::replace(&path, &new, bytes))
            .map_err(|error| cannot(&path, &error))
    }

    /// Gives a finished file its name.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<()> {
        let to = self.path.join(to);
        private_files::rename(&self.path.join(from), &to).map_err(|error| cannot(&to, &error))
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        private_files::remove(&path).map_err(|error| cannot(&path, &error))
    }

    /// Opens a file to go on at `length`: what stands behind it was written after the last checkpoint and is cut off.
    pub(super) fn part(&self, name: &str, length: u64) -> Result<Part> {
        let path = self.path.join(name);
        let opened = open_there(&path, OpenOptions::new().read(true).write(true))?;
        let mut file = match opened {
            Some(file) => file,
            None if length == 0 => create_new(&path).map_err(|error| cannot(&path, &error))?,
            None => return Err(damaged(&path, "is gone")),
        };
        let cut = file.metadata().and_then(|there| {
            if there.len() < length {
                return Ok(false);
            }
            file.set_len(length)?;
            file.seek(SeekFrom::End(0))?;
            Ok(true)
        });
        match cut {
            Ok(true) => Ok(Part {
                file,
                length,
                shown: shown(&path),
            }),
            Ok(false) => Err(damaged(&path, "is shorter than its checkpoint says")),
            Err(error) => Err(cannot(&path, &error)),
        }
    }
}

impl Part {
    /// Writes at the end.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| self.cannot(&error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Waits until all of it is on the disk. The answer is its length.
    pub(super) fn sync(&mut self) -> Result<u64> {
        self.file.sync_data().map_err(|error| self.cannot(&error))?;
        Ok(self.length)
    }

    fn cannot(&self, error: &io::Error) -> Error {
        failed(&self.shown, error)
    }
}

/// Opens a regular file that is there. A symbolic link is refused: what was opened has to be what the name stands for.
pub(super) fn open_there(path: &Path, options: &OpenOptions) -> Result<Option<File>> {
    match private_files::open(path, options) {
        Ok(Opened::File(file)) => Ok(Some(file)),
        Ok(Opened::Nothing) => Ok(None),
        Ok(Opened::NotRegular) => Err(refused(path, "is there and is no regular file")),
        Ok(Opened::Replaced) => Err(refused(path, "was replaced while it was opened")),
        Err(error) => Err(cannot(path, &error)),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

pub(super) fn cannot(path: &Path, error: &io::Error) -> Error {
    failed(&shown(path), error)
}

fn failed(shown: &str, error: &io::Error) -> Error {
    Error::invalid_input(format!(
        "{shown} cannot be read or written: {}",
        crate::error::reason(error)
    ))
    .hint("check that the disk has room and that this user may write there; the export goes on where it stopped")
}

fn refused(path: &Path, what: &str) -> Error {
    Error::invalid_input(format!("{} {what}", shown(path))).hint("give another folder; symbolic links are not followed")
}

/// What the checkpoint says does not hold.
fn damaged(path: &Path, what: &str) -> Error {
    Error::invalid_input(format!("{} {what}", shown(path))).hint("begin again in an empty folder")
}
