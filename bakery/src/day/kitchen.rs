//! The kitchen staff: start what is paid, ready it, hand it over.

use super::Day;
use super::counter::Counter;
use bakery_nats::requests::orders::{Order, OrderPage};
use bakery_nats::slug::Slug;
use futures::StreamExt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const PAUSE_MS: u64 = 60;
/// Orders that are in hand at once.
const HANDS: usize = 8;
/// Rounds after the end of the day, at the most.
const LAST_ROUNDS_MAX: u32 = 100;
/// What is done with an order of a status.
const STEPS: [(&str, &str); 3] =
    [("ready", "serve"), ("preparing", "ready"), ("confirmed", "start")];

/// Works until the day is over and nobody waits any more.
pub(super) async fn work(counter: &Counter, day: &Day, over: &CancellationToken) {
    let mut last = 0;
    while last < LAST_ROUNDS_MAX {
        let mut worked = false;
        for (status, action) in STEPS {
            worked |= round(counter, &day.branch, status, action).await;
        }
        match over.is_cancelled() {
            true if !worked => return,
            true => last += 1,
            false => tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await,
        }
    }
}

/// One step of up to a hundred orders; false where there was none to take.
async fn round(counter: &Counter, branch: &Slug, status: &str, action: &str) -> bool {
    let path = format!("/orders?branch={branch}&status={status}&limit=100");
    let orders = match counter.read::<OrderPage>(&path).await {
        Ok(page) => page.orders,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the kitchen cannot see its orders");
            return false;
        }
    };
    let some = !orders.is_empty();
    let step = |order: Order| async move {
        match counter.advance(order.id, action).await {
            Ok(true) if action == "serve" => counter.count(&counter.tally.served, 1),
            Ok(_) => {}
            Err(error) => tracing::warn!(error = format!("{error:#}"), "a hand slipped"),
        }
    };
    futures::stream::iter(orders).map(step).buffer_unordered(HANDS).collect::<()>().await;
    some
}
