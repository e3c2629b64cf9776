//! Bringing a database to the newest schema, at every start, one process at a time.

use crate::database::{Limits, session_url};
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use std::time::Duration;

/// How long a start waits for its database, in tries of [`CONNECT_PAUSE_MS`].
const CONNECT_TRIES: u32 = 60;
const CONNECT_PAUSE_MS: u64 = 500;
/// Names the lock that keeps two processes from migrating at once.
const LOCK_KEY: i64 = 0x000b_a4e7;

/// Why a database could not be brought to the newest schema.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// There is no connection.
    #[error("no connection to the {service} database")]
    Connect {
        /// Whose.
        service: &'static str,
        /// What the driver says.
        source: diesel::ConnectionError,
    },
    /// A migration failed.
    #[error("the {service} database cannot be migrated: {reason}")]
    Migrate {
        /// Whose.
        service: &'static str,
        /// What failed.
        reason: String,
    },
}

/// Waits for the database and runs what it has not run yet.
pub async fn run(
    service: &'static str,
    url: &str,
    migrations: EmbeddedMigrations,
) -> Result<(), MigrateError> {
    let failed = |reason: String| MigrateError::Migrate { service, reason };
    let mut conn = connect(service, url).await?;
    // A session lock is right here: the connection is ours alone and ends with this function.
    // The other process may migrate for longer than a statement may usually wait.
    conn.batch_execute(&format!(
        "SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK_KEY})"
    ))
    .await
    .map_err(|error| failed(error.to_string()))?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let applied =
        harness.run_pending_migrations(migrations).map_err(|error| failed(error.to_string()))?;
    if !applied.is_empty() {
        tracing::info!(service, migrations = applied.len(), "the database was migrated");
    }
    Ok(())
}

async fn connect(service: &'static str, url: &str) -> Result<AsyncPgConnection, MigrateError> {
    let mut tries = 1;
    loop {
        match AsyncPgConnection::establish(&session_url(url, Limits::SERVICE, &[])).await {
            Ok(conn) => return Ok(conn),
            Err(source) if tries == CONNECT_TRIES => {
                return Err(MigrateError::Connect { service, source });
            }
            Err(error) => tracing::info!(service, tries, %error, "waiting for the database"),
        }
        tries += 1;
        tokio::time::sleep(Duration::from_millis(CONNECT_PAUSE_MS)).await;
    }
}
