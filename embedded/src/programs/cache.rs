//! Where downloads are kept, and the lock under which one process at a time installs.

use super::error::ProgramError;
use crate::config;
use rustix::process::geteuid;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The downloaded nats-server, in a cache folder.
pub(crate) const NATS_SERVER: &str = "nats-server-2.15.1/nats-server";
/// Longer than one whole installation.
const LOCK_WAIT_S: u64 = 900;
const LOCK_PAUSE_MS: u64 = 100;

/// The folders that are ours, the best first; the last resort is among the temporary files.
pub(crate) fn folders() -> Vec<PathBuf> {
    let ours = config::cache_folder().map(|folder| folder.join("bakery"));
    let resort = format!("bakery-{}", geteuid().as_raw());
    let resort = config::temporary_folder().join(resort);
    ours.into_iter().chain([resort]).filter(|folder| is_safe(folder)).collect()
}

/// The first folder that can be made.
pub(crate) fn make_folder() -> Result<PathBuf, ProgramError> {
    let mut refused = ProgramError::NoCache;
    for folder in folders() {
        match DirBuilder::new().recursive(true).mode(0o700).create(&folder) {
            Ok(()) if is_safe(&folder) => return Ok(folder),
            Ok(()) => {}
            Err(source) => refused = ProgramError::File { path: folder, source },
        }
    }
    Err(refused)
}

/// Waits until nobody else installs; the lock lasts as long as the file.
pub(crate) fn lock() -> Result<File, ProgramError> {
    let path = make_folder()?.join("install.lock");
    let refused = |source| ProgramError::File { path: path.clone(), source };
    let file = File::create(&path).map_err(refused)?;
    let deadline = Instant::now() + Duration::from_secs(LOCK_WAIT_S);
    while Instant::now() < deadline {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(LOCK_PAUSE_MS)),
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
    }
    Err(ProgramError::Busy { path, wait_s: LOCK_WAIT_S })
}

/// A program that another user could have put there is never run.
fn is_safe(folder: &Path) -> bool {
    match fs::symlink_metadata(folder) {
        Ok(found) => {
            found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0
        }
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}
