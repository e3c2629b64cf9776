//! The pool of connections to the one database a service owns.

use ::deadpool::managed::BuildError;
use bakery_nats::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::time::Duration;

/// Connections of a service where nothing else is said; more than the cores can use is slower.
pub const POOL_MAX: usize = 6;
/// Connections for questions, beside those: whoever asks much must not keep the orders waiting.
pub const READ_POOL_MAX: usize = 3;
/// A statement, a wait for a lock, and an idle transaction end after this long.
const STATEMENT_TIMEOUT_MS: u32 = 5000;
const LOCK_TIMEOUT_MS: u32 = 1000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS: u32 = 5000;
/// Waiting for a free connection, and for a new one.
const WAIT_TIMEOUT_MS: u64 = 1000;
const CREATE_TIMEOUT_MS: u64 = 2000;
/// A cut connection is noticed after this long while something is sent over it, and after about
/// the idle time and three probes while an answer is waited for.
const TCP_USER_TIMEOUT_MS: u32 = 5000;
const KEEPALIVE_IDLE_S: u32 = 5;
const KEEPALIVE_INTERVAL_S: u32 = 2;
const KEEPALIVE_PROBES: u32 = 3;

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: String,
    /// Connections at the most.
    pub pool_max: usize,
}

/// The URL with the session's limits, and further settings.
pub(crate) fn session_url(url: &str, settings: &[(&str, &str)]) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let limits = [
        ("statement_timeout", STATEMENT_TIMEOUT_MS),
        ("lock_timeout", LOCK_TIMEOUT_MS),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT_MS),
    ]
    .map(|(name, value)| (name, value.to_string()));
    let limits = limits.iter().map(|(name, value)| (*name, value.as_str()));
    let options: Vec<String> = limits
        .chain(settings.iter().copied())
        .map(|(name, value)| format!("-c%20{name}%3D{value}"))
        .collect();
    let options = options.join("%20");
    format!(
        "{url}{separator}options={options}&tcp_user_timeout={TCP_USER_TIMEOUT_MS}\
         &keepalives_idle={KEEPALIVE_IDLE_S}&keepalives_interval={KEEPALIVE_INTERVAL_S}\
         &keepalives_retries={KEEPALIVE_PROBES}&connect_timeout=2&application_name=bakery"
    )
}

/// What a pool is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Batches of messages and writes. Nobody cuts them off, and they find rows by their keys: so a
    /// connection is taken as it is, and a statement is planned once and not for every batch, until
    /// `planner` tells that a table has grown.
    Work,
    /// Questions, whose best plan depends on what is asked.
    Questions,
    /// Requests of people, who may go away in the middle: each connection is tried before it is given
    /// to the next.
    People,
}

/// Makes a pool; connections are opened when they are needed.
pub fn pool(config: &DatabaseConfig, purpose: Purpose) -> Result<Pool, BuildError> {
    let planned_once: &[_] = &[("plan_cache_mode", "force_generic_plan")];
    let (settings, recycling_method) = match purpose {
        Purpose::Work => (planned_once, RecyclingMethod::Fast),
        Purpose::Questions => (&[][..], RecyclingMethod::Fast),
        Purpose::People => (&[][..], RecyclingMethod::Verified),
    };
    let mut manager = ManagerConfig::default();
    manager.recycling_method = recycling_method;
    let url = session_url(&config.url, settings);
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, manager);
    deadpool::Pool::builder(manager)
        .max_size(config.pool_max)
        .wait_timeout(Some(Duration::from_millis(WAIT_TIMEOUT_MS)))
        .create_timeout(Some(Duration::from_millis(CREATE_TIMEOUT_MS)))
        .recycle_timeout(Some(Duration::from_millis(CREATE_TIMEOUT_MS)))
        .runtime(::deadpool::Runtime::Tokio1)
        .build()
}

/// Asks the database for a sign of life.
pub async fn ping(pool: &Pool) -> Result<(), String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    conn.batch_execute("SELECT 1").await.map_err(|error| error.to_string())
}
