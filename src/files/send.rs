//! From disk to Base64, piece by piece.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::blocking;
use crate::error::{Error, Result};

/// Three bytes become four letters, so pieces of a multiple of three join without padding.
const PIECE: usize = 3 * 64 * 1024;

/// A file ready to send.
pub(super) struct Encoded {
    pub(super) name: String,
    pub(super) base64: String,
}

pub(super) async fn read(path: &Path) -> Result<Encoded> {
    let path = PathBuf::from(path);
    blocking(move || {
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let name = name.ok_or_else(|| Error::invalid_input("the file has no name, or none in UTF-8"))?;
        ordinary(&path)?;
        let base64 = encode(&path).map_err(|error| cannot_read(&error))?;
        if base64.is_empty() {
            return Err(Error::invalid_input(
                "the file is empty, which the server takes for a missing one",
            ));
        }
        Ok(Encoded { name, base64 })
    })
    .await
}

/// Opening a pipe waits for its writer, and a device may never end.
pub(super) fn ordinary(path: &Path) -> Result<Metadata> {
    let metadata = std::fs::metadata(path).map_err(|error| cannot_read(&error))?;
    match metadata.is_file() {
        true => Ok(metadata),
        false => Err(Error::invalid_input("that is no ordinary file")),
    }
}

fn encode(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    let mut base64 = String::with_capacity(size.div_ceil(3).saturating_mul(4));
    let mut piece = vec![0; PIECE];
    loop {
        let filled = fill(&mut file, &mut piece)?;
        BASE64_STANDARD.encode_string(&piece[..filled], &mut base64);
        if filled < piece.len() {
            return Ok(base64);
        }
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

pub(super) fn cannot_read(error: &io::Error) -> Error {
    Error::invalid_input(format!("the file cannot be read: {}", crate::error::reason(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_ordinary_files_that_hold_something_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        File::create(&empty).unwrap();
        for (path, says) in [
            (folder.path(), "no ordinary file"),
            (empty.as_path(), "empty"),
            (Path::new("no such file"), "cannot be read"),
            #[cfg(unix)]
            (Path::new("/dev/zero"), "no ordinary file"),
        ] {
            let error = read(path).await.err().unwrap().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[tokio::test]
    async fn pieces_join_to_the_base64_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let content: Vec<u8> = (0..PIECE + 100).map(|at| at as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let encoded = read(&path).await.unwrap();
        assert_eq!(encoded.name, "a.bin");
        assert_eq!(BASE64_STANDARD.decode(encoded.base64).unwrap(), content);
    }
}
