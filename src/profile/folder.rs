//! The folder of the profiles and its files: for this user alone, nothing followed, nothing half-written.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::clock::random_hex;
use crate::error::{Error, ErrorKind, Result};
use crate::printable::printable;
use crate::private_files::{self, Opened};

/// The most bytes that a file here can have.
const LARGEST: u64 = 64 * 1024;

pub(super) const NOT_REGULAR: &str = "is no regular file; symbolic links are not followed";

/// A folder, which need not be there yet.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether it is there, and no one's but this user's.
    pub(super) fn is_there(&self) -> Result<bool> {
        let Some(there) = metadata(&self.path)? else {
            return Ok(false);
        };
        if !there.is_dir() {
            return Err(refused(
                &self.path,
                "is no folder of its own; symbolic links are not followed",
            ));
        }
        check_private(&self.path, &there, "700")?;
        Ok(true)
    }

    /// The names of its files; none where there is no folder.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(|error| cannot(&self.path, &error))? {
            let entry = entry.map_err(|error| cannot(&self.path, &error))?;
            names.extend(entry.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// A file's bytes; `None` where there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let path = self.file(name);
        if !self.is_there()? {
            return Ok(None);
        }
        let file = match private_files::open(&path, OpenOptions::new().read(true)) {
            Ok(Opened::File(file)) => file,
            Ok(Opened::Nothing) => return Ok(None),
            Ok(Opened::NotRegular) => return Err(refused(&path, NOT_REGULAR)),
            Ok(Opened::Replaced) => return Err(refused(&path, "was replaced while it was opened")),
            Err(error) => return Err(cannot(&path, &error)),
        };
        let there = file.metadata().map_err(|error| cannot(&path, &error))?;
        check_private(&path, &there, "600")?;
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| cannot(&path, &error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(refused(&path, "is larger than a profile can be"));
        }
        Ok(Some(bytes))
    }

    /// Puts a file under its name, whole, on the disk, in the place of one that is there.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if !self.is_there()? {
            self.make()?;
        }
        let path = self.file(name);
        if metadata(&path)?.is_some_and(|there| !there.is_file()) {
            return Err(refused(&path, NOT_REGULAR));
        }
        // Of this process alone: another may be writing the same file.
        let new = self.file(&format!(".{name}.{}.new", random_hex()?));
        private_files::replace(&path, &new, bytes).map_err(|error| {
            let _ = fs::remove_file(&new);
            cannot(&path, &error)
        })
    }

    /// Removes a file and what a process that was killed left of it.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let left_over = |there: &str| {
            let random = there.strip_prefix('.').and_then(|there| there.strip_prefix(name));
            let random = random.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".new"));
            random.is_some_and(|random| random.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        for there in self
            .names()?
            .into_iter()
            .filter(|there| there == name || left_over(there))
        {
            let path = self.file(&there);
            private_files::remove(&path).map_err(|error| cannot(&path, &error))?;
        }
        Ok(())
    }

    fn make(&self) -> Result<()> {
        private_files::make_folders(&self.path).map_err(|error| cannot(&self.path, &error))?;
        self.is_there().map(drop)
    }
}

fn metadata(path: &Path) -> Result<Option<Metadata>> {
    private_files::metadata(path).map_err(|error| cannot(path, &error))
}

/// Whether others may neither read nor write it.
#[cfg(unix)]
fn check_private(path: &Path, there: &Metadata, mode: &str) -> Result<()> {
    let now = private_files::mode_of(there);
    if now & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Storage,
        format!("{} can be used by others (mode {now:03o})", shown(path)),
    )
    .hint(format!("chmod {mode} {}", word(path)))
    .hint("and if others do use this machine, revoke the access token on the instance and log in anew"))
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &Metadata, _: &str) -> Result<()> {
    Ok(())
}

/// A path as a word of the POSIX shell.
#[cfg(unix)]
fn word(path: &Path) -> String {
    let text = shown(path);
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+".contains(character);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

pub(super) fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

pub(super) fn refused(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Storage, format!("{} {what}", shown(path))).hint("move it away, and log in anew")
}

pub(super) fn cannot(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Storage,
        format!(
            "{} cannot be read or written: {}",
            shown(path),
            crate::error::reason(error)
        ),
    )
    .hint("check that this user may read and write there, and that the disk has room")
}
