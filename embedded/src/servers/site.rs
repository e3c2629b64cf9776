//! What the three servers of one set share: the data folder and the reaper.

use crate::process::error::ProcessError;
use crate::reaper::Reaper;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a set of servers lives.
pub(crate) struct Site {
    /// The data folder, absolute; its lock is held.
    pub(crate) data: PathBuf,
    /// Whether all of it is removed at the end.
    pub(crate) temporary: bool,
    /// Ends the servers with us.
    pub(crate) reaper: Arc<Reaper>,
}

impl Site {
    /// Makes a server's own folder in the data folder.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf, ProcessError> {
        let path = self.data.join(name);
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(ProcessError::File { path, source }),
        }
    }

    /// Writes a file that only we may read.
    pub(crate) fn write(&self, path: &Path, text: &str) -> Result<(), ProcessError> {
        let mut options = fs::File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|source| ProcessError::File { path: path.to_owned(), source })
    }
}
