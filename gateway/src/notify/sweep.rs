//! Ends what nobody will be told any more, and deletes what is only history. Two gateways at once only
//! find less.

use super::delivery::ROWS_MAX;
use super::retry::LIFE_S;
use bakery_nats::Pool;
use bakery_nats::prepared::prepared;
use diesel::sql_types::{BigInt, Double};
use diesel_async::RunQueryDsl;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const PERIOD_S: u64 = 600;
/// So often a statement goes on in one round, while there is a full batch for it to change.
const BATCHES_MAX: u32 = 40;
/// The log of deliveries is kept for so long: longer than the stream, so that an event that is read
/// again is known.
const LOG_DAYS: f64 = 30.0;
const DAY_S: f64 = 86_400.0;

/// Each takes rows and seconds at the most. A way that was closed leaves rows that nobody takes; news
/// that came while a webhook was switched off leave some as well.
const STATEMENTS: [(&str, f64); 4] = [
    (
        "UPDATE delivery SET state = 'failed', ended_at = now(), lease = NULL, leased_until = NULL,
             reason = 'it was not told in time'
         WHERE id IN (SELECT id FROM delivery WHERE state = 'due'
             AND asked_at < now() - make_interval(secs => $2)
             AND (leased_until IS NULL OR leased_until < now()) LIMIT $1)",
        LIFE_S as f64,
    ),
    (
        "UPDATE delivery SET state = 'failed', ended_at = now(), lease = NULL, leased_until = NULL,
             reason = 'the webhook was switched off'
         WHERE id IN (SELECT d.id FROM delivery d JOIN webhook w ON w.id = d.webhook_id
             WHERE d.state = 'due' AND NOT w.enabled
             AND d.created_at < now() - make_interval(secs => $2) LIMIT $1)",
        0.0,
    ),
    (
        "UPDATE webhook SET old_secret = NULL, old_secret_until = NULL
         WHERE id IN (SELECT id FROM webhook
             WHERE old_secret_until < now() - make_interval(secs => $2) LIMIT $1)",
        0.0,
    ),
    (
        "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery
             WHERE ended_at < now() - make_interval(secs => $2) LIMIT $1)",
        LOG_DAYS * DAY_S,
    ),
];

/// Sweeps now and then until it is told to stop.
pub(super) async fn run(pool: Pool, stop: CancellationToken) {
    let mut timer = tokio::time::interval(Duration::from_secs(PERIOD_S));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(timer.tick()).await.is_some() {
        match round(&pool).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "swept what people outside were told"),
            Err(error) => tracing::warn!(error, "what people outside were told is swept later"),
        }
    }
}

/// One round; gives how many rows it changed. Between two statements the connection is free: whoever
/// writes down how telling went must not wait for a whole round.
pub(super) async fn round(pool: &Pool) -> Result<usize, String> {
    let mut rows = 0;
    for (statement, age_s) in STATEMENTS {
        for _ in 0..BATCHES_MAX {
            let mut conn = pool.get().await.map_err(|error| error.to_string())?;
            let sweep = prepared(statement);
            let sweep = sweep.bind::<BigInt, _>(ROWS_MAX).bind::<Double, _>(age_s);
            let changed = sweep.execute(&mut conn).await.map_err(|error| error.to_string())?;
            rows += changed;
            if changed < ROWS_MAX as usize {
                break;
            }
        }
    }
    Ok(rows)
}
