//! PostgreSQL: one cluster, whose superuser is `postgres`, on 127.0.0.1 only and with passwords.
//! Roles and databases are for others to create.

pub(crate) mod account;
mod password;
pub(crate) mod place;
mod prepare;
pub(crate) mod server;
mod url;

use crate::process::error::ProcessError;
use crate::programs::run::RunError;
use std::io;
use std::path::{Path, PathBuf};

/// What Postgres is started with.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// This port and no other; else that of the last run, or any free one.
    pub port: Option<u16>,
    /// False is for tests only: nothing survives a crash of the machine.
    pub durable: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { port: None, durable: true }
    }
}

/// Why Postgres does not run.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// A half-made folder, or not one of Postgres.
    #[error("{} is not a complete Postgres data folder; start with --fresh", data.display())]
    NotComplete {
        /// The data folder.
        data: PathBuf,
    },
    /// Postgres reads the data of its own version only.
    #[error(
        "{} is a data folder of Postgres {found}, and this machine has Postgres {major}; \
         start with --fresh", data.display()
    )]
    OtherVersion {
        /// The data folder.
        data: PathBuf,
        /// The version that made it.
        found: u32,
        /// The version of the programs.
        major: u32,
    },
    /// Without it nobody gets in.
    #[error("the password of Postgres in {} is missing; start with --fresh", file.display())]
    NoPassword {
        /// The missing file.
        file: PathBuf,
    },
    /// Postgres refuses root, and there is nobody else.
    #[error("Postgres refuses to run as root, and /etc/passwd has no user postgres or nobody")]
    NoAccount(#[source] io::Error),
    /// A folder above has been closed since the data was made.
    #[error(
        "the user {account} cannot reach {}; open the folders above it, or start with --fresh",
        data.display()
    )]
    Unreachable {
        /// The data folder.
        data: PathBuf,
        /// Whom Postgres runs as.
        account: String,
    },
    /// A file or folder.
    #[error("{} cannot be made or read", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The data folder was not made.
    #[error("the data folder of Postgres cannot be made")]
    Initdb(#[source] RunError),
    /// The work was not finished.
    #[error("the preparation of Postgres was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// The server itself.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// It could not be guarded.
    #[error(transparent)]
    Reaper(#[from] crate::reaper::ReaperError),
}

/// Says which file an I/O error is about.
trait File<T> {
    fn file(self, path: &Path) -> Result<T, PostgresError>;
}

impl<T> File<T> for io::Result<T> {
    fn file(self, path: &Path) -> Result<T, PostgresError> {
        self.map_err(|source| PostgresError::File { path: path.to_owned(), source })
    }
}
