//! A file as the body of a request, read piece by piece while it is sent.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::blocking;
use super::send::{cannot_read, ordinary};
use crate::error::Result;
use crate::transport::{PieceStream, Pieces};

const PIECE: usize = 64 * 1024;

/// A file between two texts, as it stands in a multipart form.
pub(crate) struct Enclosed {
    path: PathBuf,
    size: u64,
    content_type: String,
    before: Bytes,
    after: Bytes,
}

impl Enclosed {
    /// Looks at the file. Its size is that of now: a file that changes while it is sent fails.
    pub(crate) async fn new(path: &Path, content_type: String, before: String, after: String) -> Result<Self> {
        let path = path.to_owned();
        let (path, size) = blocking(move || {
            let size = ordinary(&path)?.len();
            // Found out now and not in the middle of a request.
            File::open(&path).map_err(|error| cannot_read(&error))?;
            Ok((path, size))
        })
        .await?;
        Ok(Self {
            path,
            size,
            content_type,
            before: before.into(),
            after: after.into(),
        })
    }
}

impl Pieces for Enclosed {
    fn content_type(&self) -> &str {
        &self.content_type
    }

    fn length(&self) -> u64 {
        self.before.len() as u64 + self.size + self.after.len() as u64
    }

    fn open(&self) -> PieceStream {
        let (path, size) = (self.path.clone(), self.size);
        let file = stream::try_unfold((None, size), move |(file, left)| {
            let path = path.clone();
            async move {
                let read = tokio::task::spawn_blocking(move || next(file, &path, left));
                let read = read.await.map_err(|_| io::ErrorKind::Interrupted)??;
                Ok(read.map(|(piece, file)| {
                    let left = left - piece.len() as u64;
                    (piece, (Some(file), left))
                }))
            }
        });
        let around = |text: &Bytes| stream::iter([Ok(text.clone())]);
        Box::pin(around(&self.before).chain(file).chain(around(&self.after)))
    }
}

/// The next piece, of a file that is opened for the first. Exactly as many bytes as were promised.
fn next(file: Option<File>, path: &Path, left: u64) -> io::Result<Option<(Bytes, File)>> {
    if left == 0 {
        return Ok(None);
    }
    let mut file = match file {
        Some(file) => file,
        None => File::open(path)?,
    };
    let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
    file.read_exact(&mut piece)?;
    Ok(Some((piece.into(), file)))
}
