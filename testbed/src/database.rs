//! A fresh database for each test, in one Postgres a test binary.

use bakery_chassis::database::{DatabaseConfig, Limits, Purpose, pool_within};
use bakery_chassis::migrate;
use bakery_embedded::{Servers, Temporary};
use bakery_nats::Pool;
use diesel::QueryableByName;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::EmbeddedMigrations;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// Longer than anything that is waited for, on a busy machine too; a circle of locks is found by
/// Postgres itself after a second.
const PATIENCE_MS: u32 = 60_000;
const PATIENT: Limits = Limits {
    statement_ms: PATIENCE_MS,
    lock_ms: PATIENCE_MS,
    connection_ms: PATIENCE_MS,
    opening_ms: PATIENCE_MS,
};
/// Connections of a test to one database.
const CONNECTIONS_MAX: usize = 4;
/// A test waits no longer for a connection out of a service's own pool.
const WAIT_S: u64 = 30;
const RETRY_PAUSE_MS: u64 = 50;

static SERVERS: OnceCell<Servers> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The Postgres of this test binary; the reaper ends it with the binary.
async fn servers() -> &'static Servers {
    let wanted = Temporary { postgres: true, ..Temporary::default() };
    SERVERS.get_or_init(|| async { Servers::temporary(wanted).await.expect("Postgres") }).await
}

/// A pool that waits for up to a minute, where a service gives up after seconds.
pub fn patient_pool(url: String, purpose: Purpose) -> Pool {
    let config = DatabaseConfig { url, pool_max: CONNECTIONS_MAX };
    pool_within(&config, purpose, PATIENT).expect("a pool")
}

/// A database of its own with a service's schema, and a patient pool on it.
pub async fn fresh(service: &'static str, migrations: EmbeddedMigrations) -> Pool {
    let url = fresh_url(service, migrations).await;
    patient_pool(url, Purpose::Work)
}

/// The same, for who makes the pool: a pool belongs to one test, a database need not.
pub async fn fresh_url(service: &'static str, migrations: EmbeddedMigrations) -> String {
    let postgres = servers().await.postgres.as_ref().expect("Postgres was asked for");
    let name = format!("{service}_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut conn =
        AsyncPgConnection::establish(&postgres.url("postgres")).await.expect("a connection");
    conn.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
    let url = postgres.url(&name);
    let own = url.clone();
    tokio::task::spawn_blocking(move || migrated(service, &own, migrations)).await.expect("a task");
    url
}

/// Migrations block the thread they run on, so they have a runtime of their own: a test that runs on
/// one thread cannot lend them that.
fn migrated(service: &'static str, url: &str, migrations: EmbeddedMigrations) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(migrate::run(service, url, migrations)).expect("migrations");
}

/// A connection out of any pool: a service's own does not wait for long, so on a busy machine it is asked
/// again.
pub async fn connection(pool: &Pool) -> Object<AsyncPgConnection> {
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    loop {
        match pool.get().await {
            Ok(conn) => return conn,
            Err(error) => assert!(Instant::now() < deadline, "no connection: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(RETRY_PAUSE_MS)).await;
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// The one number a query gives: `SELECT count(*) AS number ...`.
pub async fn number(pool: &Pool, sql: &str) -> i64 {
    let mut conn = connection(pool).await;
    let row: Number =
        diesel::sql_query(sql).get_result(&mut conn).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    row.number
}

/// Runs statements, such as a fault.
pub async fn execute(pool: &Pool, sql: &str) {
    let mut conn = connection(pool).await;
    conn.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
