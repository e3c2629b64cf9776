//! Why a server does not run.

use crate::reaper::ReaperError;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a server does not run, or does not end.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// A file of the server cannot be written.
    #[error("{} cannot be written", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program cannot be started at all.
    #[error("{name} cannot be started")]
    Spawn {
        /// Which server.
        name: &'static str,
        /// Why.
        source: io::Error,
    },
    /// It could not be guarded.
    #[error("{name} is not started, because it could be left behind")]
    Unguarded {
        /// Which server.
        name: &'static str,
        /// Why.
        source: ReaperError,
    },
    /// No port.
    #[error("no loopback port is free for {name}")]
    NoPort {
        /// Which server.
        name: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Somebody else listens on the port that was asked for.
    #[error("port {port}, which {name} shall use, is taken by another program")]
    PortTaken {
        /// Which server.
        name: &'static str,
        /// Which port.
        port: u16,
    },
    /// It ended by itself.
    #[error("{name} ended before it was ready ({status}); its last words are:\n{last_words}")]
    Ended {
        /// Which server.
        name: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        last_words: String,
    },
    /// It runs and does not answer.
    #[error("{name} was not ready within {wait_s} s; its last words are:\n{last_words}")]
    NotReady {
        /// Which server.
        name: &'static str,
        /// How long we waited.
        wait_s: u64,
        /// The end of its log.
        last_words: String,
    },
    /// A paused or resumed server must run.
    #[error("{name} does not run")]
    NotRunning {
        /// Which server.
        name: &'static str,
    },
    /// The kernel does not end it.
    #[error("{name} (pid {pid}) has not ended within {wait_s} s of SIGKILL")]
    Unkillable {
        /// Which server.
        name: &'static str,
        /// Its process.
        pid: u32,
        /// How long we waited.
        wait_s: u64,
    },
}

impl ProcessError {
    /// Whether another program has the port, perhaps only since we looked.
    pub(crate) fn is_port_taken(&self) -> bool {
        match self {
            Self::Ended { last_words, .. } => {
                last_words.to_lowercase().contains("address already in use")
            }
            Self::PortTaken { .. } => true,
            _ => false,
        }
    }
}
