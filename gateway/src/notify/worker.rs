//! Takes what is due and tells it, a bounded number at a time. Several workers, in one gateway or in
//! many, share the rows: each takes what nobody has. One that dies leaves its rows to the others,
//! when their leases have ended.

use super::delivery::{LEASE_S, Ticket};
use super::retry::{Outcome, Verdict};
use super::settle::settle;
use bakery_nats::Pool;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often due rows are looked for when nothing is on the way.
const PERIOD_MS: u64 = 500;
/// Telling takes no longer: the lease must not end before it is written down how it went.
const TELL_TIMEOUT_S: u64 = 40;
const _: () = assert!(TELL_TIMEOUT_S + 15 < LEASE_S as u64, "two would tell the same");

/// A way of telling people.
pub(super) trait Channel: Send + Sync + 'static {
    /// So many are told at the same time.
    const AT_ONCE_MAX: usize;
    /// What is due.
    type Due: Send + Sync + 'static;

    /// Takes what is due, as much as there is room for.
    fn take(
        &self,
        conn: &mut AsyncPgConnection,
        room: i64,
    ) -> impl Future<Output = QueryResult<Vec<Self::Due>>> + Send;

    /// What it was taken with.
    fn ticket(due: &Self::Due) -> &Ticket;

    /// Tells it.
    fn tell(&self, due: &Self::Due) -> impl Future<Output = Outcome> + Send;
}

/// What the tasks of a worker share.
struct Worker<C> {
    channel: Arc<C>,
    pool: Pool,
    stop: CancellationToken,
    /// Some place is free again.
    freed: Arc<Notify>,
}

/// Looks for due rows until it is told to stop. What is on the way then is told once more later.
pub(super) async fn run<C: Channel>(channel: Arc<C>, pool: Pool, stop: CancellationToken) {
    let (places, tasks) = (Arc::new(Semaphore::new(C::AT_ONCE_MAX)), TaskTracker::new());
    let worker = Arc::new(Worker { channel, pool, stop, freed: Arc::default() });
    let mut timer = tokio::time::interval(Duration::from_millis(PERIOD_MS));
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = worker.stop.cancelled() => break,
            _ = timer.tick() => {}
            () = worker.freed.notified() => {}
        }
        if let Err(error) = round(&worker, &places, &tasks).await {
            tracing::warn!(error, "people outside must wait");
        }
    }
    tasks.close();
    tasks.wait().await;
}

async fn round<C: Channel>(
    worker: &Arc<Worker<C>>,
    places: &Arc<Semaphore>,
    tasks: &TaskTracker,
) -> Result<(), String> {
    let mut free: Vec<OwnedSemaphorePermit> =
        std::iter::from_fn(|| places.clone().try_acquire_owned().ok()).collect();
    if free.is_empty() {
        return Ok(());
    }
    let room = i64::try_from(free.len()).unwrap_or(1);
    let mut conn = worker.pool.get().await.map_err(|error| error.to_string())?;
    let taken = worker.channel.take(&mut conn, room).await.map_err(|error| error.to_string())?;
    drop(conn);
    for due in taken {
        let (worker, place) = (worker.clone(), free.pop());
        tasks.spawn(async move {
            one(&worker, due).await;
            drop(place);
            worker.freed.notify_one();
        });
    }
    Ok(())
}

/// Tells one thing and writes down how it went.
async fn one<C: Channel>(worker: &Worker<C>, due: C::Due) {
    let limit = Duration::from_secs(TELL_TIMEOUT_S);
    let told = tokio::time::timeout(limit, worker.channel.tell(&due));
    let Some(told) = worker.stop.run_until_cancelled(told).await else { return };
    let outcome = told.unwrap_or_else(|_| Outcome::unanswered(Verdict::Later, "it took too long"));
    let ticket = C::ticket(&due);
    if let Err(error) = settle(&worker.pool, ticket, &outcome).await {
        tracing::warn!(delivery.id = %ticket.id, error, "somebody outside is told once more");
    }
}
