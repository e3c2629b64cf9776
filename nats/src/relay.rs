//! Sends what requests left owed: a step that began with a request is redelivered by nobody, so
//! its record is also its outbox row. Two relays at once only repeat the same ids.

use crate::Pool;
use crate::envelope::Wire;
use crate::publish::Outlet;
use crate::record::{Key, Record};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const PERIOD_MS: u64 = 1000;
/// The writer publishes by itself right after its commit; only what is older was left behind.
const OLDER_THAN_S: i64 = 3;
const ROWS_MAX: i64 = 200;
/// Steps are noted together so long after the first: far less than the age above.
const SETTLE_PAUSE_MS: u64 = 200;
/// With so many there is no waiting for more.
const SETTLE_MAX: usize = 2000;

/// Looks for owed messages once a second until it is told to stop.
pub async fn run<O: Outlet>(
    service: &'static str,
    pool: Pool,
    outlet: Arc<O>,
    stop: CancellationToken,
) {
    let mut timer = tokio::time::interval(Duration::from_millis(PERIOD_MS));
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(timer.tick()).await.is_some() {
        match round(service, &pool, outlet.as_ref()).await {
            Ok(0) => {}
            Ok(steps) => tracing::info!(steps, "sent messages that were still owed"),
            Err(error) => tracing::warn!(error, "owed messages must wait"),
        }
    }
}

async fn round<O: Outlet>(service: &str, pool: &Pool, outlet: &O) -> Result<usize, String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    let owed =
        Record::owed(&mut conn, OLDER_THAN_S, ROWS_MAX).await.map_err(|error| error.to_string())?;
    drop(conn);
    if owed.is_empty() {
        return Ok(0);
    }
    let mut wires: Vec<Wire> = Vec::with_capacity(owed.len());
    let mut keys = Vec::with_capacity(owed.len());
    for record in owed {
        let asker = record.message_id.clone();
        match record.wires(service, &asker, 1) {
            Ok(own) => wires.extend(own),
            Err(error) => {
                // One damaged row must not keep all others waiting.
                tracing::error!(%error, id = %record.business_id, "an owed record is unreadable");
                continue;
            }
        }
        keys.push((record.business_id, record.step));
    }
    outlet.publish(wires).await.map_err(|error| error.to_string())?;
    settle(pool, &keys).await
}

/// Notes that the messages of some steps are in the stream.
pub(crate) async fn settle(pool: &Pool, keys: &[Key]) -> Result<usize, String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    Record::settle(&mut conn, keys).await.map_err(|error| error.to_string())
}

/// Takes the steps whose messages are in the stream, and notes those that come within a moment in one
/// statement. Ends with the last sender. What is not noted is sent once more, under the same ids.
pub(crate) async fn settle_all(pool: Pool, mut sent: mpsc::Receiver<Vec<Key>>) {
    while let Some(mut keys) = sent.recv().await {
        tokio::time::sleep(Duration::from_millis(SETTLE_PAUSE_MS)).await;
        while keys.len() < SETTLE_MAX
            && let Ok(more) = sent.try_recv()
        {
            keys.extend(more);
        }
        if let Err(error) = settle(&pool, &keys).await {
            tracing::warn!(error, steps = keys.len(), "sent messages will be sent once more");
        }
    }
}
