//! The folder of the profiles and its files: for this user alone, nothing followed, nothing half-written.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::clock::random_hex;
use crate::error::{Error, ErrorKind, Result};
use crate::printable::printable;

/// The most bytes that a file here can have.
const LARGEST: u64 = 64 * 1024;

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
    fn is_there(&self) -> Result<bool> {
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
        let Some(there) = metadata(&path)? else {
            return Ok(None);
        };
        if !there.is_file() {
            return Err(refused(&path, "is no regular file; symbolic links are not followed"));
        }
        check_private(&path, &there, "600")?;
        let file = File::open(&path).map_err(|error| cannot(&path, &error))?;
        let opened = file.metadata().map_err(|error| cannot(&path, &error))?;
        if !is_same(&there, &opened) {
            return Err(refused(&path, "was replaced while it was opened"));
        }
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
            return Err(refused(&path, "is no regular file; symbolic links are not followed"));
        }
        // Of this process alone: another may be writing the same file.
        let new = self.file(&format!(".{name}.{}.new", random_hex()?));
        let written = create_new(&new)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&new, &path))
            .and_then(|()| sync(&self.path));
        written.map_err(|error| {
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
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(&path, &error)),
                _ => {}
            }
        }
        Ok(())
    }

    fn make(&self) -> Result<()> {
        let made = match self.path.parent() {
            Some(parent) => builder().recursive(true).create(parent),
            None => Ok(()),
        };
        let made = made.and_then(|()| match builder().create(&self.path) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
        made.map_err(|error| cannot(&self.path, &error))?;
        self.is_there().map(drop)
    }
}

fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// What is at a path, a symbolic link itself included.
fn metadata(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot(path, &error)),
    }
}

/// Whether others may neither read nor write it.
#[cfg(unix)]
fn check_private(path: &Path, there: &Metadata, mode: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let open = there.permissions().mode() & 0o077;
    if open == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Storage,
        format!(
            "{} can be used by others (mode {:03o})",
            shown(path),
            there.permissions().mode() & 0o777
        ),
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

#[cfg(unix)]
fn is_same(there: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (there.dev(), there.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Readable for the user alone; fails where anything is, a symbolic link included.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A name is on the disk when its folder is.
fn sync(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

pub(super) fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn refused(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Storage, format!("{} {what}", shown(path))).hint("move it away, and log in anew")
}

fn cannot(path: &Path, error: &io::Error) -> Error {
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
