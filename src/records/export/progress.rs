//! How far an export is.

use std::fmt;
use std::sync::Arc;

/// How far an export is. Given to the callback after each page.
///
/// ```no_run
/// # fn show(session: sugar_oauth::Session) {
/// let export = session.export().on_progress(|progress| {
///     eprintln!("{} of {} files, {}: {}", progress.files_done, progress.files, progress.file, progress.lines);
/// });
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Progress {
    /// The file that is being written, below the export's folder.
    pub file: String,
    /// The module that is being read.
    pub module: String,
    /// Lines in that file so far, those of earlier runs included.
    pub lines: u64,
    /// Records of the module that have been read so far.
    pub records: u64,
    /// How many records of the module there are, where the server counts.
    pub expected: Option<u64>,
    /// Files that are finished.
    pub files_done: usize,
    /// Files in all.
    pub files: usize,
}

type Callback = dyn Fn(&Progress) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(super) struct Listener {
    callback: Option<Arc<Callback>>,
}

impl Listener {
    pub(super) fn new(callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self {
            callback: Some(Arc::new(callback)),
        }
    }

    pub(super) fn tell(&self, progress: &Progress) {
        if let Some(callback) = &self.callback {
            callback(progress);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Listener")
    }
}
