//! Waiting: woken by an event, by the clock where the event is lost, and bounded in number.

use super::{ORDERS_WATCHED_MAX, REREAD_PAUSE_MS, Watch};
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::requests::orders::Order;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const WAIT_S: u64 = 5;

fn order(id: Uuid, status: Status) -> Order {
    let json = json!({
        "id": id, "number": "001", "branch": "main", "status": status, "account_id": id,
        "customer": {"name": "Ada"}, "items": [], "total": null, "currency": null,
        "reason": null, "created_at": "2026-01-01T08:00:00Z", "updated_at": "2026-01-01T08:00:00Z",
    });
    serde_json::from_value(json).unwrap()
}

fn event(id: Uuid, status: Status) -> OrderChanged {
    let json = json!({
        "order_id": id, "number": "001", "status": status, "version": 3, "account_id": id,
        "lines": [], "total": null, "currency": null, "reason": null,
    });
    serde_json::from_value(json).unwrap()
}

/// Waits for an order whose reading says `placed` at first and `confirmed` from the n-th time on.
async fn wait(
    watch: &Arc<Watch>,
    id: Uuid,
    confirmed_from: usize,
    stop: &CancellationToken,
) -> (Status, Duration) {
    let start = Instant::now();
    let (waiter, reads) = (watch.register(id).unwrap(), AtomicUsize::new(0));
    let read = || {
        let settled = reads.fetch_add(1, Ordering::Relaxed) + 1 >= confirmed_from;
        let status = if settled { Status::Confirmed } else { Status::Placed };
        async move { Some(order(id, status)) }
    };
    let deadline = start + Duration::from_secs(WAIT_S);
    let order = waiter.settled(order(id, Status::Placed), deadline, stop, read).await;
    (order.status, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_event_wakes_everybody_who_waits_for_its_order() {
    let (watch, stop, id) = (Arc::new(Watch::default()), CancellationToken::new(), Uuid::now_v7());
    let speaker = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        watch.see(&event(id, Status::Reserved));
        watch.see(&event(Uuid::now_v7(), Status::Confirmed));
        watch.see(&event(id, Status::Confirmed));
    };
    let (one, two, ()) =
        tokio::join!(wait(&watch, id, 1, &stop), wait(&watch, id, 1, &stop), speaker);
    for (status, took) in [one, two] {
        assert_eq!(status, Status::Confirmed);
        assert!(took < Duration::from_millis(REREAD_PAUSE_MS), "it waited {took:?}");
    }
    assert!(watch.lock().is_empty());
}

#[tokio::test]
async fn an_event_before_the_waiting_begins_is_not_missed() {
    let (watch, id) = (Arc::new(Watch::default()), Uuid::now_v7());
    let mut waiter = watch.register(id).unwrap();
    watch.wake(id);
    waiter.woken().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_event_costs_a_second_and_not_the_answer() {
    let (watch, stop) = (Arc::new(Watch::default()), CancellationToken::new());
    let (status, took) = wait(&watch, Uuid::now_v7(), 2, &stop).await;
    assert_eq!((status, took.as_millis()), (Status::Confirmed, 2 * u128::from(REREAD_PAUSE_MS)));
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_over_at_its_deadline_and_when_the_gateway_stops() {
    let (watch, stop) = (Arc::new(Watch::default()), CancellationToken::new());
    let (status, took) = wait(&watch, Uuid::now_v7(), usize::MAX, &stop).await;
    assert_eq!((status, took.as_secs()), (Status::Placed, WAIT_S));
    stop.cancel();
    let (status, took) = wait(&watch, Uuid::now_v7(), usize::MAX, &stop).await;
    assert_eq!((status, took.as_secs()), (Status::Placed, 0));
}

#[test]
fn so_many_orders_are_watched_and_no_more() {
    let watch = Arc::new(Watch::default());
    let id = Uuid::now_v7();
    let mut waiters = vec![watch.register(id).unwrap(), watch.register(id).unwrap()];
    waiters.extend((1..ORDERS_WATCHED_MAX).map(|_| watch.register(Uuid::now_v7()).unwrap()));
    assert!(watch.register(Uuid::now_v7()).is_none());
    assert!(watch.register(id).is_some(), "an order that is watched may be watched by another");
    waiters.remove(0);
    assert!(watch.register(Uuid::now_v7()).is_none(), "the other one still waits");
    waiters.remove(0);
    assert!(watch.register(Uuid::now_v7()).is_some());
    drop(waiters);
    assert!(watch.lock().is_empty());
}
