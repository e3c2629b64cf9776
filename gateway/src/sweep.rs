//! Changes or deletes what has been over for a while, a batch at a time. Two gateways at once only find
//! less.

use bakery_nats::Pool;
use bakery_nats::prepared::prepared;
use diesel::sql_types::{BigInt, Double};
use diesel_async::RunQueryDsl;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const PERIOD_S: u64 = 600;
/// Rows that one statement changes.
const ROWS_MAX: i64 = 5000;
/// So often a statement goes on in one round, while there is a full batch for it.
const BATCHES_MAX: u32 = 40;

/// A statement that takes the number of rows at the most (`$1`) and an age in seconds (`$2`).
pub(crate) type Sweep = (&'static str, f64);

/// Sweeps now and then until it is told to stop. `what` is named in the log.
pub(crate) async fn run(
    pool: Pool,
    sweeps: &'static [Sweep],
    what: &'static str,
    stop: CancellationToken,
) {
    let mut timer = tokio::time::interval(Duration::from_secs(PERIOD_S));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(timer.tick()).await.is_some() {
        match round(&pool, sweeps).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, what, "swept what is over"),
            Err(error) => tracing::warn!(error, what, "what is over is swept later"),
        }
    }
}

/// One round; gives how many rows it changed, or the last error: one sweep that fails keeps no other
/// from its turn.
pub(crate) async fn round(pool: &Pool, sweeps: &[Sweep]) -> Result<usize, String> {
    let mut rows = Ok(0);
    for of in sweeps {
        match sweep(pool, of).await {
            Ok(more) => rows = rows.map(|rows| rows + more),
            Err(error) => rows = Err(error),
        }
    }
    rows
}

/// Between two statements the connection is free: nobody waits for the whole of it.
async fn sweep(pool: &Pool, (statement, age_s): &Sweep) -> Result<usize, String> {
    let mut rows = 0;
    for _ in 0..BATCHES_MAX {
        let mut conn = pool.get().await.map_err(|error| error.to_string())?;
        let sweep = prepared(statement);
        let sweep = sweep.bind::<BigInt, _>(ROWS_MAX).bind::<Double, _>(age_s);
        let changed = sweep.execute(&mut conn).await.map_err(|error| error.to_string())?;
        rows += changed;
        if i64::try_from(changed).is_ok_and(|changed| changed < ROWS_MAX) {
            break;
        }
    }
    Ok(rows)
}
