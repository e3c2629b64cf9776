//! Why the servers do not run.

use super::lock::LockError;
use crate::postgres::PostgresError;
use crate::process::error::ProcessError;
use crate::programs::error::ProgramError;
use crate::reaper::ReaperError;
use std::io;
use std::path::PathBuf;

/// Why the servers do not run.
#[derive(Debug, thiserror::Error)]
pub enum ServersError {
    /// The data folder is not ours.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A program is missing.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Postgres.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// nats-server or Redis.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The servers could be left behind.
    #[error(transparent)]
    Reaper(#[from] ReaperError),
    /// The data folder.
    #[error("the data folder {} cannot be made or deleted", data.display())]
    Data {
        /// Which folder.
        data: PathBuf,
        /// Why.
        source: io::Error,
    },
}
