//! The start of a set: the lock, the reaper, the programs, then all servers at once.

use super::error::ServersError;
use super::site::Site;
use super::{Servers, ServersOptions, lock};
use crate::nats::NatsServer;
use crate::postgres::server::Postgres;
use crate::programs::error::ProgramError;
use crate::programs::{Programs, Wanted};
use crate::reaper::Reaper;
use crate::redis::Redis;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

/// Starts the servers in a folder that is temporary, or in that of the options.
pub(crate) async fn start_in(
    options: ServersOptions,
    temporary: Option<TempDir>,
) -> Result<Servers, ServersError> {
    let data = fs::create_dir_all(&options.data)
        .and_then(|()| options.data.canonicalize())
        .map_err(|source| ServersError::Data { data: options.data.clone(), source })?;
    let reaper = Arc::new(Reaper::start(lock::take(&data).await?)?);
    let site = Site { data, temporary: temporary.is_some(), reaper };
    if let Some(folder) = temporary {
        site.reaper.remove(&site.data)?;
        // From here on the folder is the reaper's.
        let _path = folder.keep();
    }
    let started = start_all(options, &site).await;
    // What has started is ended and the lock given back before anybody hears of a failure.
    if started.is_err()
        && let Err(error) = site.reaper.finish().await
    {
        tracing::warn!(%error, "after a failed start some servers are still there");
    }
    let (nats, postgres, redis) = started?;
    Ok(Servers { nats, postgres, redis, data: site.data, reaper: site.reaper })
}

type Three = (Option<NatsServer>, Option<Postgres>, Option<Redis>);

async fn start_all(options: ServersOptions, site: &Site) -> Result<Three, ServersError> {
    let wanted = Wanted {
        nats: options.nats.is_some(),
        postgres: options.postgres.is_some(),
        redis: options.redis.is_some(),
    };
    let programs = tokio::task::spawn_blocking(move || Programs::find_or_install(wanted))
        .await
        .map_err(ProgramError::Interrupted)??;
    let nats = options.nats.zip(programs.nats);
    let postgres = options.postgres.zip(programs.postgres);
    let redis = options.redis.zip(programs.redis);
    tokio::try_join!(
        maybe(nats.map(|(nats, program)| NatsServer::start(nats, program, site))),
        maybe(postgres.map(|(postgres, programs)| Postgres::start(postgres, programs, site))),
        maybe(redis.map(|(redis, program)| Redis::start(redis, program, site))),
    )
}

/// Starts a server that was asked for.
async fn maybe<S, E: Into<ServersError>>(
    start: Option<impl Future<Output = Result<S, E>>>,
) -> Result<Option<S>, ServersError> {
    match start {
        Some(start) => start.await.map(Some).map_err(Into::into),
        None => Ok(None),
    }
}
