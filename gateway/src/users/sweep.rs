//! Deletes what nobody can use any more: sessions and refresh tokens that have ended, and claims that
//! were never finished. Two gateways at once only find less.

use bakery_nats::Pool;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const PERIOD_S: u64 = 600;
/// Rows that one statement deletes.
const ROWS_MAX: i64 = 5000;
/// So often a statement goes on in one round, while there is a full batch for it.
const BATCHES_MAX: u32 = 40;

/// Used tokens are kept for a week: one that comes again tells that two have it. A claim is somebody's
/// until its registration is over, which is seconds.
const STATEMENTS: [&str; 4] = [
    "DELETE FROM session WHERE id IN (
         SELECT id FROM session
         WHERE expires_at < now() OR revoked_at < now() - interval '1 day' LIMIT $1)",
    "DELETE FROM refresh_token WHERE hash IN (
         SELECT hash FROM refresh_token
         WHERE expires_at < now() OR used_at < now() - interval '7 days' LIMIT $1)",
    "DELETE FROM app_user WHERE id IN (
         SELECT id FROM app_user
         WHERE NOT account_opened AND created_at < now() - interval '1 hour' LIMIT $1)",
    // Their letters are gone by then.
    "DELETE FROM letter_try WHERE id IN (
         SELECT id FROM letter_try WHERE asked_at < now() - interval '100 days' LIMIT $1)",
];

/// Sweeps now and then until it is told to stop.
pub(crate) async fn run(pool: Pool, stop: CancellationToken) {
    let mut timer = tokio::time::interval(Duration::from_secs(PERIOD_S));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(timer.tick()).await.is_some() {
        match round(&pool).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "swept what had ended"),
            Err(error) => tracing::warn!(error, "what has ended is swept later"),
        }
    }
}

/// One round; gives how many rows went.
pub(crate) async fn round(pool: &Pool) -> Result<usize, String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    let mut rows = 0;
    for statement in STATEMENTS {
        for _ in 0..BATCHES_MAX {
            let delete = diesel::sql_query(statement).bind::<BigInt, _>(ROWS_MAX);
            let gone = delete.execute(&mut conn).await.map_err(|error| error.to_string())?;
            rows += gone;
            if i64::try_from(gone).is_ok_and(|gone| gone < ROWS_MAX) {
                break;
            }
        }
    }
    Ok(rows)
}
