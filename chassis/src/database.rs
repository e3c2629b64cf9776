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
/// A cut connection is noticed after this long while something is sent over it, and after about
/// the idle time and three probes while an answer is waited for.
const TCP_USER_TIMEOUT_MS: u32 = 5000;
const KEEPALIVE_IDLE_S: u32 = 5;
const KEEPALIVE_INTERVAL_S: u32 = 2;
const KEEPALIVE_PROBES: u32 = 3;

/// How long what a pool is used for may take, in milliseconds; what takes longer fails.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A statement, and a transaction that does nothing.
    pub statement_ms: u32,
    /// A wait for a lock.
    pub lock_ms: u32,
    /// A wait for a free connection.
    pub connection_ms: u32,
    /// Opening a connection, or trying an old one.
    pub opening_ms: u32,
}

impl Limits {
    /// Those of a service: people wait for it, and what failed is tried again.
    pub const SERVICE: Self =
        Self { statement_ms: 5000, lock_ms: 1000, connection_ms: 1000, opening_ms: 2000 };
}

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: String,
    /// Connections at the most.
    pub pool_max: usize,
}

/// The URL with the session's limits, and further settings.
pub(crate) fn session_url(url: &str, limits: Limits, settings: &[(&str, &str)]) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let opening_s = limits.opening_ms.div_ceil(1000);
    let limits = [
        ("statement_timeout", limits.statement_ms),
        ("lock_timeout", limits.lock_ms),
        ("idle_in_transaction_session_timeout", limits.statement_ms),
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
         &keepalives_retries={KEEPALIVE_PROBES}&connect_timeout={opening_s}&application_name=bakery"
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

/// Makes a service's pool; connections are opened when they are needed.
pub fn pool(config: &DatabaseConfig, purpose: Purpose) -> Result<Pool, BuildError> {
    pool_within(config, purpose, Limits::SERVICE)
}

/// The same with other limits.
pub fn pool_within(
    config: &DatabaseConfig,
    purpose: Purpose,
    limits: Limits,
) -> Result<Pool, BuildError> {
    let planned_once: &[_] = &[("plan_cache_mode", "force_generic_plan")];
    let (settings, recycling_method) = match purpose {
        Purpose::Work => (planned_once, RecyclingMethod::Fast),
        Purpose::Questions => (&[][..], RecyclingMethod::Fast),
        Purpose::People => (&[][..], RecyclingMethod::Verified),
    };
    let mut manager = ManagerConfig::default();
    manager.recycling_method = recycling_method;
    let url = session_url(&config.url, limits, settings);
    let after = |ms: u32| Some(Duration::from_millis(ms.into()));
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, manager);
    deadpool::Pool::builder(manager)
        .max_size(config.pool_max)
        .wait_timeout(after(limits.connection_ms))
        .create_timeout(after(limits.opening_ms))
        .recycle_timeout(after(limits.opening_ms))
        .runtime(::deadpool::Runtime::Tokio1)
        .build()
}

/// Asks the database for a sign of life.
pub async fn ping(pool: &Pool) -> Result<(), String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    conn.batch_execute("SELECT 1").await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Limits, session_url};

    #[test]
    fn a_session_of_a_service_has_its_limits_and_settings() {
        let url = session_url("postgres://bank@db/bank", Limits::SERVICE, &[("jit", "off")]);
        for setting in [
            "postgres://bank@db/bank?options=",
            "-c%20statement_timeout%3D5000",
            "-c%20lock_timeout%3D1000",
            "-c%20idle_in_transaction_session_timeout%3D5000",
            "-c%20jit%3Doff",
            "&connect_timeout=2&",
        ] {
            assert!(url.contains(setting), "{setting} is not in {url}");
        }
    }
}
