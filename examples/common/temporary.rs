//! A folder for what is to be gone again, or is to be looked at later.

use std::io;

use tempfile::TempDir;

use super::failure::Failure;

/// For this user's eyes only, whatever the umask.
pub fn folder(prefix: &str) -> Result<TempDir, Failure> {
    made(prefix).map_err(|error| Failure::own(format!("no temporary folder: {}", error.kind())))
}

fn made(prefix: &str) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix(prefix).tempdir()?;
    #[cfg(unix)]
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(folder)
}
