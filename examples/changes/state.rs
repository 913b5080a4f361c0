//! How far changes have been read, kept in a file between runs.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sugar_oauth::printable;
use sugar_oauth::records::Watermark;

use crate::failure::Failure;
use crate::private_file::PrivateFile;

/// The form of the file.
const VERSION: u32 = 1;

/// What the file holds: a watermark, and what it is a watermark of.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<W> {
    version: u32,
    instance: String,
    module: String,
    watermark: W,
}

/// The file, for one module of one instance.
pub struct State {
    file: PrivateFile,
    instance: String,
    module: String,
}

impl State {
    /// Checks that the file can be written.
    pub fn new(path: &Path, instance: &str, module: &str) -> Result<Self, Failure> {
        Ok(Self {
            file: PrivateFile::new("--state", path)?,
            instance: instance.to_owned(),
            module: module.to_owned(),
        })
    }

    /// Where to go on; `None` when nothing has been kept yet.
    pub fn read(&self) -> Result<Option<Watermark>, Failure> {
        let Some(bytes) = self.file.read()? else {
            return Ok(None);
        };
        let kept: Kept<Watermark> = serde_json::from_slice(&bytes).map_err(|_| {
            self.refuse("is damaged, or holds something else")
                .hint("or remove it, and say with --since from when on changes are to be read")
        })?;
        if kept.version != VERSION {
            return Err(self.refuse("was written by another version of this program"));
        }
        if kept.instance != self.instance {
            return Err(self.refuse(&format!("is of another instance, {}", printable(&kept.instance))));
        }
        if kept.module != self.module {
            return Err(self.refuse(&format!("is of another module, {}", printable(&kept.module))));
        }
        Ok(Some(kept.watermark))
    }

    /// Replaces the file whole.
    pub fn write(&self, watermark: &Watermark) -> Result<(), Failure> {
        let kept = Kept {
            version: VERSION,
            instance: self.instance.clone(),
            module: self.module.clone(),
            watermark,
        };
        let mut text = serde_json::to_vec(&kept).map_err(|_| Failure::own("the state cannot be written as JSON"))?;
        text.push(b'\n');
        self.file.write(&text)
    }

    fn refuse(&self, what: &str) -> Failure {
        self.file.refuse(what)
    }

    /// The path, fit to be shown.
    pub fn shown(&self) -> String {
        self.file.shown()
    }
}
