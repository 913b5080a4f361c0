//! Files and folders for this user alone, whatever the umask: 0600 and 0700. No link is followed, and a file that is
//! replaced is there whole or as it was.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What was found where a regular file should be.
pub(crate) enum Opened {
    File(File),
    Nothing,
    /// A folder, a symbolic link, a pipe.
    NotRegular,
    /// Another file took its name while it was opened.
    Replaced,
}

/// Opens the regular file that is there.
pub(crate) fn open(path: &Path, options: &OpenOptions) -> io::Result<Opened> {
    let there = match metadata(path)? {
        Some(there) if there.is_file() => there,
        Some(_) => return Ok(Opened::NotRegular),
        None => return Ok(Opened::Nothing),
    };
    let file = options.open(path)?;
    if !is_same(&there, &file.metadata()?) {
        return Ok(Opened::Replaced);
    }
    Ok(Opened::File(file))
}

/// Makes a file; fails where anything is, a symbolic link included.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // A umask takes away even what the user needs.
    #[cfg(unix)]
    if mode_of(&file.metadata()?) != 0o600 {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

/// Makes a folder; fails where anything is, a symbolic link included.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    close_to_others(path)
}

/// Makes a folder and those above it that are missing.
pub(crate) fn make_folders(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_folders(parent)?;
    }
    match make_folder(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

/// Lets nobody else into a folder of this user's.
#[cfg(unix)]
pub(crate) fn close_to_others(folder: &Path) -> io::Result<()> {
    match mode_of(&fs::metadata(folder)?) {
        0o700 => Ok(()),
        _ => fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)),
    }
}

#[cfg(not(unix))]
pub(crate) fn close_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Puts a file under its name, whole, on the disk, in the place of one that is there. `new`, in the same folder, is
/// where it grows; nothing may be there.
pub(crate) fn replace(path: &Path, new: &Path, bytes: &[u8]) -> io::Result<()> {
    create_new(new)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| rename(new, path))
}

/// Gives a finished file its name, on the disk.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    match to.parent() {
        // A name is on the disk when its folder is.
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// What is at a path, a symbolic link itself included.
pub(crate) fn metadata(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an open file is the one that is at a path.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match metadata(path)? {
        Some(there) => Ok(is_same(&there, &file.metadata()?)),
        None => Ok(false),
    }
}

/// The bits that say who may do what.
#[cfg(unix)]
pub(crate) fn mode_of(there: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&there.permissions()) & 0o777
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
