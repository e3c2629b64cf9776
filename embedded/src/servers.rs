//! The three servers as one set: started together, stopped together, gone when we are.

pub(crate) mod error;
pub(crate) mod lock;
pub(crate) mod site;
mod start;
mod wipe;

use crate::config;
use crate::nats::{NatsOptions, NatsServer};
use crate::postgres::PostgresOptions;
use crate::postgres::server::Postgres;
use crate::process::Process;
use crate::process::error::ProcessError;
use crate::reaper::Reaper;
use crate::redis::{Redis, RedisOptions};
use error::ServersError;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

/// The account that Postgres runs as must get through, and see nothing else.
const TEMPORARY_MODE: u32 = 0o711;
const ENDED_PAUSE_MS: u64 = 200;

/// Which servers to start and where; one that is left out is somebody else's.
pub struct ServersOptions {
    /// The data folder; it is made where it is missing. It gets `nats`, `postgres` and `redis`, a
    /// log and the last port beside each, `postgres.password` and `lock`.
    pub data: PathBuf,
    /// nats-server.
    pub nats: Option<NatsOptions>,
    /// PostgreSQL.
    pub postgres: Option<PostgresOptions>,
    /// Redis.
    pub redis: Option<RedisOptions>,
}

/// Which servers a test wants.
#[derive(Clone, Default)]
pub struct Temporary {
    /// nats-server, with this configuration.
    pub nats: Option<NatsOptions>,
    /// PostgreSQL.
    pub postgres: bool,
    /// Redis.
    pub redis: bool,
}

/// The running servers. Dropped without [`Servers::stop`], such as in a static that never is, they
/// are stopped by the reaper, and their folder is free a moment later.
pub struct Servers {
    /// nats-server, where it was asked for.
    pub nats: Option<NatsServer>,
    /// PostgreSQL, where it was asked for.
    pub postgres: Option<Postgres>,
    /// Redis, where it was asked for.
    pub redis: Option<Redis>,
    data: PathBuf,
    reaper: Arc<Reaper>,
}

/// A server that has ended by itself.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Its name.
    pub name: &'static str,
    /// How it ended.
    pub status: ExitStatus,
}

impl Servers {
    /// Starts the servers and waits until all are ready; missing programs are installed first.
    ///
    /// # Errors
    /// Another bakery uses the folder, a program is missing, or a server does not become ready.
    /// Nothing is left running then.
    pub async fn start(options: ServersOptions) -> Result<Self, ServersError> {
        start::start_in(options, None).await
    }

    /// Servers for a test, in a new folder below the temporary files; nothing is durable. The
    /// folder is gone soon after the test process, or after [`Servers::stop`].
    ///
    /// # Errors
    /// As [`Servers::start`].
    pub async fn temporary(wanted: Temporary) -> Result<Self, ServersError> {
        let parent = config::temporary_folder();
        let folder = tempfile::Builder::new()
            .prefix("bakery-")
            .permissions(Permissions::from_mode(TEMPORARY_MODE))
            .tempdir_in(&parent)
            .map_err(|source| ServersError::Data { data: parent, source })?;
        let options = ServersOptions {
            data: folder.path().to_owned(),
            nats: wanted.nats,
            postgres: wanted.postgres.then_some(PostgresOptions { port: None, durable: false }),
            redis: wanted.redis.then(RedisOptions::default),
        };
        start::start_in(options, Some(folder)).await
    }

    /// Deletes what the servers keep in the folder, under its lock. No folder is fine.
    ///
    /// # Errors
    /// Another bakery uses the folder, or a file cannot be deleted.
    pub async fn wipe(data: &Path) -> Result<(), ServersError> {
        let refused = |source| ServersError::Data { data: data.to_owned(), source };
        let data = match data.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            outcome => outcome.map_err(refused)?,
        };
        let lock = lock::take(&data).await?;
        let wiped = tokio::task::spawn_blocking(move || wipe::wipe(&data))
            .await
            .map_err(io::Error::other)
            .flatten();
        // A child that is just being started has the file open for a moment longer than we do.
        wiped.and(lock.unlock()).map_err(refused)
    }

    /// Stops all at once, and returns when the last has ended and the folder is free (and removed,
    /// where it is temporary). Again is fine.
    ///
    /// # Errors
    /// A server has not ended; the reaper goes on trying.
    pub async fn stop(&self) -> Result<(), ServersError> {
        let nats = stop(self.nats.as_ref().map(NatsServer::process));
        let postgres = stop(self.postgres.as_ref().map(Postgres::process));
        let redis = stop(self.redis.as_ref().map(Redis::process));
        let (nats, postgres, redis) = tokio::join!(nats, postgres, redis);
        self.reaper.finish().await?;
        Ok(nats.and(postgres).and(redis)?)
    }

    /// Waits until one of the servers is not running any more, for a program that cannot go on
    /// without it.
    pub async fn ended(&self) -> Ended {
        loop {
            let mut processes = self.processes();
            let ended = processes.find_map(|process| Some((process.name(), process.exited()?)));
            if let Some((name, status)) = ended {
                return Ended { name, status };
            }
            tokio::time::sleep(Duration::from_millis(ENDED_PAUSE_MS)).await;
        }
    }

    /// The processes that were asked for.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        let nats = self.nats.as_ref().map(NatsServer::process);
        let postgres = self.postgres.as_ref().map(Postgres::process);
        let redis = self.redis.as_ref().map(Redis::process);
        nats.into_iter().chain(postgres).chain(redis)
    }

    /// The data folder, in full; the logs are in it.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

async fn stop(process: Option<&Process>) -> Result<(), ProcessError> {
    match process {
        Some(process) => process.stop().await,
        None => Ok(()),
    }
}
