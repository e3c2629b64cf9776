//! The menu, kept in Redis for a moment. A cache only: whatever fails here is a miss, and costs a
//! request next to nothing. Errors are never kept.

use crate::circuit::Circuit;
use axum::body::Bytes;
use bakery_nats::slug::Slug;
use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::{ClientLike, KeysInterface};
use fred::types::Builder;
use fred::types::config::{Config, ReconnectPolicy, TcpConfig};
use fred::types::{Expiration, SetOptions};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio_util::task::AbortOnDropHandle;

/// How old a menu may be.
const MENU_LIFE_MS: i64 = 1000;
/// After a change no menu is kept for so long: longer than an answer from before the change can be
/// on its way.
const MENU_GONE_MS: i64 = 5000;
/// Asking inventory takes little longer, so nobody waits longer for the cache.
const COMMAND_TIMEOUT_MS: u64 = 50;
const CONNECTION_TIMEOUT_MS: u64 = 2000;
/// A connection that is silent for so long is replaced.
const SILENCE_MAX_MS: u64 = 5000;
const RECONNECT_PAUSE_MIN_MS: u32 = 100;
const RECONNECT_PAUSE_MAX_MS: u32 = 2000;
/// Commands that wait for their turn; more are misses.
const COMMANDS_WAITING_MAX: usize = 1024;

/// The cache; without an address everything is a miss.
pub(crate) struct Cache {
    redis: Option<Client>,
    /// Connects again and again, for as long as this value lives.
    _connection: Option<AbortOnDropHandle<Result<(), Error>>>,
    circuit: Circuit,
}

impl Cache {
    /// Starts connecting, and goes on trying for ever.
    ///
    /// # Errors
    /// The address cannot be read.
    pub(crate) fn open(url: Option<&str>) -> Result<Self, Error> {
        let redis = url.map(client).transpose()?;
        let connection = redis.as_ref().map(|redis| AbortOnDropHandle::new(redis.connect()));
        Ok(Self { redis, _connection: connection, circuit: Circuit::default() })
    }

    /// The menu as JSON, if it is known.
    pub(crate) async fn menu(&self, branch: &Slug) -> Option<Bytes> {
        let redis = self.usable()?;
        let known = self.tried(redis.get::<Option<Bytes>, _>(menu_key(branch))).await.flatten();
        known.filter(|json| !json.is_empty())
    }

    /// Keeps a menu, where none is kept and none was dropped just now.
    pub(crate) async fn keep_menu(&self, branch: &Slug, json: Bytes) {
        let Some(redis) = self.usable() else { return };
        let life = Some(Expiration::PX(MENU_LIFE_MS));
        let absent = Some(SetOptions::NX);
        self.tried(redis.set::<(), _, _>(menu_key(branch), json, life, absent, false)).await;
    }

    /// Drops the menu, because it has changed. An empty one in its place keeps out whoever asked
    /// before the change. Tried also where Redis is not usable just now: after this failure
    /// nobody reads the cache until a menu that is still in it is too old.
    pub(crate) async fn drop_menu(&self, branch: &Slug) {
        let Some(redis) = self.redis.as_ref() else { return };
        let life = Some(Expiration::PX(MENU_GONE_MS));
        self.tried(redis.set::<(), _, _>(menu_key(branch), "", life, None, false)).await;
    }

    /// Asks for a sign of life; `None` when there is no cache.
    pub(crate) async fn ping(&self) -> Option<Result<(), String>> {
        let redis = self.redis.as_ref()?;
        if !redis.is_connected() {
            return Some(Err("not connected".to_owned()));
        }
        Some(redis.ping::<()>(None).await.map_err(|error| error.to_string()))
    }

    /// Ends the connection.
    pub(crate) async fn close(&self) {
        if let Some(redis) = &self.redis
            && let Err(error) = redis.quit().await
        {
            tracing::debug!(%error, "Redis was not left in peace");
        }
    }

    /// Redis, where it is worth asking.
    fn usable(&self) -> Option<&Client> {
        let redis = self.redis.as_ref()?;
        (redis.is_connected() && self.circuit.allows(Instant::now())).then_some(redis)
    }

    async fn tried<T>(&self, command: impl Future<Output = Result<T, Error>>) -> Option<T> {
        match command.await {
            Ok(value) => {
                self.circuit.succeed();
                Some(value)
            }
            Err(error) => {
                if self.circuit.fail(Instant::now()) {
                    tracing::warn!(%error, "Redis fails; the gateway goes on without its cache");
                }
                None
            }
        }
    }
}

fn menu_key(branch: &Slug) -> String {
    format!("bakery:menu:{branch}")
}

fn client(url: &str) -> Result<Client, Error> {
    let mut config = Config::from_url(url)?;
    // Here "fast" would mean: never again after a first connection that failed.
    config.fail_fast = false;
    Builder::from_config(config)
        .with_performance_config(|performance| {
            performance.default_command_timeout = Duration::from_millis(COMMAND_TIMEOUT_MS);
        })
        .with_connection_config(|connection| {
            connection.connection_timeout = Duration::from_millis(CONNECTION_TIMEOUT_MS);
            connection.internal_command_timeout = Duration::from_millis(CONNECTION_TIMEOUT_MS);
            connection.max_command_attempts = 1;
            connection.max_command_buffer_len = COMMANDS_WAITING_MAX;
            connection.unresponsive.max_timeout = Some(Duration::from_millis(SILENCE_MAX_MS));
            connection.tcp = TcpConfig { nodelay: Some(true), ..TcpConfig::default() };
        })
        // Attempts without end.
        .set_policy(ReconnectPolicy::new_exponential(
            0,
            RECONNECT_PAUSE_MIN_MS,
            RECONNECT_PAUSE_MAX_MS,
            2,
        ))
        .build()
}

#[cfg(test)]
mod tests {
    use super::Cache;
    use bakery_embedded::{Servers, Temporary};
    use bakery_nats::slug::Slug;
    use fred::interfaces::ClientLike;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn without_redis_everything_is_a_miss_at_once() {
        let branch: Slug = "main".parse().unwrap();
        // Nobody listens on port 1.
        for url in [None, Some("redis://127.0.0.1:1")] {
            let cache = Cache::open(url).unwrap();
            let start = Instant::now();
            for _ in 0..100 {
                cache.keep_menu(&branch, "{}".into()).await;
                assert_eq!(cache.menu(&branch).await, None);
            }
            cache.drop_menu(&branch).await;
            assert!(start.elapsed() < Duration::from_secs(1));
            assert_eq!(cache.ping().await.is_some_and(|pong| pong.is_err()), url.is_some());
        }
    }

    /// On a busy machine a command may be too slow, and be a miss like any other.
    async fn until_kept(cache: &Cache, branch: &Slug) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while cache.menu(branch).await.is_none() {
            assert!(Instant::now() < deadline, "nothing is ever kept");
            cache.keep_menu(branch, "{}".into()).await;
        }
    }

    #[tokio::test]
    async fn a_menu_that_was_dropped_does_not_come_back_with_a_late_answer() {
        let wanted = Temporary { redis: true, ..Temporary::default() };
        let servers = Servers::temporary(wanted).await.unwrap();
        let cache = Cache::open(Some(&servers.redis.as_ref().unwrap().url())).unwrap();
        cache.redis.as_ref().unwrap().wait_for_connect().await.unwrap();
        let branch: Slug = "main".parse().unwrap();
        until_kept(&cache, &branch).await;
        cache.drop_menu(&branch).await;
        assert_eq!(cache.menu(&branch).await, None);
        cache.keep_menu(&branch, "{}".into()).await;
        assert_eq!(cache.menu(&branch).await, None, "an answer from before the change was kept");
        servers.stop().await.unwrap();
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused() {
        assert!(Cache::open(Some("what?")).is_err());
    }
}
