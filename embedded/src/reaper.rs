//! Ends the servers when we are gone, even after SIGKILL: a small shell (`reaper.sh`) in a process
//! group of its own, which waits for the end of a pipe that only we hold.
//!
//! It also holds the lock of the data folder, so that nobody starts on it before the last server
//! has ended.

use crate::process::signal::StopSignal;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("reaper.sh");
/// A little more than the script itself waits for servers.
const FINISH_WAIT_S: u64 = 15;
const FINISH_PAUSE_MS: u64 = 5;

/// Why servers cannot be guarded, and therefore are not started.
#[derive(Debug, thiserror::Error)]
pub enum ReaperError {
    /// No shell.
    #[error("the shell that ends left-over servers does not start")]
    Start(#[source] io::Error),
    /// Somebody killed it, or it has finished.
    #[error("the shell that ends left-over servers is gone")]
    Gone(#[source] io::Error),
    /// The shell reads one order a line.
    #[error("the name of the folder {} is not plain text", .0.display())]
    Name(PathBuf),
    /// It still waits for a server.
    #[error("the servers have not ended within {FINISH_WAIT_S} s")]
    Busy,
}

/// The guard of one set of servers.
pub(crate) struct Reaper {
    shell: Mutex<Shell>,
}

struct Shell {
    child: Child,
    /// None once it was told to finish.
    orders: Option<ChildStdin>,
}

impl Reaper {
    /// Starts the shell; it holds the lock from now on.
    pub(crate) fn start(lock: File) -> Result<Self, ReaperError> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "bakery-reaper"])
            .stdin(Stdio::piped())
            .stdout(lock)
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(ReaperError::Start)?;
        let orders = child.stdin.take();
        Ok(Self { shell: Mutex::new(Shell { child, orders }) })
    }

    /// From now on the process is ended with us.
    pub(crate) fn watch(&self, pid: u32, signal: StopSignal) -> Result<(), ReaperError> {
        self.order(&format!("watch {} {pid}", signal.name()))
    }

    /// The process has ended; its number may soon be another's.
    pub(crate) fn forget(&self, pid: u32) {
        if let Err(error) = self.order(&format!("forget {pid}")) {
            tracing::debug!(%error, pid, "the end of a server is not noted");
        }
    }

    /// The folder is removed with us.
    pub(crate) fn remove(&self, folder: &Path) -> Result<(), ReaperError> {
        match folder.to_str().filter(|path| path.starts_with('/') && !path.contains('\n')) {
            Some(path) => self.order(&format!("remove {path}")),
            None => Err(ReaperError::Name(folder.to_owned())),
        }
    }

    /// Ends what is left, removes the folders, gives the lock back. Again is fine.
    pub(crate) async fn finish(&self) -> Result<(), ReaperError> {
        drop(self.shell().orders.take());
        let deadline = Instant::now() + Duration::from_secs(FINISH_WAIT_S);
        while Instant::now() < deadline {
            if self.shell().child.try_wait().map_err(ReaperError::Gone)?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(FINISH_PAUSE_MS)).await;
        }
        Err(ReaperError::Busy)
    }

    fn order(&self, line: &str) -> Result<(), ReaperError> {
        match &mut self.shell().orders {
            // One short write: it arrives whole or not at all.
            Some(orders) => orders.write_all(format!("{line}\n").as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
        .map_err(ReaperError::Gone)
    }

    fn shell(&self) -> std::sync::MutexGuard<'_, Shell> {
        self.shell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
