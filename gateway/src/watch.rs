//! Who waits for which order. The news of the log (`live/feed.rs`) wake them all.
//!
//! An event is a hint, never the answer: it may be lost or late, so a waiter reads the order anew
//! when it is woken, and every second besides.

use bakery_nats::messages::orders::OrderChanged;
use bakery_nats::requests::orders::Order;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Orders that are waited for at the same time; who comes later is answered without waiting.
const ORDERS_WATCHED_MAX: usize = 512;
/// How often an order is read anew while no event comes.
const REREAD_PAUSE_MS: u64 = 1000;

/// The orders that are waited for.
#[derive(Default)]
pub(crate) struct Watch(Mutex<HashMap<Uuid, Watched>>);

#[derive(Default)]
struct Watched {
    changed: watch::Sender<()>,
    waiters: usize,
}

/// Somebody who waits for an order; it is forgotten with this value.
pub(crate) struct Waiter {
    watch: Arc<Watch>,
    order_id: Uuid,
    changed: watch::Receiver<()>,
}

impl Watch {
    /// Wakes those whose order is settled.
    pub(crate) fn see(&self, event: &OrderChanged) {
        if event.status.is_settled() {
            self.wake(event.order_id);
        }
    }

    fn wake(&self, order_id: Uuid) {
        if let Some(watched) = self.lock().get(&order_id) {
            watched.changed.send_replace(());
        }
    }

    /// From now on nothing about this order is missed; `None` when too many are waited for.
    pub(crate) fn register(self: &Arc<Self>, order_id: Uuid) -> Option<Waiter> {
        let mut orders = self.lock();
        if orders.len() >= ORDERS_WATCHED_MAX && !orders.contains_key(&order_id) {
            return None;
        }
        let watched = orders.entry(order_id).or_default();
        watched.waiters += 1;
        Some(Waiter { watch: self.clone(), order_id, changed: watched.changed.subscribe() })
    }

    /// No code panics while it holds the lock, and the map is whole after every line.
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// The order that is waited for.
    pub(crate) fn order_id(&self) -> Uuid {
        self.order_id
    }

    /// Waits until the order is settled, the deadline has come or the gateway stops; gives the
    /// newest state that could be read.
    pub(crate) async fn settled<F: Future<Output = Option<Order>>>(
        mut self,
        mut order: Order,
        deadline: Instant,
        stop: &CancellationToken,
        read: impl Fn() -> F,
    ) -> Order {
        let mut over = false;
        while !order.status.is_settled() && !over {
            over = tokio::select! {
                () = self.woken() => false,
                () = tokio::time::sleep(Duration::from_millis(REREAD_PAUSE_MS)) => false,
                () = tokio::time::sleep_until(deadline) => true,
                () = stop.cancelled() => true,
            };
            // The order is accepted whatever becomes of this reading, so the last one counts.
            order = read().await.unwrap_or(order);
        }
        order
    }

    async fn woken(&mut self) {
        if self.changed.changed().await.is_err() {
            // Nobody can wake us any more; the re-reading goes on.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut orders = self.watch.lock();
        let Some(watched) = orders.get_mut(&self.order_id) else { return };
        watched.waiters = watched.waiters.saturating_sub(1);
        if watched.waiters == 0 {
            orders.remove(&self.order_id);
        }
    }
}

#[cfg(test)]
mod tests;
