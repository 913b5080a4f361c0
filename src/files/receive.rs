//! To disk: beside its place first, then under its name, which nobody may have taken.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::blocking;
use super::name::{numbered, safe_file_name};
use crate::clock::random_hex;
use crate::error::{Error, Result};
use crate::private_files::create_new;
use crate::rest::invalid_answer;

/// Four letters become three bytes, so pieces of a multiple of four decode one by one.
const PIECE: usize = 4 * 64 * 1024;
/// How many files of one name a folder may hold.
const NUMBERS: u32 = 10_000;

pub(super) async fn write(folder: &Path, stored_name: &str, base64: String) -> Result<PathBuf> {
    let folder = PathBuf::from(folder);
    let stored_name = stored_name.to_owned();
    blocking(move || decoded(&folder, &base64)?.finish(&stored_name)).await
}

/// Under a name of the caller's.
pub(super) async fn write_as(path: &Path, base64: String, replace: bool) -> Result<()> {
    let path = PathBuf::from(path);
    blocking(move || {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        decoded(folder.unwrap_or(Path::new(".")), &base64)?.finish_as(&path, replace)
    })
    .await
}

fn decoded(folder: &Path, base64: &str) -> Result<Unfinished> {
    let mut unfinished = Unfinished::begin(folder)?;
    for piece in base64.as_bytes().chunks(PIECE) {
        let bytes = BASE64_STANDARD
            .decode(piece)
            .map_err(|_| invalid_answer("the file's content is not Base64"))?;
        unfinished.write(&bytes)?;
    }
    Ok(unfinished)
}

/// A file on its way: beside its place until it is whole, and gone if it never is. All of this blocks.
pub(crate) struct Unfinished {
    folder: PathBuf,
    path: PathBuf,
    file: File,
}

impl Unfinished {
    pub(crate) fn begin(folder: &Path) -> Result<Self> {
        let path = folder.join(format!(".{}.part", random_hex()?));
        let file = create_new(&path).map_err(|error| cannot_write(&error))?;
        Ok(Self {
            folder: folder.to_owned(),
            path,
            file,
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| cannot_write(&error))
    }

    /// Gives it the name that the server stored, made safe, with a number behind it where that is taken.
    pub(crate) fn finish(self, stored_name: &str) -> Result<PathBuf> {
        self.file.sync_all().map_err(|error| cannot_write(&error))?;
        place(&self.path, &self.folder, &safe_file_name(stored_name))
    }

    /// Gives it a name of the caller's.
    fn finish_as(self, path: &Path, replace: bool) -> Result<()> {
        self.file.sync_all().map_err(|error| cannot_write(&error))?;
        if replace {
            return fs::rename(&self.path, path).map_err(|error| cannot_write(&error));
        }
        match take(&self.path, path)? {
            true => Ok(()),
            false => Err(Error::invalid_input("there is a file of this name already").hint("give another name")),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Under its name it has a second entry; if anything failed it must go anyway.
        let _ = fs::remove_file(&self.path);
    }
}

/// Gives the finished file its name, with a number behind it where that is taken.
fn place(unfinished: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    for number in 1..NUMBERS {
        let path = folder.join(if number == 1 {
            name.to_owned()
        } else {
            numbered(name, number)
        });
        if take(unfinished, &path)? {
            return Ok(path);
        }
    }
    Err(Error::invalid_input("the folder holds too many files of this name"))
}

/// Gives the finished file this name; `false` where something has it, a symbolic link included.
fn take(unfinished: &Path, path: &Path) -> Result<bool> {
    match fs::hard_link(unfinished, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Some file systems have no links; there the name is taken first and the content copied into it.
        Err(_) => match create_new(path) {
            Ok(file) => copy(unfinished, file, path).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(cannot_write(&error)),
        },
    }
}

fn copy(unfinished: &Path, mut file: File, path: &Path) -> Result<()> {
    let copied = File::open(unfinished)
        .and_then(|mut from| io::copy(&mut from, &mut file))
        .and_then(|_| file.sync_all());
    copied.map_err(|error| {
        let _ = fs::remove_file(path);
        cannot_write(&error)
    })
}

fn cannot_write(error: &io::Error) -> Error {
    Error::invalid_input(format!("the file cannot be written: {}", crate::error::reason(error)))
        .hint("check that the folder exists and has room, and that this user may write to it")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn received(folder: &Path, name: &str, content: &str) -> Result<PathBuf> {
        write(folder, name, BASE64_STANDARD.encode(content)).await
    }

    #[tokio::test]
    async fn nothing_is_overwritten_and_nothing_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let first = received(folder.path(), "a.txt", "one").await.unwrap();
        let second = received(folder.path(), "../a.txt", "two").await.unwrap();
        assert_eq!(second, folder.path().join("a (2).txt"));
        assert_eq!(fs::read_to_string(first).unwrap(), "one");
        assert_eq!(fs::read_to_string(second).unwrap(), "two");
        assert!(write(folder.path(), "b.txt", String::from("no base64!")).await.is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[tokio::test]
    async fn a_name_of_the_callers_is_replaced_only_if_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine");
        let content = |text: &str| BASE64_STANDARD.encode(text);
        write_as(&path, content("one"), false).await.unwrap();
        let taken = write_as(&path, content("two"), false).await.unwrap_err();
        assert!(taken.to_string().contains("already"), "{taken}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write_as(&path, content("three"), true).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_large_file_comes_whole() {
        let folder = tempfile::tempdir().unwrap();
        let content = "0123456789".repeat(100_000);
        let path = received(folder.path(), "big", &content).await.unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), content);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn symbolic_links_are_not_followed_and_files_are_the_users_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("a.txt")).unwrap();
        let path = received(folder.path(), "a.txt", "one").await.unwrap();
        assert_eq!(path, folder.path().join("a (2).txt"));
        assert!(!elsewhere.exists());
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_told() {
        let error = received(Path::new("no such folder"), "a", "b").await.unwrap_err();
        assert!(error.to_string().contains("folder"), "{error}");
    }
}
