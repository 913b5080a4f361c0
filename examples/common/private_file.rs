//! A file for this user's eyes only, which is written whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sugar_oauth::printable;
use tempfile::NamedTempFile;

use super::failure::Failure;

/// Where it is, and the option that named it.
pub struct PrivateFile {
    option: &'static str,
    path: PathBuf,
}

impl PrivateFile {
    /// Checks that a file can be put there.
    pub fn new(option: &'static str, path: &Path) -> Result<Self, Failure> {
        let file = Self {
            option,
            path: path.to_owned(),
        };
        if !file.folder().is_dir() {
            return Err(Failure::usage(format!(
                "{option}: {} cannot be written: its folder is not there",
                file.shown()
            ))
            .hint("give a file in a folder that exists and that you may write to"));
        }
        // Its removal at the end of this function is part of the check.
        file.draft().map(|_| file)
    }

    /// What it holds; `None` where there is none.
    pub fn read(&self) -> Result<Option<Vec<u8>>, Failure> {
        let mut bytes = Vec::new();
        // That it is a regular file of this user's was checked when this was made.
        match File::open(&self.path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Ok(_) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.refuse(&format!("cannot be read: {}", error.kind()))),
        }
    }

    /// Writes it whole or not at all, onto the disk.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut draft = self.draft()?;
        draft
            .write_all(bytes)
            .and_then(|()| draft.as_file().sync_all())
            .map_err(|error| self.cannot(&error))?;
        draft.persist(&self.path).map_err(|error| self.cannot(&error.error))?;
        self.sync_folder().map_err(|error| self.cannot(&error))
    }

    /// A new file in the same folder, for this user's eyes only from its first moment.
    fn draft(&self) -> Result<NamedTempFile, Failure> {
        if self.path.file_name().is_none() {
            return Err(self.refuse("is not the name of a file"));
        }
        let draft = tempfile::Builder::new()
            .prefix(".sugar-")
            .tempfile_in(self.folder())
            .map_err(|error| self.cannot(&error))?;
        only_for_this_user(&draft).map_err(|error| self.cannot(&error))?;
        match fs::symlink_metadata(&self.path) {
            Ok(there) => self.check_replaceable(&there, &draft)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(self.cannot(&error)),
        }
        Ok(draft)
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn check_replaceable(&self, there: &Metadata, draft: &NamedTempFile) -> Result<(), Failure> {
        if there.file_type().is_symlink() {
            return Err(self.refuse("is a symbolic link, which is not followed"));
        }
        if !there.is_file() {
            return Err(self.refuse("is there and is no regular file"));
        }
        if !same_owner(there, draft).map_err(|error| self.cannot(&error))? {
            return Err(self.refuse("belongs to another user"));
        }
        Ok(())
    }

    /// A name is on the disk when its folder is.
    fn sync_folder(&self) -> io::Result<()> {
        match cfg!(unix) {
            true => File::open(self.folder())?.sync_all(),
            false => Ok(()),
        }
    }

    /// That it cannot be used as it is.
    pub fn refuse(&self, what: &str) -> Failure {
        Failure::usage(format!("{}: {} {what}", self.option, self.shown())).hint("give another file")
    }

    fn cannot(&self, error: &io::Error) -> Failure {
        Failure::own(format!(
            "{}: {} cannot be written: {}",
            self.option,
            self.shown(),
            error.kind()
        ))
        .hint("give a file in a folder that exists and that you may write to")
    }

    /// The path, fit to be shown.
    pub fn shown(&self) -> String {
        printable(&self.path.display().to_string())
    }
}

/// Whatever the umask took away or left.
#[cfg(unix)]
fn only_for_this_user(draft: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    draft.as_file().set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn only_for_this_user(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// The draft is this user's own, so its owner is who we are.
#[cfg(unix)]
fn same_owner(there: &Metadata, draft: &NamedTempFile) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(there.uid() == draft.as_file().metadata()?.uid())
}

#[cfg(not(unix))]
fn same_owner(_: &Metadata, _: &NamedTempFile) -> io::Result<bool> {
    Ok(true)
}
