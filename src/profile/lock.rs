//! One process at a time changes a profile. The lock is the operating system's, so that it ends with the process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::folder::{Folder, NOT_REGULAR, cannot, refused, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::private_files::{self, Opened};

/// Longer than any process takes that is not stopped.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// A profile that this process may change until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    /// Locked, as long as it is open.
    _file: File,
}

impl Lock {
    /// Waits until no other process has the lock on a file of the folder, which has to be there.
    pub(super) fn take(folder: &Folder, name: &str) -> Result<Self> {
        let began = Instant::now();
        loop {
            if let Some(lock) = Self::attempt(folder, name)? {
                return Ok(lock);
            }
            if began.elapsed() > PATIENCE {
                return Err(Error::new(
                    ErrorKind::Storage,
                    format!(
                        "another process has been changing {} for long",
                        shown(&folder.file(name))
                    ),
                )
                .hint("wait until it has ended, or end it"));
            }
            thread::sleep(PAUSE);
        }
    }

    /// The lock; `None` while another process has it.
    pub(super) fn attempt(folder: &Folder, name: &str) -> Result<Option<Self>> {
        let path = folder.file(&format!(".{name}.lock"));
        let opened = match private_files::open(&path, OpenOptions::new().read(true).write(true)) {
            Ok(Opened::Nothing) => private_files::create_new(&path),
            Ok(Opened::File(file)) => Ok(file),
            Ok(Opened::Replaced) => return Ok(None),
            Ok(Opened::NotRegular) => return Err(refused(&path, NOT_REGULAR)),
            Err(error) => Err(error),
        };
        let file = match opened {
            Ok(file) => file,
            Err(error) if is_about_to_change(&error) => return Ok(None),
            Err(error) => return Err(cannot(&path, &error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Processes that renew at once are then for the user to avoid.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                tracing::warn!("the file system of the profiles has no locks");
            }
            Err(TryLockError::Error(error)) => return Err(cannot(&path, &error)),
        }
        // Whoever had it before has removed what was locked here.
        let is_there = private_files::is_at(&file, &path).map_err(|error| cannot(&path, &error))?;
        Ok(is_there.then_some(Self { path, _file: file }))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is locked, so that it is this one. One that cannot be removed does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether another process has just made or removed the file. Windows refuses to open one that is being removed.
fn is_about_to_change(error: &io::Error) -> bool {
    let kind = error.kind();
    matches!(kind, io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound)
        || cfg!(windows) && kind == io::ErrorKind::PermissionDenied
}
