//! A fresh database for each test, in one Postgres a test binary.

use bakery_chassis::database::{DatabaseConfig, pool};
use bakery_chassis::migrate;
use bakery_embedded::{Servers, Temporary};
use bakery_nats::Pool;
use diesel::QueryableByName;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::EmbeddedMigrations;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

static SERVERS: OnceCell<Servers> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The Postgres of this test binary; the reaper ends it with the binary.
async fn servers() -> &'static Servers {
    let wanted = Temporary { postgres: true, ..Temporary::default() };
    SERVERS.get_or_init(|| async { Servers::temporary(wanted).await.expect("Postgres") }).await
}

/// A database of its own with a service's schema, and the pool on it.
pub async fn fresh(service: &'static str, migrations: EmbeddedMigrations) -> Pool {
    let postgres = servers().await.postgres.as_ref().expect("Postgres was asked for");
    let name = format!("{service}_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut conn =
        AsyncPgConnection::establish(&postgres.url("postgres")).await.expect("a connection");
    conn.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
    let url = postgres.url(&name);
    migrate::run(service, &url, migrations).await.expect("migrations");
    pool(&DatabaseConfig { url, pool_max: 4 }).expect("a pool")
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// The one number a query gives: `SELECT count(*) AS number ...`.
pub async fn number(pool: &Pool, sql: &str) -> i64 {
    let mut conn = pool.get().await.expect("a connection");
    let row: Number =
        diesel::sql_query(sql).get_result(&mut conn).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    row.number
}

/// Runs statements, such as a fault.
pub async fn execute(pool: &Pool, sql: &str) {
    let mut conn = pool.get().await.expect("a connection");
    conn.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
