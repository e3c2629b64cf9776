//! Webhooks on a real database, to a receiver that a test holds in its hand.

mod calls;
mod faults;
pub(super) mod receiver;
mod rows;

use super::call::Calls;
use super::post::Poster;
use super::webhook::{self, Wanted};
use super::worker::Channel;
use super::{channel, worker};
use crate::MIGRATIONS;
use crate::users::news::News;
use bakery_chassis::clock;
use bakery_nats::Pool;
use bakery_nats::envelope::{Cause, Outgoing, Wire, new_trace};
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::money::Currency;
use bakery_testbed::database::{self, connection, execute, number};
use bakery_testbed::{at, id, message};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

/// Nothing that a test waits for takes longer.
const WAIT_S: u64 = 30;
const LOOK_PAUSE_MS: u64 = 10;

/// How an order stands, as the orders service says it.
pub(crate) fn changed(order: u64, status: Status, version: i64) -> OrderChanged {
    OrderChanged {
        order_id: id("order", order),
        number: "007".to_owned(),
        status,
        version,
        account_id: id("account", 1),
        lines: vec![Line { product_id: "rye".parse().unwrap(), quantity: 2 }],
        total: (version > 1).then_some(500),
        currency: (version > 1).then(|| Currency::try_from("EUR".to_owned()).unwrap()),
        reason: None,
    }
}

/// The same on the wire, so many seconds after the morning.
pub(crate) fn said(order: u64, status: Status, version: i64, at_s: i64) -> Wire {
    let body = changed(order, status, version);
    let cause = Cause {
        message_id: "test".to_owned(),
        correlation_id: body.order_id,
        traceparent: new_trace(body.order_id, "test"),
        at: at(at_s),
        attempt: 1,
    };
    let outgoing = Outgoing::named(&"main".parse().unwrap(), body.name(), 1, &body);
    Wire::of("orders", &outgoing, &cause)
}

/// A database whose webhooks are on since the morning.
async fn open() -> Pool {
    let pool = database::fresh("gateway", MIGRATIONS).await;
    channel::announce(&pool, false, true).await.unwrap();
    execute(&pool, &format!("UPDATE notify_channel SET since = '{}'", at(0))).await;
    pool
}

/// A webhook that is told of these events since the morning.
async fn add(pool: &Pool, url: &str, events: &[&str]) -> Uuid {
    let webhook_id = Uuid::now_v7();
    let events = events.iter().map(|event| (*event).to_owned()).collect();
    let wanted = Wanted { url: url.to_owned(), events, branch: None };
    let mut conn = connection(pool).await;
    webhook::add(&mut conn, webhook_id, &wanted, &[7; 32]).await.unwrap().unwrap();
    drop(conn);
    let since = format!("UPDATE webhook SET since = '{}' WHERE id = '{webhook_id}'", at(0));
    execute(pool, &since).await;
    webhook_id
}

/// The consumer takes these.
async fn hear(pool: &Pool, wires: &[Wire]) {
    message::handle(pool, News, wires).await;
}

/// Orders that are ready, from a number on.
async fn hear_ready(pool: &Pool, orders: std::ops::Range<u64>) {
    let wires: Vec<Wire> = orders.map(|order| said(order, Status::Ready, 6, 6)).collect();
    hear(pool, &wires).await;
}

async fn count(pool: &Pool, what: &str) -> i64 {
    number(pool, &format!("SELECT count(*) AS number FROM {what}")).await
}

/// Waits until so many rows are there.
async fn until(pool: &Pool, what: &str, rows: i64) {
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    while count(pool, what).await != rows {
        assert!(Instant::now() < deadline, "{what}: {}", count(pool, what).await);
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    }
}

/// What calls webhooks, also in this network.
fn calls() -> Calls {
    Calls::new(Poster::new(true).unwrap(), clock::wall())
}

/// A worker; it ends with this value.
fn work(pool: &Pool) -> DropGuard {
    work_by(pool, Arc::new(calls()))
}

/// One that tells in this way.
fn work_by(pool: &Pool, channel: Arc<impl Channel>) -> DropGuard {
    let stop = CancellationToken::new();
    tokio::spawn(worker::run(channel, pool.clone(), stop.clone()));
    stop.drop_guard()
}
