//! One run at a time in a folder. The lock is the operating system's, so that it ends with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::folder::{self, Folder, LOCK};
use crate::error::{Error, Result};
use crate::private_files;

/// A run that was cancelled a moment ago may still be bringing something onto the disk.
const PATIENCE: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// A folder that is this run's alone, as long as it or a clone of it is there.
///
/// # Errors
/// When another run is at work in it.
pub(super) async fn take(folder: Folder) -> Result<Folder> {
    for _ in 0..PATIENCE {
        if let Some(file) = attempt(&folder)? {
            return Ok(folder.with_lock(Arc::new(file)));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let shown = folder.shown();
    Err(
        Error::invalid_input(format!("another run of an export is at work in {shown}"))
            .hint("wait until it has ended, or end it: this one then goes on where it was")
            .hint("give another folder"),
    )
}

/// The locked file; `None` while another run has it.
fn attempt(folder: &Folder) -> Result<Option<File>> {
    let path = folder.below(LOCK);
    let opened = folder::open_there(&path, OpenOptions::new().read(true).write(true))?;
    let file = match opened {
        Some(file) => file,
        None => match private_files::create_new(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(folder::cannot(&path, &error)),
        },
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // A file system without locks: two runs in one folder are then for the user to avoid.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!("the file system of the export's folder has no locks");
            return Ok(Some(file));
        }
        Err(TryLockError::Error(error)) => return Err(folder::cannot(&path, &error)),
    }
    // A run that has finished meanwhile has removed what was locked here.
    let is_there = private_files::is_at(&file, &path).map_err(|error| folder::cannot(&path, &error))?;
    Ok(is_there.then_some(file))
}
