//! The lock of a data folder. It is held by the reaper, so it ends after the last server, even
//! where the program that started them was killed.

use rustix::process::{Pid, test_kill_process};
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A killed program's reaper needs at most this long for its servers.
const LOCK_WAIT_S: u64 = 15;
const LOCK_PAUSE_MS: u64 = 50;

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// One at a time.
    #[error("another bakery runs with the data folder {} (pid {pid})", data.display())]
    Held {
        /// The data folder.
        data: PathBuf,
        /// Who runs.
        pid: i32,
    },
    /// Its program is gone.
    #[error(
        "the servers of an earlier run still use the data folder {} after {LOCK_WAIT_S} s",
        data.display()
    )]
    StillStopping {
        /// The data folder.
        data: PathBuf,
    },
    /// The file of the lock.
    #[error("the lock {} cannot be made", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Takes the lock; it lasts as long as the file is open here or in a child.
pub(crate) async fn take(data: &Path) -> Result<File, LockError> {
    let path = data.join("lock");
    let refused = |source| LockError::File { path: path.clone(), source };
    let mut options = File::options();
    let mut file =
        options.read(true).write(true).create(true).truncate(false).open(&path).map_err(refused)?;

    let deadline = Instant::now() + Duration::from_secs(LOCK_WAIT_S);
    while Instant::now() < deadline {
        match file.try_lock() {
            Ok(()) => {
                write_pid(&mut file).map_err(refused)?;
                return Ok(file);
            }
            Err(TryLockError::Error(source)) => return Err(refused(source)),
            Err(TryLockError::WouldBlock) => {}
        }
        if let Some(pid) = read_pid(&mut file).filter(|pid| runs(*pid)) {
            return Err(LockError::Held { data: data.to_owned(), pid: pid.as_raw_nonzero().get() });
        }
        sleep(Duration::from_millis(LOCK_PAUSE_MS)).await;
    }
    Err(LockError::StillStopping { data: data.to_owned() })
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

/// None while the holder is about to write it.
fn read_pid(file: &mut File) -> Option<Pid> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    Pid::from_raw(text.parse().ok()?)
}

/// Whether the process is there, even as another user's.
fn runs(pid: Pid) -> bool {
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}
