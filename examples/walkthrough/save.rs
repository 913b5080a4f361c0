//! Keeps the access token in a file that a shell can source.

use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sugar_oauth::{AccessToken, Client, printable};
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Where to keep it: checked before anyone is sent to a browser for nothing.
pub struct Target {
    path: PathBuf,
}

impl Target {
    /// Checks that a file can be put there.
    pub fn new(path: &Path) -> Result<Self, Failure> {
        let target = Self { path: path.to_owned() };
        // Its removal at the end of this function is part of the check.
        target.draft().map(|_| target)
    }

    /// Writes the file whole or not at all.
    pub fn write(&self, client: &Client, token: &AccessToken, signing_url: Option<&str>) -> Result<(), Failure> {
        let mut lines = vec![
            ("SUGAR_URL", client.instance().site_url().as_str().trim_end_matches('/')),
            ("SUGAR_CONSUMER_KEY", client.consumer_key().unwrap_or_default()),
            ("SUGAR_ACCESS_TOKEN", token.token()),
            ("SUGAR_ACCESS_TOKEN_SECRET", token.secret().expose()),
        ];
        lines.extend(signing_url.map(|url| ("SUGAR_SIGNING_URL", url)));
        let mut draft = self.draft()?;
        let written = lines
            .iter()
            .try_for_each(|(name, value)| writeln!(draft.as_file_mut(), "export {name}={}", quoted(value)));
        written
            .and_then(|()| draft.as_file().sync_all())
            .map_err(|error| self.cannot(&error))?;
        draft.persist(&self.path).map_err(|error| self.cannot(&error.error))?;
        Ok(())
    }

    /// A new file in the same folder, for this user's eyes only from its first moment.
    fn draft(&self) -> Result<NamedTempFile, Failure> {
        if self.path.file_name().is_none() {
            return Err(self.refuse("is not the name of a file"));
        }
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let draft = tempfile::Builder::new()
            .prefix(".sugar-")
            .tempfile_in(folder)
            .map_err(|error| self.cannot(&error))?;
        only_for_this_user(&draft).map_err(|error| self.cannot(&error))?;
        match fs::symlink_metadata(&self.path) {
            Ok(there) => self.check_replaceable(&there, &draft)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(self.cannot(&error)),
        }
        Ok(draft)
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

    fn refuse(&self, what: &str) -> Failure {
        Failure::usage(format!("--save: {} {what}", self.shown())).hint("give another file")
    }

    fn cannot(&self, error: &io::Error) -> Failure {
        Failure::own(format!("--save: {} cannot be written: {}", self.shown(), error.kind()))
            .hint("give a file in a folder that exists and that you may write to")
    }

    /// The path, fit to be shown.
    pub fn shown(&self) -> String {
        printable(&self.path.display().to_string())
    }
}

/// A word of the POSIX shell, whatever it holds.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
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
