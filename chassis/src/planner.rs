//! Keeps the planner's figures of young tables true. Postgres looks at a table once a minute at the
//! most; one that was empty then is read from end to end while it fills, and kept plans stay like
//! that. So whoever owns a database looks more often: at what has doubled since.

use bakery_nats::Pool;
use bakery_nats::prepared::prepared;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryResult, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often it is looked. A table's turns become rarer as it grows.
const EVERY_S: u64 = 5;
/// What is smaller is small, however it is read.
const ROWS_MIN: i64 = 50;
/// So many turns in a row may fail before somebody is told.
const FAILURES_MAX: u32 = 12;
/// A tenth of the usual sample: enough to tell a full table from an empty one, and as much faster.
const STATISTICS_TARGET: u32 = 10;

#[derive(QueryableByName)]
struct Table {
    /// Quoted where that is needed.
    #[diesel(sql_type = Text)]
    name: String,
}

/// Looks until it is told to stop.
pub async fn run(pool: Pool, stop: CancellationToken) {
    let mut turns = tokio::time::interval(Duration::from_secs(EVERY_S));
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failures = 0;
    while stop.run_until_cancelled(turns.tick()).await.is_some() {
        let turn = async {
            let mut conn = pool.get().await.map_err(|error| error.to_string())?;
            refresh(&mut conn).await.map_err(|error| error.to_string())
        };
        match stop.run_until_cancelled(turn).await {
            None | Some(Ok(())) => failures = 0,
            Some(Err(error)) => {
                failures += 1;
                if failures % FAILURES_MAX == 0 {
                    tracing::warn!(
                        error,
                        "the planner's figures of young tables are not refreshed"
                    );
                }
            }
        }
    }
}

/// Refreshes the figures of the tables that have doubled, of those this role owns.
pub async fn refresh(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let tables: Vec<Table> = prepared(
        "SELECT c.oid::regclass::text AS name
         FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
         WHERE s.n_live_tup > 2 * greatest(c.reltuples, $1)
           AND pg_has_role(c.relowner, 'USAGE')
         ORDER BY name",
    )
    .bind::<BigInt, _>(ROWS_MIN)
    .load(conn)
    .await?;
    if tables.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = tables.into_iter().map(|table| table.name).collect();
    // Sent at once, so one transaction, which the setting ends with.
    let analyze = format!(
        "SET LOCAL default_statistics_target = {STATISTICS_TARGET}; ANALYZE {}",
        names.join(", ")
    );
    conn.batch_execute(&analyze).await
}
